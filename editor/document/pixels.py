"""Immutable straight RGBA pixels of one layer.

Straight (not premultiplied) because PSD export and regeneration need the colour under low alpha.
How the pixels are stored is hidden here: callers read rectangles and never own the storage, so a
sparse tile store can replace the single array without touching them.
"""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.errors import DocumentError
from editor.document.geometry import EMPTY, Rect
from editor.document.resampling import RgbaArray, reduce_by, resample
from editor.translations import mark, tr

__all__ = ["MAX_PIXELS", "MAX_SIDE_PX", "PixelBuffer", "RgbaArray", "check_size"]

MAX_SIDE_PX = 30_000  # a PSD file's limit
MAX_PIXELS = 2**27  # 512 MB as RGBA; scaling needs four times that for a moment
_KEPT_REDUCTIONS = 4


class PixelBuffer:
    """Straight RGBA8 pixels that never change; safe to share between layers and threads.

    Local coordinates start at (0, 0). Width and height are at least 1. Equal and hashable by
    content. Measured values (hash, alpha box, reductions) are computed once, on first use.
    """

    def __init__(self, array: RgbaArray) -> None:
        self._array = array
        self._array.flags.writeable = False
        self._alpha_box: Rect | None = None
        self._is_opaque: bool | None = None
        self._content_hash: str | None = None
        self._reduced: dict[tuple[int, int, int], PixelBuffer] = {}

    @classmethod
    def from_array(cls, array: npt.NDArray[np.uint8], *, copy: bool = True) -> PixelBuffer:
        """Take pixels of shape h w 4 (straight RGBA) or h w 3 (opaque RGB), dtype uint8.

        With `copy=False` the array is kept and made read-only: the caller hands it over.
        Raises DocumentError for another shape, type or an impossible size.
        """
        if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] not in (3, 4):
            raise DocumentError(
                tr("Layer pixels must be 8-bit RGB or RGBA."), f"{array.dtype} {array.shape}"
            )
        check_size(array.shape[1], array.shape[0])
        if array.shape[2] == 3:
            opaque = np.full((*array.shape[:2], 1), 255, np.uint8)
            return cls(np.concatenate((array, opaque), axis=2))
        if copy or not array.flags.c_contiguous or array.base is not None:
            return cls(array.copy(order="C"))
        return cls(array)

    @classmethod
    def transparent(cls, width: int, height: int) -> PixelBuffer:
        """Fully transparent pixels."""
        return cls.filled(width, height, (0, 0, 0, 0))

    @classmethod
    def filled(cls, width: int, height: int, rgba: tuple[int, int, int, int]) -> PixelBuffer:
        """Pixels of one colour, components 0 to 255."""
        check_size(width, height)
        array = np.empty((height, width, 4), np.uint8)
        array[:] = rgba
        return cls(array)

    @property
    def width(self) -> int:
        return int(self._array.shape[1])

    @property
    def height(self) -> int:
        return int(self._array.shape[0])

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height

    @property
    def bounds(self) -> Rect:
        """(0, 0, width, height)."""
        return Rect(0, 0, self.width, self.height)

    @property
    def byte_size(self) -> int:
        """Memory held by the pixels."""
        return int(self._array.nbytes)

    @property
    def array(self) -> RgbaArray:
        """All pixels, h w 4, read-only. Prefer `read` for parts: whole layers can be large."""
        return self._array

    def read(self, rect: Rect) -> RgbaArray:
        """Pixels of a rectangle in local coordinates, h w 4; outside is (0, 0, 0, 0).

        The result may be a read-only view.
        """
        inside = rect.intersection(self.bounds)
        view = self._array[inside.y0 : inside.y1, inside.x0 : inside.x1]
        if inside == rect:
            return view
        out = np.zeros((rect.height, rect.width, 4), np.uint8)
        if not inside.is_empty:
            y, x = inside.y0 - rect.y0, inside.x0 - rect.x0
            out[y : y + inside.height, x : x + inside.width] = view
        return out

    def pixel(self, x: int, y: int) -> tuple[int, int, int, int]:
        """One pixel as (r, g, b, a); outside is (0, 0, 0, 0)."""
        if not self.bounds.contains_point(x, y):
            return (0, 0, 0, 0)
        r, g, b, a = (int(v) for v in self._array[y, x])
        return r, g, b, a

    def crop(self, rect: Rect) -> PixelBuffer:
        """A part as a buffer of its own; outside is transparent. Raises for an empty rectangle."""
        if rect == self.bounds:
            return self
        check_size(rect.width, rect.height)
        return PixelBuffer(self.read(rect).copy())

    # The three below keep their value by hand: until Python 3.12 cached_property holds one lock for
    # all buffers, and the interface thread would wait for a worker that hashes a large layer.

    @property
    def alpha_box(self) -> Rect:
        """Smallest rectangle with all pixels of alpha > 0; EMPTY when there are none."""
        if self._alpha_box is None:
            self._alpha_box = _find_alpha_box(self._array)
        return self._alpha_box

    @property
    def is_opaque(self) -> bool:
        """True when every pixel has alpha 255."""
        if self._is_opaque is None:
            self._is_opaque = bool(self._array[:, :, 3].min() == 255)
        return self._is_opaque

    @property
    def content_hash(self) -> str:
        """blake2b-128 of width, height and the bytes, in hex; equal for equal pixels."""
        if self._content_hash is None:
            digest = hashlib.blake2b(digest_size=16)
            digest.update(f"{self.width}x{self.height}:".encode())
            digest.update(self._array.data)
            self._content_hash = digest.hexdigest()
        return self._content_hash

    def thumbnail(self, max_side: int) -> RgbaArray:
        """Pixels scaled to fit in max_side x max_side (never enlarged), h w 4 straight."""
        scale = min(1.0, max_side / max(self.size))
        width, height = (max(1, round(side * scale)) for side in self.size)
        return resample(self._array, width, height)

    def reduced(self, level: int, pad_x: int = 0, pad_y: int = 0) -> PixelBuffer:
        """The pixels at 1 / 2^level, averaged weighted by alpha.

        `pad_x` and `pad_y` (0 to 2^level - 1) transparent columns and rows come before the first,
        so that a layer at any offset falls on the grid of the document. The result is kept.
        """
        if level == 0:
            return self
        key = level, pad_x, pad_y
        found = self._reduced.get(key)
        if found is None:
            found = PixelBuffer(reduce_by(self._array, 1 << level, pad_x, pad_y))
            if len(self._reduced) >= _KEPT_REDUCTIONS:
                self._reduced.clear()  # while a layer is dragged its old paddings are of no use
            self._reduced[key] = found
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PixelBuffer):
            return NotImplemented
        if self is other:
            return True
        return self.size == other.size and self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __repr__(self) -> str:
        return f"PixelBuffer({self.width}x{self.height})"


def _find_alpha_box(array: RgbaArray) -> Rect:
    # All four channels are reduced together: taking alpha out first would copy.
    columns = np.flatnonzero(cv2.reduce(array, 0, cv2.REDUCE_MAX)[0, :, 3])
    if columns.size == 0:
        return EMPTY
    rows = np.flatnonzero(cv2.reduce(array, 1, cv2.REDUCE_MAX)[:, 0, 3])
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def check_size(width: int, height: int, what: str = mark("A layer")) -> None:
    """Raise DocumentError when a layer or canvas of this size is not possible."""
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
        raise DocumentError(
            tr(
                "{what} of {width} x {height} px is not possible; "
                "each side must be from 1 to {limit} px.",
                what=tr(what),
                width=width,
                height=height,
                limit=MAX_SIDE_PX,
            )
        )
    if width * height > MAX_PIXELS:
        raise DocumentError(
            tr(
                "{what} of {width} x {height} px is too large; "
                "at most {limit} million pixels are possible.",
                what=tr(what),
                width=width,
                height=height,
                limit=MAX_PIXELS // 10**6,
            )
        )
