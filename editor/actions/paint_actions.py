"""The painting tools, their colours and sizes, as a part of the action table."""

from __future__ import annotations

from editor.actions.spec import ActionSpec, Choice, Menu
from editor.translations import mark


def _tool(name: str, title: str, key: str, *, separator: bool = False) -> ActionSpec:
    return ActionSpec(
        f"tool.{name}",
        title,
        Menu.TOOLS,
        "view.use_tool",
        (key,),
        name,
        toolbar=True,
        choice=Choice.TOOL,
        argument=name,
        separator=separator,
    )


def _paint(
    name: str, title: str, key: str, icon: str = "", *, separator: bool = False
) -> ActionSpec:
    return ActionSpec(
        f"paint.{name}", title, Menu.TOOLS, f"paint.{name}", (key,), icon, separator=separator
    )


PAINT_ACTIONS: tuple[ActionSpec, ...] = (
    _tool("brush", mark("&Brush"), "B", separator=True),
    _tool("eraser", mark("&Eraser"), "E"),
    _tool("fill", mark("&Fill"), "G"),
    _tool("gradient", mark("G&radient"), "Shift+G"),
    _tool("picker", mark("Color &Picker"), "I"),
    _paint("color", mark("Edit &Color"), "F6", separator=True),
    _paint("swap", mark("S&wap Foreground and Background"), "X", "swap"),
    _paint("reset", mark("&Default Colors"), "D", "reset-colors"),
    _paint("smaller", mark("&Smaller Brush"), "["),
    _paint("larger", mark("&Larger Brush"), "]"),
)
