"""Statistics of the context test, on drawings whose agreement is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from engine.training.evaluation.context import (
    DARKENED,
    Case,
    Manner,
    as_markdown,
    draw_sheet,
    phrases_of,
    scores_of,
)
from engine.training.evaluation.context_agreement import (
    Look,
    Measure,
    compare,
    distances,
    look_of,
    mean_with_interval,
)

Rgba = npt.NDArray[np.uint8]


def square(color: tuple[int, int, int], side: int = 8, alpha: int = 255) -> Rgba:
    """A square in the corner of 16 x 16 pixels; loud colours where nothing is seen."""
    picture = np.zeros((16, 16, 4), np.uint8)
    picture[..., :3] = (255, 0, 255)
    picture[:side, :side] = (*color, alpha)
    return picture


def test_only_what_is_seen_has_a_look() -> None:
    look = look_of([square((0, 255, 0))])
    assert look.colour == pytest.approx((0, 1, 0))
    assert look.area == pytest.approx(0.25)
    assert look.luminance == pytest.approx(0.587)
    both = look_of([square((255, 255, 255), 16), square((0, 0, 0), 16)])
    assert both.colour == pytest.approx((0.5, 0.5, 0.5))
    assert look_of([square((255, 255, 255), alpha=0)]) == Look((0.0, 0.0, 0.0), 0.0)


def test_distances() -> None:
    white, grey = Look((1, 1, 1), 0.5), Look((0.5, 0.5, 0.5), 0.25)
    found = distances(white, grey)
    assert found[Measure.LUMINANCE] == pytest.approx(0.5)
    assert found[Measure.COLOUR] == pytest.approx(0.5)
    assert found[Measure.SCALE] == pytest.approx(np.log(2))
    assert set(distances(grey, grey).values()) == {0.0}
    assert np.isfinite(distances(Look((0, 0, 0), 0), white)[Measure.SCALE])


def test_what_is_surely_closer_is_better_and_chance_is_not() -> None:
    random = np.random.default_rng(1)
    groups = [number // 3 for number in range(90)]
    alone = random.uniform(0.2, 0.4, 90)
    near = compare(list(alone), list(alone - 0.1 + random.normal(0, 0.05, 90)), groups)
    assert near.verdict == "better"
    assert near.low < near.difference < near.high < 0
    assert near.spread == pytest.approx(0.05, rel=0.3)
    assert (near.count, near.better > 0.9) == (90, True)
    assert compare(list(alone), list(alone + 0.1), groups).verdict == "worse"
    noise = random.normal(0, 0.1, 90)
    chance = compare(list(alone), list(alone + noise - noise.mean()), groups)
    assert chance.verdict == "no difference shown"
    assert compare(list(alone), list(alone), groups).better == 0.5


def test_cases_of_one_document_do_not_count_as_many() -> None:
    """The same answer thirty times over is no more certain than once."""
    values = list(np.repeat([0.3, -0.1], 30))
    independent = mean_with_interval(values, list(range(60)))
    grouped = mean_with_interval(values, [0] * 30 + [1] * 30)
    assert grouped[0] == independent[0] == pytest.approx(0.1)
    assert grouped[2] - grouped[1] > 3 * (independent[2] - independent[1])


def case(document: int, *, follows: float) -> Case:
    """Grey others; the object is white alone, grey beside them, and follows them into the dark."""
    beside = 120
    change = follows * 120 * (1 - DARKENED)
    dark = round(beside - change)
    return Case(
        document,
        (square((120, 120, 120)), square((120, 120, 120))),
        {
            Manner.ALONE: square((250, 250, 250), 4),
            Manner.BESIDE: square((beside, beside, beside)),
            Manner.BESIDE_DARK: square((dark, dark, dark)),
        },
    )


@pytest.mark.parametrize("follows", [0.0, 0.5, 1.0])
def test_following_the_context_is_found(follows: float) -> None:
    scores = scores_of([case(document, follows=follows) for document in range(4)])
    assert scores.followed[0] == pytest.approx(follows, abs=0.02)
    assert {c.verdict for c in scores.agreement.values()} == {"better"}
    table = as_markdown(scores)
    assert "| scale | 1.386 | 0.000 | -1.386" in table
    assert f"it follows by {scores.followed[0]:.0%}" in table


def test_the_sheet_has_a_row_for_each_case() -> None:
    sheet = draw_sheet([case(0, follows=0), case(1, follows=1)])
    assert sheet.shape == (28 + 2 * 96, 5 * 96, 3)


def test_documents_are_drawn_by_their_number() -> None:
    labels = ["dog", "apple", "tree", "car"]
    assert phrases_of(3, labels) == phrases_of(3, reversed(labels))  # type: ignore[arg-type]
    assert len({tuple(phrases_of(number, labels)) for number in range(9)}) > 5
