"""Transforming, cropping and text, as a part of the action table."""

from __future__ import annotations

from editor.actions.spec import ActionSpec, Choice, Condition, Menu
from editor.translations import mark

_TRANSFORM = mark("&Transform")


def _step(
    name: str, title: str, argument: str, icon: str = "", *, handler: str = "turn"
) -> ActionSpec:
    return ActionSpec(
        f"layer.{name}",
        title,
        Menu.LAYER,
        f"transforming.{handler}",
        icon=icon,
        needs=Condition.SELECTION,
        argument=argument,
        submenu=_TRANSFORM,
    )


TRANSFORM_TOOLS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "tool.transform",
        mark("&Transform"),
        Menu.TOOLS,
        "view.use_tool",
        ("Ctrl+T",),
        "transform",
        toolbar=True,
        choice=Choice.TOOL,
        argument="transform",
    ),
    ActionSpec(
        "tool.crop",
        mark("&Crop"),
        Menu.TOOLS,
        "view.use_tool",
        ("C",),
        "crop",
        toolbar=True,
        choice=Choice.TOOL,
        argument="crop",
    ),
    ActionSpec(
        "tool.text",
        mark("Te&xt"),
        Menu.TOOLS,
        "view.use_tool",
        ("T",),
        "text",
        toolbar=True,
        choice=Choice.TOOL,
        argument="text",
    ),
)

TRANSFORM_ACTIONS: tuple[ActionSpec, ...] = (
    _step("flip_horizontal", mark("Flip &Horizontal"), "horizontal", "flip", handler="flip"),
    _step("flip_vertical", mark("Flip &Vertical"), "vertical", "flip-vertical", handler="flip"),
    _step("turn_right", mark("Rotate 90° &Right"), "90", "rotate-right"),
    _step("turn_left", mark("Rotate 90° &Left"), "-90", "rotate-left"),
    _step("turn_over", mark("Rotate &180°"), "180"),
    ActionSpec(
        "layer.apply_transform",
        mark("&Apply Transform"),
        Menu.LAYER,
        "transforming.bake",
        needs=Condition.SELECTION,
        submenu=_TRANSFORM,
    ),
    ActionSpec(
        "layer.rasterize_text",
        mark("Rasteri&ze Text"),
        Menu.LAYER,
        "transforming.rasterize_text",
        needs=Condition.TEXT,
    ),
)
