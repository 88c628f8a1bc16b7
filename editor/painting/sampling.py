"""The colour at a place of the document, of one layer or of the whole picture."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from editor.document.compositor import composite
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import RgbaArray
from editor.painting.ink import Rgb


class Sampling(StrEnum):
    """Whose colours count."""

    MERGED = "merged"
    LAYER = "layer"


def read_picture(document: Document, rect: Rect, sampling: Sampling) -> RgbaArray:
    """Straight RGBA8 of a rectangle, h w 4; of the active layer or of everything that is seen.

    Without an active layer of pixels it is everything.
    """
    layer = document.active_layer
    if sampling is Sampling.LAYER and isinstance(layer, RasterLayer):
        x, y = layer.offset
        return layer.pixels.read(rect.translated(-x, -y))
    return composite(document, rect)


def pick_color(
    document: Document, x: float, y: float, *, side: int = 1, sampling: Sampling = Sampling.MERGED
) -> Rgb | None:
    """Average colour of side x side pixels around a position; None where there is nothing.

    `side` is odd. Pixels count by their alpha.
    """
    column, row = int(x // 1), int(y // 1)
    if not document.canvas.contains_point(column, row):
        return None
    around = Rect.from_size(column, row, 1, 1).expanded(side // 2).intersection(document.canvas)
    pixels = read_picture(document, around, sampling).reshape(-1, 4).astype(np.float64)
    weight = pixels[:, 3].sum()
    if weight == 0:
        return None
    red, green, blue = (pixels[:, :3] * pixels[:, 3:]).sum(axis=0) / weight
    return round(red), round(green), round(blue)
