"""For each tile, what lies below and above the layers being edited, flattened once.

A frame of a drag, a slider or a brush is then below + edited layers + above, whatever the number of
layers. Belongs to the thread that fills tiles.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from editor.canvas.draft_grounds import DraftGrounds
from editor.canvas.layer_split import Layers, Split, split_layers
from editor.canvas.tiles import Bgra, TileKey
from editor.document.compositor import composite_between, draw_layers, level_rect
from editor.document.geometry import Rect
from editor.document.layers import Layer
from editor.document.state import DocumentState
from editor.document.surface import Surface

BUDGET_BYTES = 320 << 20  # a view of 4K with both pictures for each tile
_PIXEL_BYTES = 16  # four planes of float32
MIN_FLATTENED = 3  # fewer layers above are quicker, and exact, one by one


@dataclass(slots=True)
class _Cell:
    """The pictures of one tile, and what they were made of.

    Attributes:
        below: None = nothing is below.
        above: None = nothing, or so little that it is drawn from `live_above`.
    """

    rect: Rect
    below_of: Layers = ()
    below: Surface | None = None
    above_of: Layers = ()
    above: Surface | None = None
    live_above: Layers = ()

    @property
    def byte_size(self) -> int:
        surfaces = (self.below, self.above)
        return sum(surface.planes.nbytes for surface in surfaces if surface is not None)


class PrefixCache:
    """Pictures of what is not edited, for one document at a time.

    Attributes:
        grounds: The same in bytes over the whole view, for drafts.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self.grounds = DraftGrounds()
        self._budget = budget_bytes
        self._cells: OrderedDict[TileKey, _Cell] = OrderedDict()  # oldest use first
        self._bytes = 0
        self._state: DocumentState | None = None
        self._edited: tuple[str, ...] = ()
        self._split: Split | None = None
        self._used: set[TileKey] = set()  # since the present list of tiles began

    @property
    def byte_size(self) -> int:
        """Memory held."""
        return self._bytes

    @property
    def split(self) -> Split | None:
        """The layers around the edited ones in the state followed last; None = nothing edited."""
        return self._split

    def clear(self) -> None:
        """Forget everything."""
        self.grounds.clear()
        self._cells.clear()
        self._bytes = 0
        self._state = self._split = None

    def begin(self) -> None:
        """Another list of tiles is filled now: those of the last one may be pushed out."""
        self._used.clear()

    def follow(self, state: DocumentState, edited: tuple[str, ...]) -> bool:
        """Go on with another state or other edited layers; whether there is anything to gain."""
        if self._state is not None and state.document_id != self._state.document_id:
            self.clear()
        if state is not self._state or edited != self._edited:
            self._state, self._edited = state, edited
            new, old = split_layers(state, edited), self._split
            if new is not None and old is not None:
                below = old.below if _identical(old.below, new.below) else new.below
                above = old.above if _identical(old.above, new.above) else new.above
                new = Split(below, new.live, above)
            self._split = new
        split = self._split
        return split is not None and len(split.below) + len(split.above) > 1

    def knows(self, key: TileKey) -> bool:
        """Whether the pictures of a tile are there and fit the state followed last."""
        cell, split = self._cells.get(key), self._split
        return (
            cell is not None
            and split is not None
            and cell.below_of is split.below
            and cell.above_of is split.above
        )

    def prepare(self, key: TileKey, rect: Rect) -> bool:
        """Make the pictures of a tile that covers `rect`; False when memory does not allow it."""
        split = self._split
        if split is None:
            return False
        if not self.knows(key):
            cell = self._take(key, rect)
            if not self._make_room(2 * _PIXEL_BYTES * rect.area):
                return False
            _bring_below(cell, split.below, key.level)
            _bring_above(cell, split.above, key.level)
            self._cells[key] = cell
            self._bytes += cell.byte_size
        self._used.add(key)
        self._cells.move_to_end(key)
        return True

    def _take(self, key: TileKey, rect: Rect) -> _Cell:
        """The cell of a tile out of the cache, or a new one."""
        cell = self._cells.pop(key, None)
        if cell is None:
            return _Cell(rect)
        self._bytes -= cell.byte_size
        return cell if cell.rect == rect else _Cell(rect)

    def _make_room(self, wanted_bytes: int) -> bool:
        """Push out the oldest tiles, but none of the present list: they would go in turn."""
        while self._cells and self._bytes + wanted_bytes > self._budget:
            oldest = next(iter(self._cells))
            if oldest in self._used:
                return False
            self._bytes -= self._cells.pop(oldest).byte_size
        return self._bytes + wanted_bytes <= self._budget

    def render(self, key: TileKey, rect: Rect) -> Bgra:
        """Part of a prepared tile -> h w 4 premultiplied BGRA."""
        cell, split = self._cells[key], self._split
        assert split is not None  # noqa: S101 - `prepare` came before
        return composite_between(
            (*split.live, *cell.live_above),
            rect,
            level=key.level,
            below=cell.below,
            above=cell.above,
            bgra=True,
        )


def _bring_below(cell: _Cell, layers: Layers, level: int) -> None:
    """Make `cell.below` the picture of `layers`; what was drawn already is kept if it can be."""
    if cell.below_of is layers:
        return
    done = len(cell.below_of)
    extends = (
        len(layers) >= done
        and all(
            _looks_the_same(old, new, cell.rect, level)
            for old, new in zip(cell.below_of, layers, strict=False)
        )
        and not (len(layers) > done and layers[done].clipped)
    )
    if not extends:
        cell.below, done = None, 0
    rest = layers[done:]
    if _touching(rest, cell.rect, level):
        cell.below = cell.below or Surface.transparent(cell.rect)
        draw_layers(cell.below, rest, level)
    cell.below_of = layers


def _bring_above(cell: _Cell, layers: Layers, level: int) -> None:
    if cell.above_of is layers:
        return
    same = len(layers) == len(cell.above_of) and all(
        _looks_the_same(old, new, cell.rect, level)
        for old, new in zip(cell.above_of, layers, strict=True)
    )
    if not same:
        cell.above, cell.live_above = None, ()
        if len(_touching(layers, cell.rect, level)) < MIN_FLATTENED:
            cell.live_above = layers if _touching(layers, cell.rect, level) else ()
        else:
            cell.above = Surface.transparent(cell.rect)
            draw_layers(cell.above, layers, level)
    cell.above_of = layers


def _touching(layers: Layers, rect: Rect, level: int) -> Layers:
    return tuple(layer for layer in layers if _touches(layer, rect, level))


def _touches(layer: Layer, rect: Rect, level: int) -> bool:
    return layer.visible and level_rect(layer.opaque_box, level).intersects(rect)


def _looks_the_same(old: Layer, new: Layer, rect: Rect, level: int) -> bool:
    """Whether two layers surely do the same inside a rectangle, to others clipped to them too."""
    if old is new:
        return True
    neither = not (_touches(old, rect, level) or _touches(new, rect, level))
    return neither and old.clipped == new.clipped


def _identical(a: Collection[Layer], b: Collection[Layer]) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))
