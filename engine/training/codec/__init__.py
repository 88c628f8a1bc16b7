"""The starter's decoder: its training, what it learns from, how well it gives drawings back."""
