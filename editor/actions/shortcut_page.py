"""The page of keyboard shortcuts for the docs, made from the action table."""

from __future__ import annotations

from pathlib import Path

from editor.actions.table import ACTIONS, ActionSpec, Menu

PAGE = Path(__file__).with_name("SHORTCUTS.md")

_HEAD = """\
# Keyboard shortcuts

Made from the action table by `python -m editor.actions`; a test keeps it up to date. On macOS, Ctrl
is Command. Everything can be changed in *Edit > Keyboard Shortcuts*, and the command palette
(`Ctrl+Shift+P`) finds every action, with or without a shortcut, by a few letters of its name.
"""

_CANVAS = """\
## On the canvas

These are the same with every choice of shortcuts.

| Key | What it does |
|---|---|
| Arrow keys | Move what is selected by 1 px, with Shift by 10 px |
| Page Up, Page Down | Select the next or the previous layer or box |
| Enter | Write the prompt of the selected box, close a polygon or apply what is going on |
| Esc | Take back the drag that is going on, or deselect |
| Space and drag, or the middle button | Move the view |
| Ctrl and wheel | Zoom around the pointer |
| Wheel, with Shift sideways | Move the view |
| Shift and click | Add to the selection |
| Shift while moving | Straight along one axis |
| Shift while scaling | A layer without its proportions, a box with them |
| Alt while scaling | From the centre |
| Ctrl while dragging | Without snapping |
"""


def shortcut_page() -> str:
    """The whole page as markdown, menu by menu."""
    parts = [_HEAD]
    for menu in Menu:
        specs = [spec for spec in ACTIONS if spec.menu is menu and spec.shortcuts]
        if specs:
            rows = "\n".join(_row(spec) for spec in specs)
            parts.append(f"## {menu.plain_title}\n\n| Action | Shortcut |\n|---|---|\n{rows}\n")
    return "\n".join([*parts, _CANVAS])


def _row(spec: ActionSpec) -> str:
    title = spec.plain_title
    if spec.submenu:
        title = f"{spec.submenu.replace('&', '')} › {title}"
    keys = " or ".join(f"`{key}`" for key in spec.shortcuts)
    return f"| {title} | {keys} |"
