"""Turned pictures are the same as turned arrays, and stay sparse."""

from __future__ import annotations

import numpy as np
import pytest

from editor.document.geometry import Rect
from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.document.tiles import Values
from editor.document.turning import Turn, turned
from tests.document.scenes import noise

ARRAYS = {
    Turn.CLOCKWISE: lambda a: np.rot90(a, -1),
    Turn.COUNTERCLOCKWISE: lambda a: np.rot90(a, 1),
    Turn.HALF: lambda a: np.rot90(a, 2),
    Turn.HORIZONTAL: lambda a: a[:, ::-1],
    Turn.VERTICAL: lambda a: a[::-1],
}


@pytest.mark.parametrize("turn", Turn)
@pytest.mark.parametrize("frame", [Rect(0, 0, 600, 300), Rect(-70, 5, 520, 301)])
def test_against_arrays(turn: Turn, frame: Rect) -> None:
    buffer = PixelBuffer.from_array(noise(600, 300, 1)).crop(frame)
    expected: Values = ARRAYS[turn](buffer.array)
    result = turned(buffer, turn)
    assert np.array_equal(result.array, expected)
    assert result == PixelBuffer.from_array(np.ascontiguousarray(expected))
    assert result.alpha_box == PixelBuffer.from_array(np.ascontiguousarray(expected)).alpha_box


@pytest.mark.parametrize("turn", Turn)
def test_points_move_with_the_pixels(turn: Turn) -> None:
    spot = noise(1, 1) | np.uint8(255)
    buffer = PixelBuffer.transparent(70, 40).with_patch(Rect(10, 30, 11, 31), spot)
    x, y = turn.point(10.5, 30.5, 70, 40)
    assert turned(buffer, turn).alpha_box == Rect(int(x), int(y), int(x) + 1, int(y) + 1)


@pytest.mark.parametrize("turn", Turn)
def test_flat_parts_stay_flat(turn: Turn) -> None:
    assert turned(PixelBuffer.filled(3000, 2000, (1, 2, 3, 4)), turn).byte_size < 20_000
    coverage = turned(CoverageBuffer.filled(3000, 2000, 255), turn)
    assert coverage.size == turn.size(3000, 2000)
    assert coverage.array.min() == 255


def test_back_again() -> None:
    buffer = PixelBuffer.from_array(noise(530, 270, 1))
    there = turned(buffer, Turn.CLOCKWISE)
    assert turned(there, Turn.COUNTERCLOCKWISE) == buffer
    assert turned(turned(there, Turn.HALF), Turn.CLOCKWISE) == buffer
