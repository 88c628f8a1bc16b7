"""The command `layerloom`: one module for each command, and what they share."""

from editor.cli.main import main

__all__ = ["main"]
