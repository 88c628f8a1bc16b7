"""Mutated files against the readers: only our own error may leave them."""
