"""What the starter's decoder learns from, and how well it gives drawings back."""
