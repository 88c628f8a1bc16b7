"""How much of a coloured drawing's detail is kept."""

import cv2
import numpy as np

from engine.training.art.sources import ByteImage
from engine.training.evaluation.coloured import detail_kept

_SIDE = 128


def _face(
    *, eyes: bool = True, shift: int = 0, colour: tuple[int, int, int] = (150, 90, 40)
) -> ByteImage:
    picture = np.zeros((_SIDE, _SIDE, 4), np.uint8)
    cv2.circle(picture, (64, 64), 56, (*colour, 255), -1)
    if eyes:
        for x in (44, 84):
            cv2.circle(picture, (x + shift, 54), 6, (20, 20, 20, 255), -1)
    cv2.ellipse(picture, (64, 90), (16, 5), 0, 0, 360, (60, 30, 20, 255), -1)
    return picture


def test_a_drawing_has_all_of_its_own_detail() -> None:
    assert detail_kept(_face(), _face()) > 0.99


def test_lost_eyes_are_lost_detail() -> None:
    with_eyes, without = (
        detail_kept(_face(shift=1), _face()),
        detail_kept(_face(eyes=False), _face()),
    )
    assert with_eyes > 0.85 > without + 0.2


def test_a_plain_disc_has_no_detail() -> None:
    disc = np.zeros((_SIDE, _SIDE, 4), np.uint8)
    cv2.circle(disc, (64, 64), 56, (150, 90, 40, 255), -1)
    assert abs(detail_kept(disc, _face())) < 0.2


def test_nothing_visible_keeps_nothing() -> None:
    assert detail_kept(np.zeros((_SIDE, _SIDE, 4), np.uint8), _face()) == 0.0
