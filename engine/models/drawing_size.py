"""The size that a plain FLUX model draws a box at: what it was trained on, in the box's shape."""

from __future__ import annotations

import math

from engine.models.geometry import TOKEN_PX

DRAWING_AREAS = (512**2, 1024**2)  # least and greatest number of pixels
_ASPECTS = 0.25, 4.0  # what FLUX was shown lies within these


def drawing_size(
    width: int, height: int, areas: tuple[int, int] = DRAWING_AREAS
) -> tuple[int, int]:
    """Width and height to draw at: the box's aspect, multiples of 16, an area that suits."""
    area = min(max(width * height, areas[0]), areas[1])
    aspect = min(max(width / height, _ASPECTS[0]), _ASPECTS[1])
    ideal = math.sqrt(area * aspect), math.sqrt(area / aspect)
    columns, rows = (max(TOKEN_PX, round(side / TOKEN_PX) * TOKEN_PX) for side in ideal)
    return columns, rows
