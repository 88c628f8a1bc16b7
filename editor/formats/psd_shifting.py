"""Moves what a record describes (text, paths, placed files) together with its stored pixels."""

from __future__ import annotations

from typing import Any

from psd_tools.constants import Tag
from psd_tools.psd.layer_and_mask import LayerRecord
from psd_tools.psd.vector import Knot

from editor.document.geometry import Rect

_PATHS = (Tag.VECTOR_MASK_SETTING1, Tag.VECTOR_MASK_SETTING2)
_PLACED = (Tag.PLACED_LAYER1, Tag.PLACED_LAYER2)
_SMART = (Tag.SMART_OBJECT_LAYER_DATA1, Tag.SMART_OBJECT_LAYER_DATA2)
_CORNERS = (b"Trnf", b"nonAffineTransform")
_UNMOVABLE = (Tag.TYPE_TOOL_INFO, Tag.VECTOR_ORIGINATION_DATA)


def shift_drawing(record: LayerRecord, dx: int, dy: int, canvas: Rect) -> bool:
    """Move the descriptions by whole pixels; False when one cannot be moved.

    Old text blocks and the sizes of live shapes say where they are in more places than are known.
    """
    blocks: Any = record.tagged_blocks
    if any(tag in blocks for tag in _UNMOVABLE):
        return False
    try:
        text = blocks.get_data(Tag.TYPE_TOOL_OBJECT_SETTING)
        if text is not None:
            *turn, x, y = text.transform
            text.transform = (*turn, x + dx, y + dy)
        for tag in _PATHS:
            data = blocks.get_data(tag)
            if data is not None:
                _shift_path(data, dx / canvas.width, dy / canvas.height)
        for tag in _PLACED:
            data = blocks.get_data(tag)
            if data is not None:
                data.transform = tuple(_shifted(data.transform, dx, dy))
        for tag in _SMART:
            data = blocks.get_data(tag)
            if data is not None:
                _shift_corners(data.data, dx, dy)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return True


def _shift_path(setting: Any, dx: float, dy: float) -> None:
    for part in setting.path or ():
        for knot in part if hasattr(part, "__iter__") else ():
            if isinstance(knot, Knot):
                knot.preceding = _point(knot.preceding, dx, dy)
                knot.anchor = _point(knot.anchor, dx, dy)
                knot.leaving = _point(knot.leaving, dx, dy)


def _point(point: tuple[float, ...], dx: float, dy: float) -> tuple[float, float]:
    y, x = point
    return y + dy, x + dx


def _shifted(values: Any, dx: int, dy: int) -> list[float]:
    """x and y in turn."""
    return [value + (dy if index % 2 else dx) for index, value in enumerate(values)]


def _shift_corners(descriptor: Any, dx: int, dy: int) -> None:
    for key in _CORNERS:
        if key in descriptor:
            for index, number in enumerate(descriptor[key]):
                number.value = number.value + (dy if index % 2 else dx)
