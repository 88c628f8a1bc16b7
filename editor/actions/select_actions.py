"""The Select menu and the selection tools, as a part of the action table."""

from __future__ import annotations

from editor.actions.spec import ActionSpec, Choice, Condition, Menu
from editor.translations import mark

_MODIFY = mark("&Modify")


def _tool(name: str, title: str, keys: tuple[str, ...], icon: str) -> ActionSpec:
    return ActionSpec(
        f"tool.{name}",
        title,
        Menu.TOOLS,
        "view.use_tool",
        keys,
        icon,
        toolbar=True,
        choice=Choice.TOOL,
        argument=name,
    )


def _modify(name: str, title: str, keys: tuple[str, ...] = ()) -> ActionSpec:
    return ActionSpec(
        f"select.{name}",
        title,
        Menu.SELECT,
        f"selecting.{name}",
        keys,
        needs=Condition.AREA,
        submenu=_MODIFY,
    )


SELECT_TOOLS: tuple[ActionSpec, ...] = (
    _tool("select_rectangle", mark("Select &Rectangle"), ("M",), "select-rectangle"),
    _tool("select_ellipse", mark("Select &Ellipse"), ("Shift+M",), "select-ellipse"),
    _tool("lasso", mark("&Lasso"), ("L",), "lasso"),
)

SELECT_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("select.all", mark("&All"), Menu.SELECT, "selecting.all", ("Ctrl+A",)),
    ActionSpec(
        "select.none",
        mark("&Deselect"),
        Menu.SELECT,
        "selecting.none",
        ("Ctrl+D",),
        needs=Condition.AREA,
    ),
    ActionSpec(
        "select.again", mark("&Reselect"), Menu.SELECT, "selecting.again", ("Ctrl+Shift+D",)
    ),
    ActionSpec(
        "select.inverse", mark("&Inverse"), Menu.SELECT, "selecting.inverse", ("Ctrl+Shift+I",)
    ),
    ActionSpec(
        "select.alpha",
        mark("Visible Part of the &Layer"),
        Menu.SELECT,
        "selecting.alpha",
        needs=Condition.SELECTION,
        separator=True,
    ),
    _modify("grow", mark("&Grow…")),
    _modify("shrink", mark("&Shrink…")),
    _modify("border", mark("&Border…")),
    _modify("feather", mark("&Feather…"), ("Shift+F6",)),
    ActionSpec(
        "edit.select_all",
        mark("All &Layers"),
        Menu.SELECT,
        "layers.select_all",
        ("Ctrl+Alt+A",),
        needs=Condition.LAYERS,
        separator=True,
    ),
    ActionSpec(
        "edit.deselect",
        mark("D&eselect Layers"),
        Menu.SELECT,
        "layers.deselect",
        ("Ctrl+Alt+D",),
        needs=Condition.SELECTION_OR_BOX,
    ),
)
