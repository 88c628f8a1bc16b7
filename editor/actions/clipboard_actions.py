"""Cutting, copying and pasting, as a part of the action table."""

from __future__ import annotations

from editor.actions.spec import ActionSpec, Condition, Menu
from editor.translations import mark

CLIPBOARD_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "edit.cut",
        mark("Cu&t"),
        Menu.EDIT,
        "clipboard.cut",
        ("Ctrl+X",),
        needs=Condition.SELECTION,
        separator=True,
    ),
    ActionSpec(
        "edit.copy",
        mark("&Copy"),
        Menu.EDIT,
        "clipboard.copy",
        ("Ctrl+C",),
        needs=Condition.SELECTION,
    ),
    ActionSpec(
        "edit.copy_merged",
        mark("Copy &Merged"),
        Menu.EDIT,
        "clipboard.copy_merged",
        ("Ctrl+Shift+C",),
        needs=Condition.LAYERS,
    ),
    ActionSpec("edit.paste", mark("&Paste"), Menu.EDIT, "clipboard.paste", ("Ctrl+V",)),
)
