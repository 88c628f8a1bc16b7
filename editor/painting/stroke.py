"""A stroke in progress: its own coverage over the pixels as they were before it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from editor.document.geometry import EMPTY, Rect
from editor.document.masks import Mask
from editor.document.tiles import Cell, Values
from editor.painting.dabs import Dab, Plane, swept
from editor.painting.ground import Buffer, Ground, limited
from editor.painting.ink import Ink


class Stroke:
    """Collects dabs and keeps what the ground looks like with them.

    The coverage lies in a buffer of its own, tile by tile, and is laid over the *old* values each
    time: dabs that overlap never add up to more than the brush's shape, nor a stroke to more than
    its opacity. A dab moves the coverage towards its own shape by the flow, and never back.

    Attributes:
        painted: The ground with the stroke on it.
        touched: Rectangle around all dabs so far, in document pixels.
    """

    def __init__(
        self,
        ground: Ground[Buffer],
        ink: Ink,
        *,
        hardness: float,
        flow: float,
        selection: Mask | None = None,
    ) -> None:
        self._ground = ground
        self._ink = ink
        self._hardness = hardness
        self._flow = np.float32(flow)
        self._selection = selection
        self._coverage: dict[Cell, Plane] = {}
        self._last: Dab | None = None
        self.painted = ground
        self.touched = EMPTY

    def add(self, dabs: Iterable[Dab]) -> Rect:
        """Paint dabs; returns what changed, in document pixels."""
        dirty: dict[Cell, Rect] = {}
        for end in dabs:
            start = self._last or end
            for cell, rect in self._ground.cells(start.rect.union(end.rect)):
                self._cover(cell, rect, swept(start, end, self._hardness, rect))
                dirty[cell] = dirty.get(cell, EMPTY).union(rect)
            self._last = end
        if not dirty:
            return EMPTY
        parts = {cell: (rect, self._values(cell, rect)) for cell, rect in dirty.items()}
        self.painted = self.painted.with_parts(parts)
        changed = EMPTY
        for rect in dirty.values():
            changed = changed.union(rect)
        self.touched = self.touched.union(changed)
        return changed

    def _cover(self, cell: Cell, rect: Rect, shape: Plane) -> None:
        present = self._plane(cell, rect)
        if self._flow < 1:
            shape -= present
            np.maximum(shape, 0, out=shape)
            shape *= self._flow
            present += shape
        else:
            np.maximum(present, shape, out=present)

    def _plane(self, cell: Cell, rect: Rect) -> Plane:
        """The coverage of part of a tile, to be written to."""
        whole = self._ground.rect_of(cell)
        if cell not in self._coverage:
            self._coverage[cell] = np.zeros((whole.height, whole.width), np.float32)
        rows = slice(rect.y0 - whole.y0, rect.y1 - whole.y0)
        return self._coverage[cell][rows, rect.x0 - whole.x0 : rect.x1 - whole.x0]

    def _values(self, cell: Cell, rect: Rect) -> Values:
        covered = self._plane(cell, rect) * np.float32(255) + np.float32(0.5)
        coverage = limited(covered.astype(np.uint8), rect, self._selection)
        return self._ink.applied(self._ground.read(rect), coverage)
