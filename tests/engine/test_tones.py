"""Enlarged pictures get the tones of their input and keep their edges."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from engine.pipelines.tones import keep_tones


def _step(side: int) -> np.ndarray:
    """Dark left, light right, with the edge between two pixels."""
    picture = np.full((side, side, 3), 40, np.uint8)
    picture[:, side // 2 :] = 200
    return picture


def _reduced(picture: np.ndarray, side: int) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("side", [96, 77])
def test_areas_get_the_tones_of_the_input_and_the_edge_stays(side: int) -> None:
    low = _reduced(_step(96), 24)
    enlarged = _reduced(_step(96), side)
    before = enlarged.astype(int)
    wrong = np.asarray(enlarged + 7, np.uint8)
    keep_tones(low, wrong)
    assert np.abs(wrong.astype(int) - before).max() <= 2
    assert np.abs(np.diff(wrong[side // 2, :, 0].astype(int))).max() > 70


def test_what_fits_already_stays_as_it_is() -> None:
    enlarged = _step(96)
    keep_tones(_reduced(enlarged, 24), enlarged)
    assert np.array_equal(enlarged, _step(96))


def test_a_grey_plane_and_a_view_of_a_larger_array_are_corrected_in_place() -> None:
    low = _reduced(_step(96), 24)
    grey = np.asarray(_step(96)[..., 0] - 5, np.uint8)
    keep_tones(low, grey)
    rgba = np.dstack([_step(96) - 5, np.full((96, 96), 9, np.uint8)]).astype(np.uint8)
    keep_tones(low, rgba[..., :3])
    assert np.array_equal(rgba[..., 0], grey)
    assert np.abs(grey.astype(int) - _step(96)[..., 0]).max() <= 1
    assert (rgba[..., 3] == 9).all()


def test_strips_join_without_seams() -> None:
    rng = np.random.default_rng(1)
    low = rng.integers(60, 190, (40, 30, 3), dtype=np.uint8)
    enlarged = cv2.resize(low, (120, 160), interpolation=cv2.INTER_NEAREST)
    wrong = np.asarray(enlarged + 6, np.uint8)
    keep_tones(low, wrong)
    assert np.abs(wrong.astype(int) - enlarged).max() <= 1
