"""Tiles: exact, empty ones free, equal ones equal."""

from __future__ import annotations

import numpy as np
import pytest

from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.formats.plain_values import Blob
from editor.session.tile_codec import EMPTY, TILE_PX, cut, join, pack, shape_of, tile_hash, unpack
from tests.formats.sample_documents import noise


def round_trip(blob: Blob) -> Blob:
    shape = shape_of(blob)
    stored = [(h, pack(tile), tile.shape) for h, tile in cut(blob)]
    return join(shape, (None if h == EMPTY else unpack(d, *size) for h, d, size in stored))


@pytest.mark.parametrize("size", [(1, 1), (255, 257), (256, 256), (600, 300), (1, 700)])
def test_pixels_and_coverage_come_back(size: tuple[int, int]) -> None:
    pixels = noise(*size, 1)
    assert round_trip(pixels) == pixels
    coverage = CoverageBuffer.from_array(pixels.array[..., 0])
    assert round_trip(coverage) == coverage


@pytest.mark.parametrize("data", [b"", b"\0", bytes(range(256)) * 300, bytes(1000)])
def test_bytes_come_back(data: bytes) -> None:
    assert round_trip(data) == data


def test_empty_tiles_are_known_and_a_change_touches_one_tile() -> None:
    array = np.zeros((2 * TILE_PX, 3 * TILE_PX, 4), np.uint8)
    before = [h for h, _ in cut(PixelBuffer.from_array(array))]
    assert before == [EMPTY] * 6
    array[TILE_PX + 3, 5, 2] = 1  # alpha 0, but colour is content
    after = [h for h, _ in cut(PixelBuffer.from_array(array))]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True] * 3 + [False] + [True] * 2


def test_the_hash_knows_the_shape() -> None:
    flat = np.full((2, 8, 1), 3, np.uint8)
    assert tile_hash(flat) != tile_hash(flat.reshape(4, 4, 1))


def test_a_damaged_tile_is_a_value_error() -> None:
    tile = noise(20, 20, 1).array
    data = pack(tile)
    for bad in (data[:-5], b"", data[10:], pack(noise(30, 30, 1).array)):
        with pytest.raises(ValueError):  # noqa: PT011 - numpy's texts differ
            unpack(bad, 20, 20, 4)
