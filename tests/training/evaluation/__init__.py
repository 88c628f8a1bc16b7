"""Tests of the evaluation's parts."""
