"""What is measured of pictures for which nobody drew a box."""

import numpy as np
import pytest

from engine.prompts.vocabulary.concepts import Concept
from engine.training.evaluation.compositions import measure, one_picture, pairs

CANVAS = 100, 100


def _thing(label: str) -> Concept:
    return Concept(label, "", (), 1.0, "")


def test_a_picture_in_the_middle_is_balanced() -> None:
    found = one_picture(np.array([[10, 40, 30, 60], [70, 40, 90, 60]], float), *CANVAS)
    assert found["mass beside the middle"] == found["left margin against right"] == 0
    assert found["covered by boxes"] == pytest.approx(0.08)


def test_a_picture_on_one_side_is_not() -> None:
    found = one_picture(np.array([[0, 0, 20, 20]], float), *CANVAS)
    assert found["mass beside the middle"] == pytest.approx(0.4)
    assert found["left margin against right"] == pytest.approx(0.8)


def test_a_small_elephant_and_a_sunken_sun_are_seen() -> None:
    boxes = np.array([[0, 0, 10, 10], [40, 0, 80, 40]], float)
    found = pairs(boxes, [_thing("elephant"), _thing("mouse")], 100)
    assert found["gap"] == [pytest.approx(0.3)]
    assert found["larger is drawn larger"] == [0.0]
    assert pairs(boxes[::-1], [_thing("elephant"), _thing("mouse")], 100)[
        "larger is drawn larger"
    ] == [1.0]
    low = np.array([[0, 50, 40, 90], [50, 0, 90, 40]], float)
    assert pairs(low, [_thing("sun"), _thing("house")], 100)["flies higher"] == [0.0]
    assert pairs(low[::-1], [_thing("sun"), _thing("house")], 100)["flies higher"] == [1.0]


def test_the_shipped_compositions_are_as_the_notes_say() -> None:
    found = measure(count=1)
    assert np.mean(found["mass beside the middle"]) < 0.02
    assert min(found["gap"]) > 0
    assert np.mean(found["larger is drawn larger"]) > 0.95
