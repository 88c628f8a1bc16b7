"""Tiles of the composite: squares of 256 pixels of a mip level, made and patched one at a time.

Pixels are premultiplied BGRA bytes, which is what the screen takes without another pass.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from editor.canvas.drafts import DraftSource
from editor.canvas.stale_parts import Parts, inside, with_part, without
from editor.document.geometry import Rect

TILE_SIDE = 256  # level pixels; 256 KiB as bytes, which fits the second-level cache
KEPT_CHANGES = 256  # tiles older than this many changes count as stale without looking
APRON = 1  # level pixels around a tile, so that smooth scaling sees its neighbours

Bgra = npt.NDArray[np.uint8]  # h w 4, premultiplied
Rgba = npt.NDArray[np.uint8]  # h w 4, straight alpha


@dataclass(frozen=True, slots=True)
class TileKey:
    """A square of 256 level pixels; one level pixel is 2^level document pixels."""

    level: int
    column: int
    row: int

    @property
    def rect(self) -> Rect:
        """The square in level pixels; it may reach over the edge of the document."""
        return Rect.from_size(self.column * TILE_SIDE, self.row * TILE_SIDE, TILE_SIDE, TILE_SIDE)

    def covered(self, width: int, height: int) -> Rect:
        """What the tile of a picture of this size (document pixels) holds: with its apron."""
        return self.rect.expanded(APRON).intersection(level_bounds(width, height, self.level))


@dataclass(frozen=True, slots=True)
class Tile:
    """A finished tile.

    Attributes:
        rect: What `pixels` cover in level pixels: the square and its apron, cut at the edges.
        pixels: (h, w, 4) premultiplied BGRA bytes; never written again.
        opaque: Whether every pixel has full alpha, so nothing under the tile shows.
        generation: Number of the snapshot it was made from.
        changed: Part of `rect` that may differ from the tile of generation `based_on`.
        stale: Parts of `rect` that are older than `generation`, as nobody looked at them.
        based_on: Generation of the tile that this one was patched from; None = made anew.
    """

    key: TileKey
    rect: Rect
    pixels: Bgra
    opaque: bool
    generation: int
    changed: Rect
    based_on: int | None = None
    stale: Parts = ()


class TileSource(Protocol):
    """A picture that will not change any more. The methods below run in the worker thread."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    @property
    def drafts(self) -> DraftSource | None:
        """What makes drafts of the picture; None = there are none."""

    def begin(self) -> None:
        """Another list of tiles will be asked for."""

    def render(
        self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
    ) -> Bgra:
        """Part of a tile, premultiplied; `rect` is in level pixels.

        Args:
            again: The tile was made before and an edit has overtaken it; more edits may follow.

        Raises CompositingCancelled soon after `cancelled` says True.
        """

    def prepare(self, key: TileKey, rect: Rect) -> None:
        """Do beforehand what makes edits of a tile that covers `rect` quick."""


def level_bounds(width: int, height: int, level: int) -> Rect:
    """A whole picture in level pixels; a last odd row or column keeps a pixel of its own."""
    return to_level(Rect(0, 0, width, height), level)


def to_level(rect: Rect, level: int) -> Rect:
    """The level pixels that depend on a rectangle of document pixels."""
    step = 1 << level
    return Rect(rect.x0 // step, rect.y0 // step, -(-rect.x1 // step), -(-rect.y1 // step))


def from_level(rect: Rect, level: int) -> Rect:
    """The document pixels that a rectangle of level pixels averages."""
    step = 1 << level
    return Rect(rect.x0 * step, rect.y0 * step, rect.x1 * step, rect.y1 * step)


def keys_over(rect: Rect, level: int) -> Iterator[TileKey]:
    """The tiles that share pixels with a rectangle of level pixels, row by row."""
    if rect.is_empty:
        return
    for row in range(rect.y0 // TILE_SIDE, (rect.y1 - 1) // TILE_SIDE + 1):
        for column in range(rect.x0 // TILE_SIDE, (rect.x1 - 1) // TILE_SIDE + 1):
            yield TileKey(level, column, row)


def whole_picture_key(width: int, height: int) -> TileKey:
    """The one tile of the first level at which a picture fits into one tile."""
    across = -(-max(width, height) // TILE_SIDE)
    return TileKey((across - 1).bit_length(), 0, 0)


def premultiplied_bgra(straight: Rgba) -> Bgra:
    """Straight RGBA bytes as premultiplied BGRA bytes, rounded to nearest."""
    premultiplied = cv2.cvtColor(straight, cv2.COLOR_RGBA2mRGBA)
    return np.asarray(cv2.cvtColor(premultiplied, cv2.COLOR_RGBA2BGRA), np.uint8)


def is_opaque(pixels: Bgra) -> bool:
    """Whether every pixel has full alpha; `pixels` are contiguous."""
    # As little-endian words the alpha comes first in the number: one pass over whole words.
    return bool(pixels.view("<u4").min() >= 0xFF000000)


@dataclass(slots=True)
class _Cell:
    """A tile and the parts of it (level pixels) that changes have overtaken.

    Attributes:
        seen: How many of all changes `stale` knows of.
    """

    tile: Tile
    stale: Parts = ()
    seen: int = 0


class TileStore:
    """Makes tiles from one snapshot after another; belongs to one thread.

    A change composites only the part of a tile that it touched.
    """

    def __init__(self, source: TileSource, budget_bytes: int) -> None:
        self._source = source
        self._budget = max(1, budget_bytes // (4 * TILE_SIDE * TILE_SIDE))
        self._cells: OrderedDict[TileKey, _Cell] = OrderedDict()  # oldest use first
        self._changes: deque[Rect] = deque(maxlen=KEPT_CHANGES)
        self._change_count = 0

    @property
    def source(self) -> TileSource:
        """The snapshot that tiles are made from."""
        return self._source

    def replace_source(self, source: TileSource, dirty: Sequence[Rect | None]) -> None:
        """Go on with another snapshot that differs inside these rectangles (None = anywhere)."""
        size = (self._source.width, self._source.height)
        self._source = source
        if None in dirty or size != (source.width, source.height):
            self._cells.clear()
            return
        for rect in dirty:
            assert rect is not None  # noqa: S101 - seen above
            if not rect.is_empty:
                self._changes.append(rect)
                self._change_count += 1

    def _catch_up(self, cell: _Cell) -> None:
        """Mark what changes have touched since the tile was last looked at."""
        new = self._change_count - cell.seen
        if new > len(self._changes):
            cell.stale = (cell.tile.rect,)
        else:
            for index in range(len(self._changes) - new, len(self._changes)):
                part = to_level(self._changes[index], cell.tile.key.level)
                cell.stale = with_part(cell.stale, part.intersection(cell.tile.rect))
        cell.seen = self._change_count

    def begin(self) -> None:
        """Another list of tiles will be asked for."""
        self._source.begin()

    def prepare(self, key: TileKey) -> None:
        """Make later changes of a tile quick."""
        width, height = self._source.width, self._source.height
        if key.rect.intersects(level_bounds(width, height, key.level)):
            self._source.prepare(key, key.covered(width, height))

    def tile(
        self,
        key: TileKey,
        generation: int,
        cancelled: Callable[[], bool],
        looked_at: Rect | None = None,
    ) -> Tile | None:
        """The tile as the current snapshot has it; None if it lies outside the picture.

        Args:
            looked_at: Of a tile that was made before, only this part (level pixels) is brought up
                to date; the rest waits until it is looked at. None = all of it.

        Raises CompositingCancelled.
        """
        size = self._source.width, self._source.height
        if not key.rect.intersects(level_bounds(*size, key.level)):
            return None
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = self._made(key, key.covered(*size), generation, cancelled)
        else:
            self._catch_up(cell)
            part = inside(cell.stale, looked_at or cell.tile.rect)
            if not part.is_empty:
                cell = self._cells[key] = self._mended(cell, part, generation, cancelled)
        cell.seen = self._change_count
        self._cells.move_to_end(key)
        while len(self._cells) > self._budget:
            self._cells.popitem(last=False)
        return cell.tile

    def _made(
        self, key: TileKey, rect: Rect, generation: int, cancelled: Callable[[], bool]
    ) -> _Cell:
        pixels = self._source.render(key, rect, cancelled, again=False)
        return _Cell(Tile(key, rect, pixels, is_opaque(pixels), generation, changed=rect))

    def _mended(
        self, cell: _Cell, part: Rect, generation: int, cancelled: Callable[[], bool]
    ) -> _Cell:
        """The tile with a part composited again."""
        old = cell.tile
        pixels = self._source.render(old.key, part, cancelled, again=True)
        if part != old.rect:
            pixels = _patched(old, part, pixels)
        rest = without(cell.stale, part)
        opaque = is_opaque(pixels)
        tile = Tile(old.key, old.rect, pixels, opaque, generation, part, old.generation, rest)
        return _Cell(tile, rest)


def _patched(tile: Tile, part: Rect, fresh: Bgra) -> Bgra:
    pixels = tile.pixels.copy()  # the screen still draws the old array
    x, y = part.x0 - tile.rect.x0, part.y0 - tile.rect.y0
    pixels[y : y + part.height, x : x + part.width] = fresh
    return pixels
