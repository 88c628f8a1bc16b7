"""What is painted on: the pixels or the mask of a layer, with room up to the edge of the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from editor.document.geometry import Rect
from editor.document.masks import Coverage, CoverageBuffer, Mask, product
from editor.document.pixels import PixelBuffer
from editor.document.tiled_buffer import TiledBuffer
from editor.document.tiles import Cell, Values, make_tile, part_of, put

Buffer = TypeVar("Buffer", bound=TiledBuffer)


@dataclass(frozen=True)
class Ground(Generic[Buffer]):
    """A buffer at a place of the document that is at least as large as the canvas.

    Attributes:
        buffer: The values.
        offset: (x, y) of its first value in document pixels.
        room: What may be painted on: the canvas, in document pixels.
    """

    buffer: Buffer
    offset: tuple[int, int]
    room: Rect

    def cells(self, rect: Rect) -> Iterator[tuple[Cell, Rect]]:
        """Tiles that share pixels with a rectangle of the document, and what of it they hold."""
        x, y = self.offset
        local = rect.intersection(self.room).translated(-x, -y)
        tiles = self.buffer.tiles
        for cell in tiles.cells_over(local):
            yield cell, tiles.rect_of(cell).intersection(local).translated(x, y)

    def rect_of(self, cell: Cell) -> Rect:
        """What a tile covers of the document."""
        return self.buffer.tiles.rect_of(cell).translated(*self.offset)

    def read(self, rect: Rect) -> Values:
        """Values of a rectangle of the document; may be a read-only view."""
        x, y = self.offset
        return self.buffer.read(rect.translated(-x, -y))

    def with_parts(self, parts: dict[Cell, tuple[Rect, Values]]) -> Ground[Buffer]:
        """Other values inside a rectangle (of the document) of each of these tiles.

        All other tiles are shared with this ground.
        """
        tiles = self.buffer.tiles.stored()
        dirty = Rect(0, 0, 0, 0)
        x, y = self.offset
        for cell, (rect, values) in parts.items():
            whole = self.rect_of(cell)
            mixed = np.array(self.read(whole))
            part_of(mixed, whole, rect)[...] = values
            put(tiles, cell, make_tile(mixed, copy=False))
            dirty = dirty.union(rect)
        changed = self.buffer.tiles.with_tiles(tiles)
        return replace(self, buffer=self.buffer.after(changed, dirty.translated(-x, -y)))

    def trimmed(self, bounds: Rect) -> tuple[Buffer, tuple[int, int]]:
        """The values inside `bounds` (of the document), and their offset."""
        x, y = self.offset
        return self.buffer.crop(bounds.translated(-x, -y)), (bounds.x0, bounds.y0)


def pixel_ground(pixels: PixelBuffer, offset: tuple[int, int], room: Rect) -> Ground[PixelBuffer]:
    """The pixels of a layer, transparent where it does not reach."""
    bounds = pixels.bounds.translated(*offset)
    whole = bounds.union(room)
    buffer = pixels.crop(whole.translated(-offset[0], -offset[1]))
    return Ground(buffer, (whole.x0, whole.y0), room)


def mask_ground(mask: Mask, room: Rect) -> Ground[CoverageBuffer]:
    """The coverage of a mask, with what it has outside where it stores none."""
    x, y = mask.offset
    whole = mask.bounds.union(room)
    buffer = mask.coverage.framed(whole.translated(-x, -y), mask.outside)
    return Ground(buffer, (whole.x0, whole.y0), room)


def limited(coverage: Coverage, rect: Rect, selection: Mask | None) -> Coverage:
    """Coverage of a rectangle of the document where the selection lets it through."""
    if selection is None:
        return coverage
    return product(coverage, selection.read(rect))
