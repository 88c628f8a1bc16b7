"""Where a picture changed: the rectangle of the canvas to draw again, as small as can be found.

Two buffers of a layer are compared tile by tile: the same object is the same pixels, others are
looked at. So a dab of a brush dirties its own rectangle, not the whole layer.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from editor.document.geometry import EMPTY, Rect, union_of
from editor.document.layers import RasterLayer
from editor.document.masks import Mask
from editor.document.state import DocumentState
from editor.document.tiles import TILE_SIDE, Cell, Tile, Tiles, Values, box_of

Place = tuple[int, int]  # where a picture's corner lies in the document

_LOOKED_AT = 24  # tiles compared pixel by pixel; above that their rectangles do
_NOT_THERE = object()


def dirty_of_layers(
    before: DocumentState, after: DocumentState, names: dict[str, set[str]]
) -> Rect:
    """As `dirty_of_layer`, for several layers; no names = the whole layer."""
    return union_of(
        dirty_of_layer(before, after, layer_id, changed) for layer_id, changed in names.items()
    )


def dirty_of_layer(
    before: DocumentState, after: DocumentState, layer_id: str, names: Collection[str]
) -> Rect:
    """What of the canvas a layer's changed fields can have changed."""
    was, now = _shown_box(before, layer_id), _shown_box(after, layer_id)
    whole = was.union(now)
    if whole.is_empty or not (before.has_layer(layer_id) and after.has_layer(layer_id)):
        return whole
    if not names or not {"pixels", "offset", "mask"}.issuperset(names):
        return whole
    old, new = before.layer(layer_id), after.layer(layer_id)
    dirty = EMPTY
    if "pixels" in names or "offset" in names:
        if not (isinstance(old, RasterLayer) and isinstance(new, RasterLayer)):
            return whole
        part = changed_rect(old.pixels.tiles, old.offset, new.pixels.tiles, new.offset)
        dirty = whole if part is None else part
    if "mask" in names:
        dirty = dirty.union(_dirty_of_mask(old.mask, new.mask, whole))
    return dirty.intersection(whole)


def changed_rect(
    old: Tiles, old_at: Place, new: Tiles, new_at: Place, outside: int = 0
) -> Rect | None:
    """The rectangle (in document pixels) inside which two pictures differ; EMPTY if nowhere.

    None when their grids do not lie over each other, so that tiles cannot be compared. `outside`
    surrounds both.
    """
    grid, new_grid = _grid_at(old, old_at), _grid_at(new, new_at)
    if grid != new_grid:
        return None
    # An absent tile is 0: where that lies outside, too, cells without tiles need no look.
    every = outside != 0 and old.bounds.translated(*old_at) != new.bounds.translated(*new_at)
    olds, news = _placed(old, old_at, every), _placed(new, new_at, every)
    missing = _NOT_THERE if every else None
    changed = [
        cell
        for cell in olds.keys() | news.keys()
        if olds.get(cell, missing) is not news.get(cell, missing)
    ]
    covered = old.bounds.translated(*old_at).union(new.bounds.translated(*new_at))
    dirty = EMPTY
    for x, y in changed:
        corner = grid[0] + x * TILE_SIDE, grid[1] + y * TILE_SIDE
        part = Rect.from_size(*corner, TILE_SIDE, TILE_SIDE).intersection(covered)
        if len(changed) <= _LOOKED_AT:
            was = old.read(part.translated(-old_at[0], -old_at[1]), outside)
            now = new.read(part.translated(-new_at[0], -new_at[1]), outside)
            part = _differing_box(was, now).translated(part.x0, part.y0)
        dirty = dirty.union(part)
    return dirty


def _grid_at(tiles: Tiles, at: Place) -> Place:
    """Where the grid of tiles begins in the document, each 0 to 255."""
    return (at[0] - tiles.origin[0]) % TILE_SIDE, (at[1] - tiles.origin[1]) % TILE_SIDE


def _placed(tiles: Tiles, at: Place, every: bool) -> dict[Cell, Tile | None]:
    """Stored tiles (or those of every cell) by their cell counted from the document's corner."""
    right = (at[0] - tiles.origin[0]) // TILE_SIDE
    down = (at[1] - tiles.origin[1]) // TILE_SIDE
    stored = tiles.stored()
    cells = tiles.cells_over(tiles.bounds) if every else stored
    return {(cell[0] + right, cell[1] + down): stored.get(cell) for cell in cells}


def _differing_box(a: Values, b: Values) -> Rect:
    # A pixel as one word: comparing bytes takes several times as long.
    different = _words(a) != _words(b) if a.ndim == 3 else a != b
    return box_of(different)


def _words(pixels: Values) -> npt.NDArray[np.uint32]:
    return np.ascontiguousarray(pixels).view(np.uint32)[..., 0]


def _dirty_of_mask(old: Mask | None, new: Mask | None, whole: Rect) -> Rect:
    if old is None or new is None or (old.outside, old.enabled) != (new.outside, new.enabled):
        return whole
    part = changed_rect(old.coverage.tiles, old.offset, new.coverage.tiles, new.offset, old.outside)
    return whole if part is None else part


def _shown_box(state: DocumentState, layer_id: str) -> Rect:
    """Where a layer can be seen; EMPTY when it is absent, hidden or in a hidden group."""
    if not state.has_layer(layer_id):
        return EMPTY
    inner: str | None = layer_id
    while inner is not None:
        if not state.layer(inner).visible:
            return EMPTY
        inner = state.parent_id(inner)
    return state.layer(layer_id).opaque_box
