"""User journeys through the real window."""
