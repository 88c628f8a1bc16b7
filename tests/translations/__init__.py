"""Which texts the source shows, whether each can be translated, and the catalogues that do it."""
