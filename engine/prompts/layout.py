"""Automatic layout: where the objects of a sentence go when the user drew no boxes.

Objects share a few rows of equal cells; each gets a box in the shape of its drawing, and objects
of one row stand on one ground line. What the sentence says about places ("on", "above", "left of")
then swaps or moves boxes. The seed only varies sizes and positions a little, so that another seed
composes differently.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.prompts.connectors import Relation

TOKEN_PX = 16  # boxes are whole tokens wide and high
MARGIN = 0.04  # of the canvas's short side: the least air between an object and the canvas's edge
MAX_TOKENS = 10  # the largest box the starter's drawings were trained in
MIN_TOKENS = 3  # smaller ones lose the drawing
ASPECT_RANGE = (0.7, 1.43)  # of the trained boxes: 5 x 7 to 7 x 5 tokens
_FILL = 0.92  # share of its cell that an object takes; drawings fill their boxes
_ALONE_FILL = 0.72  # a single object leaves air around it

TokenBox = tuple[int, int, int, int]  # x0, y0, x1, y1


@dataclass(frozen=True, slots=True)
class Placement:
    """An object to place.

    Attributes:
        aspect: Width over height of its drawing.
        relation: How it stands to placement number `target`; None = anywhere.
    """

    aspect: float = 1.0
    relation: Relation | None = None
    target: int | None = None


def automatic_layout(
    placements: Sequence[Placement], width: int, height: int, seed: int
) -> tuple[TokenBox, ...]:
    """Boxes for the objects, bottom to top, in model pixels.

    Args:
        placements: One per object.
        width, height: Canvas in model pixels, 16 at least.
        seed: Of the document; equal arguments give equal boxes.

    Returns:
        (x0, y0, x1, y1) per object, whole tokens wide and high, with `MARGIN` to the canvas's edge
        where it has room for that.
    """
    if not placements:
        return ()
    margin = round(MARGIN * min(width, height))
    columns, rows = (max(1, (side - 2 * margin) // TOKEN_PX) for side in (width, height))
    random = np.random.default_rng([seed, len(placements)])
    row_count = _rows_of_pair(placements) or _best_row_count(len(placements), columns, rows)
    slots = _slots(len(placements), columns, rows, row_count, random)
    slots = _ordered_by_relations(slots, placements)
    boxes = [
        _box_in(slot, item, columns, rows) for slot, item in zip(slots, placements, strict=True)
    ]
    for index, item in enumerate(placements):
        if item.relation is Relation.ON and item.target is not None:
            boxes[index] = _standing_on(boxes[index], boxes[item.target])
    left, top = (width - columns * TOKEN_PX) // 2, (height - rows * TOKEN_PX) // 2
    return tuple(_in_pixels(box, left, top) for box in boxes)


@dataclass(frozen=True, slots=True)
class _Slot:
    """Place of one object, in tokens: centre of the ground line, and the largest side."""

    x: float
    ground: float
    side: float


def _rows_of_pair(placements: Sequence[Placement]) -> int | None:
    """Two objects one above the other or side by side, if the sentence says so; else None.

    Only with two objects do rows matter more than the shape of the canvas.
    """
    relations = {item.relation for item in placements} if len(placements) == 2 else set()
    if relations & {Relation.ABOVE, Relation.BELOW, Relation.ON}:
        return 2
    return 1 if relations & {Relation.LEFT_OF, Relation.RIGHT_OF} else None


def _slots(
    count: int, columns: int, rows: int, row_count: int, random: np.random.Generator
) -> list[_Slot]:
    """Slots row by row, top row first; a fuller row goes to the bottom."""
    per_row = [count // row_count + (i >= row_count - count % row_count) for i in range(row_count)]
    cell_height = rows / row_count
    fill = _ALONE_FILL if count == 1 else _FILL
    # A row with fewer objects may not make giants of them.
    largest = min(MAX_TOKENS, 1.3 * fill * min(columns / max(per_row), cell_height))
    slots = []
    for row, in_row in enumerate(per_row):
        cell_width = columns / in_row
        side = min(fill * min(cell_width, cell_height), largest)
        spare = cell_height - side
        ground = row * cell_height + side + spare * random.uniform(0.4, 0.75)
        for column in range(in_row):
            sway = (cell_width - side) * random.uniform(-0.3, 0.3)
            scale = random.uniform(0.88, 1.0)
            slots.append(_Slot((column + 0.5) * cell_width + sway, ground, side * scale))
    return slots


def _best_row_count(count: int, columns: int, rows: int) -> int:
    """The number of rows that leaves the largest cells; fewer rows when equal."""

    def smallest_cell_side(row_count: int) -> float:
        return min(columns / math.ceil(count / row_count), rows / row_count)

    return max(range(1, count + 1), key=lambda n: (round(smallest_cell_side(n), 6), -n))


def _ordered_by_relations(slots: list[_Slot], placements: Sequence[Placement]) -> list[_Slot]:
    """Swaps slots of pairs that stand the wrong way round."""
    placed = list(slots)
    for index, item in enumerate(placements):
        if item.target is None or item.relation is None:
            continue
        own, other = placed[index], placed[item.target]
        wrong = {
            Relation.LEFT_OF: own.x > other.x,
            Relation.RIGHT_OF: own.x < other.x,
            Relation.ABOVE: own.ground > other.ground,
            Relation.ON: own.ground > other.ground,
            Relation.BELOW: own.ground < other.ground,
            Relation.IN_FRONT_OF: own.ground < other.ground,
            Relation.BEHIND: own.ground > other.ground,
        }.get(item.relation, False)
        if wrong:
            placed[index], placed[item.target] = other, own
    return placed


def _box_in(slot: _Slot, item: Placement, columns: int, rows: int) -> TokenBox:
    """The box of an object on its slot, in whole tokens, inside the canvas."""
    aspect = min(max(item.aspect, ASPECT_RANGE[0]), ASPECT_RANGE[1])
    side = max(slot.side, MIN_TOKENS)
    width = min(columns, max(1, round(side * min(1.0, aspect))))
    height = min(rows, max(1, round(side / max(1.0, aspect))))
    x0 = min(max(0, round(slot.x - width / 2)), columns - width)
    y0 = min(max(0, round(slot.ground - height)), rows - height)
    return x0, y0, x0 + width, y0 + height


def _standing_on(box: TokenBox, support: TokenBox) -> TokenBox:
    """The box moved so that it stands in the upper half of the one below it."""
    width, height = box[2] - box[0], box[3] - box[1]
    ground = support[1] + max(1, (support[3] - support[1]) * 2 // 5)
    y0 = max(0, ground - height)
    x0 = max(0, (support[0] + support[2] - width) // 2)
    return x0, y0, x0 + width, y0 + height


def _in_pixels(box: TokenBox, left: int, top: int) -> TokenBox:
    x0, y0, x1, y1 = (value * TOKEN_PX for value in box)
    return left + x0, top + y0, left + x1, top + y1
