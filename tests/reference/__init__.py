"""Numeric comparison with the published implementations, case by case."""
