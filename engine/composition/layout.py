"""Automatic layout: where the objects of a sentence go when the user drew no boxes.

What the sentence ties together is a group (`groups.py`); the groups are composed on the canvas
(`composing.py`). The seed chooses among compositions that are about as good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.composition.composing import Scene, compose
from engine.composition.groups import Group, Placement, Rect, groups_of
from engine.composition.relations import Relation
from engine.composition.traits import Place

PixelBox = tuple[int, int, int, int]  # x0, y0, x1, y1
_BESIDE = (Relation.BESIDE, Relation.BETWEEN, Relation.LEFT_OF, Relation.RIGHT_OF)


def automatic_layout(
    placements: Sequence[Placement], width: int, height: int, seed: int
) -> tuple[PixelBox, ...]:
    """Boxes for the objects, bottom to top.

    Args:
        placements: One per object.
        width, height: Canvas in pixels, 1 at least.
        seed: Of the document; equal arguments give equal boxes.

    Returns:
        (x0, y0, x1, y1) per object in whole pixels, inside the canvas, with `composing.MARGIN` to
        its edge. They only overlap where one is on, in, before, behind or at the foot of another.
    """
    if not placements:
        return ()
    groups = groups_of(placements)
    group_of = {number: index for index, group in enumerate(groups) for number in group.rects}
    beside = tuple(
        (number, item.target, item.relation)
        for number, item in enumerate(placements)
        if item.relation in _BESIDE
        and item.target in group_of
        and group_of[item.target] != group_of[number]
    )
    for own, other, relation in beside:
        # "a bird next to a tree": both on the ground
        if relation in (Relation.BESIDE, Relation.BETWEEN):
            groups[group_of[own]] = _in_place_of(groups[group_of[own]], groups[group_of[other]])
    random = np.random.default_rng([seed, len(placements)])
    rects = compose(Scene(tuple(groups), width, height, beside), random)
    return tuple(_in_pixels(rects[number], width, height) for number in range(len(placements)))


def _in_place_of(group: Group, other: Group) -> Group:
    if group.place is Place.SKY or other.place is Place.SKY:
        return replace(group, place=other.place)
    return group


def _in_pixels(rect: Rect, width: int, height: int) -> PixelBox:
    x0 = min(max(0, round(rect[0])), width - 1)
    y0 = min(max(0, round(rect[1])), height - 1)
    return x0, y0, min(max(x0 + 1, round(rect[2])), width), min(max(y0 + 1, round(rect[3])), height)
