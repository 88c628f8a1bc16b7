"""Loading and checking of checkpoints."""
