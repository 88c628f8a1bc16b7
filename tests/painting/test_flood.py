"""The bucket's area: tolerance, contiguous or not, alpha, soft edges."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from editor.painting.flood import flooded

Picture = npt.NDArray[np.uint8]


def blocks() -> Picture:
    """40 x 20: grey 100, grey 110 from column 10, white from 20, grey 100 again from 30."""
    picture = np.full((20, 40, 4), 255, np.uint8)
    for x0, grey in ((0, 100), (10, 110), (20, 255), (30, 100)):
        picture[:, x0 : x0 + 10, :3] = grey
    return picture


def columns(
    picture: Picture, x: int, tolerance: int, *, contiguous: bool = True
) -> tuple[int, int, int]:
    """Number of filled columns, the first and the last."""
    area = flooded(picture, x, 5, tolerance=tolerance, contiguous=contiguous, antialias=False)
    found = np.flatnonzero(area[5])
    return len(found), int(found[0]), int(found[-1])


def test_tolerance_is_the_greatest_difference_of_a_channel() -> None:
    assert columns(blocks(), 5, 9) == (10, 0, 9)
    assert columns(blocks(), 5, 10) == (20, 0, 19)
    assert columns(blocks(), 5, 255) == (40, 0, 39)


def test_what_does_not_hang_together_counts_when_asked() -> None:
    assert columns(blocks(), 5, 0, contiguous=False) == (20, 0, 39)


def test_areas_hang_together_by_sides_not_by_corners() -> None:
    picture = np.zeros((4, 4, 4), np.uint8)
    picture[..., 3] = 255
    picture[0, 0, :3] = picture[1, 1, :3] = 200
    area = flooded(picture, 0, 0, tolerance=0, contiguous=True, antialias=False)
    assert np.count_nonzero(area) == 1


def test_hidden_colour_makes_no_difference() -> None:
    picture = np.zeros((10, 10, 4), np.uint8)
    picture[:, 5:, :3] = 200
    assert flooded(picture, 0, 0, tolerance=0, contiguous=True, antialias=False).all()


def test_edge_pixels_get_the_share_that_they_contain() -> None:
    picture = np.full((9, 30, 4), 255, np.uint8)
    picture[:, 10, :3] = 204  # a fifth black
    picture[:, 11:, :3] = 0
    picture[:, 20, :3] = 64
    picture[:, 21:, :3] = 255
    area = flooded(picture, 15, 4, tolerance=10, contiguous=True, antialias=True)
    assert area[4, 11:20].tolist() == [255] * 9
    assert area[4, 10] == 51
    assert area[4, 20] == 191
    assert not area[4, :10].any()
    hard = flooded(picture, 15, 4, tolerance=10, contiguous=True, antialias=False)
    assert set(np.unique(hard).tolist()) == {0, 255}
    assert hard[4, 10] == 0


def test_a_sharp_edge_stays_sharp() -> None:
    area = flooded(blocks(), 25, 5, tolerance=10, contiguous=True, antialias=True)
    assert set(np.unique(area).tolist()) == {0, 255}


def test_coverage_is_flooded_too() -> None:
    mask = np.zeros((10, 10), np.uint8)
    mask[:, 5:] = 255
    area = flooded(mask, 7, 3, tolerance=0, contiguous=True, antialias=False)
    assert (area == mask).all()
