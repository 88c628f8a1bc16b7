"""Tiles: exact, empty ones free, equal ones equal, damage a ValueError."""

from __future__ import annotations

import numpy as np
import pytest

from editor.document.geometry import Rect
from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.document.tiles import TILE_SIDE, Tile
from editor.formats.plain_values import Blob
from editor.session.tile_codec import EMPTY, join, pack, parts_of, shape_of, unpack
from tests.formats.sample_documents import noise


def round_trip(blob: Blob) -> Blob:
    parts = [None if p.content_hash == EMPTY else p.packed for p in parts_of(blob)]
    return join(shape_of(blob), parts)


def only_tile(size: int) -> Tile:
    tile = noise(size, size, 1).tiles.tile((0, 0))
    assert tile is not None
    return tile


@pytest.mark.parametrize("size", [(1, 1), (255, 257), (256, 256), (600, 300), (1, 700)])
def test_pixels_and_coverage_come_back(size: tuple[int, int]) -> None:
    pixels = noise(*size, 1)
    coverage = CoverageBuffer.from_array(pixels.array[..., 0])
    for blob in (pixels, coverage, PixelBuffer.filled(*size, (9, 0, 0, 0))):
        after = round_trip(blob)
        assert after == blob
        assert not isinstance(after, bytes)
        assert np.array_equal(after.array, blob.array)


def test_the_grid_of_a_cropped_picture_stays() -> None:
    pixels = noise(700, 600, 1).crop(Rect(100, 90, 650, 580))
    after = round_trip(pixels)
    assert after == pixels
    assert isinstance(after, PixelBuffer)
    assert after.tiles.origin == pixels.tiles.origin


@pytest.mark.parametrize("data", [b"", b"\0", bytes(range(256)) * 300, bytes(1000)])
def test_bytes_come_back(data: bytes) -> None:
    assert round_trip(data) == data


def test_empty_tiles_cost_nothing_and_a_change_touches_one_tile() -> None:
    before = PixelBuffer.transparent(3 * TILE_SIDE, 2 * TILE_SIDE)
    assert [part.content_hash for part in parts_of(before)] == [EMPTY] * 6
    dab = np.array([[[0, 0, 1, 0]]], np.uint8)  # alpha 0, but colour is content
    after = before.with_patch(Rect(5, TILE_SIDE + 3, 6, TILE_SIDE + 4), dab)
    changed = [part.content_hash != EMPTY for part in parts_of(after)]
    assert changed == [False] * 3 + [True] + [False] * 2
    assert round_trip(after) == after


def test_damaged_parts_are_value_errors() -> None:
    data = pack(only_tile(20))
    for bad in (data[:-5], b"", data[10:], pack(only_tile(30)), b"u123", b"u\0\0\0\0"):
        with pytest.raises(ValueError):  # noqa: PT011 - numpy's texts differ
            unpack(bad, 20, 20, (4,))
    with pytest.raises(ValueError, match="argument"):
        join(shape_of(noise(600, 600, 1)), [None])
