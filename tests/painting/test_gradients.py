"""Gradients: the run of colour, ends, shapes, dithering."""

from __future__ import annotations

import numpy as np

from editor.document.geometry import Rect
from editor.painting.gradients import Gradient, GradientShape

BLACK, WHITE = (0, 0, 0, 255), (255, 255, 255, 255)
LINEAR, RADIAL = GradientShape.LINEAR, GradientShape.RADIAL


def test_it_runs_evenly_from_one_end_to_the_other() -> None:
    pixels = Gradient(LINEAR, 20, 0, 180, 0, BLACK, WHITE).pixels(Rect(0, 0, 200, 64))
    mean = pixels[..., 0].mean(axis=0)
    expected = np.clip((np.arange(200) + 0.5 - 20) / 160, 0, 1) * 255
    assert np.abs(mean - expected).max() < 0.7
    assert (pixels[:, :20] == BLACK).all()
    assert (pixels[:, 181:] == WHITE).all()


def test_steps_are_hidden_by_noise_of_one_level() -> None:
    pixels = Gradient(LINEAR, 0, 0, 4096, 0, BLACK, (64, 64, 64, 255)).pixels(Rect(0, 0, 512, 8))
    spread = np.ptp(pixels[..., 0].astype(int), axis=0)
    assert spread.max() == 1
    mean = pixels[..., 0].reshape(8, 64, 8).mean(axis=(0, 2))
    exact = (np.arange(64) + 0.5) / 8
    assert np.abs(mean - exact).max() < 0.07, "on average each square of 8 x 8 is exact"


def test_a_radial_one_spreads_from_its_middle() -> None:
    pixels = Gradient(RADIAL, 50, 50, 90, 50, WHITE, BLACK).pixels(Rect(0, 0, 100, 100))
    assert pixels[50, 50, 0] >= 250
    for x, y in ((70, 50), (50, 70), (30, 50), (50, 30)):
        assert abs(int(pixels[y, x, 0]) - 128) <= 5
    assert (pixels[0, 0] == BLACK).all()


def test_to_transparent_keeps_the_colour() -> None:
    gradient = Gradient(LINEAR, 0, 0, 100, 0, (200, 10, 10, 255), (200, 10, 10, 0))
    pixels = gradient.pixels(Rect(0, 0, 100, 8))
    assert (pixels[..., :3] == (200, 10, 10)).all()
    assert pixels[0, 0, 3] > 250
    assert pixels[0, 99, 3] < 5


def test_parts_fit_together() -> None:
    gradient = Gradient(RADIAL, 33.3, 20.1, 300, 222, (10, 200, 30, 255), (250, 0, 90, 40))
    whole = gradient.pixels(Rect(-10, 5, 300, 200))
    part = gradient.pixels(Rect(100, 50, 140, 90))
    assert (whole[45:85, 110:150] == part).all()


def test_ends_at_one_place_are_no_error() -> None:
    pixels = Gradient(LINEAR, 5, 5, 5, 5, BLACK, WHITE).pixels(Rect(0, 0, 10, 10))
    assert set(np.unique(pixels[..., 0]).tolist()) <= {0, 255}
