"""Pixel buffers: immutable, hashed by content, hiding how they are stored."""

from __future__ import annotations

import numpy as np
import pytest

from editor.document.errors import DocumentError
from editor.document.geometry import EMPTY, Rect
from editor.document.pixels import PixelBuffer
from editor.document.resampling import premultiplied, resample
from tests.document.scenes import noise


def test_pixels_cannot_be_changed_from_outside() -> None:
    source = noise(5, 4)
    buffer = PixelBuffer.from_array(source)
    before = buffer.array.copy()
    source[:] = 0
    assert np.array_equal(buffer.array, before)
    with pytest.raises(ValueError, match="read-only"):
        buffer.array[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        buffer.read(Rect(1, 1, 3, 3))[0, 0] = 1


def test_an_array_handed_over_is_not_copied_and_becomes_read_only() -> None:
    source = noise(5, 4)
    buffer = PixelBuffer.from_array(source, copy=False)
    assert np.shares_memory(buffer.array, source)
    assert not source.flags.writeable


def test_a_view_is_copied_even_when_handed_over() -> None:
    """Its owner could still write through the base array."""
    source = noise(8, 8)
    buffer = PixelBuffer.from_array(source[2:5, 1:4], copy=False)
    source[:] = 0
    assert buffer.array.any()


def test_rgb_becomes_opaque() -> None:
    buffer = PixelBuffer.from_array(noise(3, 2)[..., :3])
    assert buffer.is_opaque
    assert buffer.size == (3, 2)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 2), np.uint8),
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((2, 2, 4), np.float32),
        np.zeros((0, 2, 4), np.uint8),
        np.zeros((2, 30_001, 4), np.uint8),
    ],
)
def test_other_arrays_are_refused(array: np.ndarray) -> None:
    with pytest.raises(DocumentError):
        PixelBuffer.from_array(array)


def test_the_hash_covers_size_and_bytes() -> None:
    wide = PixelBuffer.from_array(np.zeros((2, 8, 4), np.uint8))
    tall = PixelBuffer.from_array(np.zeros((8, 2, 4), np.uint8))
    assert wide != tall
    assert wide.content_hash != tall.content_hash
    again = PixelBuffer.from_array(np.zeros((2, 8, 4), np.uint8))
    assert wide == again
    assert hash(wide) == hash(again)
    changed = np.zeros((2, 8, 4), np.uint8)
    changed[1, 7, 2] = 1
    assert PixelBuffer.from_array(changed) != wide


def test_reading_outside_gives_transparency() -> None:
    buffer = PixelBuffer.from_array(noise(6, 5))
    part = buffer.read(Rect(-2, 3, 4, 9))
    assert part.shape == (6, 6, 4)
    assert np.array_equal(part[:2, 2:], buffer.array[3:5, :4])
    assert not part[2:].any()
    assert not part[:, :2].any()
    assert not buffer.read(Rect(50, 50, 60, 60)).any()
    assert buffer.pixel(6, 0) == (0, 0, 0, 0)
    assert buffer.pixel(2, 3) == tuple(int(v) for v in buffer.array[3, 2])


def test_crop() -> None:
    buffer = PixelBuffer.from_array(noise(6, 5))
    assert buffer.crop(buffer.bounds) is buffer
    part = buffer.crop(Rect(1, 1, 4, 3))
    assert np.array_equal(part.array, buffer.array[1:3, 1:4])
    assert not np.shares_memory(part.array, buffer.array)
    with pytest.raises(DocumentError):
        buffer.crop(EMPTY)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (300, 40)])
def test_alpha_box_against_brute_force(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(size[0])
    for share in (0.001, 0.02, 0.5):
        pixels = noise(*size)
        pixels[rng.random(pixels.shape[:2]) > share, 3] = 0
        ys, xs = np.nonzero(pixels[..., 3])
        box = PixelBuffer.from_array(pixels).alpha_box
        if xs.size == 0:
            assert box == EMPTY
        else:
            expected = int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
            assert box.as_tuple() == expected


def test_thumbnails_fit_and_are_never_enlarged() -> None:
    assert PixelBuffer.from_array(noise(200, 50)).thumbnail(40).shape == (10, 40, 4)
    assert PixelBuffer.from_array(noise(2000, 1)).thumbnail(40).shape == (1, 40, 4)
    assert PixelBuffer.from_array(noise(8, 4)).thumbnail(40).shape == (4, 8, 4)


@pytest.mark.parametrize("size", [(3, 3), (40, 7), (7, 40), (55, 60)])
def test_scaling_does_not_mix_in_the_colour_of_transparent_pixels(size: tuple[int, int]) -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[..., 1] = 255  # transparent green
    pixels[5:15, 5:15] = (255, 0, 0, 255)
    scaled = resample(pixels, *size)
    assert scaled.shape == (size[1], size[0], 4)
    seen = scaled[..., 3] > 3
    assert seen.any()
    assert scaled[seen][:, 1].max() <= 1
    assert scaled[seen][:, 0].min() >= 254


def test_scaling_to_the_same_size_changes_nothing() -> None:
    pixels = noise(13, 9)
    assert np.array_equal(resample(pixels, 13, 9), pixels)


def test_reductions_are_kept() -> None:
    buffer = PixelBuffer.from_array(noise(32, 32))
    assert buffer.reduced(0) is buffer
    assert buffer.reduced(1) is buffer.reduced(1)
    assert buffer.reduced(3, 2, 0) is buffer.reduced(3, 2, 0)


def test_thumbnails_of_large_layers_agree_with_scaling_all_pixels() -> None:
    pixels = np.zeros((900, 700, 4), np.uint8)
    pixels[100:800, 50:600] = (200, 100, 50, 255)
    pixels[300:500, 200:400] = (20, 30, 250, 120)
    thumbnail = PixelBuffer.from_array(pixels).thumbnail(72)
    expected = resample(pixels, thumbnail.shape[1], thumbnail.shape[0])
    error = np.abs(premultiplied(thumbnail) - premultiplied(expected))
    assert error.mean() < 0.5
    assert error.max() <= 255 / 8  # an edge that lies inside one of the averaged squares


@pytest.mark.parametrize("side", [901, 1023, 1025])
def test_thumbnails_of_opaque_layers_are_opaque_to_the_edge(side: int) -> None:
    thumbnail = PixelBuffer.filled(side, side, (9, 8, 7, 255)).thumbnail(72)
    assert (thumbnail == (9, 8, 7, 255)).all()
