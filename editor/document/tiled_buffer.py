"""What pixels and coverage have in common: a frozen picture in tiles, its hash and its halves."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import numpy as np

from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.mips import HalvedTiles
from editor.document.tiles import Cell, Tiles, Values, changed_cells
from editor.translations import mark, tr

MAX_SIDE_PX = 30_000  # a PSD file's limit
MAX_PIXELS = 2**27  # 512 MB as RGBA; scaling needs four times that for a moment

Buffer = TypeVar("Buffer", bound="TiledBuffer")
Halves = dict[tuple[int, int, int], Any]  # buffers by padding (x, y) and what lies outside

# While a layer is dragged by single pixels its halves begin at four places in turn. All four of the
# first two levels are kept (each as much memory as the pixels, for what was seen); further ones
# are quick to make again.
_KEPT_HALVES = 4, 4, 1


class TiledBuffer:
    """Values that never change, in tiles; safe to share between layers and threads.

    Local coordinates start at (0, 0). Width and height are at least 1. Equal and hashable by
    content. Measured values (hash, box, halves) are computed once, on first use: hashing reads
    every tile that was never hashed, so ask for it outside the interface thread.
    """

    KIND: ClassVar[str]

    def __init__(self, tiles: Tiles, depth: int = 0, halves: Halves | None = None) -> None:
        self._tiles = tiles
        self._depth = depth  # how often it was halved
        self._halves = halves or {}
        self._content_hash: str | None = None
        self._is_opaque: bool | None = None

    @classmethod
    def from_tiles(cls: type[Buffer], tiles: Tiles) -> Buffer:
        """A picture of these tiles."""
        return cls(tiles)

    @property
    def tiles(self) -> Tiles:
        """The tiles themselves, to go through what is stored without copying it."""
        return self._tiles

    @property
    def width(self) -> int:
        return self._tiles.width

    @property
    def height(self) -> int:
        return self._tiles.height

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height

    @property
    def bounds(self) -> Rect:
        """(0, 0, width, height)."""
        return self._tiles.bounds

    @property
    def byte_size(self) -> int:
        """Memory held by the tiles, shared ones included."""
        return self._tiles.byte_size

    @property
    def array(self) -> Values:
        """All values, read-only: a copy as large as the picture unless it is one tile. Prefer
        `read` for parts and `tiles.pieces` for what is stored.
        """
        values = self._tiles.read(self.bounds)
        values.flags.writeable = False
        return values

    @property
    def content_hash(self) -> str:
        """blake2b-128 over size and tiles, in hex; equal for equal values."""
        # Kept by hand, like all that is measured: until Python 3.12 cached_property holds one lock
        # for all objects, and the interface thread would wait for a worker that hashes a layer.
        if self._content_hash is None:
            self._content_hash = self._tiles.content_hash(self.KIND)
        return self._content_hash

    @property
    def is_opaque(self) -> bool:
        """True when every alpha (or coverage) is 255."""
        if self._is_opaque is None:
            self._is_opaque = self._tiles.is_opaque_in(self.bounds)
        return self._is_opaque

    def read(self, rect: Rect) -> Values:
        """Values of a rectangle in local coordinates; outside is 0. May be a read-only view."""
        return self._tiles.read(rect)

    def crop(self: Buffer, rect: Rect) -> Buffer:
        """What a rectangle shows, as a buffer of its own; it may be larger, outside is 0.

        Shares all tiles that lie wholly inside. Raises DocumentError for an empty rectangle.
        """
        if rect == self.bounds:
            return self
        check_size(rect.width, rect.height)
        return type(self)(self._tiles.framed(rect))

    def with_patch(self: Buffer, rect: Rect, values: Values) -> Buffer:
        """Other values inside a rectangle (of its shape); shares all tiles outside of it.

        The size stays: parts of `rect` outside are left out; `crop` to a larger rectangle first to
        make room. Raises DocumentError for another shape or type.
        """
        if values.dtype != np.uint8 or values.shape != (*rect.size[::-1], *self._tiles.pixel_shape):
            raise DocumentError(
                tr("Changed pixels must fill their rectangle."),
                f"{values.dtype} {values.shape} {rect}",
            )
        part = rect.intersection(self.bounds)
        if part.is_empty:
            return self
        return self.after(self._tiles.patched(rect, values), part)

    def changed_tiles(self, other: TiledBuffer) -> tuple[Cell, ...]:
        """Cells (column, row) of `tiles` that differ from `other`; all if its size or grid does."""
        return changed_cells(other.tiles, self._tiles)

    def after(self: Buffer, tiles: Tiles, dirty: Rect) -> Buffer:
        """These tiles, which differ from this buffer's inside `dirty`; keeps halves made so far."""
        halves: Halves = {}
        for key, half in list(self._halves.items()):
            halved: HalvedTiles = half.tiles
            halves[key] = half.after(halved.after(tiles, dirty), halved.from_source(dirty))
        return type(self)(tiles, self._depth, halves)

    def half(self: Buffer, pad_x: int = 0, pad_y: int = 0, outside: int = 0) -> Buffer:
        """Averages of 2 x 2 values, after `pad_x` columns and `pad_y` rows (0 or 1) of `outside`.

        Costs nothing by itself: each tile is made when it is read, and kept.
        """
        key = pad_x, pad_y, outside
        half: Buffer | None = self._halves.get(key)
        if half is None:
            half = type(self)(HalvedTiles(self._tiles, key[:2], outside), self._depth + 1)
            if len(self._halves) >= _KEPT_HALVES[min(self._depth, 2)]:
                self._halves.clear()
            self._halves[key] = half
        return half

    def _reduced(self: Buffer, level: int, pad_x: int, pad_y: int, outside: int = 0) -> Buffer:
        found = self
        for bit in range(level):
            found = found.half(pad_x >> bit & 1, pad_y >> bit & 1, outside)
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        if self is other:
            return True
        return self.size == other.size and self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.width}x{self.height})"


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
