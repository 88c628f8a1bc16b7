"""The actions that give selected layers a colour in the layers panel."""

from __future__ import annotations

from editor.actions.spec import ActionSpec, Condition, Menu
from editor.document.color_tags import TAG_NAMES, ColorTag
from editor.translations import mark

COLOR_TAG_MENU = mark("Color Ta&g")


def _action(tag: ColorTag) -> ActionSpec:
    is_none = tag is ColorTag.NONE
    return ActionSpec(
        f"layer.tag_{tag.value}",
        TAG_NAMES[tag],
        Menu.LAYER,
        "layers.tag",
        icon="" if is_none else "tag",
        icon_color="text" if is_none else f"tag_{tag.value}",
        needs=Condition.SELECTION,
        argument=tag.value,
        submenu=COLOR_TAG_MENU,
    )


TAG_ACTIONS = tuple(_action(tag) for tag in ColorTag)
