"""Colours that were asked for: what has them, and drawings in other hues."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.pipelines.asked_colours import (
    ENOUGH,
    PARTLY,
    colour_share,
    has_colour,
    has_enough,
    in_other_hues,
)
from engine.prompts.english.shades import Colour


def painted(*colours: tuple[float, float, float]) -> Tensor:
    """Rows of these colours on a clear ground, `4 16 16`."""
    rgba = torch.zeros(4, 16, 16)
    for row, colour in enumerate(colours):
        rgba[:3, row] = torch.tensor(colour)[:, None]
        rgba[3, row] = 1
    return rgba


RED, BLUE, BLACK = (0.9, 0.1, 0.1), (0.1, 0.3, 0.9), (0.05, 0.05, 0.05)


@pytest.mark.parametrize(
    ("drawing", "colour", "has"),
    [
        (painted(RED), "red", True),
        (painted(RED), "blue", False),
        (painted(RED, RED, BLUE), "red", True),
        (painted(RED, RED, BLUE), "blue", False),
        (painted(*3 * [RED], *4 * [BLUE]), "blue", False),  # a red car with large windows
        (painted(*3 * [RED], *4 * [BLUE]), "red", False),
        (painted(RED, BLACK, BLACK, BLACK), "red", True),  # with black lines it is a red thing
        (painted(BLACK), "red", False),
        (torch.zeros(4, 16, 16), "red", False),
        (painted(RED), "", True),
        (painted(RED), "black", False),
        (painted(BLACK), "black", True),
        (painted(RED, (0.95, 0.95, 0.95)), "white", True),
        (painted((0.5, 0.5, 0.5)), "white", False),
        (painted((0.5, 0.5, 0.5)), "grey", True),
        (painted((0.45, 0.25, 0.1)), "brown", True),
        (painted((0.0, 0.0, 1.0)), "blue", True),
        (painted((0.0, 0.0, 1.0)), "purple", False),
    ],
)
def test_what_has_a_colour(drawing: Tensor, colour: str, has: bool) -> None:
    assert has_colour(drawing, colour) == has


def bus(body: tuple[float, float, float], windows: tuple[float, float, float]) -> Tensor:
    """Large windows inside of a body, `4 40 40`."""
    rgba = torch.zeros(4, 40, 40)
    rgba[:3, 4:36, 4:36] = torch.tensor(body)[:, None, None]
    rgba[:3, 8:32, 8:32] = torch.tensor(windows)[:, None, None]
    rgba[3, 4:36, 4:36] = 1
    return rgba


@pytest.mark.parametrize(
    ("drawing", "asked", "least", "most"),
    [
        (bus(RED, BLUE), "blue", 0, PARTLY),  # most of it is, but what people see is a red bus
        (bus(RED, RED), "red", 1, 1),
        (painted(*3 * [RED], *2 * [BLUE]), "red", ENOUGH, 0.7),
        (painted(*2 * [RED], *3 * [BLUE]), "red", PARTLY, ENOUGH),
        (painted(BLACK), "black", 1, 1),
        (painted(BLACK), "blue", 0, 0),
        (painted((0.11, 0.16, 0.34)), "blue #1b2a57", 1, 1),
        (painted((0.18, 0.25, 0.5)), "blue #1b2a57", 1, 1),  # its light side
        (painted((0.0, 0.31, 0.94)), "blue #1b2a57", 0, 0),
        (painted((0.53, 0.79, 0.94)), "blue #1b2a57", 0, 0),
        (painted((0.93, 0.87, 0.76), BLACK), "brown #ecdfc3", 1, 1),  # ink does not count
        (painted((0.93, 0.87, 0.76), *3 * [RED]), "brown #ecdfc3", 0, PARTLY),
        (torch.zeros(4, 16, 16), "red", 0, 0),
    ],
)
def test_how_much_has_a_colour_or_looks_like_a_shade(
    drawing: Tensor, asked: str, least: float, most: float
) -> None:
    assert least <= colour_share(drawing, Colour.read(asked)) <= most


def test_the_other_hues_begin_with_its_own_and_end_with_greys() -> None:
    drawing = painted(RED)
    made = in_other_hues(drawing)
    assert torch.equal(made[0], drawing)
    assert all(torch.equal(other[3], drawing[3]) for other in made)
    assert any(has_colour(other, "blue") for other in made)
    assert any(has_colour(other, "green") for other in made)
    grey = made[-1][:3, 0, 0]
    assert grey.min() == grey.max() == pytest.approx(0.9)


def test_raspberry_is_no_red_but_was_one_for_older_records() -> None:
    raspberry = painted((0.69, 0.31, 0.42))
    assert colour_share(raspberry, Colour("red")) < PARTLY
    assert colour_share(raspberry, Colour("pink")) > ENOUGH
    assert has_colour(raspberry, "red")


def test_a_brown_thing_is_also_looked_at_as_light_as_others() -> None:
    """The judge knows dogs in the color of sand: brown ones were unlike all, and lost."""
    brown = painted((0.4, 0.28, 0.2))
    lightest = max(float(other[:3].max()) for other in in_other_hues(brown, "brown"))
    assert lightest > 0.7
    assert max(float(other[:3].max()) for other in in_other_hues(brown, "red")) < 0.45


def test_a_red_bus_keeps_its_blue_windows() -> None:
    """Turned, its windows became red as well."""
    assert has_enough(0.42, Colour("red"))
    assert not has_enough(0.35, Colour("red"))
    assert not has_enough(0.42, Colour("black"))  # whose share counts eyes and lines
    assert not has_enough(0.42, Colour.read("blue #40e0d0"))
