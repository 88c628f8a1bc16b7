"""Half-size pictures, made tile by tile when they are looked at: what zoomed-out canvases draw.

A pixel averages 2 x 2 pixels of the larger picture, weighted by alpha. Level n is half of level
n - 1, so a change, or a step of a drag, costs a quarter at each further level. One transparent row
and column may come first: that is how a layer at any offset falls on the document's grid. All sums
are whole numbers and the division is rounded once, so a pixel comes out the same in whatever
rectangle it is computed.
"""

from __future__ import annotations

from typing import TypeVar, cast

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.geometry import EMPTY, Rect
from editor.document.tiles import Cell, Tile, Tiles, Values, make_tile, part_of, uniform_tile

Number = TypeVar("Number", np.uint8, np.float32)
Pad = tuple[int, int]  # transparent columns and rows before the first, each 0 or 1


class HalvedTiles(Tiles):
    """Another picture at half size; safe for any thread, like what it is made from.

    Attributes:
        source: The larger picture.
        pad: Columns and rows of `outside` before the first of `source`.
        outside: What surrounds `source`: 0, or 255 for masks that show their surroundings.
    """

    def __init__(
        self,
        source: Tiles,
        pad: Pad,
        outside: int = 0,
        made: dict[Cell, Tile | None] | None = None,
        stale: dict[Cell, tuple[Tile | None, Rect]] | None = None,
    ) -> None:
        width, height = (source.width + pad[0] + 1) // 2, (source.height + pad[1] + 1) // 2
        super().__init__(width, height, source.pixel_shape, {})
        self.source = source
        self.pad = pad
        self.outside = outside
        # A finished tile lies in `_made`. A tile that a change has overtaken lies in `_stale`, with
        # the part to compute again, until it is looked at.
        self._made = made or {}
        self._stale = stale or {}

    def tile(self, cell: Cell) -> Tile | None:
        """The tile of a cell, computed on first use; None = all 0."""
        if cell in self._made:
            return self._made[cell]
        stale = self._stale.get(cell)
        tile = self._computed(self.rect_of(cell)) if stale is None else self._mended(cell, *stale)
        self._made[cell] = tile  # two threads may both compute it: they get the same
        self._stale.pop(cell, None)
        return tile

    def stored(self) -> dict[Cell, Tile]:
        """All tiles that are not all 0; computes every tile."""
        tiles = ((cell, self.tile(cell)) for cell in self.cells_over(self.bounds))
        return {cell: tile for cell, tile in tiles if tile is not None}

    def after(self, source: Tiles, dirty: Rect) -> HalvedTiles:
        """The half of a picture of the same size that differs inside `dirty` only.

        Tiles made so far are kept; those under `dirty` are mended when they are looked at.
        """
        # The dictionaries are copied in one step each: another thread may add tiles meanwhile.
        stale, made = dict(self._stale), dict(self._made)
        half = HalvedTiles(source, self.pad, self.outside, made, stale)
        part = self.from_source(dirty)
        for cell in self.cells_over(part):
            half.mark(cell, part)
        return half

    def mark(self, cell: Cell, part: Rect) -> None:
        """Compute a part of a tile again when it is looked at; only before others know this."""
        if cell in self._made:
            self._stale[cell] = self._made.pop(cell), part.intersection(self.rect_of(cell))
        elif cell in self._stale:
            tile, earlier = self._stale[cell]
            self._stale[cell] = tile, part.intersection(self.rect_of(cell)).union(earlier)

    def from_source(self, rect: Rect) -> Rect:
        """Pixels here that average some of a rectangle of `source`."""
        x, y = self.pad
        return (
            EMPTY
            if rect.is_empty
            else Rect(
                (rect.x0 + x) // 2,
                (rect.y0 + y) // 2,
                (rect.x1 + x + 1) // 2,
                (rect.y1 + y + 1) // 2,
            )
        )

    def to_source(self, rect: Rect) -> Rect:
        """What a rectangle averages, in pixels of `source`; may reach beyond its edges."""
        x, y = self.pad
        return Rect(2 * rect.x0 - x, 2 * rect.y0 - y, 2 * rect.x1 - x, 2 * rect.y1 - y)

    @property
    def byte_size(self) -> int:
        """Memory held by the tiles made so far."""
        return sum(tile.byte_size for tile in list(self._made.values()) if tile is not None)

    @property
    def visible_box(self) -> Rect:
        """A rectangle around all alpha above 0, found without computing the pixels.

        It may be one pixel larger than the smallest one, where an average rounds to 0.
        """
        box = self.from_source(self.source.visible_box)
        return self.bounds if self.outside else box

    def is_opaque_in(self, rect: Rect) -> bool:
        """As for any picture, found without computing the pixels."""
        below = self.to_source(rect)
        return self.source.bounds.contains(below) and self.source.is_opaque_in(below)

    def _computed(self, rect: Rect) -> Tile | None:
        below = self.to_source(rect)
        if self.source.bounds.contains(below):
            colour = self.source.uniform_value(below)
            if colour is not None:  # the average of one colour is that colour
                visible = colour.ndim == 0 or colour[3] > 0
                return uniform_tile(*rect.size, colour) if visible else None
        return make_tile(halved(self.source.read(below, self.outside)), copy=False)

    def _mended(self, cell: Cell, old: Tile | None, part: Rect) -> Tile | None:
        whole = self.rect_of(cell)
        if part == whole:
            return self._computed(whole)
        values = np.zeros((whole.height, whole.width, *self.pixel_shape), np.uint8)
        if old is not None:
            values[...] = old.values
        fresh = halved(self.source.read(self.to_source(part), self.outside))
        part_of(values, whole, part)[...] = fresh
        return make_tile(values, copy=False)


def halved(values: Values) -> Values:
    """2h 2w 4 straight RGBA (or 2h 2w coverage) -> h w 4 (or h w): averages of 2 x 2.

    Colours weigh by their alpha; halves are rounded up; colour under alpha 0 is 0.
    """
    if values.ndim == 2 or (values[..., 3] == 255).all():
        return _averaged(values)
    planes = list(np.empty((4, *values.shape[:2]), np.uint8))
    cv2.split(np.ascontiguousarray(values), planes)
    alpha = _averaged(planes[3].astype(np.float32))
    weight = np.maximum(alpha, np.float32(0.25))  # the least average above 0
    visible = alpha >= np.float32(0.5)  # less rounds to alpha 0
    colours = []
    for plane in planes[:3]:
        # Sums of four products stay below 2^24: float32 holds them exactly.
        colour = _averaged(cv2.multiply(plane, planes[3], dtype=cv2.CV_32F))
        np.divide(colour, weight, out=colour)
        colour *= visible
        colours.append(_rounded(colour))
    merged = cv2.merge([*colours, _rounded(alpha)])
    return cast("Values", np.asarray(merged).reshape(*alpha.shape, 4))


def _averaged(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    shape = values.shape[0] // 2, values.shape[1] // 2, *values.shape[2:]
    out = cv2.resize(values, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return cast("npt.NDArray[Number]", np.asarray(out).reshape(shape))


def _rounded(plane: npt.NDArray[np.float32]) -> Values:
    return (plane + np.float32(0.5)).astype(np.uint8)
