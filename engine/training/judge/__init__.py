"""The net that tells what is drawn: its training, its gallery, and when it is sure."""
