"""Backgrounds moved to the shades that were asked for: pattern, gradient and edges stay."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.pipelines.background_shades import has_shades, in_shades
from engine.pipelines.document_pixels import covered_part
from engine.pipelines.native_canvas import NativeCanvas
from engine.pipelines.shade_maps import moved
from engine.prompts.english.shades import rgb_of

NAVY, MINT, BEIGE = "#1b2a57", "#a6e6c8", "#ecdfc3"
SIDE = 64
CANVAS = NativeCanvas.fit(512, 512)
BLUE, PALE_BLUE = (0.2, 0.5, 0.95), (0.8, 0.87, 0.98)
GREY, PALE_GREY = (0.6, 0.6, 0.6), (0.9, 0.9, 0.9)


def picture(*rows: tuple[float, float, float]) -> Tensor:
    """Colours from top to bottom, an equal part each."""
    colours = torch.tensor(rows).repeat_interleave(SIDE // len(rows), 0)
    rgb = colours.T[:, :, None].expand(3, SIDE, SIDE)
    return torch.cat([rgb, torch.ones(1, SIDE, SIDE)])


def ramp(top: tuple[float, float, float], bottom: tuple[float, float, float]) -> Tensor:
    at = torch.linspace(0, 1, SIDE)[:, None]
    return picture(*(torch.tensor(top) * (1 - at) + torch.tensor(bottom) * at).tolist())


def row(rgba: Tensor, index: int) -> list[float]:
    return [round(value, 3) for value in rgba[:3, index, SIDE // 2].tolist()]


def near(number: str, within: float = 0.02) -> object:
    return pytest.approx(rgb_of(number), abs=within)


def test_an_even_background_becomes_the_shade_and_stays_as_even() -> None:
    drawn = picture(BLUE) + 0.004 * torch.randn(4, SIDE, SIDE, generator=torch.manual_seed(1))
    made = in_shades(drawn, CANVAS, f"blue {BEIGE}")
    assert made[:3].mean((1, 2)).tolist() == near(BEIGE)
    assert made[:3].std() <= drawn[:3].std() + 0.5
    assert made[0].std() == pytest.approx(float(drawn[0].std()), rel=0.3)


@pytest.mark.parametrize(
    ("drawn", "shades", "has"),
    [
        (picture(rgb_of(NAVY)), f"blue {NAVY}", True),
        (picture(rgb_of("#222f66")), f"blue {NAVY}", True),
        (picture(BLUE), f"blue {NAVY}", False),
        (picture(BLUE), "", True),
        (picture(BLUE), "blue", True),
        (picture(rgb_of(NAVY), (1.0, 1.0, 1.0)), f"white #ffffff on blue {NAVY}", True),
        (picture(BLUE, (1.0, 1.0, 1.0)), f"white #ffffff on blue {NAVY}", False),
        (ramp(rgb_of(MINT), rgb_of(BEIGE)), f"green {MINT} to brown {BEIGE}", True),
        (ramp(rgb_of(BEIGE), rgb_of(MINT)), f"green {MINT} to brown {BEIGE}", False),
    ],
)
def test_a_background_shows_whether_it_has_the_shades(
    drawn: Tensor, shades: str, *, has: bool
) -> None:
    assert has_shades(drawn, CANVAS, shades) is has


@pytest.mark.parametrize(
    ("pattern", "ground"), [(BLUE, PALE_BLUE), (GREY, PALE_GREY), (BLUE, (1.0, 1.0, 1.0))]
)
@pytest.mark.parametrize("number", [NAVY, BEIGE, "#36393f"])
def test_a_pattern_gets_the_shade_and_its_ground_stays_pale(
    pattern: tuple[float, float, float], ground: tuple[float, float, float], number: str
) -> None:
    made = in_shades(picture(pattern, ground), CANVAS, f"blue {number}")
    assert row(made, 5) == near(number)
    assert min(row(made, 60)) > 0.65
    assert sum(row(made, 60)) > sum(row(made, 5))
    if ground == (1.0, 1.0, 1.0):
        assert row(made, 60) == [1, 1, 1]


def test_a_pattern_and_its_ground_get_both_colours() -> None:
    made = in_shades(picture(BLUE, PALE_BLUE), CANVAS, f"white #ffffff on blue {NAVY}")
    assert row(made, 5) == near("#ffffff")
    assert row(made, 60) == near(NAVY)


def test_edges_stay_mixtures_of_their_two_colours() -> None:
    middle = tuple((a + b) / 2 for a, b in zip(BLUE, PALE_BLUE, strict=True))
    for shades in (f"blue {NAVY}", f"blue {NAVY} on white #ffffff"):
        made = in_shades(picture(BLUE, middle, PALE_BLUE, PALE_BLUE), CANVAS, shades)  # type: ignore[arg-type]
        both = np.mean([row(made, 5), row(made, 60)], axis=0)
        assert row(made, 24) == pytest.approx(both.tolist(), abs=0.02)


def test_a_gradient_goes_from_one_shade_to_the_other() -> None:
    brown, green = (0.5, 0.3, 0.2), (0.2, 0.65, 0.3)
    made = in_shades(ramp(brown, green), CANVAS, f"brown {BEIGE} to green {MINT}")
    assert row(made, 0) == near(BEIGE, 0.03)
    assert row(made, SIDE - 1) == near(MINT, 0.03)
    red = made[0, :, SIDE // 2]
    assert bool((red.diff() <= 1e-3).all()), "without a step or a turn"


def test_an_end_without_a_shade_stays_as_it_was_drawn() -> None:
    made = in_shades(ramp((0.5, 0.3, 0.2), (0.9, 0.2, 0.2)), CANVAS, f"brown {BEIGE} to red")
    assert row(made, SIDE - 1) == pytest.approx([0.9, 0.2, 0.2], abs=0.03)


def test_what_cannot_be_moved_stays() -> None:
    even = picture(BLUE)
    assert in_shades(even, CANVAS, f"blue {NAVY} to green {MINT}") is even
    for nothing in ("", "blue", "blue #12", "of an unknown kind"):
        assert in_shades(even, CANVAS, nothing) is even


def test_only_what_lies_in_the_document_says_what_is_moved() -> None:
    canvas = NativeCanvas.fit(512, 300)
    drawn = picture(BLUE)
    rows = covered_part(drawn, canvas).shape[1]
    assert rows < SIDE
    drawn[:3, rows:] = torch.tensor((1.0, 0.0, 0.0))[:, None, None]
    assert row(in_shades(drawn, canvas, f"blue {NAVY}"), 5) == near(NAVY)


def test_white_and_black_stay_when_a_colour_moves() -> None:
    ends = np.array([[(0, 0, 0), (1, 1, 1)]], np.float32)
    made = moved(ends, np.array(BLUE, np.float32), rgb_of(NAVY))
    assert made == pytest.approx(ends, abs=1e-5)
