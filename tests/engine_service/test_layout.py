"""The automatic layout: inside the canvas, apart, balanced, in size and place as things are."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.composition.composing import GAP, MARGIN
from engine.composition.groups import SMALLEST, Placement
from engine.composition.layout import PixelBox, automatic_layout
from engine.composition.relations import Relation
from engine.composition.traits import Place, Size, Traits
from engine.pipelines.automatic_boxes import AutomaticBoxes
from engine.requests import LayoutRequest

CANVASES = [(512, 512), (640, 360), (360, 640)]
SIDES = st.integers(1, 640)
STATURES = st.builds(
    Traits,
    st.sampled_from(Size),
    st.sampled_from(Place),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
ASPECTS = st.floats(0.2, 5)
TREE = Traits(Size.HUGE, shelter=True)
HOUSE = Traits(Size.HUGE)
DOG = Traits(Size.MEDIUM)
SUN = Traits(Size.MEDIUM, Place.SKY, far=True)
BIRD = Traits(Size.SMALL, Place.SKY)
PERSON = Traits(Size.LARGE)
HEAD, BUST = Traits(Size.LARGE, head=True), Traits(Size.LARGE, bust=True)


def placement(traits: Traits, relation: Relation | None = None, target: int = 0) -> Placement:
    return Placement(1.0, relation, target if relation else None, traits)


def area(box: PixelBox) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def overlap(a: PixelBox, b: PixelBox) -> float:
    """Common area over the smaller of the two."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0, width) * max(0, height) / min(area(a), area(b))


def distance(a: PixelBox, b: PixelBox) -> int:
    """Of their edges, in the direction in which they are further apart; negative = they overlap."""
    across = max(a[0], b[0]) - min(a[2], b[2])
    return max(across, max(a[1], b[1]) - min(a[3], b[3]))


def centre(box: PixelBox) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


@st.composite
def related(draw: st.DrawFn) -> list[Placement]:
    """Objects with any relations, circles of them included."""
    count = draw(st.integers(0, 8))
    numbers = st.integers(0, max(0, count - 1))
    relations = st.none() | st.sampled_from(Relation)
    return [
        Placement(draw(ASPECTS), relation, draw(numbers) if relation else None, draw(STATURES))
        for relation in draw(st.lists(relations, min_size=count, max_size=count))
    ]


@settings(max_examples=100, deadline=None)
@given(related(), SIDES, SIDES, st.integers(0, 2**63 - 1))
def test_boxes_are_inside_and_the_same_again(
    placements: list[Placement], width: int, height: int, seed: int
) -> None:
    boxes = automatic_layout(placements, width, height, seed)
    assert len(boxes) == len(placements)
    for box in boxes:
        assert 0 <= box[0] < box[2] <= width
        assert 0 <= box[1] < box[3] <= height
    assert boxes == automatic_layout(placements, width, height, seed)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.builds(Placement, ASPECTS, traits=STATURES), min_size=1, max_size=9),
    st.sampled_from(CANVASES),
    st.integers(0, 999),
)
def test_objects_keep_away_from_each_other_and_from_the_edge(
    placements: list[Placement], size: tuple[int, int], seed: int
) -> None:
    boxes = AutomaticBoxes(LayoutRequest("dogs", *size, seed))(placements)
    for index, box in enumerate(boxes):
        assert min(*box[:2], size[0] - box[2], size[1] - box[3]) >= MARGIN * min(size) - 1
        for other in boxes[index + 1 :]:
            assert distance(box, other) >= 0.8 * GAP * min(size) - 1
    assert sum(map(area, boxes)) > 0.08 * size[0] * size[1]


@pytest.mark.parametrize("size", [(2000, 16), (16, 2000), (4096, 4096)])
def test_fifty_objects_have_room_on_any_canvas(size: tuple[int, int]) -> None:
    boxes = automatic_layout([placement(DOG)] * 50, *size, 3)
    assert len(set(boxes)) == 50
    for index, box in enumerate(boxes):
        assert not any(overlap(box, other) for other in boxes[index + 1 :])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.builds(Placement, st.floats(0.63, 1.58), traits=STATURES), min_size=1, max_size=6),
    st.sampled_from(CANVASES),
    st.integers(0, 999),
)
def test_the_picture_is_balanced(
    placements: list[Placement], size: tuple[int, int], seed: int
) -> None:
    boxes = automatic_layout(placements, *size, seed)
    total = sum(map(area, boxes))
    aside, high = (
        sum(area(box) * centre(box)[axis] for box in boxes) / total / size[axis] - 0.5
        for axis in (0, 1)
    )
    assert abs(aside) < 0.12
    assert abs(high) < 0.2


@pytest.mark.parametrize("seed", range(6))
def test_three_objects_leave_no_corner_emptier_than_its_neighbour(seed: int) -> None:
    boxes = automatic_layout([placement(DOG)] * 3, 512, 512, seed)
    for upper in (True, False):
        row = [box for box in boxes if (centre(box)[1] < 256) == upper]
        left = min((box[0] for box in row), default=0)
        right = max((box[2] for box in row), default=512)
        assert abs(left - (512 - right)) <= 2


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("seed", range(4))
def test_an_elephant_is_larger_than_a_mouse_but_not_much(size: tuple[int, int], seed: int) -> None:
    sizes = [Size.HUGE, Size.TINY, Size.MEDIUM, Size.LARGE, Size.SMALL]
    boxes = automatic_layout([placement(Traits(one)) for one in sizes], *size, seed)
    found = sorted(zip(boxes, sizes, strict=True), key=lambda item: area(item[0]))
    assert [one for _, one in found] == list(Size)
    smallest, largest = (math.sqrt(area(found[index][0])) for index in (0, -1))
    assert smallest / largest == pytest.approx(SMALLEST, abs=0.02)


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("seed", range(4))
def test_what_stands_has_one_ground(count: int, seed: int) -> None:
    items = [placement(one) for one in (HOUSE, DOG, TREE, DOG)[:count]]
    assert len({box[3] for box in automatic_layout(items, 640, 360, seed)}) == 1


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("above", [SUN, BIRD])
@pytest.mark.parametrize("below", [(HOUSE,), (HOUSE, TREE), (HOUSE, TREE, DOG, DOG)])
def test_what_flies_is_at_the_top(
    size: tuple[int, int], above: Traits, below: tuple[Traits, ...]
) -> None:
    for seed in range(4):
        items = [placement(above), *map(placement, below)]
        flying, *standing = automatic_layout(items, *size, seed)
        assert all(flying[1] <= box[1] + 1 for box in standing)
        assert all(centre(flying)[1] < centre(box)[1] for box in standing)


def test_a_bird_next_to_a_house_is_on_its_ground() -> None:
    items = [placement(BIRD, Relation.BESIDE, 1), placement(HOUSE)]
    for seed in range(6):
        bird, house = automatic_layout(items, 512, 512, seed)
        assert bird[3] == house[3]


@pytest.mark.parametrize(
    ("relation", "axis", "sign"),
    [
        (Relation.LEFT_OF, 0, -1),
        (Relation.RIGHT_OF, 0, 1),
        (Relation.ABOVE, 1, -1),
        (Relation.BELOW, 1, 1),
        (Relation.ON, 1, -1),
    ],
)
@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("own", [DOG, SUN, HOUSE])
def test_two_objects_stand_as_the_sentence_says(
    relation: Relation, axis: int, sign: int, size: tuple[int, int], own: Traits
) -> None:
    for seed in range(8):
        first, second = automatic_layout([placement(own, relation, 1), placement(DOG)], *size, seed)
        assert sign * (centre(first)[axis] - centre(second)[axis]) > 0
        if axis == 1:  # one over the other, and not merely higher
            assert abs(centre(first)[0] - centre(second)[0]) < 2
        if relation is not Relation.ON:
            assert overlap(first, second) == 0


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("relation", [Relation.LEFT_OF, Relation.RIGHT_OF, Relation.BESIDE])
@pytest.mark.parametrize("count", [3, 6, 9])
def test_sides_hold_among_others_as_well(
    size: tuple[int, int], relation: Relation, count: int
) -> None:
    items = [placement(DOG, relation, count - 1), *[placement(HOUSE)] * (count - 1)]
    for seed in range(6):
        boxes = automatic_layout(items, *size, seed)
        own, other = boxes[0], boxes[-1]
        assert relation is not Relation.LEFT_OF or own[2] <= other[0]
        assert relation is not Relation.RIGHT_OF or other[2] <= own[0]
        assert own[3] == other[3]


def test_what_is_between_two_things_is_in_their_middle() -> None:
    items = [
        placement(DOG, Relation.BETWEEN, 1),
        placement(TREE),
        placement(TREE, Relation.BESIDE, 0),
    ]
    for size in CANVASES:
        dog, tree, other = automatic_layout(items, *size, 5)
        left, right = sorted((tree, other))
        assert left[2] <= dog[0] < dog[2] <= right[0]


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize(
    ("relation", "seated", "least", "most"),
    [
        (Relation.ON, DOG, 0.1, 0.35),
        (Relation.ON, Traits(Size.LARGE, seat=True), 0.3, 0.6),
        (Relation.IN_FRONT_OF, HOUSE, 0.2, 0.45),
        (Relation.BEHIND, HOUSE, 0.2, 0.45),
        (Relation.BELOW, TREE, 0.75, 0.95),  # at its foot
        (Relation.BELOW, HOUSE, 0.0, 0.0),
        (Relation.IN, TREE, 0.9, 1.0),  # in its crown
        (Relation.IN, Traits(Size.LARGE, vessel=True), 0.3, 0.5),
    ],
)
def test_boxes_overlap_as_much_as_the_sentence_asks_for(
    size: tuple[int, int], relation: Relation, seated: Traits, least: float, most: float
) -> None:
    items = [placement(DOG, relation, 1), placement(seated), placement(BIRD)]
    for seed in range(6):
        own, other, bird = automatic_layout(items, *size, seed)
        assert least <= overlap(own, other) <= most
        assert area(own) < 0.8 * area(other) or relation in (Relation.ON, Relation.IN)
        assert overlap(bird, own) == overlap(bird, other) == 0


def test_what_is_in_front_stands_lower_and_what_is_behind_higher() -> None:
    for relation, sign in ((Relation.IN_FRONT_OF, 1), (Relation.BEHIND, -1)):
        own, other = automatic_layout([placement(DOG, relation, 1), placement(HOUSE)], 512, 512, 1)
        assert sign * (own[3] - other[3]) > 0


def test_a_whole_picture_is_under_its_moon() -> None:
    items = [
        placement(DOG, Relation.BETWEEN, 1),
        placement(TREE, Relation.BELOW, 3),
        placement(TREE, Relation.BESIDE, 0),
        placement(SUN),
    ]
    for seed in range(4):
        dog, tree, other, moon = automatic_layout(items, 640, 360, seed)
        left, right = sorted((tree, other))
        assert left[2] <= dog[0] < dog[2] <= right[0]
        assert moon[1] < min(tree[1], dog[1])


def test_several_sit_side_by_side() -> None:
    sofa = Traits(Size.LARGE, seat=True)
    items = [placement(sofa), placement(DOG, Relation.ON), placement(DOG, Relation.ON)]
    seat, first, second = automatic_layout(items, 512, 512, 4)
    assert overlap(first, second) == 0
    assert first[3] == second[3]
    assert min(first[0], second[0]) >= seat[0]
    assert max(first[2], second[2]) <= seat[2]


def test_the_seed_varies_the_composition() -> None:
    layouts = {automatic_layout([placement(DOG)] * 3, 256, 256, seed) for seed in range(10)}
    assert len(layouts) > 3


@settings(max_examples=50, deadline=None)
@given(st.floats(0.65, 1.55), st.integers(0, 99))
def test_boxes_have_the_shape_of_the_drawing(aspect: float, seed: int) -> None:
    ((x0, y0, x1, y1),) = automatic_layout([Placement(aspect)], 256, 256, seed)
    assume(y1 > y0)
    assert (x1 - x0) / (y1 - y0) == pytest.approx(aspect, rel=0.02)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("thing", "rises"), [(BIRD, True), (Traits(Size.SMALL), False)])
def test_what_is_held_is_at_the_hand(seed: int, thing: Traits, rises: bool) -> None:
    things = [placement(PERSON), placement(thing, Relation.HELD_BY)]
    holder, held = automatic_layout(things, 512, 512, seed)
    height = holder[3] - holder[1]
    hand = holder[1] + 0.78 * height
    assert 0.05 < overlap(holder, held) < 0.5
    assert (held[3] if rises else centre(held)[1]) == pytest.approx(hand, abs=2)
    assert max(held[2] - held[0], held[3] - held[1]) <= 0.72 * height


def test_two_things_are_held_in_two_hands() -> None:
    small = Traits(Size.SMALL)
    things = [placement(PERSON), *(placement(small, Relation.HELD_BY) for _ in range(2))]
    holder, *held = automatic_layout(things, 512, 512, 1)
    left, right = sorted(centre(box)[0] for box in held)
    assert left < centre(holder)[0] < right


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("other", [HOUSE, Traits(Size.LARGE)])
def test_a_head_is_much_smaller_than_a_house_and_to_be_recognised(
    size: tuple[int, int], other: Traits
) -> None:
    head, thing = automatic_layout([placement(HEAD), placement(other)], *size, 3)
    assert math.sqrt(area(head) / area(thing)) < 0.65
    assert math.sqrt(area(head)) > 0.22 * min(size)


def test_an_upper_half_is_between_a_head_and_all_of_a_person() -> None:
    def share(own: Traits) -> float:
        person, house = automatic_layout([placement(own), placement(HOUSE)], 512, 512, 3)
        return area(person) / area(house)

    assert share(HEAD) < share(BUST) < share(PERSON)


def test_heads_and_small_things_are_of_a_size() -> None:
    head, cup = automatic_layout([placement(HEAD), placement(Traits(Size.SMALL))], 512, 512, 3)
    assert 1 < math.sqrt(area(head) / area(cup)) < 1.4
