"""The Image menu and the merging actions of the Layer menu, as a part of the action table."""

from __future__ import annotations

from editor.actions.spec import ActionSpec, Condition, Menu
from editor.translations import mark

_TRIM = mark("&Trim")


def _trim(name: str, title: str) -> ActionSpec:
    return ActionSpec(
        f"image.trim_{name}",
        title,
        Menu.IMAGE,
        "image.trim",
        needs=Condition.LAYERS,
        argument=name,
        submenu=_TRIM,
    )


def _turn(name: str, title: str, *, separator: bool = False) -> ActionSpec:
    return ActionSpec(
        f"image.{name}", title, Menu.IMAGE, "image.turn", argument=name, separator=separator
    )


IMAGE_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("image.size", mark("&Image Size…"), Menu.IMAGE, "image.resize", ("Ctrl+Alt+I",)),
    ActionSpec("image.upscale", mark("&Upscale…"), Menu.IMAGE, "upscaling.ask"),
    ActionSpec(
        "image.canvas_size",
        mark("&Canvas Size…"),
        Menu.IMAGE,
        "image.resize_canvas",
        ("Ctrl+Alt+C",),
    ),
    ActionSpec(
        "image.crop",
        mark("Cro&p to Selection"),
        Menu.IMAGE,
        "image.crop",
        needs=Condition.AREA,
        separator=True,
    ),
    _trim("transparent", mark("&Transparent Edges")),
    _trim("top_left_color", mark("Edges in the Color of the Top &Left Pixel")),
    _trim("bottom_right_color", mark("Edges in the Color of the Bottom &Right Pixel")),
    _turn("clockwise", mark("Rotate Canvas 90° C&lockwise"), separator=True),
    _turn("counterclockwise", mark("Rotate Canvas 90° C&ounterclockwise")),
    _turn("half", mark("Rotate Canvas &180°")),
    _turn("horizontal", mark("Flip Canvas &Horizontally")),
    _turn("vertical", mark("Flip Canvas &Vertically")),
)

MERGE_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "layer.merge_group",
        mark("Merge Grou&p"),
        Menu.LAYER,
        "image.merge_group",
        needs=Condition.GROUP,
    ),
    ActionSpec(
        "layer.merge_visible",
        mark("Merge &Visible"),
        Menu.LAYER,
        "image.merge_visible",
        needs=Condition.LAYERS,
    ),
    ActionSpec(
        "layer.flatten",
        mark("&Flatten Image"),
        Menu.LAYER,
        "image.flatten",
        needs=Condition.LAYERS,
    ),
)

FILL = ActionSpec(
    "edit.fill",
    mark("&Fill Selection…"),
    Menu.EDIT,
    "image.fill",
    ("Shift+F5",),
    needs=Condition.ONE_LAYER,
)

VIA_CUT = ActionSpec(
    "layer.via_cut",
    mark("Layer via Cu&t"),
    Menu.LAYER,
    "image.layer_via_cut",
    ("Ctrl+Shift+J",),
    needs=Condition.ONE_LAYER | Condition.AREA,
)
