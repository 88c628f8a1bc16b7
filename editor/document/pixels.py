"""Immutable straight RGBA pixels of one layer.

Straight (not premultiplied) because PSD export and regeneration need the colour under low alpha.
Pixels lie in tiles of 256 px; what is wholly transparent takes no memory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.resampling import RgbaArray, resample
from editor.document.tiled_buffer import MAX_PIXELS, MAX_SIDE_PX, TiledBuffer, check_size
from editor.document.tiles import cut, filled
from editor.translations import tr

__all__ = ["MAX_PIXELS", "MAX_SIDE_PX", "PixelBuffer", "RgbaArray", "check_size"]


class PixelBuffer(TiledBuffer):
    """Straight RGBA8 pixels that never change; safe to share between layers and threads.

    See `TiledBuffer` for reading, patching and hashing; values are h w 4.
    """

    KIND = "rgba"

    @classmethod
    def from_array(cls, array: npt.NDArray[np.uint8], *, copy: bool = True) -> PixelBuffer:
        """Take pixels of shape h w 4 (straight RGBA) or h w 3 (opaque RGB), dtype uint8.

        With `copy=False` the array may be kept and made read-only: the caller hands it over.
        Raises DocumentError for another shape, type or an impossible size.
        """
        if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] not in (3, 4):
            raise DocumentError(
                tr("Layer pixels must be 8-bit RGB or RGBA."), f"{array.dtype} {array.shape}"
            )
        check_size(array.shape[1], array.shape[0])
        if array.shape[2] == 3:
            opaque = np.full((*array.shape[:2], 1), 255, np.uint8)
            return cls(cut(np.concatenate((array, opaque), axis=2), copy=False))
        return cls(cut(array, copy=copy))

    @classmethod
    def transparent(cls, width: int, height: int) -> PixelBuffer:
        """Fully transparent pixels."""
        return cls.filled(width, height, (0, 0, 0, 0))

    @classmethod
    def filled(cls, width: int, height: int, rgba: tuple[int, int, int, int]) -> PixelBuffer:
        """Pixels of one colour, components 0 to 255."""
        check_size(width, height)
        return cls(filled(width, height, np.array(rgba, np.uint8)))

    def pixel(self, x: int, y: int) -> tuple[int, int, int, int]:
        """One pixel as (r, g, b, a); outside is (0, 0, 0, 0)."""
        r, g, b, a = (int(v) for v in self.read(Rect(x, y, x + 1, y + 1))[0, 0])
        return r, g, b, a

    @property
    def alpha_box(self) -> Rect:
        """Smallest rectangle with all pixels of alpha > 0; EMPTY when there are none.

        Of reduced pixels perhaps one pixel more, where an average rounds to 0.
        """
        return self._tiles.visible_box

    def thumbnail(self, max_side: int) -> RgbaArray:
        """Pixels scaled to fit in max_side x max_side (never enlarged), h w 4 straight."""
        scale = min(1.0, max_side / max(self.size))
        width, height = (max(1, round(side * scale)) for side in self.size)
        # From the smallest level with at least two pixels for each of the thumbnail's. A last row
        # or column that is not whole is left out: it would fade the edge.
        level = max(0, (max(self.size) // (2 * max_side)).bit_length() - 1)
        whole = Rect(0, 0, max(1, self.width >> level), max(1, self.height >> level))
        return resample(self.reduced(level).read(whole), width, height)

    def reduced(self, level: int, pad_x: int = 0, pad_y: int = 0) -> PixelBuffer:
        """The pixels at 1 / 2^level, averaged weighted by alpha.

        `pad_x` and `pad_y` (0 to 2^level - 1) transparent columns and rows come before the first,
        so that a layer at any offset falls on the grid of the document. Costs nothing by itself:
        each tile is made when it is read, and kept; `with_patch` keeps those it does not touch.
        """
        return self._reduced(level, pad_x, pad_y)
