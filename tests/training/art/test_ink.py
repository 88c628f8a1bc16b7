"""Ink along the edges of flat drawings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.training.art.ink import inked


def _card() -> npt.NDArray[np.uint8]:
    """A red card, 200 x 200, with a yellow half and one white dot, clear around it."""
    card = np.zeros((240, 240, 4), np.uint8)
    card[20:220, 20:220] = (230, 30, 30, 255)
    card[20:220, 120:220, :3] = (250, 220, 40)
    card[60:63, 60:63, :3] = 255
    return card


def _luminance(rgba: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return np.asarray(rgba[..., :3] @ np.array([0.299, 0.587, 0.114]), np.float64)


def test_lines_go_along_the_silhouette_and_between_colours() -> None:
    drawn = inked(_card())
    pad = (drawn.shape[0] - 240) // 2
    light = _luminance(drawn)
    middle = 100 + pad
    assert light[middle, 20 + pad] < 90  # silhouette
    assert light[middle, 120 + pad] < 110  # red meets yellow
    assert light[middle, 70 + pad] == _luminance(_card())[100, 70]  # areas keep their colour
    assert light[middle, 170 + pad] == _luminance(_card())[100, 170]


def test_the_line_reaches_outside_and_everything_else_stays_clear() -> None:
    drawn = inked(_card())
    pad = (drawn.shape[0] - 240) // 2
    assert drawn[120 + pad, 20 + pad - 2, 3] == 255
    assert drawn[120 + pad, 20 + pad - 8, 3] == 0


def test_a_speck_gets_no_line() -> None:
    drawn = inked(_card())
    pad = (drawn.shape[0] - 240) // 2
    around = _luminance(drawn)[52 + pad : 58 + pad, 52 + pad : 72 + pad]
    assert around.min() > 70  # the red itself


def test_ink_takes_a_tint_of_what_it_surrounds() -> None:
    plain = np.full((100, 100, 4), 255, np.uint8)
    plain[..., :3] = (40, 60, 250)
    drawn = inked(plain)
    red, _, blue = drawn[drawn.shape[0] // 2, 3, :3].astype(int)
    assert blue > red + 20
