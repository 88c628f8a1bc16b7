"""Single-channel coverage: layer masks and the selection are both a `Mask`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.tiled_buffer import TiledBuffer, check_size
from editor.document.tiles import cut, filled
from editor.translations import mark, tr

Coverage = npt.NDArray[np.uint8]  # h w, 0 = hidden, 255 = shown


class CoverageBuffer(TiledBuffer):
    """Coverage values that never change; safe to share between layers and threads.

    See `TiledBuffer` for reading, patching and hashing; values are h w.
    """

    KIND = "coverage"

    @classmethod
    def from_array(cls, array: Coverage, *, copy: bool = True) -> CoverageBuffer:
        """Take values of shape h w, dtype uint8.

        With `copy=False` the array may be kept and made read-only: the caller hands it over.
        Raises DocumentError for another shape, type or an impossible size.
        """
        if array.dtype != np.uint8 or array.ndim != 2:
            raise DocumentError(
                tr("A mask must be one 8-bit channel."), f"{array.dtype} {array.shape}"
            )
        check_size(array.shape[1], array.shape[0], mark("A mask"))
        return cls(cut(array, copy=copy))

    @classmethod
    def filled(cls, width: int, height: int, coverage: int) -> CoverageBuffer:
        """One coverage everywhere, 0 to 255."""
        check_size(width, height, mark("A mask"))
        return cls(filled(width, height, np.array(coverage, np.uint8)))

    def framed(self, rect: Rect, outside: int) -> CoverageBuffer:
        """As `crop`, with `outside` (0 or 255) where the rectangle reaches over the edge."""
        framed = self.crop(rect)
        if outside == 0 or self.bounds.contains(rect):
            return framed
        inside = self.bounds.intersection(rect).translated(-rect.x0, -rect.y0)
        for band in _around(inside, framed.bounds):
            # One colour: whole tiles of it take no memory.
            framed = framed.with_patch(band, np.full((band.height, band.width), outside, np.uint8))
        return framed

    def scaled(self, width: int, height: int) -> CoverageBuffer:
        """Resampled to another size."""
        if (width, height) == self.size:
            return self
        check_size(width, height, mark("A mask"))
        values: npt.NDArray[Any] = self.array
        small = min(width, self.width), min(height, self.height)
        if small != self.size:
            values = cv2.resize(values, small, interpolation=cv2.INTER_AREA)
        if small != (width, height):
            values = cv2.resize(values, (width, height), interpolation=cv2.INTER_LANCZOS4)
        return CoverageBuffer.from_array(np.asarray(values, np.uint8), copy=False)

    @property
    def shown_box(self) -> Rect:
        """Smallest rectangle with all values above 0; EMPTY when there are none."""
        return self._tiles.visible_box

    def thumbnail(self, max_side: int) -> Coverage:
        """Values scaled to fit in max_side x max_side (never enlarged), h w."""
        scale = min(1.0, max_side / max(self.size))
        size = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        level = max(0, (max(self.size) // (2 * max_side)).bit_length() - 1)
        whole = Rect(0, 0, max(1, self.width >> level), max(1, self.height >> level))
        values = self.reduced(level).read(whole)
        return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.uint8)

    def reduced(
        self, level: int, pad_x: int = 0, pad_y: int = 0, outside: int = 0
    ) -> CoverageBuffer:
        """Averages of 2^level x 2^level values; see `PixelBuffer.reduced`.

        `outside` (0 or 255) is averaged in where a square reaches over the edge.
        """
        return self._reduced(level, pad_x, pad_y, outside)


@dataclass(frozen=True, kw_only=True)
class Mask:
    """Coverage at a place of the document, with one value everywhere else.

    Attributes:
        coverage: Values inside `bounds`.
        offset: (x, y) of the first value in document pixels; may be negative.
        outside: Coverage outside `bounds`, 0 or 255 (as PSD stores it).
        enabled: False = kept but not applied. A selection is always enabled.
        source: The values before scaling, or None while `coverage` is the original. Scaling always
            starts from it; any other change of the values gives it up.
    """

    coverage: CoverageBuffer
    offset: tuple[int, int] = (0, 0)
    outside: int = 0
    enabled: bool = True
    source: CoverageBuffer | None = None

    def __post_init__(self) -> None:
        if self.outside not in (0, 255):
            raise DocumentError(tr("Outside of its pixels a mask is either 0 or 255."))

    @property
    def bounds(self) -> Rect:
        """Rectangle of the stored values, in document pixels."""
        return self.coverage.bounds.translated(*self.offset)

    def read(self, rect: Rect) -> Coverage:
        """Coverage of a rectangle in document pixels, h w; may be a read-only view."""
        x, y = self.offset
        return self.coverage.tiles.read(rect.translated(-x, -y), self.outside)

    def translated(self, dx: int, dy: int) -> Mask:
        """The same coverage elsewhere."""
        return replace(self, offset=(self.offset[0] + dx, self.offset[1] + dy))

    def cropped(self, rect: Rect) -> Mask:
        """Only the values in a rectangle of the document; elsewhere it becomes `outside`."""
        x, y = self.offset
        coverage = self.coverage.framed(rect.translated(-x, -y), self.outside)
        return self.with_coverage(coverage, (rect.x0, rect.y0))

    def scaled_into(self, box: Rect) -> Mask:
        """The same coverage stretched so that it fills another rectangle."""
        origin = self.source or self.coverage
        scaled = self.with_coverage(origin.scaled(*box.size), (box.x0, box.y0))
        return scaled if scaled.coverage is origin else replace(scaled, source=origin)

    def reduced(self, level: int) -> Mask:
        """The mask at 1 / 2^level, in pixels of that level."""
        if level == 0:
            return self
        side, (x, y) = 1 << level, self.offset
        coverage = self.coverage.reduced(level, x % side, y % side, self.outside)
        return self.with_coverage(coverage, (x >> level, y >> level))

    def with_patch(self, rect: Rect, values: Coverage) -> Mask:
        """Other coverage inside a rectangle in document pixels; the stored part grows to hold it.

        Shares all tiles outside of it. Raises DocumentError for values of another shape or type.
        """
        x, y = self.offset
        around = self.bounds.union(rect)
        room = self.coverage.framed(around.translated(-x, -y), self.outside)
        patched = room.with_patch(rect.translated(-around.x0, -around.y0), values)
        return self.with_coverage(patched, (around.x0, around.y0))

    def with_coverage(self, coverage: CoverageBuffer, offset: tuple[int, int]) -> Mask:
        """Other values at another place; there is no source of them."""
        return replace(self, coverage=coverage, offset=offset, source=None)

    @property
    def shown_box(self) -> Rect:
        """Rectangle around the stored values above 0, in document pixels; EMPTY for none."""
        box = self.coverage.shown_box
        return box if box.is_empty else box.translated(*self.offset)


def product(a: Coverage, b: Coverage) -> Coverage:
    """a * b / 255, rounded: alpha or coverage as far as a mask lets it through."""
    return ((a.astype(np.uint16) * b + 127) // 255).astype(np.uint8)


def _around(inner: Rect, outer: Rect) -> list[Rect]:
    """Bands that fill `outer` around `inner`, which lies in it."""
    if inner.is_empty:
        return [outer]
    bands = (
        Rect(outer.x0, outer.y0, outer.x1, inner.y0),
        Rect(outer.x0, inner.y1, outer.x1, outer.y1),
        Rect(outer.x0, inner.y0, inner.x0, inner.y1),
        Rect(inner.x1, inner.y0, outer.x1, inner.y1),
    )
    return [band for band in bands if not band.is_empty]
