"""The automatic layout: inside the canvas, with air around, apart, where the words say."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.pipelines.automatic_boxes import AutomaticBoxes
from engine.prompts.connectors import Relation
from engine.prompts.layout import MARGIN, TOKEN_PX, Placement, TokenBox, automatic_layout
from engine.requests import LayoutRequest

SIDES = st.integers(TOKEN_PX, 256)
PLACEMENTS = st.lists(st.floats(0.2, 5).map(Placement), max_size=50)


def area(box: TokenBox) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def overlap(a: TokenBox, b: TokenBox) -> float:
    """Common area over the smaller of the two."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0, width) * max(0, height) / min(area(a), area(b))


def centre(box: TokenBox) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


@settings(max_examples=150, deadline=None)
@given(PLACEMENTS, SIDES, SIDES, st.integers(0, 2**63 - 1))
def test_boxes_are_whole_tokens_and_inside(
    placements: list[Placement], width: int, height: int, seed: int
) -> None:
    boxes = automatic_layout(placements, width, height, seed)
    assert len(boxes) == len(placements)
    for box in boxes:
        assert (box[2] - box[0]) % TOKEN_PX == (box[3] - box[1]) % TOKEN_PX == 0
        assert 0 <= box[0] < box[2] <= width
        assert 0 <= box[1] < box[3] <= height
    assert boxes == automatic_layout(placements, width, height, seed)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 9), st.sampled_from([(256, 256), (256, 144), (144, 256), (256, 192)]),
       st.integers(0, 999))  # fmt: skip
def test_up_to_nine_objects_hardly_overlap(count: int, size: tuple[int, int], seed: int) -> None:
    boxes = automatic_layout([Placement()] * count, *size, seed)
    for index, box in enumerate(boxes):
        for other in boxes[index + 1 :]:
            assert overlap(box, other) <= 0.35
    covered = sum(map(area, boxes)) / (size[0] * size[1])
    assert covered > 0.1


@settings(max_examples=100, deadline=None)
@given(PLACEMENTS.filter(bool), st.integers(64, 4096), st.integers(64, 4096), st.integers(0, 999))
def test_objects_keep_away_from_the_edge_of_the_document(
    placements: list[Placement], width: int, height: int, seed: int
) -> None:
    assume(max(width, height) < 4 * min(width, height))
    boxes = AutomaticBoxes(LayoutRequest("dogs", width, height, seed))(placements)
    least = 0.8 * MARGIN * min(width, height) - 1  # both canvases have whole pixels
    for x0, y0, x1, y1 in boxes:
        assert min(x0, y0, width - x1, height - y1) >= least


def test_a_strip_has_no_room_for_air() -> None:
    assert AutomaticBoxes(LayoutRequest("a dog", 2000, 16, 3))([Placement()])[0][1::2] == (0, 16)


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
@pytest.mark.parametrize("size", [(256, 256), (256, 144), (144, 256)])
def test_two_objects_stand_as_the_sentence_says(
    relation: Relation, axis: int, sign: int, size: tuple[int, int]
) -> None:
    for seed in range(20):
        own, other = automatic_layout([Placement(1, relation, 1), Placement()], *size, seed)
        assert sign * (centre(own)[axis] - centre(other)[axis]) > 0


def test_the_seed_varies_the_composition() -> None:
    layouts = {automatic_layout([Placement()] * 3, 256, 256, seed) for seed in range(10)}
    assert len(layouts) > 3


@settings(max_examples=50, deadline=None)
@given(st.floats(0.7, 1.43), st.integers(0, 99))
def test_boxes_have_about_the_shape_of_the_drawing(aspect: float, seed: int) -> None:
    ((x0, y0, x1, y1),) = automatic_layout([Placement(aspect)], 256, 256, seed)
    assume(y1 > y0)
    assert 0.8 < (x1 - x0) / (y1 - y0) / aspect < 1.25
