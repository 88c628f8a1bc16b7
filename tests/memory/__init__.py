"""Plans, estimates and measurements."""
