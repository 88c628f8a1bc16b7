"""Tests of the art that models are trained on."""
