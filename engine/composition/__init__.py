"""Boxes for objects that the user drew none for."""
