"""Affine maps and drawing through them: exact where pixels meet pixels, smooth elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from editor.document import affine
from editor.document.affine import Matrix
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.warping import warped, warped_mask


def noise(width: int, height: int) -> RgbaArray:
    return np.random.default_rng(4).integers(0, 256, (height, width, 4)).astype(np.uint8)


def test_a_map_and_its_inverse() -> None:
    matrix = affine.compose(affine.rotation(33, (5, 7)), affine.scaling(2, 3, (1, 1)))
    x, y = affine.apply(matrix, 4, 9)
    assert affine.apply(affine.inverse(matrix), x, y) == pytest.approx((4, 9))
    assert affine.lengths(matrix) == pytest.approx((2, 3))
    assert affine.angle(matrix) == pytest.approx(33)
    assert affine.apply(affine.rotation(90, (10, 10)), 20, 10) == (10, 20)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (affine.translation(7, -3), lambda p: p),
        (affine.rotation(90), lambda p: np.rot90(p, -1)),
        (affine.rotation(-90), lambda p: np.rot90(p, 1)),
        (affine.rotation(180, (9, 4)), lambda p: p[::-1, ::-1]),
        (affine.scaling(-1, 1), lambda p: p[:, ::-1]),
        (affine.compose(affine.scaling(-1, 1), affine.rotation(90)), lambda p: p.swapaxes(0, 1)),
    ],
)
def test_pixels_that_meet_pixels_are_copied(matrix: Matrix, expected) -> None:  # type: ignore[no-untyped-def]
    pixels = noise(31, 17)
    drawn, offset = warped(PixelBuffer.from_array(pixels), matrix)
    assert np.array_equal(drawn.array, expected(pixels))
    box = affine.mapped_rect(matrix, Rect(0, 0, 31, 17))
    assert offset == (box.x0, box.y0)


def test_four_quarter_turns_give_the_first_picture() -> None:
    pixels = PixelBuffer.from_array(noise(31, 17))
    matrix = affine.IDENTITY
    for _ in range(4):
        matrix = affine.compose(affine.rotation(90, (8, 8)), matrix)
    assert warped(pixels, matrix) == (pixels, (0, 0))


def test_a_turned_square_keeps_colour_and_area() -> None:
    square = PixelBuffer.filled(300, 300, (200, 40, 10, 255))
    drawn, _ = warped(square, affine.rotation(30, (150, 150)))
    values = drawn.array
    assert values[..., 3].sum() / 255 == pytest.approx(300 * 300, rel=2e-3)
    shown = values[values[..., 3] > 0]
    off = np.abs(shown[:, :3].astype(int) - (200, 40, 10)).max()
    assert off <= 2, "no fringe of another colour"


def test_squares_join_without_a_seam() -> None:
    ramp = np.zeros((600, 600, 4), np.uint8)
    ramp[..., 0] = np.linspace(0, 255, 600).astype(np.uint8)
    ramp[..., 3] = 255
    drawn, _ = warped(PixelBuffer.from_array(ramp), affine.rotation(10, (300, 300)))
    row = drawn.array[350, 100:600, 0].astype(int)
    assert np.abs(np.diff(row)).max() <= 2


def test_a_shrunk_picture_is_averaged() -> None:
    stripes = np.zeros((256, 256, 4), np.uint8)
    stripes[..., 3] = 255
    stripes[:, ::2, :3] = 255
    for factor in (0.31, 0.04):
        matrix = affine.compose(affine.rotation(7), affine.scaling(factor, factor))
        drawn, _ = warped(PixelBuffer.from_array(stripes), matrix)
        inside = drawn.array[drawn.array[..., 3] == 255]
        assert len(inside) > 8
        assert abs(float(inside[:, 0].mean()) - 127.5) < 4
        assert float(inside[:, 0].std()) < 30, "hard stripes have 127"


def test_half_a_pixel_of_shift_mixes_neighbours() -> None:
    pixels = np.zeros((4, 8, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:, 4:, :3] = 200
    drawn, offset = warped(PixelBuffer.from_array(pixels), affine.translation(0.5, 0))
    assert offset == (0, 0)
    assert drawn.size == (9, 4)
    row = drawn.array[2]
    assert row[4, 0] == pytest.approx(100, abs=2)
    assert row[0, 3] == pytest.approx(128, abs=20)


def test_what_would_be_too_large_is_refused() -> None:
    with pytest.raises(DocumentError, match="not possible"):
        warped(PixelBuffer.filled(100, 100, (1, 2, 3, 4)), affine.scaling(900, 1.5))


@pytest.mark.parametrize("outside", [0, 255])
def test_masks_keep_what_lies_outside_of_them(outside: int) -> None:
    values = np.full((20, 20), 255 - outside, np.uint8)
    mask = Mask(coverage=CoverageBuffer.from_array(values), offset=(40, 40), outside=outside)
    turned = warped_mask(mask, affine.rotation(45, (50, 50)))
    assert turned.outside == outside
    assert turned.read(Rect(50, 50, 51, 51)) == 255 - outside
    assert turned.read(Rect(40, 40, 41, 41)) == outside
    assert turned.read(Rect(50, 37, 51, 38)) == 255 - outside
    moved = warped_mask(mask, affine.translation(3, -2))
    assert moved == Mask(coverage=mask.coverage, offset=(43, 38), outside=outside)
