"""From a sentence in English words to objects, background and style."""
