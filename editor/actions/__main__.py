"""`python -m editor.actions` prints the table of shortcuts for the README."""

from __future__ import annotations

import sys

from editor.actions.table import shortcut_table

sys.stdout.write(shortcut_table() + "\n")
