"""Words that are no labels: other names, other languages, and what WordNet knows of them."""
