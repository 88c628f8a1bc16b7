"""English words: numbers and word forms, connectors, colours and shades, scenery."""
