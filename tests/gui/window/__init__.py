"""Tests of the main window, its panels and dialogs."""
