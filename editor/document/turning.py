"""Pictures turned by quarters and mirrored, tile by tile: what is not stored is not touched."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import numpy as np

from editor.document.tiled_buffer import Buffer
from editor.document.tiles import TILE_SIDE, Cell, Tile, Tiles, Values


class Turn(Enum):
    """How a picture is turned or mirrored."""

    CLOCKWISE = "clockwise"
    COUNTERCLOCKWISE = "counterclockwise"
    HALF = "half"
    HORIZONTAL = "horizontal"  # left and right change sides
    VERTICAL = "vertical"  # top and bottom change sides

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height change places."""
        return self in {Turn.CLOCKWISE, Turn.COUNTERCLOCKWISE}

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Size afterwards."""
        return (height, width) if self.swaps_sides else (width, height)

    def point(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        """Where a point of a picture of this size comes to lie."""
        return {
            Turn.CLOCKWISE: (height - y, x),
            Turn.COUNTERCLOCKWISE: (y, width - x),
            Turn.HALF: (width - x, height - y),
            Turn.HORIZONTAL: (width - x, y),
            Turn.VERTICAL: (x, height - y),
        }[self]


def turned(buffer: Buffer, turn: Turn) -> Buffer:
    """The picture turned; no value changes."""
    tiles = buffer.tiles
    for step in _STEPS[turn]:
        tiles = step(tiles)
    return type(buffer).from_tiles(tiles)


def _mirrored(tiles: Tiles) -> Tiles:
    """Left and right change sides."""
    # Cell c ends at x = (c + 1) * TILE_SIDE - origin, where its mirror image begins.
    x, y = tiles.origin
    origin = -(tiles.width + x) % TILE_SIDE
    last = (tiles.width + x + origin) // TILE_SIDE - 1
    return Tiles(
        tiles.width,
        tiles.height,
        tiles.pixel_shape,
        {(last - c, r): _copied(t, t.values[:, ::-1]) for (c, r), t in tiles.stored().items()},
        (origin, y),
    )


def _transposed(tiles: Tiles) -> Tiles:
    """Columns become rows."""
    x, y = tiles.origin
    moved: dict[Cell, Tile] = {
        (r, c): _copied(t, t.values.swapaxes(0, 1)) for (c, r), t in tiles.stored().items()
    }
    return Tiles(tiles.height, tiles.width, tiles.pixel_shape, moved, (y, x))


def _copied(tile: Tile, values: Values) -> Tile:
    height, width = values.shape[:2]
    if tile.pixels is None:
        return Tile(width, height, None, tile.colour)
    return Tile(width, height, np.ascontiguousarray(values), None)


_STEPS: dict[Turn, tuple[Callable[[Tiles], Tiles], ...]] = {
    Turn.CLOCKWISE: (_transposed, _mirrored),
    Turn.COUNTERCLOCKWISE: (_mirrored, _transposed),
    Turn.HALF: (_mirrored, _transposed, _mirrored, _transposed),
    Turn.HORIZONTAL: (_mirrored,),
    Turn.VERTICAL: (_transposed, _mirrored, _transposed),
}
