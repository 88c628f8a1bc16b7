"""The drafts on the screen: which parts of which draft still count, and what replaces them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from editor.canvas.bgra_images import PlacedImage, placed_image
from editor.canvas.drafts import Draft
from editor.canvas.stale_parts import Parts, without
from editor.canvas.tiles import Tile, from_level
from editor.document.geometry import Rect


@dataclass(slots=True)
class ShownDraft:
    """A draft as Qt draws it. The image borrows the draft's array, so both live together.

    Attributes:
        parts: What is shown of it, in document pixels; newer drafts and tiles take from it.
    """

    draft: Draft
    image: PlacedImage
    parts: Parts


class DraftShow:
    """The drafts over the tiles; no two of them show the same pixel."""

    def __init__(self) -> None:
        self._shown: list[ShownDraft] = []

    def __bool__(self) -> bool:
        return bool(self._shown)

    def __iter__(self) -> Iterator[ShownDraft]:
        return iter(self._shown)

    @property
    def drop(self) -> int:
        """How many levels coarser than the screen the newest draft is; 0 without one."""
        return self._shown[-1].draft.drop if self._shown else 0

    @property
    def byte_size(self) -> int:
        """Memory held."""
        return sum(shown.draft.pixels.nbytes for shown in self._shown)

    def add(self, draft: Draft, page: Rect) -> Rect:
        """Show another draft in place of older ones; returns where, in document pixels."""
        part = from_level(draft.part, draft.level).intersection(page)
        self._take_away((part,), newest=draft.generation)
        image = placed_image(draft.pixels, draft.level, draft.rect, opaque=draft.opaque)
        self._shown.append(ShownDraft(draft, image, (part,)))
        return part

    def replace_by(self, tile: Tile) -> Parts:
        """An exact tile came; returns the parts of drafts that it took away, document pixels."""
        if not self._shown:
            return ()
        exact: Parts = (tile.key.rect,)
        for stale in tile.stale:
            exact = without(exact, stale)
        where = tuple(from_level(part, tile.key.level) for part in exact)
        return self._take_away(where, newest=tile.generation)

    def clear(self) -> Parts:
        """Show none; returns where there were some, in document pixels."""
        gone = tuple(part for shown in self._shown for part in shown.parts)
        self._shown.clear()
        return gone

    def _take_away(self, where: Sequence[Rect], *, newest: int) -> Parts:
        gone: list[Rect] = []
        for shown in self._shown:
            if shown.draft.generation > newest:
                continue
            for rect in where:
                gone.extend(part.intersection(rect) for part in shown.parts)
                shown.parts = without(shown.parts, rect)
        self._shown = [shown for shown in self._shown if shown.parts]
        return tuple(part for part in gone if not part.is_empty)
