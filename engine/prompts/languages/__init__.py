"""Prompts in other languages, and emoji, in English words."""
