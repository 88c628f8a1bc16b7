"""Where the groups of a picture go: many compositions are tried, and a good one is chosen.

A composition has rows of things that stand, each on a ground line, and above them, where there is
room, what belongs to the sky. Each one is made as large as the canvas allows, with equal gaps, and
judged as a designer would: size, balance of left and right in all and in each half, few ground
lines, and above all what the sentence says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import numpy as np

from engine.composition.groups import Group, Rect
from engine.composition.relations import Relation
from engine.composition.traits import Place

MARGIN = 0.075  # of the canvas's short side: the least air between an object and the canvas's edge
GAP = 0.055  # the same between two objects
_FEW = 6  # groups of which all compositions are looked at
_ORDERS = 12  # of the groups, at most
_ROOMY_GAP = 0.55  # of the mean width in a row: gaps grow up to here, margins beyond
_ROOMY_LINE = 0.3  # the same between rows, by their mean height
_LARGEST = 0.64  # side of an object, by the side of a square canvas of equal area
_TALLEST = 0.76  # of the canvas's height or width, of a group
_SKY_GAP = 0.14  # of the canvas's short side: the most between the sky's things and the ground's
_OPTICAL_MIDDLE = 0.52  # of the height: what stands looks centred a little lower
_AS_GOOD = 0.05  # score below the best of a composition that the seed may choose
_SKY_PLACES = (0.0, 0.25, 0.5, 0.75, 1.0)  # across the canvas
_SWAY = 0.06  # of the canvas's height, up and down in a row of what is in the sky
_MOST_SKY = 1.45  # scale of the sky's things by that of the others, where there is room
_STEPS = 9  # of halving, for the size of compositions with a sky

# Weights of what is judged. Sizes count by their logarithm.
_LINE_COST = 0.3  # of a second and third ground line
_SCENE_LINE_COST = 0.5  # the same below a sky, where one ground is expected
_MIXED_LINE_COST = 0.2  # of a further row where only one of both has things that stand
_FREE_LINE_COST = 0.12  # the same where none does
_ASIDE_COST = 1.2  # of the centre of visual mass, by the width
_HIGH_COST = 1.0  # the same by the height
_HALF_COST = 1.5  # of that of the upper and of the lower half
_TALL_BEHIND_COST = 0.6  # of taller things in the farther row, by the difference
_TALL_BEFORE_COST = 1.0  # the same in the nearer one
_SMALL = 0.22  # mean side by that of a square canvas of equal area; below it things are too small
_SMALL_COST = 1.5
_TOP_HEAVY_COST = 0.08  # of an upper row with more things
_BROKEN_COST = 10.0  # of a relation that does not hold
_LOOSE_COST = 1.5  # of one that holds, but not side by side


@dataclass(frozen=True, slots=True)
class Scene:
    """What is composed.

    Attributes:
        groups: As `groups_of` makes them.
        width, height: Of the canvas, in pixels.
        beside: (number, number, relation) of objects that stand to each other as `Relation.BESIDE`,
            `LEFT_OF` or `RIGHT_OF` says, and are in different groups.
    """

    groups: tuple[Group, ...]
    width: float
    height: float
    beside: tuple[tuple[int, int, Relation], ...]

    short: float = field(init=False)
    margin: float = field(init=False)
    gap: float = field(init=False)

    def __post_init__(self) -> None:
        short = min(self.width, self.height)
        object.__setattr__(self, "short", short)
        object.__setattr__(self, "margin", MARGIN * short)
        object.__setattr__(self, "gap", GAP * short)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A composition without numbers.

    Attributes:
        rows: Groups by index, top row first, each from left to right.
        sky: (index, place across the canvas from 0 to 1).
    """

    rows: tuple[tuple[int, ...], ...]
    sky: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Composed:
    """Corners and scale of each group, by index; `scale` is that of what is no sky over others."""

    scale: float
    corners: dict[int, tuple[float, float]]
    scales: dict[int, float]


def compose(scene: Scene, random: np.random.Generator) -> dict[int, Rect]:
    """Object number -> corners in pixels, inside the canvas.

    Args:
        random: Chooses among compositions that are about as good.
    """
    if random.integers(2):
        groups = tuple(group.mirrored() for group in scene.groups)
        scene = Scene(groups, scene.width, scene.height, scene.beside)
    promising = [(_highest_score(scene, plan), plan) for plan in _plans(scene, random)]
    promising.sort(key=lambda item: -item[0])
    judged: list[tuple[float, _Composed]] = []
    best = -math.inf
    for highest, plan in promising:
        if highest < best - _AS_GOOD:
            break
        composed = _composed(scene, plan)
        if composed is not None:
            judged.append((_score(scene, plan, composed), composed))
            best = max(best, judged[-1][0])
    good = [composed for score, composed in judged if score >= best - _AS_GOOD]
    return _rects(scene, good[int(random.integers(len(good)))])


def _highest_score(scene: Scene, plan: _Plan) -> float:
    """That a composition may reach; cheap to find."""
    side = math.sqrt(scene.width * scene.height)
    highest = math.log(_largest_scale(scene, plan) / side) - _line_costs(scene, plan)
    return round(highest, 6)


def _plans(scene: Scene, random: np.random.Generator) -> Iterator[_Plan]:
    """Compositions to try; the plain rows are always among them."""
    sky = [i for i in range(len(scene.groups)) if scene.groups[i].place is Place.SKY]
    others = [i for i in range(len(scene.groups)) if i not in sky]
    both = bool(sky and others)
    aboves = _orders(scene, sky, random, most=2)
    for order in _orders(scene, others or sky, random):
        for counts in _row_counts(scene, len(order)):
            rows = tuple(_cut(order, counts))
            if not both:
                yield _Plan(rows)
                continue
            for above in aboves:
                for places in _sky_places(len(sky)):
                    yield _Plan(rows, tuple(zip(above, places, strict=True)))
                for upper in _row_counts(scene, len(above), most=2):
                    yield _Plan((*_cut(above, upper), *rows))
    if both:
        yield from _mixed_rows(scene, sky, others, random)


def _mixed_rows(
    scene: Scene, sky: Sequence[int], others: Sequence[int], random: np.random.Generator
) -> Iterator[_Plan]:
    """Rows of about equal length, with the sky's groups at the ends of the upper one."""
    orders = _orders(scene, others, random)
    aboves = _orders(scene, sky, random, most=2)
    for counts in _row_counts(scene, len(sky) + len(others)):
        if counts[0] <= len(sky):
            continue
        for order in orders:
            upper, *rows = _cut(order, (counts[0] - len(sky), *counts[1:]))
            for above in aboves:
                for left in {len(sky) // 2, len(sky) - len(sky) // 2}:
                    yield _Plan(((*above[:left], *upper, *above[left:]), *rows))


def _orders(
    scene: Scene, groups: Sequence[int], random: np.random.Generator, most: int = _ORDERS
) -> list[tuple[int, ...]]:
    """Orders from left to right, those first that put side by side what is to be."""
    if len(scene.groups) > _FEW:
        shuffled = (random.permutation(len(groups)) for _ in range(3))
        orders = [tuple(groups), *(tuple(groups[i] for i in mixed) for mixed in shuffled)]
        return [_mended(scene, order) for order in orders]
    orders = list(permutations(groups))
    kept = [order for order in orders if _keeps(scene, order)] or orders
    if len(kept) <= most:
        return kept
    chosen = sorted(random.choice(len(kept), most, replace=False))
    return [kept[int(i)] for i in chosen]


def _keeps(scene: Scene, order: Sequence[int]) -> bool:
    """Whether an order has neighbours beside each other, on the right side."""
    place = {n: p for p, index in enumerate(order) for n in scene.groups[index].rects}
    for own, other, relation in scene.beside:
        if own in place and other in place:
            step = place[own] - place[other]
            wanted = {Relation.LEFT_OF: (-1,), Relation.RIGHT_OF: (1,)}.get(relation, (-1, 1))
            if step not in wanted:
                return False
    return True


def _mended(scene: Scene, order: Sequence[int]) -> tuple[int, ...]:
    """The order with each group moved beside the one that it is to be beside."""
    owner = {n: index for index in order for n in scene.groups[index].rects}
    mended = list(order)
    for own, other, relation in scene.beside:
        if own in owner and other in owner:
            mended.remove(owner[own])
            place = mended.index(owner[other])
            mended.insert(place if relation is Relation.LEFT_OF else place + 1, owner[own])
    return tuple(mended)


def _row_counts(scene: Scene, count: int, most: int = 4) -> list[tuple[int, ...]]:
    """How many groups each row may have; the rows differ by one at most, or two of few."""
    if len(scene.groups) > _FEW:
        return [
            tuple(count // rows + (row >= rows - count % rows) for row in range(rows))
            for rows in _likely_rows(scene, count)
        ]
    found: list[tuple[int, ...]] = []

    def add(begun: tuple[int, ...], left: int) -> None:
        if not left:
            found.append(begun)
        elif len(begun) < most:
            for row in range(1, left + 1):
                add((*begun, row), left - row)

    add((), count)
    return [rows for rows in found if max(rows) - min(rows) <= 1]


def _likely_rows(scene: Scene, count: int) -> list[int]:
    """Numbers of rows of many things: near to those that leave the largest cells."""
    cells = {
        rows: min(scene.width / math.ceil(count / rows), scene.height / rows)
        for rows in range(1, count + 1)
    }
    return sorted(cells, key=lambda rows: -cells[rows])[:3]


def _cut(order: Sequence[int], counts: Sequence[int]) -> list[tuple[int, ...]]:
    rows, start = [], 0
    for count in counts:
        rows.append(tuple(order[start : start + count]))
        start += count
    return rows


def _sky_places(count: int) -> list[tuple[float, ...]]:
    if count == 1:
        return [(place,) for place in _SKY_PLACES]
    if count == 2:
        return [(a, b) for a, b in combinations(_SKY_PLACES, 2) if b - a >= 0.5]
    return [tuple(index / (count - 1) for index in range(count))]


def _composed(scene: Scene, plan: _Plan) -> _Composed | None:
    """The composition as large as it can be; None = it finds no room."""
    largest = _largest_scale(scene, plan)
    if not plan.sky:
        corners = _lines(scene, plan, largest, centred=True)
        return _Composed(largest, corners, dict.fromkeys(corners, largest))
    scale = _most(0.0, largest, lambda scale: _has_room(scene, plan, scale, scale))
    if not scale:
        return None
    # A sun among four houses is as small as they are; there it may be larger than it is to one.
    side = max(scene.groups[i].largest_side for row in plan.rows for i in row)
    own = max(scene.groups[i].largest_side for i, _ in plan.sky)
    far = all(scene.groups[i].far for i, _ in plan.sky)
    most = min(_MOST_SKY if far else 1.0, max(1.0, side / own)) * scale
    above = _most(scale, most, lambda above: _has_room(scene, plan, scale, above))
    return _Composed(
        scale,
        _drawn_together(scene, plan, scale, above),
        {i: scale for row in plan.rows for i in row} | {i: above for i, _ in plan.sky},
    )


def _most(low: float, high: float, fits: Callable[[float], bool]) -> float:
    """About the largest value that fits; `low` if none was found."""
    if fits(high):
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low


def _largest_scale(scene: Scene, plan: _Plan) -> float:
    """Pixels per side of the largest size of thing, by what the rows have room for."""
    groups = scene.groups
    used = [groups[i] for i in (*(i for row in plan.rows for i in row), *(i for i, _ in plan.sky))]
    limits = [
        _LARGEST * math.sqrt(scene.width * scene.height) / max(g.largest_side for g in used),
        _TALLEST * scene.height / max(g.height for g in used),
        (1 - 2 * MARGIN) * scene.width / max(g.width for g in used),
    ]
    across, down = scene.width - 2 * scene.margin, scene.height - 2 * scene.margin
    for row in plan.rows:
        room = across - (len(row) - 1) * _gap(across, len(row), scene)
        limits.append(room / sum(groups[i].width for i in row))
    tall = sum(max(groups[i].height for i in row) for row in plan.rows)
    limits.append((down - (len(plan.rows) - 1) * _gap(down, len(plan.rows), scene)) / tall)
    return min(limits)


def _gap(room: float, count: int, scene: Scene) -> float:
    """Between so many things: less where there are so many that gaps would take half of it."""
    return min(scene.gap, room / (2 * count))


def _lines(
    scene: Scene, plan: _Plan, scale: float, *, centred: bool
) -> dict[int, tuple[float, float]]:
    """Corners of the groups in rows: at the bottom of the canvas, or in its middle."""
    groups = scene.groups
    heights = [scale * max(groups[i].height for i in row) for row in plan.rows]
    room = scene.height - 2 * scene.margin
    gap = _gap(room, len(heights), scene)
    if centred:
        gap = _roomy_gap(heights, scene.height, scene.margin, gap, _ROOMY_LINE)
    block = sum(heights) + gap * (len(heights) - 1)
    top = scene.height - scene.margin - block
    if centred:
        stands = any(groups[i].place is Place.GROUND for row in plan.rows for i in row)
        middle = _OPTICAL_MIDDLE if stands else 0.5
        top = min(max(scene.margin, middle * scene.height - block / 2), top)
    corners = {}
    for row, height in zip(plan.rows, heights, strict=True):
        stands = any(groups[i].place is Place.GROUND for i in row)
        for index, x in zip(row, _across(scene, row, scale), strict=True):
            free = height - scale * groups[index].height
            hangs = stands and groups[index].place is Place.SKY
            corners[index] = (x, top + (0 if hangs else free if stands else free / 2))
        if len(plan.rows) == 1 < len(row) and all(groups[i].place is Place.SKY for i in row):
            sway = min(_SWAY * scene.height, (scene.height - height) / 2 - scene.margin)
            for turn, index in enumerate(row):
                x, y = corners[index]
                corners[index] = (x, y + (sway if turn % 2 == 0 else -sway))
        top += height + gap
    return corners


def _roomy_gap(
    sides: Sequence[float], room: float, margin: float, least: float, roomy: float
) -> float:
    """Between things in a row or column: as wide as what is left outside, where there is much room,
    and no wider than that share of the mean side; the margin stays."""
    spare = room - sum(sides)
    even = min(spare / (len(sides) + 1), (spare - 2 * margin) / max(1, len(sides) - 1))
    return max(least, min(even, roomy * sum(sides) / len(sides)))


def _across(scene: Scene, row: Sequence[int], scale: float) -> list[float]:
    """Left edges in a row: equal gaps, as wide as the margins unless the row would fall apart."""
    widths = [scale * scene.groups[i].width for i in row]
    least = _gap(scene.width - 2 * scene.margin, len(row), scene)
    gap = _roomy_gap(widths, scene.width, scene.margin, least, _ROOMY_GAP)
    x = (scene.width - sum(widths) - gap * (len(row) - 1)) / 2
    lefts = []
    for width in widths:
        lefts.append(x)
        x += width + gap
    return lefts


def _sky_corners(scene: Scene, plan: _Plan, scale: float) -> dict[int, tuple[float, float]]:
    """Corners of the sky's groups: centred on one line, at the top of the canvas."""
    tallest = max(scene.groups[i].height for i, _ in plan.sky)
    corners = {}
    for index, place in plan.sky:
        group = scene.groups[index]
        room = scene.width - 2 * scene.margin - scale * group.width
        down = scale * (tallest - group.height) / 2
        corners[index] = (scene.margin + place * room, scene.margin + down)
    return corners


def _has_room(scene: Scene, plan: _Plan, scale: float, above: float) -> bool:
    """Whether the sky's things keep away from each other and from all below."""
    sky = _sky_corners(scene, plan, above)
    below = _lines(scene, plan, scale, centred=False)
    boxes = {i: _box(scene, i, corner, scale) for i, corner in below.items()}
    boxes |= {i: _box(scene, i, corner, above) for i, corner in sky.items()}
    for index in sky:
        if boxes[index][2] > scene.width or boxes[index][0] < 0:
            return False
        for other, box in boxes.items():
            if other != index and _nearer(boxes[index], box, scene.gap):
                return False
            # What is beside the upper part of another thing is in the sky as well; what is as low
            # as its middle is not.
            if other in below and boxes[index][3] > (box[1] + box[3]) / 2:
                return False
    return True


def _drawn_together(
    scene: Scene, plan: _Plan, scale: float, above: float
) -> dict[int, tuple[float, float]]:
    """Sky and ground, with what is empty between them in part outside of them."""
    sky = _sky_corners(scene, plan, above)
    below = _lines(scene, plan, scale, centred=False)
    low = max(y + above * scene.groups[i].height for i, (_, y) in sky.items())
    high = min(y for _, y in below.values())
    surplus = max(0.0, high - low - _SKY_GAP * scene.short) / 2
    return {i: (x, y + surplus) for i, (x, y) in sky.items()} | {
        i: (x, y - surplus) for i, (x, y) in below.items()
    }


def _box(scene: Scene, index: int, corner: tuple[float, float], scale: float) -> Rect:
    group = scene.groups[index]
    x, y = corner
    return x, y, x + scale * group.width, y + scale * group.height


def _nearer(a: Rect, b: Rect, gap: float) -> bool:
    across = a[2] + gap > b[0] and b[2] + gap > a[0]
    return across and a[3] + gap > b[1] and b[3] + gap > a[1]


def _rects(scene: Scene, composed: _Composed) -> dict[int, Rect]:
    rects = {}
    for index, (x, y) in composed.corners.items():
        for number, (x0, y0, x1, y1) in scene.groups[index].rects.items():
            scale = composed.scales[index]
            rects[number] = (x + x0 * scale, y + y0 * scale, x + x1 * scale, y + y1 * scale)
    return rects


def _score(scene: Scene, plan: _Plan, composed: _Composed) -> float:
    rects = _rects(scene, composed)
    side = math.sqrt(scene.width * scene.height)
    size = math.log(composed.scale / side)
    mean = math.exp(sum(math.log((r[2] - r[0]) * (r[3] - r[1])) for r in rects.values())
                    / 2 / len(rects))  # fmt: skip
    size -= _SMALL_COST * max(0.0, math.log(_SMALL * side / mean))
    costs = _imbalance(scene, rects) + _line_costs(scene, plan) + _broken(scene, rects)
    return round(size - costs, 6)


def _imbalance(scene: Scene, rects: dict[int, Rect]) -> float:
    """How far the centres of visual mass are from where they should be."""
    areas = {n: (x1 - x0) * (y1 - y0) for n, (x0, y0, x1, y1) in rects.items()}
    total = sum(areas.values())
    aside = high = 0.0
    halves = {False: 0.0, True: 0.0}
    for number, (x0, y0, x1, y1) in rects.items():
        across = ((x0 + x1) / 2 / scene.width - 0.5) * areas[number] / total
        aside += across
        high += ((y0 + y1) / 2 / scene.height - _OPTICAL_MIDDLE) * areas[number] / total
        halves[y0 + y1 < scene.height] += across
    uneven = abs(halves[False]) + abs(halves[True])
    return _ASIDE_COST * abs(aside) + _HIGH_COST * abs(high) + _HALF_COST * uneven


def _line_costs(scene: Scene, plan: _Plan) -> float:
    cost = 0.0
    stands = [any(scene.groups[i].place is Place.GROUND for i in row) for row in plan.rows]
    scenic = any(group.place is Place.SKY for group in scene.groups)
    line = _SCENE_LINE_COST if scenic else _LINE_COST
    for row in range(1, len(plan.rows)):
        cost += (_FREE_LINE_COST, _MIXED_LINE_COST, line)[stands[row - 1] + stands[row]]
        if len(plan.rows[row - 1]) > len(plan.rows[row]):
            cost += _TOP_HEAVY_COST
        farther, nearer = (
            sum(scene.groups[i].height for i in plan.rows[r]) / len(plan.rows[r])
            for r in (row - 1, row)
        )
        if stands[row - 1] and stands[row]:
            taller = nearer - farther
            cost += max(_TALL_BEFORE_COST * taller, -_TALL_BEHIND_COST * taller)
    return cost


def _broken(scene: Scene, rects: dict[int, Rect]) -> float:
    """What relations cost that do not hold, or only loosely."""
    cost = 0.0
    for own_number, other_number, relation in scene.beside:
        own, other = rects[own_number], rects[other_number]
        sides = {Relation.LEFT_OF: (True, False), Relation.RIGHT_OF: (False, True)}
        left, right = sides.get(relation, (True, True))
        if not ((left and own[2] <= other[0]) or (right and other[2] <= own[0])):
            cost += _BROKEN_COST if relation in sides else _LOOSE_COST
        shared = min(own[3], other[3]) - max(own[1], other[1])
        if shared < 0.5 * min(own[3] - own[1], other[3] - other[1]):
            cost += _LOOSE_COST
    return cost
