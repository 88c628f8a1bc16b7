"""What the models know, and which of it stands for any words."""
