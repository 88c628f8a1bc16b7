"""Tests of the loop of every training."""
