"""Tests of the building of words."""
