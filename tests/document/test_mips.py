"""Reduced pictures: averages weighted by alpha, the same however and whenever they are computed."""

from __future__ import annotations

import numpy as np
import pytest

from editor.document.geometry import EMPTY, Rect
from editor.document.masks import CoverageBuffer
from editor.document.mips import halved
from editor.document.pixels import PixelBuffer
from editor.document.tiles import Values
from tests.document.scenes import noise


def brute_force(pixels: Values) -> Values:
    """2h 2w 4 -> h w 4 in whole numbers."""
    squares = pixels.astype(np.int64).reshape(pixels.shape[0] // 2, 2, pixels.shape[1] // 2, 2, 4)
    alpha = squares[..., 3:]
    total = alpha.sum((1, 3))
    colour = (squares[..., :3] * alpha).sum((1, 3))
    out = np.zeros((*total.shape[:2], 4), np.uint8)
    out[..., 3:] = (total + 2) // 4
    out[..., :3] = np.where(out[..., 3:] > 0, (2 * colour + total) // np.maximum(2 * total, 1), 0)
    return out


@pytest.mark.parametrize("size", [(2, 2), (2, 40), (40, 2), (512, 300)])
@pytest.mark.parametrize("opaque", [False, True])
def test_every_average_is_rounded_once(size: tuple[int, int], opaque: bool) -> None:
    pixels = noise(*size, 3, opaque=opaque)
    if not opaque:
        pixels[: size[1] // 2, ..., 3] //= 60  # the least alphas
    assert np.array_equal(halved(pixels), brute_force(pixels))


def test_opaque_and_mixed_squares_round_alike() -> None:
    """A tile with one translucent pixel is computed in another way."""
    opaque = noise(64, 64, 1, opaque=True)
    mixed = opaque.copy()
    mixed[0, 0, 3] = 7
    assert np.array_equal(halved(mixed)[1:], halved(opaque)[1:])


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("pad", [(0, 0), (1, 0), (5, 7)])
def test_levels_are_halves_of_halves_on_the_padded_grid(level: int, pad: tuple[int, int]) -> None:
    side = 1 << level
    pads = pad[0] % side, pad[1] % side
    pixels = noise(601, 403, 2)
    width, height = (-(-(p + s) // side) * side for p, s in zip(pads, (601, 403), strict=True))
    expected = np.zeros((height, width, 4), np.uint8)
    expected[pads[1] : pads[1] + 403, pads[0] : pads[0] + 601] = pixels
    for _ in range(level):
        expected = brute_force(expected)
    reduced = PixelBuffer.from_array(pixels).reduced(level, *pads)
    assert np.array_equal(reduced.array, expected)


def test_a_patch_makes_again_only_what_it_touched() -> None:
    buffer = PixelBuffer.from_array(noise(2048, 2048, 5))
    for level in (1, 2, 3):
        assert buffer.reduced(level, 1, 1).array.any()
    rect = Rect(700, 900, 764, 964)
    painted = buffer.with_patch(rect, noise(64, 64, 6))
    for level in (1, 2, 3):
        old, new = buffer.reduced(level, 1, 1).tiles, painted.reduced(level, 1, 1).tiles
        cells = list(new.cells_over(new.bounds))
        made_again = [cell for cell in cells if old.tile(cell) is not new.tile(cell)]
        assert len(made_again) == 1
    fresh = PixelBuffer.from_array(painted.array)
    for level in (1, 2, 3):
        expected = fresh.reduced(level, 1, 1)
        assert np.array_equal(painted.reduced(level, 1, 1).array, expected.array)


def test_many_patches_between_two_looks() -> None:
    buffer = PixelBuffer.from_array(noise(1100, 700, 5))
    assert buffer.reduced(2, 3, 1).array.any()
    rng = np.random.default_rng(1)
    for step in range(30):
        x, y = (int(v) for v in rng.integers(0, 650, 2))
        buffer = buffer.with_patch(Rect(x, y, x + 50, y + 40), noise(50, 40, step))
        if step % 7 == 0:
            buffer.reduced(2, 3, 1).read(Rect(0, 0, 100, 100))
    fresh = PixelBuffer.from_array(buffer.array).reduced(2, 3, 1)
    assert np.array_equal(buffer.reduced(2, 3, 1).array, fresh.array)


def test_a_pixel_does_not_depend_on_the_rectangle_read() -> None:
    buffer = PixelBuffer.from_array(noise(1500, 700, 5))
    whole = PixelBuffer.from_array(buffer.array).reduced(1, 1, 0).array
    reduced = buffer.reduced(1, 1, 0)
    for rect in (Rect(250, 100, 263, 300), Rect(0, 0, 1, 1), Rect(700, 300, 751, 350)):
        part = whole[rect.y0 : rect.y1, rect.x0 : rect.x1]
        assert np.array_equal(reduced.read(rect), part)


def test_flat_parts_stay_flat() -> None:
    reduced = PixelBuffer.filled(4000, 4000, (90, 80, 70, 3)).reduced(3)
    assert reduced.pixel(10, 10) == (90, 80, 70, 3)
    assert len(reduced.tiles.stored()) == 4
    assert reduced.byte_size < 1000
    assert not PixelBuffer.filled(600, 600, (90, 80, 70, 0)).reduced(1).array.any()


def test_what_is_known_without_computing() -> None:
    opaque = PixelBuffer.from_array(noise(512, 512, opaque=True))
    assert opaque.reduced(1).is_opaque
    assert not opaque.reduced(1, 1, 0).is_opaque
    assert not PixelBuffer.from_array(noise(511, 512, opaque=True)).reduced(1).is_opaque
    spot = PixelBuffer.transparent(800, 800).with_patch(
        Rect(300, 410, 310, 421), noise(10, 11, opaque=True)
    )
    assert spot.reduced(1, 1, 0).alpha_box == Rect(150, 205, 156, 211)
    assert PixelBuffer.transparent(800, 800).reduced(2).alpha_box == EMPTY


def test_dragging_by_single_pixels_does_not_pile_up_memory() -> None:
    buffer = PixelBuffer.from_array(noise(512, 512, 1))
    for pad in range(16):
        buffer.reduced(4, pad, pad // 2).array  # noqa: B018 - looking makes the tiles
    held = sum(half.byte_size for half in buffer._halves.values())
    assert held <= buffer.byte_size * 1.05  # the edges of the padded ones
    assert len(buffer._halves) == 4
    quarters = [quarter for half in buffer._halves.values() for quarter in half._halves.values()]
    assert 0 < len(quarters) <= 16, "each level takes as much memory as the pixels"
    assert all(len(quarter._halves) <= 1 for quarter in quarters)


@pytest.mark.parametrize("outside", [0, 255])
def test_masks_average_in_what_lies_outside(outside: int) -> None:
    values = noise(301, 203, 2)[..., 0]
    padded = np.full((204, 304), outside, np.uint8)
    padded[1:204, 1:302] = values
    squares = padded.reshape(102, 2, 152, 2).astype(int)
    expected = (squares.sum((1, 3)) + 2) // 4
    reduced = CoverageBuffer.from_array(values).reduced(1, 1, 1, outside)
    assert np.array_equal(reduced.array, expected[:, :151])
