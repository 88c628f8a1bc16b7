"""Things that a sentence ties together, as one group of a composition: a cat on a sofa.

Inside a group everything has its place: what stands on something overlaps its upper part, what is
in front of or behind something overlaps its side, what is above stays apart. The composition moves
and scales groups only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.composition.relations import TYING, Relation
from engine.composition.traits import USUAL, Place, Size, Traits

ASPECT_RANGE = (0.63, 1.58)  # of boxes: what is drawn alone in a square fits into these
# Side of the smallest size of thing, by that of the largest: small things are drawn worse, and a
# picture with a speck in it is no good composition.
SMALLEST = 0.56
_SIZES = tuple(Size)
# Side of a grown person's head and upper half, by the largest thing beside them: smaller
# before a house, where they would look like giants, than its own side says, but still to be
# recognised.
_HEAD_SIDES = {
    Size.TINY: 0.84, Size.SMALL: 0.8, Size.MEDIUM: 0.7, Size.LARGE: 0.52, Size.HUGE: 0.46,
}  # fmt: skip
_BUST_SIDES = {
    Size.TINY: 0.86, Size.SMALL: 0.86, Size.MEDIUM: 0.8, Size.LARGE: 0.7, Size.HUGE: 0.62,
}  # fmt: skip
_STACKED_GAP = 0.08  # by the side of what is below, between it and what is above it
_ON_TOP = 0.22  # of a support's height that hides behind what stands on it
_IN_SEAT = 0.45  # the same of a seat
_FRONT_STEP = 0.1  # of its own height that what is in front stands lower
_SIDE_OVERLAP = 0.4  # of the smaller width that things in front or behind share
_SHELTERED = 0.44  # of a shelter's height that fits below it
_WIDER = 1.15  # width of a support by that of what is on it, where it can be
_LEAST_SHRUNK = 0.6  # of what does not fit on or under them
_ASIDE = 0.27  # of a shelter's width from its middle to a single guest
_CROWN = 0.45  # of a tree's height that fits into its crown
_CROWN_MIDDLE = 0.36  # from its top
_SUNK = 0.4  # of the height of what is in a vessel
_HAND = 0.78  # of the height of who holds something, from the top
_HELD = 0.7  # side of what is held by that of who holds it, at most
_HELD_INSIDE = 0.3  # of its width that lies over who holds it
_MOST_IN_ROW = 3  # above or below one thing
_MOST_GROWTH = 1.4  # of a support or shelter that would be too small
Rect = tuple[float, float, float, float]  # x0, y0, x1, y1; y grows downward


@dataclass(frozen=True, slots=True)
class Placement:
    """An object to place.

    Attributes:
        aspect: Width over height of its drawing.
        relation: How it stands to placement number `target`; None = anywhere.
        traits: How large it is beside others, and where it belongs.
    """

    aspect: float = 1.0
    relation: Relation | None = None
    target: int | None = None
    traits: Traits = USUAL


@dataclass(frozen=True, slots=True)
class Group:
    """Objects with fixed places to each other.

    Attributes:
        rects: By number of the object, in sides of the largest size of thing; the group's own
            corner is (0, 0).
        width, height: Around all rects.
        largest_side: The longest of any of its objects.
        place: Where the group belongs.
        far: Whether it is a single thing that is far away.
    """

    rects: dict[int, Rect]
    place: Place
    far: bool = False
    width: float = field(init=False)
    height: float = field(init=False)
    largest_side: float = field(init=False)

    def __post_init__(self) -> None:
        x0, y0 = (min(rect[axis] for rect in self.rects.values()) for axis in (0, 1))
        x1, y1 = (max(rect[axis] for rect in self.rects.values()) for axis in (2, 3))
        moved = {number: _moved(rect, -x0, -y0) for number, rect in self.rects.items()}
        object.__setattr__(self, "rects", moved)
        object.__setattr__(self, "width", x1 - x0)
        object.__setattr__(self, "height", y1 - y0)
        sides = [max(x1 - x0, y1 - y0) for x0, y0, x1, y1 in moved.values()]
        object.__setattr__(self, "largest_side", max(sides))

    def mirrored(self) -> Group:
        """The same with left and right exchanged."""
        return Group(
            {n: (self.width - x1, y0, self.width - x0, y1)
             for n, (x0, y0, x1, y1) in self.rects.items()},
            self.place,
            self.far,
        )  # fmt: skip


def relative_side(size: Size) -> float:
    """Of a square thing of this size; 1 for the largest."""
    steps = len(_SIZES) - 1
    return float(SMALLEST ** ((steps - _SIZES.index(size)) / steps))


def tied(placements: Sequence[Placement]) -> list[tuple[int, ...]]:
    """The targets of each object up to one that is tied to nothing, its own number first.

    A relation that would close a circle ties nothing.
    """
    targets: dict[int, int] = {}

    def ends_at(number: int) -> int:
        while number in targets:
            number = targets[number]
        return number

    for number, item in enumerate(placements):
        target = item.target
        if target is None or item.relation not in TYING or ends_at(target) == number:
            continue
        everywhere = item.relation is Relation.BELOW and placements[target].traits.far
        if not (everywhere and len(placements) > 2):  # all of a picture is under its moon
            targets[number] = target
    chains = []
    for number in range(len(placements)):
        chain = [number]
        while chain[-1] in targets:
            chain.append(targets[chain[-1]])
        chains.append(tuple(chain))
    return chains


def groups_of(placements: Sequence[Placement]) -> list[Group]:
    """All objects, those that are tied together in one group each, in order of what they are tied
    to."""
    chains = tied(placements)
    followers: dict[int, list[int]] = {}
    for number, chain in enumerate(chains):
        if len(chain) > 1:
            followers.setdefault(chain[1], []).append(number)

    def build(number: int) -> Group:
        item = placements[number]
        group = Group(
            {number: (0.0, 0.0, *_sides(number, placements))}, item.traits.place, item.traits.far
        )
        others: dict[Relation | None, list[Group]] = {}
        for follower in followers.get(number, ()):
            others.setdefault(placements[follower].relation, []).append(build(follower))
        if found := others.get(Relation.ON):
            group = _with_riders(group, number, found, item.traits.seat)
        if found := others.get(Relation.BELOW):
            put = _with_guests if item.traits.shelter else _over_others
            group = put(group, number, found)
        if found := others.get(Relation.IN):
            crown = item.traits.shelter
            put_in = _with_birds if crown else _with_contents
            group = put_in(group, number, found)
        if found := others.get(Relation.IN_FRONT_OF):
            group = _overlapping(group, number, found, down=_FRONT_STEP, side=-1)
        if found := others.get(Relation.BEHIND):
            group = _overlapping(group, number, found, down=-_FRONT_STEP, side=1)
        if found := others.get(Relation.HELD_BY):
            kept = (f for f in followers[number] if placements[f].relation is Relation.HELD_BY)
            rising = [_rises(placements[follower].traits) for follower in kept]
            group = _with_held(group, number, list(zip(found, rising, strict=True)))
        if found := others.get(Relation.ABOVE):
            group = _under_others(group, number, found)
        return group

    return [build(number) for number, chain in enumerate(chains) if len(chain) == 1]


def _side(number: int, placements: Sequence[Placement]) -> float:
    """Of a square thing of the size; what is drawn of people is less than all of them."""
    own = placements[number].traits
    side = relative_side(own.size)
    if not (own.head or own.bust):
        return side
    whole = [
        item.traits.size
        for item in placements
        if not (item.traits.head or item.traits.far or (own.bust and item.traits.bust))
    ]
    if not whole:
        return side
    largest = max(whole, key=_SIZES.index)
    sides = _HEAD_SIDES if own.head else _BUST_SIDES
    return sides[largest] * side / relative_side(Size.LARGE)


def _sides(number: int, placements: Sequence[Placement]) -> tuple[float, float]:
    """Width and height: the area, not the longer side, is what looks large."""
    aspect = min(max(placements[number].aspect, ASPECT_RANGE[0]), ASPECT_RANGE[1])
    side = _side(number, placements)
    return side * math.sqrt(aspect), side / math.sqrt(aspect)


def _with_riders(group: Group, number: int, riders: list[Group], seat: bool) -> Group:
    """Riders side by side on the upper edge of their support, or in the seat that it is."""
    row = _in_rows(riders, 0.04, len(riders))
    group = _scaled(group, min(max(1.0, _WIDER * row.width / group.width), _MOST_GROWTH))
    row = _scaled(row, min(1.0, max(_LEAST_SHRUNK, group.width / row.width)))
    x0, y0, x1, y1 = group.rects[number]
    ground = y0 + (_IN_SEAT if seat else _ON_TOP) * (y1 - y0)
    return _joined(group, row, (x0 + x1 - row.width) / 2, ground - row.height, group)


def _with_guests(group: Group, number: int, guests: list[Group]) -> Group:
    """Guests at the foot of their shelter."""
    row = _in_rows(guests, 0.08, len(guests))
    x0, y0, x1, y1 = group.rects[number]
    grown = row.height / (_SHELTERED * (y1 - y0))
    group = _scaled(group, min(max(1.0, grown), _MOST_GROWTH))
    x0, y0, x1, y1 = group.rects[number]
    fits = _SHELTERED * (y1 - y0) / row.height
    row = _scaled(row, min(1.0, max(_LEAST_SHRUNK, fits)))
    # One beside the trunk, several around it.
    aside = _ASIDE * (x1 - x0) if len(guests) == 1 else 0.0
    ground = y1 + 0.04 * (y1 - y0)
    return _joined(group, row, (x0 + x1 - row.width) / 2 - aside, ground - row.height, group)


def _with_birds(group: Group, number: int, birds: list[Group]) -> Group:
    """In the crown of a tree, before it."""
    row = _in_rows(birds, 0.06, _MOST_IN_ROW)
    x0, y0, x1, y1 = group.rects[number]
    fits = min(_CROWN * (y1 - y0) / row.height, 0.9 * (x1 - x0) / row.width)
    row = _scaled(row, min(1.0, max(_LEAST_SHRUNK, fits)))
    middle = y0 + _CROWN_MIDDLE * (y1 - y0)
    return _joined(group, row, (x0 + x1 - row.width) / 2, middle - row.height / 2, group)


def _with_contents(group: Group, number: int, contents: list[Group]) -> Group:
    """Side by side in a vessel, whose front hides their lower parts."""
    row = _in_rows(contents, 0.04, len(contents))
    group = _scaled(group, min(max(1.0, _WIDER * row.width / group.width), _MOST_GROWTH))
    x0, y0, x1, y1 = group.rects[number]
    row = _scaled(row, min(1.0, max(_LEAST_SHRUNK, (x1 - x0) / _WIDER / row.width)))
    sunk = min(_SUNK * row.height, 0.6 * (y1 - y0))
    return _joined(group, row, (x0 + x1 - row.width) / 2, y0 + sunk - row.height, group)


def _over_others(group: Group, number: int, lower: list[Group]) -> Group:
    """The others in rows below the middle of what they are under."""
    rows = _in_rows(lower, 0.08, _MOST_IN_ROW)
    x0, y0, x1, y1 = group.rects[number]
    gap = _STACKED_GAP * (y1 - y0)
    return _joined(group, rows, (x0 + x1 - rows.width) / 2, group.height + gap, rows)


def _under_others(group: Group, number: int, upper: list[Group]) -> Group:
    """The others in rows above the middle of what they are over."""
    rows = _in_rows(upper, 0.08, _MOST_IN_ROW)
    x0, y0, x1, y1 = group.rects[number]
    gap = _STACKED_GAP * (y1 - y0)
    return _joined(group, rows, (x0 + x1 - rows.width) / 2, -gap - rows.height, group)


def _overlapping(
    group: Group, number: int, others: list[Group], *, down: float, side: int
) -> Group:
    """One after the other at the sides of an object, which they overlap in part.

    Args:
        down: How much lower they stand, by the height of the lower of both.
        side: Of the first; -1 = left. The next ones change sides.
    """
    for count, other in enumerate(others):
        own = group.rects[number]
        width, height = own[2] - own[0], own[3] - own[1]
        shared = _SIDE_OVERLAP * min(width, other.width)
        ground = own[3] + down * min(height, other.height)
        left = side < 0 if count % 2 == 0 else side > 0
        edge = own[0] + shared if left else own[2] - shared
        if count > 1:  # beside those that are there
            edge = 0.0 if left else group.width
        x = edge - other.width if left else edge
        group = _joined(group, other, x, ground - other.height, group)
    return group


def _with_held(group: Group, number: int, held: list[tuple[Group, bool]]) -> Group:
    """One after the other at the sides of who holds them, before the lower part of the body.

    Args:
        held: And whether it is above the hand.
    """
    for count, (each, rises) in enumerate(held):
        x0, y0, x1, y1 = group.rects[number]
        other = _scaled(each, min(1.0, _HELD * max(x1 - x0, y1 - y0) / each.largest_side))
        inside = _HELD_INSIDE * min(other.width, x1 - x0)
        x = x1 - inside if count % 2 == 0 else x0 + inside - other.width
        hand = y0 + _HAND * (y1 - y0)
        y = hand - (1 if rises else 0.5) * other.height
        group = _joined(group, other, x, y, group)
    return group


def _rises(traits: Traits) -> bool:
    """Whether it is over the hand that holds it: a balloon, an umbrella."""
    return traits.place is Place.SKY or traits.shelter


def _in_rows(groups: Sequence[Group], gap: float, most: int) -> Group:
    """Side by side on ground lines, `most` on each, with equal gaps."""
    y, rects = 0.0, {}
    starts = range(0, len(groups), most)
    rows = [groups[start : start + most] for start in starts]
    widths = [sum(group.width for group in row) + gap * (len(row) - 1) for row in rows]
    for row, width in zip(rows, widths, strict=True):
        height = max(group.height for group in row)
        x = (max(widths) - width) / 2
        for group in row:
            for number, rect in group.rects.items():
                rects[number] = _moved(rect, x, y + height - group.height)
            x += group.width + gap
        y += height + gap
    return Group(rects, groups[0].place)


def _joined(group: Group, other: Group, x: float, y: float, like: Group) -> Group:
    """Both together in the place of one of them; the other one's corner is at (x, y) of the
    first."""
    moved = {number: _moved(rect, x, y) for number, rect in other.rects.items()}
    return Group(group.rects | moved, like.place)


def _scaled(group: Group, factor: float) -> Group:
    rects = {
        number: (x0 * factor, y0 * factor, x1 * factor, y1 * factor)
        for number, (x0, y0, x1, y1) in group.rects.items()
    }
    return Group(rects, group.place, group.far)


def _moved(rect: Rect, x: float, y: float) -> Rect:
    return rect[0] + x, rect[1] + y, rect[2] + x, rect[3] + y
