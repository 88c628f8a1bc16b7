"""Sparse tiles of 256 px: how pixels and coverage are stored, shared and compared.

Tiles never change. A changed picture is another map that shares every tile it did not touch, so
old and new together cost little more than one of them, and any thread may read either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from editor.document.geometry import EMPTY, Rect

TILE_SIDE = 256  # 256 KiB of RGBA: fits the second-level cache

Values = npt.NDArray[np.uint8]  # h w 4 straight RGBA, or h w coverage
Cell = tuple[int, int]  # (column, row) of a tile in its map's grid

_DIGEST_BYTES = 16
_NO_TILE = bytes(_DIGEST_BYTES)
_UNIFORM_BYTES = 64  # about what a tile costs without an array


class Tile:
    """A rectangle of values that never change; one colour is stored as that colour alone.

    Made by `make_tile` only, which stores equal values in the same way: so equal tiles have equal
    digests. What is measured (digest, visible box) is computed once, on first use.

    Attributes:
        width, height: Size; 256, or less at the edges of a picture.
        pixels: h w 4 or h w, contiguous and read-only; None when all values are `colour`.
        colour: 4 values or one, read-only; None when `pixels` are given.
    """

    __slots__ = (
        "_address",
        "_digest",
        "_opaque",
        "_visible_box",
        "colour",
        "height",
        "pixels",
        "width",
    )

    def __init__(self, width: int, height: int, pixels: Values | None, colour: Values | None):
        self.width = width
        self.height = height
        self.pixels = pixels
        self.colour = colour
        self._digest: bytes | None = None
        self._visible_box: Rect | None = None
        self._opaque: bool | None = None
        self._address = 0
        for array in (pixels, colour):
            if array is not None:
                array.flags.writeable = False

    @property
    def values(self) -> Values:
        """All values to copy from; of a uniform tile a view that repeats its colour."""
        if self.pixels is not None:
            return self.pixels
        assert self.colour is not None  # noqa: S101 - one of the two is always given
        return np.broadcast_to(self.colour, (self.height, self.width, *self.colour.shape))

    @property
    def address(self) -> int:
        """Where `pixels` lie in memory, for compiled code; 0 for a uniform tile."""
        if not self._address and self.pixels is not None:
            self._address = self.pixels.__array_interface__["data"][0]
        return self._address

    @property
    def byte_size(self) -> int:
        """Memory held."""
        return _UNIFORM_BYTES if self.pixels is None else int(self.pixels.nbytes)

    @property
    def digest(self) -> bytes:
        """16 bytes; equal for tiles of equal size and values."""
        if self._digest is None:
            digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
            if self.pixels is None:
                assert self.colour is not None  # noqa: S101 - one of the two is always given
                digest.update(b"uniform:%dx%d:" % (self.width, self.height))
                digest.update(self.colour.tobytes())
            else:
                digest.update(b"%dx%d:" % (self.width, self.height))
                digest.update(self.pixels.data)
            self._digest = digest.digest()
        return self._digest

    @property
    def visible_box(self) -> Rect:
        """Smallest rectangle, from the tile's corner, with all alpha (or coverage) above 0."""
        if self._visible_box is None:
            if self.pixels is None:
                assert self.colour is not None  # noqa: S101 - one of the two is always given
                visible = bool(self.colour.flat[-1])
                self._visible_box = Rect(0, 0, self.width, self.height) if visible else EMPTY
            else:
                self._visible_box = _visible_box_of(self.pixels)
        return self._visible_box

    @property
    def is_opaque(self) -> bool:
        """True when every alpha (or coverage) is 255."""
        if self._opaque is None:
            values = self.values
            plane = values[..., 3] if values.ndim == 3 else values
            self._opaque = bool((plane if self.colour is None else plane[0, 0]).min() == 255)
        return self._opaque

    def __repr__(self) -> str:
        kind = "dense" if self.colour is None else self.colour.tolist()
        return f"Tile({self.width}x{self.height}, {kind})"


def make_tile(values: Values, *, copy: bool = True) -> Tile | None:
    """A tile of these values (h w 4 or h w, at least 1 x 1); None when all are 0.

    With `copy=False` a contiguous array is kept and made read-only.
    """
    height, width = values.shape[:2]
    if values.ndim == 3 and values.strides[2] == 1:
        words: npt.NDArray[np.generic] = values.view(np.uint32)[:, :, 0]
    elif values.ndim == 3:
        return make_tile(np.ascontiguousarray(values), copy=False)
    else:
        words = values
    first = words[0, 0]
    # A look at two places spares most of the full comparisons.
    uniform = words[-1, -1] == first and words[height // 2, width // 3] == first
    if uniform and bool((words == first).all()):
        return uniform_tile(width, height, values[0, 0]) if first else None
    if copy or not values.flags.c_contiguous or values.base is not None:
        values = values.copy(order="C")
    return Tile(width, height, values, None)


def uniform_tile(width: int, height: int, colour: Values) -> Tile | None:
    """A tile of one colour; None when all its components are 0."""
    return Tile(width, height, None, np.array(colour, np.uint8)) if np.any(colour) else None


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of one tile.

    Attributes:
        rect: What it covers, in the coordinates asked in.
        values: h w 4 or h w, read-only; for a uniform tile a view that repeats its colour (its
            strides are 0: copy it before giving it to code that wants contiguous memory).
        tile: The whole tile, for `colour`, `is_opaque` and `visible_box`.
    """

    rect: Rect
    values: Values
    tile: Tile


# A tile, what of the picture it is asked for (x0, y0, x1, y1), and where in the tile that begins.
Span = tuple[Tile, tuple[int, int, int, int], tuple[int, int]]


class Tiles:
    """A picture of width x height in tiles; an absent tile is all 0.

    Coordinates start at the picture's corner. The grid of tiles may begin left of and above it:
    then a picture that grows or is cropped keeps its tiles.

    Attributes:
        pixel_shape: (4,) for RGBA, () for coverage.
        origin: (x, y) of the picture's corner in its first tile, each 0 to 255.
    """

    def __init__(
        self,
        width: int,
        height: int,
        pixel_shape: tuple[int, ...],
        tiles: Mapping[Cell, Tile],
        origin: tuple[int, int] = (0, 0),
    ) -> None:
        self.width = width
        self.height = height
        self.pixel_shape = pixel_shape
        self.origin = origin
        self._tiles = dict(tiles)
        self._visible_box: Rect | None = None

    @property
    def bounds(self) -> Rect:
        """(0, 0, width, height)."""
        return Rect(0, 0, self.width, self.height)

    def tile(self, cell: Cell) -> Tile | None:
        """The tile of a cell; None = all 0."""
        return self._tiles.get(cell)

    def stored(self) -> dict[Cell, Tile]:
        """All tiles that are not all 0, a new dictionary."""
        return dict(self._tiles)

    def rect_of(self, cell: Cell) -> Rect:
        """What a cell covers of the picture."""
        x, y = cell[0] * TILE_SIDE - self.origin[0], cell[1] * TILE_SIDE - self.origin[1]
        return Rect(
            max(0, x), max(0, y), min(self.width, x + TILE_SIDE), min(self.height, y + TILE_SIDE)
        )

    def cells_over(self, rect: Rect) -> Iterator[Cell]:
        """Cells that share pixels with a rectangle, row by row."""
        inside = rect.intersection(self.bounds)
        if inside.is_empty:
            return
        x, y = self.origin
        for row in range((inside.y0 + y) // TILE_SIDE, (inside.y1 - 1 + y) // TILE_SIDE + 1):
            for column in range((inside.x0 + x) // TILE_SIDE, (inside.x1 - 1 + x) // TILE_SIDE + 1):
                yield column, row

    def pieces(self, rect: Rect) -> Iterator[Piece]:
        """What is stored inside a rectangle, tile by tile; all else there is 0."""
        for cell in self.cells_over(rect):
            tile = self.tile(cell)
            if tile is not None:
                whole = self.rect_of(cell)
                part = whole.intersection(rect)
                values = tile.values
                if part != whole:
                    rows = slice(part.y0 - whole.y0, part.y1 - whole.y0)
                    values = values[rows, part.x0 - whole.x0 : part.x1 - whole.x0]
                yield Piece(part, values, tile)

    def spans(self, rect: Rect) -> Iterator[Span]:
        """As `pieces`, in plain numbers: canvases ask for thousands of them in a second."""
        x, y = self.origin
        x0, y0 = max(0, rect.x0) + x, max(0, rect.y0) + y
        x1, y1 = min(self.width, rect.x1) + x, min(self.height, rect.y1) + y
        if x0 >= x1 or y0 >= y1:
            return
        for row in range(y0 // TILE_SIDE, (y1 - 1) // TILE_SIDE + 1):
            top = row * TILE_SIDE
            low, high = max(y0, top), min(y1, top + TILE_SIDE)
            corner_y = max(top, y)
            for column in range(x0 // TILE_SIDE, (x1 - 1) // TILE_SIDE + 1):
                tile = self.tile((column, row))
                if tile is not None:
                    left = column * TILE_SIDE
                    start, stop = max(x0, left), min(x1, left + TILE_SIDE)
                    at = start - max(left, x), low - corner_y
                    yield tile, (start - x, low - y, stop - x, high - y), at

    def read(self, rect: Rect, outside: int = 0) -> Values:
        """Values of a rectangle; what lies outside the picture is `outside`.

        The result may be a read-only view.
        """
        pieces = list(self.pieces(rect))
        if len(pieces) == 1 and pieces[0].rect == rect and pieces[0].tile.pixels is not None:
            return pieces[0].values
        shape = rect.height, rect.width, *self.pixel_shape
        if outside and not self.bounds.contains(rect):
            out = np.full(shape, outside, np.uint8)
            part_of(out, rect, rect.intersection(self.bounds))[...] = 0
        else:
            out = np.zeros(shape, np.uint8)
        for piece in pieces:
            part_of(out, rect, piece.rect)[...] = piece.values
        return out

    def uniform_value(self, rect: Rect) -> Values | None:
        """The one colour of all pixels in a rectangle inside the bounds; None if not uniform."""
        found: Values | None = None
        for cell in self.cells_over(rect):
            tile = self.tile(cell)
            colour = np.zeros(self.pixel_shape, np.uint8) if tile is None else tile.colour
            if colour is None or not (found is None or np.array_equal(found, colour)):
                return None
            found = colour
        return found

    @property
    def byte_size(self) -> int:
        """Memory held by the tiles, those included that other pictures share."""
        return sum(tile.byte_size for tile in self._tiles.values())

    @property
    def visible_box(self) -> Rect:
        """Smallest rectangle with all alpha (or coverage) above 0; EMPTY when there is none."""
        if self._visible_box is None:
            self._visible_box = self._find_visible_box()
        return self._visible_box

    def _find_visible_box(self) -> Rect:
        # Plain numbers: this runs over all tiles after every dab of a brush.
        x0, y0, x1, y1 = self.width, self.height, 0, 0
        for (column, row), tile in self._tiles.items():
            box = tile.visible_box
            if box is not EMPTY:
                x = max(0, column * TILE_SIDE - self.origin[0])
                y = max(0, row * TILE_SIDE - self.origin[1])
                x0, y0 = min(x0, x + box.x0), min(y0, y + box.y0)
                x1, y1 = max(x1, x + box.x1), max(y1, y + box.y1)
        return Rect(x0, y0, x1, y1) if x1 else EMPTY

    def is_opaque_in(self, rect: Rect) -> bool:
        """Whether every alpha (or coverage) in a rectangle inside the bounds is surely 255.

        Looks at whole tiles; False may also mean that a tile is opaque only inside `rect`.
        """
        return all(
            (tile := self.tile(cell)) is not None and tile.is_opaque
            for cell in self.cells_over(rect)
        )

    def content_hash(self, kind: str) -> str:
        """blake2b-128 in hex over kind, size and the tiles' digests.

        Equal for equal values, wherever the grid begins: the tiles of a grid that begins at the
        picture's corner count.
        """
        aligned = self if self.origin == (0, 0) else _realigned(self)
        digest = hashlib.blake2b(f"{kind} {self.width}x{self.height}:".encode(), digest_size=16)
        for cell in aligned.cells_over(self.bounds):
            tile = aligned.tile(cell)
            digest.update(_NO_TILE if tile is None else tile.digest)
        return digest.hexdigest()

    # Other pictures that share tiles with this one

    def with_tiles(self, tiles: Mapping[Cell, Tile]) -> Tiles:
        """Other tiles in the same grid; each as large as `rect_of` its cell."""
        return Tiles(self.width, self.height, self.pixel_shape, tiles, self.origin)

    def patched(self, rect: Rect, values: Values) -> Tiles:
        """Other values inside a rectangle; parts of it outside the picture are left out."""
        tiles = self.stored()
        for cell in self.cells_over(rect):
            whole = self.rect_of(cell)
            part = whole.intersection(rect)
            fresh = part_of(values, rect, part)
            if part != whole:
                mixed = np.zeros((whole.height, whole.width, *self.pixel_shape), np.uint8)
                if cell in tiles:
                    mixed[...] = tiles[cell].values
                part_of(mixed, whole, part)[...] = fresh
                fresh = mixed
            put(tiles, cell, make_tile(fresh, copy=part == whole))
        return self.with_tiles(tiles)

    def framed(self, rect: Rect) -> Tiles:
        """What a rectangle shows, as a picture of its own; outside of this one it is 0."""
        x, y = self.origin[0] + rect.x0, self.origin[1] + rect.y0
        origin = x % TILE_SIDE, y % TILE_SIDE
        frame = Tiles(rect.width, rect.height, self.pixel_shape, {}, origin)
        tiles: dict[Cell, Tile] = {}
        for cell in self.cells_over(rect):
            tile = self.tile(cell)
            if tile is None:
                continue
            moved = cell[0] - x // TILE_SIDE, cell[1] - y // TILE_SIDE
            whole, now = self.rect_of(cell), frame.rect_of(moved).translated(rect.x0, rect.y0)
            put(tiles, moved, tile if whole == now else make_tile(self.read(now)))
        return frame.with_tiles(tiles)


def cut(values: Values, *, copy: bool = True) -> Tiles:
    """A picture (h w 4 or h w, at least 1 x 1) as tiles; `copy=False` may keep the array."""
    height, width = values.shape[:2]
    grid = Tiles(width, height, values.shape[2:], {})
    if max(width, height) <= TILE_SIDE:
        single = make_tile(values, copy=copy)
        return grid if single is None else grid.with_tiles({(0, 0): single})
    tiles: dict[Cell, Tile] = {}
    for cell in grid.cells_over(grid.bounds):
        put(tiles, cell, make_tile(part_of(values, grid.bounds, grid.rect_of(cell))))
    return grid.with_tiles(tiles)


def filled(width: int, height: int, colour: Values) -> Tiles:
    """A picture of one colour (4 values or one)."""
    grid = Tiles(width, height, colour.shape, {})
    tiles: dict[Cell, Tile] = {}
    of_size: dict[tuple[int, int], Tile | None] = {}
    for cell in grid.cells_over(grid.bounds) if colour.any() else ():
        size = grid.rect_of(cell).size
        if size not in of_size:
            of_size[size] = uniform_tile(*size, colour)
        put(tiles, cell, of_size[size])
    return grid.with_tiles(tiles)


def changed_cells(old: Tiles, new: Tiles) -> tuple[Cell, ...]:
    """Cells of `new` that differ from the same cell of `old`; all of them for another geometry.

    Tiles that are not the same object are compared by digest.
    """
    if not same_geometry(old, new):
        return tuple(new.cells_over(new.bounds))
    before, after = old.stored(), new.stored()
    changed = []
    for cell in sorted(before.keys() | after.keys(), key=lambda cell: (cell[1], cell[0])):
        a, b = before.get(cell), after.get(cell)
        if a is not b and (a is None or b is None or a.digest != b.digest):
            changed.append(cell)
    return tuple(changed)


def same_geometry(a: Tiles, b: Tiles) -> bool:
    """Whether two pictures have the same size and grid."""
    return (a.width, a.height, a.origin) == (b.width, b.height, b.origin)


def put(tiles: dict[Cell, Tile], cell: Cell, tile: Tile | None) -> None:
    """Set the tile of a cell, or take it away."""
    if tile is None:
        tiles.pop(cell, None)
    else:
        tiles[cell] = tile


def part_of(values: Values, rect: Rect, part: Rect) -> Values:
    """The view of `part` in an array that covers `rect`."""
    rows = slice(part.y0 - rect.y0, part.y1 - rect.y0)
    return values[rows, part.x0 - rect.x0 : part.x1 - rect.x0]


def _realigned(tiles: Tiles) -> Tiles:
    grid = Tiles(tiles.width, tiles.height, tiles.pixel_shape, {})
    aligned: dict[Cell, Tile] = {}
    for cell in grid.cells_over(grid.bounds):
        put(aligned, cell, make_tile(tiles.read(grid.rect_of(cell))))
    return grid.with_tiles(aligned)


def _visible_box_of(pixels: Values) -> Rect:
    return box_of((pixels[..., 3] if pixels.ndim == 3 else pixels) != 0)


def box_of(plane: npt.NDArray[Any]) -> Rect:
    """Smallest rectangle with all values of an h w array that are not 0; EMPTY for none."""
    columns = np.flatnonzero(plane.any(axis=0))
    if columns.size == 0:
        return EMPTY
    rows = np.flatnonzero(plane.any(axis=1))
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
