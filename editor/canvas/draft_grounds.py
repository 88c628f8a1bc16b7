"""What lies below and above the edited layers over the whole view, in bytes: for drafts.

Belongs to the thread that fills tiles. One pair of pictures for each level, of the part looked at.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from editor.canvas.layer_split import Layers, Split
from editor.document.compositor import composite_between
from editor.document.geometry import EMPTY, Rect
from editor.document.surface import Picture

_FULL = 255
_MARGIN = 8  # pixels around the view: drafts reach a little over what they show
BUDGET_BYTES = 96 << 20  # both pictures of a view of 4K and of a coarser level


@dataclass(frozen=True, slots=True)
class Around:
    """What lies around the edited layers.

    Attributes:
        opaque: Whether nothing shows through `below`, so nothing through the whole either.
    """

    below: Picture
    above: Picture
    opaque: bool


@dataclass(slots=True)
class _Ground:
    rect: Rect = EMPTY
    below_of: Layers | None = None
    above_of: Layers | None = None
    around: Around | None = None

    @property
    def byte_size(self) -> int:
        return 2 * 4 * self.rect.area


class DraftGrounds:
    """Pictures around the edited layers, for one document at a time."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget = budget_bytes
        self._levels: OrderedDict[int, _Ground] = OrderedDict()  # oldest use first

    @property
    def byte_size(self) -> int:
        """Memory held."""
        return sum(ground.byte_size for ground in self._levels.values())

    def clear(self) -> None:
        """Forget everything."""
        self._levels.clear()

    def around(self, split: Split, level: int, rect: Rect, view: Rect) -> Around:
        """The pictures of at least `rect`; made for all of `view` if they are not there.

        Args:
            split: Compared by the identity of its parts, as `PrefixCache` keeps them.
            rect: In pixels of the level.
            view: What is looked at of the level.
        """
        ground = self._levels.setdefault(level, _Ground())
        self._levels.move_to_end(level)
        around, whole = ground.around, ground.rect
        if not whole.contains(rect):
            around, whole = None, view.expanded(_MARGIN).union(rect)
        below = around.below if around and ground.below_of is split.below else None
        above = around.above if around and ground.above_of is split.above else None
        if around is None or below is None or above is None:
            below = below or _picture(split.below, whole, level)
            above = above or _picture(split.above, whole, level)
            # Around the page nothing is opaque, nor looked at.
            seen = below.part(view.union(rect).intersection(whole)).pixels[..., 3]
            around = Around(below, above, opaque=int(seen.min()) == _FULL)
            ground.below_of, ground.above_of, ground.around = split.below, split.above, around
            ground.rect = whole
            self._make_room(level)
        return around

    def _make_room(self, kept: int) -> None:
        """Let go of the levels not used lately."""
        while self.byte_size > self._budget and next(iter(self._levels)) != kept:
            self._levels.popitem(last=False)


def _picture(layers: Layers, rect: Rect, level: int) -> Picture:
    if not any(layer.visible for layer in layers):
        return Picture(rect, np.zeros((rect.height, rect.width, 4), np.uint8))
    return Picture(rect, composite_between(layers, rect, level=level, bgra=True))
