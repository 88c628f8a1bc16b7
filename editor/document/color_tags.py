"""Colour tags: marks of layers in the layers panel that change nothing in the picture."""

from __future__ import annotations

from enum import Enum

from editor.translations import mark


class ColorTag(Enum):
    """The colours that Photoshop's layers panel has had from its beginning."""

    NONE = "none"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    VIOLET = "violet"
    GRAY = "gray"


# Shown with `tr`.
TAG_NAMES: dict[ColorTag, str] = {
    ColorTag.NONE: mark("No Color"),
    ColorTag.RED: mark("Red"),
    ColorTag.ORANGE: mark("Orange"),
    ColorTag.YELLOW: mark("Yellow"),
    ColorTag.GREEN: mark("Green"),
    ColorTag.BLUE: mark("Blue"),
    ColorTag.VIOLET: mark("Violet"),
    ColorTag.GRAY: mark("Gray"),
}
