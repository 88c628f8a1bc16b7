"""`python -m editor.actions` writes the page of keyboard shortcuts and says where it is."""

from __future__ import annotations

import sys

from editor.actions.shortcut_page import PAGE, shortcut_page

PAGE.write_text(shortcut_page(), encoding="utf-8")
sys.stdout.write(f"{PAGE}\n")
