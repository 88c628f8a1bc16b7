"""Colours that were asked for: what has them, and drawings in other hues."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.pipelines.asked_colours import has_colour, in_other_hues


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


def test_the_other_hues_begin_with_its_own_and_end_with_greys() -> None:
    drawing = painted(RED)
    made = in_other_hues(drawing)
    assert torch.equal(made[0], drawing)
    assert all(torch.equal(other[3], drawing[3]) for other in made)
    assert any(has_colour(other, "blue") for other in made)
    assert any(has_colour(other, "green") for other in made)
    grey = made[-1][:3, 0, 0]
    assert grey.min() == grey.max() == pytest.approx(0.9)
