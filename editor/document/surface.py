"""Where layers are accumulated between two steps: planar float32, or bytes for drafts.

Instead of alpha the transparency 1 - alpha is kept: every layer multiplies it by 1 - a, so an
opaque backdrop stays exactly opaque, whatever is laid over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from editor.document.geometry import Rect
from editor.document.kernel.layout import WIDTH_PX

Planes = npt.NDArray[np.float32]

_TILE_PX = 256


@dataclass(frozen=True)
class Surface:
    """An accumulator for one rectangle.

    Attributes:
        rect: What it covers, in pixels of the level composited.
        planes: 4 h w: red, green, blue premultiplied 0..1, and clear = 1 - alpha.
    """

    rect: Rect
    planes: Planes

    @classmethod
    def transparent(cls, rect: Rect) -> Surface:
        planes = np.zeros((4, rect.height, rect.width), np.float32)
        planes[3] = 1
        return cls(rect, planes)

    def part(self, rect: Rect) -> Surface:
        """A view of a part; drawing on it draws here."""
        rows = slice(rect.y0 - self.rect.y0, rect.y1 - self.rect.y0)
        columns = slice(rect.x0 - self.rect.x0, rect.x1 - self.rect.x0)
        return Surface(rect, self.planes[:, rows, columns])


@dataclass(frozen=True)
class Picture:
    """What a `Surface` holds in a quarter of the memory, rounded to bytes.

    Attributes:
        rect: What it covers, in pixels of the level composited.
        pixels: h w 4 premultiplied BGRA, without gaps from row to row or a part of such an array.
    """

    rect: Rect
    pixels: npt.NDArray[np.uint8]

    def part(self, rect: Rect) -> Picture:
        """A view of a part."""
        rows = slice(rect.y0 - self.rect.y0, rect.y1 - self.rect.y0)
        columns = slice(rect.x0 - self.rect.x0, rect.x1 - self.rect.x0)
        return Picture(rect, self.pixels[rows, columns])


def tiles_of(rect: Rect) -> Iterator[Rect]:
    """Pieces narrow enough for a `Program`; whole where a rectangle is, as a tile with an apron."""
    width = rect.width if rect.width <= WIDTH_PX else _TILE_PX
    height = rect.height if rect.height <= WIDTH_PX else _TILE_PX
    return iter(()) if rect.is_empty else rect.tiles(width, height)
