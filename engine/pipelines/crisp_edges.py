"""Gives the hard edges of an enlarged drawing the width and the smooth line of clean vector art.

A small network leaves them too wide, with steps where the input's pixels were. Where one level
steps to another, the line between both is found in the blurred picture, so that the steps are gone,
and the edge is drawn anew along it by its distance, as glyphs are drawn from distance fields (Green
2007). Nothing leaves the range of the 3 x 3 pixels around it: there is no halo. What is
softer than an edge (shadows, glows, gradients, brush strokes) is none, and stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]

_RAMP_PX = 0.9  # from one level to the other along the normal; the pixels' own width comes on top
_SIGMA_PX = 1.2  # of the blur that straightens the line
_BLUR_PX = 4  # how far it reaches
_LEVELS_PX = 3  # how far off an edge both its levels are looked for
_END_PX = 2  # how far from it the end of a ramp is known to be no edge
_APRON = _BLUR_PX + _LEVELS_PX
_STRIP_PIXELS = 1 << 18
_FAINT = 19.0  # levels: smaller steps are none, twice as large ones are for certain
# Step over slope, in pixels, between which an edge is taken for one: 2 is what pixels that were
# averaged have, more is too wide, and a ramp through all that is looked at has twice _LEVELS_PX.
_CLEAN_PX, _WIDE_PX = 2.05, 2.2
_HARD_PX, _SOFT_PX = 3.2, 4.5
_THIN, _BROAD = 0.75, 0.9  # share of a step that the blur leaves; it takes thin lines away
_UNIT = 256.0  # blurred in 1/256 levels: integers come out equal wherever a strip begins


def crispen_edges(enlarged: Bytes) -> None:
    """Changes a picture in place.

    Memory: some rows. The result does not depend on how many at once.

    Args:
        enlarged: `H W 3`, or `H W`; every channel by itself.
    """
    height, width = enlarged.shape[:2]
    rows = max(2 * _APRON, _STRIP_PIXELS // width)
    above = enlarged[:0].copy()
    for y in range(0, height, rows):
        here = enlarged[y : y + rows]
        strip = np.concatenate([above, enlarged[y : y + rows + _APRON]])
        inner = np.s_[len(above) : len(above) + len(here)]
        above = strip[: inner.stop][-_APRON:]
        if enlarged.ndim == 2:
            here[:] = _crisp(strip)[inner]
            continue
        for channel in range(enlarged.shape[2]):
            here[..., channel] = _crisp(np.ascontiguousarray(strip[..., channel]))[inner]


def _crisp(plane: Bytes) -> Bytes:
    """One channel, `h w`."""
    least, most = _extremes(plane, _LEVELS_PX)
    step = most - least
    if step.max() <= _FAINT:
        return plane
    levels = plane.astype(np.float32)
    line = _Line.of(plane)
    away = (line.levels - (least + most) / 2) / np.maximum(line.slope, 1 / _UNIT)
    drawn = least + step * np.clip(0.5 + away / _RAMP_PX, 0, 1)
    share = _share(levels, step, line)
    crisp = levels + share * (np.clip(drawn, *_extremes(plane, 1)) - levels)
    return np.rint(crisp).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """The blurred picture, `h w` each.

    Attributes:
        slope: Levels per pixel.
        step: Range of the levels around each pixel.
    """

    levels: Plane
    slope: Plane
    step: Plane

    @classmethod
    def of(cls, plane: Bytes) -> _Line:
        side = 2 * _BLUR_PX + 1
        blurred = cv2.GaussianBlur(
            plane.astype(np.uint16) * np.uint16(_UNIT), (side, side), _SIGMA_PX,
            borderType=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        least, most = _extremes(blurred, _LEVELS_PX)
        levels = np.asarray(blurred, np.float32) / np.float32(_UNIT)
        down, right = _slopes(levels)
        return cls(levels, np.sqrt(down * down + right * right), (most - least) / _UNIT)


def _share(levels: Plane, step: Plane, line: _Line) -> Plane:
    """How much of each pixel is drawn anew, 0 to 1."""
    down, right = _slopes(levels)
    steepest = _extremes(np.maximum(np.abs(down), np.abs(right)), 1)[1]
    width = _ratio(_extremes(step, _END_PX)[1], steepest)
    parts = (
        _rising(step, _FAINT, 2 * _FAINT),
        _rising(width, _CLEAN_PX, _WIDE_PX),
        _rising(-width, -_SOFT_PX, -_HARD_PX),
        _rising(_ratio(line.step, step), _THIN, _BROAD),
    )
    return np.asarray(np.prod(parts, axis=0), np.float32)


def _ratio(values: Plane, others: Plane) -> Plane:
    return np.asarray(values / np.maximum(others, 1 / _UNIT), np.float32)


def _rising(values: Plane, low: float, high: float) -> Plane:
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)


def _slopes(levels: Plane) -> tuple[Plane, Plane]:
    """Levels per pixel downwards and to the right; half of that at the picture's ends."""
    framed = np.pad(levels, 1, mode="edge")
    down = np.asarray(framed[2:, 1:-1] - framed[:-2, 1:-1], np.float32) / np.float32(2)
    right = np.asarray(framed[1:-1, 2:] - framed[1:-1, :-2], np.float32) / np.float32(2)
    return np.asarray(down, np.float32), np.asarray(right, np.float32)


def _extremes(
    plane: npt.NDArray[np.integer[Any] | np.floating[Any]], reach: int
) -> tuple[Plane, Plane]:
    """Least and most of the square around each pixel, as floats."""
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    made = (f(plane, kernel, borderType=cv2.BORDER_REPLICATE) for f in (cv2.erode, cv2.dilate))
    least, most = (np.asarray(each, np.float32) for each in made)
    return least, most
