"""Drawings turned to the colour that was asked for: what changes, and what does not."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.pipelines.asked_colours import has_colour
from engine.pipelines.recolouring import recoloured
from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.english.shades import Colour

RED, GREEN, BLUE = (0.9, 0.2, 0.15), (0.2, 0.7, 0.3), (0.3, 0.7, 0.95)
DARK, PALE = (0.12, 0.05, 0.05), (0.93, 0.93, 0.95)


def drawn(*bands: tuple[tuple[float, float, float], int]) -> Tensor:
    """Bands of colours, each so many rows high, inside a transparent margin."""
    height = sum(rows for _, rows in bands)
    rgba = torch.zeros(4, height + 8, 40)
    top = 4
    for colour, rows in bands:
        rgba[:3, top : top + rows, 4:-4] = torch.tensor(colour)[:, None, None]
        rgba[3, top : top + rows, 4:-4] = 1
        top += rows
    return rgba


def band(rgba: Tensor, row: int) -> Tensor:
    return rgba[:3, row, 20]


@pytest.mark.parametrize("colour", COLOUR_WORDS)
@pytest.mark.parametrize("before", [RED, GREEN, PALE])
def test_a_drawing_gets_any_colour(colour: str, before: tuple[float, float, float]) -> None:
    car = drawn((before, 20), (DARK, 4))
    turned = recoloured(car, colour)
    assert has_colour(turned, colour)
    assert torch.equal(turned[3], car[3])
    assert turned[:3].min() >= 0
    assert turned[:3].max() <= 1


def test_lines_and_other_parts_stay() -> None:
    car = drawn((RED, 20), (BLUE, 4), (DARK, 4))
    turned = recoloured(car, "green")
    assert has_colour(turned, "green")
    for row in (26, 30):  # window, tyre
        assert torch.allclose(band(turned, row), band(car, row), atol=1e-3)


def test_light_and_shadow_stay() -> None:
    shaded = drawn((RED, 10), ((0.6, 0.13, 0.1), 10))
    turned = recoloured(shaded, "blue")
    light, dark = band(turned, 6), band(turned, 18)
    assert light.max() > 1.3 * dark.max()


def test_the_flower_is_meant_and_not_its_leaves() -> None:
    tulip = drawn((RED, 10), (GREEN, 16))
    turned = recoloured(tulip, "purple")
    assert has_colour(turned, "purple")
    assert not torch.allclose(band(turned, 6), band(tulip, 6), atol=0.1)
    assert torch.allclose(band(turned, 20), band(tulip, 20), atol=1e-3)


def test_what_no_way_gives_the_colour_stays_as_it_is() -> None:
    night = drawn((DARK, 20))
    assert recoloured(night, "white") is night
    assert recoloured(night, "mauve") is night
    assert recoloured(night, "") is night


@pytest.mark.parametrize(
    ("part", "colour"),
    [(PALE, "white"), ((0.55, 0.55, 0.57), "grey"), ((0.1, 0.1, 0.12), "black")],
)
def test_black_white_and_grey_are_looked_for_as_well(
    part: tuple[float, float, float], colour: str
) -> None:
    assert has_colour(drawn((part, 20), (RED, 5)), colour)
    assert not has_colour(drawn((RED, 20), (part, 5)), colour)
    assert not has_colour(drawn((RED, 20)), colour)


@pytest.mark.parametrize(
    ("before", "shade"),
    [
        (RED, "red #6d1a2a"),
        (RED, "blue #1b2a57"),
        (BLUE, "blue #d4eef8"),
        (GREEN, "brown #ecdfc3"),
        (PALE, "white #fbf1d8"),
        (RED, "black #36393f"),
        (RED, "orange #ff8800"),
    ],
)
def test_a_drawing_gets_a_shade_exactly(before: tuple[float, float, float], shade: str) -> None:
    car = drawn((before, 20), (DARK, 4))
    turned = recoloured(car, shade)
    assert band(turned, 10).tolist() == pytest.approx(Colour.read(shade).rgb, abs=0.02)
    assert torch.equal(turned[3], car[3])
    assert torch.equal(turned, recoloured(car, shade)), "a record makes it again exactly"


def test_a_shade_keeps_lines_other_parts_and_light() -> None:
    car = drawn((BLUE, 20), ((0.2, 0.5, 0.7), 4), (RED, 4), (DARK, 4))
    turned = recoloured(car, "blue #1b2a57")
    assert band(turned, 26).max() < band(turned, 10).max(), "the shadow is darker than the shade"
    for row in (30, 34):
        assert torch.allclose(band(turned, row), band(car, row), atol=0.02)


def test_a_shade_of_what_cannot_be_turned_is_not_done() -> None:
    night = drawn((DARK, 20))
    assert recoloured(night, "yellow #d6a92c") is night
