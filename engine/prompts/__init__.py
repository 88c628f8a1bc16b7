"""From a sentence to captions, concepts and boxes."""
