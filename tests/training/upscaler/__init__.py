"""Tests of the upscaler's training."""
