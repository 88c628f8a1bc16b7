"""Readers and writers of files: Qt-free, torch-free, and never leaving a half-written file."""
