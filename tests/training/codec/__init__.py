"""Tests of the decoder's training."""
