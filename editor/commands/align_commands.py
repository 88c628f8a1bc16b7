"""Aligning layers to a common line and distributing them evenly.

What counts is what can be seen: the rectangle around the pixels with alpha. A group moves with all
that is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from editor.commands.command import Command
from editor.commands.refusals import outermost, require_some, require_unlocked
from editor.commands.transform_commands import MoveLayers
from editor.document.errors import DocumentError
from editor.document.geometry import Rect, union_of
from editor.document.layer_placement import seen_box
from editor.document.state import DocumentState
from editor.translations import mark, tr


class AlignEdge(Enum):
    """The line that layers are brought to: (across the page?, share of the way along it)."""

    LEFT = (True, 0.0)
    CENTER = (True, 0.5)
    RIGHT = (True, 1.0)
    TOP = (False, 0.0)
    MIDDLE = (False, 0.5)
    BOTTOM = (False, 1.0)


class AlignTo(StrEnum):
    """What the line belongs to."""

    SELECTION = "selection"  # the rectangle around all chosen layers
    CANVAS = "canvas"


class Spread(Enum):
    """What is made even when layers are distributed: (across the page?, gaps or centres?)."""

    HORIZONTAL_CENTERS = (True, False)
    HORIZONTAL_GAPS = (True, True)
    VERTICAL_CENTERS = (False, False)
    VERTICAL_GAPS = (False, True)


_ALIGN_LABELS = {
    AlignEdge.LEFT: mark("Align Left Edges"),
    AlignEdge.CENTER: mark("Align Horizontal Centers"),
    AlignEdge.RIGHT: mark("Align Right Edges"),
    AlignEdge.TOP: mark("Align Top Edges"),
    AlignEdge.MIDDLE: mark("Align Vertical Centers"),
    AlignEdge.BOTTOM: mark("Align Bottom Edges"),
}
_SPREAD_LABELS = {
    Spread.HORIZONTAL_CENTERS: mark("Distribute Horizontal Centers"),
    Spread.HORIZONTAL_GAPS: mark("Distribute Horizontal Gaps"),
    Spread.VERTICAL_CENTERS: mark("Distribute Vertical Centers"),
    Spread.VERTICAL_GAPS: mark("Distribute Vertical Gaps"),
}


@dataclass(frozen=True)
class AlignLayers(Command):
    """Bring an edge or the middle of each layer to a common line.

    A single layer is always aligned to the canvas. Middles that fall between two pixels are
    rounded down.
    """

    layer_ids: tuple[str, ...]
    edge: AlignEdge
    to: AlignTo = AlignTo.SELECTION

    @property
    def label(self) -> str:
        return tr(_ALIGN_LABELS[self.edge])

    def apply(self, state: DocumentState) -> DocumentState:
        boxes = _visible_boxes(state, self.layer_ids)
        to_canvas = self.to is AlignTo.CANVAS or len(boxes) == 1
        target = state.canvas if to_canvas else union_of(boxes.values())
        across, share = self.edge.value
        shifts = {
            layer_id: _room(target, box, across=across, share=share)
            for layer_id, box in boxes.items()
        }
        return _shifted(state, shifts, across=across)


@dataclass(frozen=True)
class DistributeLayers(Command):
    """Space layers evenly between the outermost two, which stay (or between the canvas's edges).

    Needs three layers, or two with `AlignTo.CANVAS`; fewer are refused.
    """

    layer_ids: tuple[str, ...]
    spread: Spread
    to: AlignTo = AlignTo.SELECTION

    @property
    def label(self) -> str:
        return tr(_SPREAD_LABELS[self.spread])

    def apply(self, state: DocumentState) -> DocumentState:
        boxes = _visible_boxes(state, self.layer_ids)
        if len(boxes) < (2 if self.to is AlignTo.CANVAS else 3):
            raise DocumentError(tr("Select at least three layers to distribute them."))
        across, gaps = self.spread.value
        spans = {layer_id: _span(box, across=across) for layer_id, box in boxes.items()}
        canvas = _span(state.canvas, across=across) if self.to is AlignTo.CANVAS else None
        shifts = _even_gaps(spans, canvas) if gaps else _even_centers(spans, canvas)
        return _shifted(state, shifts, across=across)


Span = tuple[int, int]


def _visible_boxes(state: DocumentState, layer_ids: tuple[str, ...]) -> dict[str, Rect]:
    """What is seen of each layer; empty ones are left where they are. Raises DocumentError."""
    require_some(layer_ids)
    require_unlocked(state, layer_ids)
    chosen = (state.layer(layer_id) for layer_id in outermost(state, layer_ids))
    boxes = {layer.layer_id: seen_box(layer) for layer in chosen}
    boxes = {layer_id: box for layer_id, box in boxes.items() if not box.is_empty}
    if not boxes:
        raise DocumentError(tr("There is nothing to see in the selected layers."))
    return boxes


def _span(box: Rect, *, across: bool) -> Span:
    return (box.x0, box.x1) if across else (box.y0, box.y1)


def _room(target: Rect, box: Rect, *, across: bool, share: float) -> int:
    """How far `box` must go so that it lies at a share of the room left in `target`."""
    start, end = _span(target, across=across)
    own_start, own_end = _span(box, across=across)
    free = (end - start) - (own_end - own_start)
    return start + int(free * share // 1) - own_start


def _even_centers(spans: Mapping[str, Span], canvas: Span | None) -> dict[str, int]:
    """Shifts that put the centres at equal distances."""
    order = sorted(spans, key=lambda layer_id: sum(spans[layer_id]))
    first, last = spans[order[0]], spans[order[-1]]
    start, end = sum(first) / 2, sum(last) / 2
    if canvas is not None:  # the outermost layers touch the edges of the canvas
        start = canvas[0] + (first[1] - first[0]) / 2
        end = canvas[1] - (last[1] - last[0]) / 2
    step = (end - start) / (len(order) - 1)
    return {
        layer_id: round(start + place * step - sum(spans[layer_id]) / 2)
        for place, layer_id in enumerate(order)
    }


def _even_gaps(spans: Mapping[str, Span], canvas: Span | None) -> dict[str, int]:
    """Shifts that leave equal gaps (or overlaps) between neighbours."""
    order = sorted(spans, key=lambda layer_id: sum(spans[layer_id]))
    start, end = canvas or (spans[order[0]][0], spans[order[-1]][1])
    taken = sum(span[1] - span[0] for span in spans.values())
    gap = (end - start - taken) / (len(order) - 1)
    shifts = {}
    position = float(start)
    for layer_id in order:
        own_start, own_end = spans[layer_id]
        shifts[layer_id] = round(position) - own_start
        position += own_end - own_start + gap
    return shifts


def _shifted(state: DocumentState, shifts: Mapping[str, int], *, across: bool) -> DocumentState:
    for layer_id, shift in shifts.items():
        if shift:
            dx, dy = (shift, 0) if across else (0, shift)
            state = MoveLayers((layer_id,), dx, dy).apply(state)
    return state
