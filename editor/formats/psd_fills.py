"""Fill layers, shapes and vector masks drawn as pixels: the file has only their description.

Solid colours and gradients are drawn; patterns and strokes are not. Paths are filled with exact
coverage.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
from psd_tools.api.shape import VectorMask
from psd_tools.constants import ColorMode, Tag
from psd_tools.psd.layer_and_mask import LayerRecord

from editor.document.geometry import EMPTY, Rect
from editor.document.pixels import PixelBuffer
from editor.formats.psd_features import FILLS
from editor.formats.psd_planes import Plane

MAX_DRAWN_PX = 2**25  # drawing takes some 20 bytes for each
_MAX_GRADIENT_PX = 2**23  # and a gradient over a hundred
_UNION = 1


@dataclass(frozen=True)
class Drawn:
    """Pixels that a description gives.

    Attributes:
        offset: (x, y) of the first pixel in document pixels.
    """

    pixels: PixelBuffer
    offset: tuple[int, int]


@dataclass(frozen=True)
class PathCoverage:
    """What a vector mask shows: `coverage` (h w) inside `box`, nothing outside of it."""

    box: Rect
    coverage: Plane


def draw_fill(record: LayerRecord, canvas: Rect) -> Drawn | None:
    """The pixels of a fill or shape layer; None when it cannot be drawn or is no such layer.

    Errors of psd-tools about damaged descriptions count as "cannot be drawn".
    """
    try:
        path = draw_path(record, canvas)
        box = canvas if path is None else path.box
        if box.is_empty:
            return None
        colour = _colour(record, box)
        if colour is None:
            return None
        if path is None and colour.shape[:2] == (1, 1):
            r, g, b, a = (int(value) for value in colour[0, 0])
            return Drawn(PixelBuffer.filled(*box.size, (r, g, b, a)), (box.x0, box.y0))
        rgba = np.empty((box.height, box.width, 4), np.uint8)
        rgba[:] = colour
        if path is not None:
            alpha = rgba[..., 3].astype(np.uint16) * path.coverage
            rgba[..., 3] = (alpha + 127) // 255
        return Drawn(PixelBuffer.from_array(rgba, copy=False), (box.x0, box.y0))
    except MemoryError:
        raise
    except Exception:  # psd-tools raises about anything on damaged descriptions
        return None


def draw_path(record: LayerRecord, canvas: Rect) -> PathCoverage | None:
    """The coverage of a record's vector mask; None without one, or when it is switched off."""
    blocks: Any = record.tagged_blocks
    data = blocks.get_data(Tag.VECTOR_MASK_SETTING1) or blocks.get_data(Tag.VECTOR_MASK_SETTING2)
    if data is None:
        return None
    # Imported here: it takes as long as all the rest, and few files need it.
    from psd_tools.composite.vector import draw_vector_mask

    path: Any = VectorMask(data)
    if path.disabled:
        return None
    box = _box(path, canvas)
    if box.is_empty:
        return PathCoverage(EMPTY, np.zeros((0, 0), np.uint8))
    if box.width * box.height > MAX_DRAWN_PX:
        raise ValueError("the path is too large to be drawn")
    place = SimpleNamespace(width=canvas.width, height=canvas.height, viewbox=box.as_tuple())
    layer: Any = SimpleNamespace(vector_mask=path, _psd=place)
    drawn = draw_vector_mask(layer, box.as_tuple())[..., 0]
    if path.inverted:
        drawn = 1 - drawn
    return PathCoverage(box, np.rint(drawn * 255).astype(np.uint8))


def _box(path: Any, canvas: Rect) -> Rect:
    """Where a path can cover anything, within a canvas around the canvas."""
    paths = path.paths
    fills_outside = bool(path.initial_fill_rule) or path.inverted
    if fills_outside or (paths and paths[0].operation != _UNION):
        return canvas
    if not paths:
        return EMPTY
    left, top, right, bottom = path.bbox
    width, height = canvas.size
    found = Rect(
        floor(left * width), floor(top * height), ceil(right * width), ceil(bottom * height)
    )
    return found.intersection(Rect(-width, -height, 2 * width, 2 * height))


def _colour(record: LayerRecord, box: Rect) -> npt.NDArray[np.uint8] | None:
    """Straight RGBA for the box: 1 1 4 for one colour, else h w 4."""
    blocks: Any = record.tagged_blocks
    description = next((found for tag in FILLS if (found := blocks.get_data(tag))), None)
    if description is None:
        return None
    from psd_tools.composite.paint import draw_gradient_fill, draw_solid_color_fill

    colour: npt.NDArray[Any] | None
    shape: npt.NDArray[Any] | None
    if b"Clr " in description:
        colour, shape = draw_solid_color_fill((0, 0, 1, 1), ColorMode.RGB, description)
    elif b"Grad" in description and box.width * box.height <= _MAX_GRADIENT_PX:
        colour, shape = draw_gradient_fill(box.as_tuple(), ColorMode.RGB, description)
    else:
        return None
    if colour is None:
        return None
    alpha = np.ones((*colour.shape[:2], 1), np.float32) if shape is None else shape
    fractions = np.concatenate((colour, alpha), axis=2)
    return np.asarray(np.rint(np.clip(fractions, 0, 1) * 255), np.uint8)
