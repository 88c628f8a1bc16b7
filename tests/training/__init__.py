"""Tests of the training code and of the shipped starter model; nothing is downloaded."""
