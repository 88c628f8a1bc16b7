"""Crop, bleed, matte, run lengths and the pixel hash."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from psd_tools.compression import compress
from psd_tools.constants import Compression

from editor.document.geometry import Rect
from editor.document.pixels import PixelBuffer
from editor.formats.psd_planes import (
    bleed_colour,
    canonical_pixels,
    decode_plane,
    matte_on_white,
    pixel_hash,
    stored_box,
)
from tests.formats.sample_documents import disc, noise

rgba_arrays = arrays.arrays(
    np.uint8,
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(4)),
    elements=st.sampled_from([0, 0, 0, 1, 7, 128, 255]),
)


def test_crop_is_the_alpha_box_and_one_pixel() -> None:
    pixels = np.zeros((50, 60, 4), np.uint8)
    pixels[10:20, 30:45] = 255
    assert stored_box(PixelBuffer.from_array(pixels)) == Rect(29, 9, 46, 21)


def test_crop_stays_within_the_layer() -> None:
    assert stored_box(PixelBuffer.filled(6, 5, (1, 2, 3, 4))) == Rect(0, 0, 6, 5)


def test_a_layer_without_alpha_keeps_one_pixel() -> None:
    assert stored_box(PixelBuffer.transparent(9, 9)) == Rect(0, 0, 1, 1)


@given(rgba_arrays)
def test_hash_ignores_crop_and_bleed(array: npt.NDArray[np.uint8]) -> None:
    pixels = PixelBuffer.from_array(array)
    cropped = pixels.crop(stored_box(pixels))
    assert pixel_hash(cropped) == pixel_hash(pixels)
    assert pixel_hash(PixelBuffer.from_array(bleed_colour(cropped.array))) == pixel_hash(pixels)
    assert stored_box(cropped) == cropped.bounds


@given(rgba_arrays, st.data())
def test_hash_sees_every_visible_change(array: npt.NDArray[np.uint8], data: st.DataObject) -> None:
    before = PixelBuffer.from_array(array)
    y = data.draw(st.integers(0, array.shape[0] - 1))
    x = data.draw(st.integers(0, array.shape[1] - 1))
    changed = array.copy()
    changed[y, x] ^= np.array([1, 0, 0, 0], np.uint8)
    visible = array[y, x, 3] > 0
    assert (pixel_hash(PixelBuffer.from_array(changed)) != pixel_hash(before)) == visible


def test_hash_tells_sizes_apart() -> None:
    wide, tall = PixelBuffer.filled(2, 8, (1, 1, 1, 1)), PixelBuffer.filled(8, 2, (1, 1, 1, 1))
    assert pixel_hash(wide) != pixel_hash(tall)


def test_canonical_pixels_of_nothing() -> None:
    assert canonical_pixels(PixelBuffer.transparent(3, 3)).shape == (0, 0, 4)


def test_bleed_carries_the_edge_colour_outward_and_zeroes_the_rest() -> None:
    array = disc(80, 80, (200, 30, 90), hidden=77).array
    bled = bleed_colour(array)
    visible = array[..., 3] > 0
    assert np.array_equal(bled[visible], array[visible])
    assert np.array_equal(bled[..., 3], array[..., 3])
    beside = np.argwhere(visible).min(axis=0)  # topmost row with alpha
    row = int(beside[0])
    column = int(np.flatnonzero(visible[row])[0])
    assert bled[row - 1, column, :3].tolist() == [200, 30, 90]
    assert bled[0, 0].tolist() == [0, 0, 0, 0]
    assert not (bled[~visible][:, :3] == 77).all(axis=1).any()


def test_bleed_weighs_colours_by_alpha() -> None:
    array = np.zeros((1, 3, 4), np.uint8)
    array[0, 0] = (255, 0, 0, 254)
    array[0, 2] = (0, 0, 255, 1)  # the noisy colour of a nearly invisible pixel
    assert bleed_colour(array)[0, 1].tolist() == [254, 0, 1, 0]


def test_bleed_is_stable() -> None:
    once = bleed_colour(noise(40, 30, 2).array)
    assert np.array_equal(bleed_colour(once), once)


def test_matte_on_white() -> None:
    colours = np.array([[[200, 60, 0, 128], [9, 9, 9, 0], [1, 2, 3, 255]]], np.uint8)
    expected = [[[227, 157, 127, 128], [255, 255, 255, 0], [1, 2, 3, 255]]]
    assert matte_on_white(colours).tolist() == expected


@pytest.mark.parametrize("compression", list(Compression))
def test_every_packing_is_read(compression: Compression) -> None:
    values = noise(33, 21, 5).array[..., 0]
    packed = compress(values.tobytes(), compression, 33, 21, 8)
    assert np.array_equal(decode_plane(packed, compression, 33, 21, 1), values)


@pytest.mark.parametrize("compression", list(Compression))
def test_damaged_planes_are_refused(compression: Compression) -> None:
    values = noise(33, 21, 5).array[..., 0]
    packed = compress(values.tobytes(), compression, 33, 21, 8)
    with pytest.raises(ValueError, match=r".+"):
        decode_plane(packed[: len(packed) // 3], compression, 33, 21, 1)


def test_a_zip_bomb_gives_no_more_than_the_plane() -> None:
    packed = compress(bytes(10_000_000), Compression.ZIP, 1000, 10_000, 8)
    assert decode_plane(packed, Compression.ZIP, 4, 4, 1).size == 16
