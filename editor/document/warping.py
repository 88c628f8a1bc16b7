"""Drawing pixels and coverage through an affine map: turned, leaning, mirrored, stretched.

Cubic interpolation of premultiplied values; where the picture shrinks, several samples are
averaged for each pixel, so that nothing flickers. Maps of pixels onto pixels copy exactly. Worked
in squares, so that a large picture needs no whole copy in floating point.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from editor.document import affine
from editor.document.affine import Matrix
from editor.document.geometry import Rect
from editor.document.masks import Coverage, CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer, check_size
from editor.document.resampling import RgbaArray, premultiplied, straight

Planes = npt.NDArray[np.float32]

_SQUARE_PX = 256
_MAX_SAMPLES = 8  # on each axis; what shrinks more starts from halved pixels
_REACH_PX = 3  # source pixels that the interpolation looks at around a place


def warped(pixels: PixelBuffer, matrix: Matrix) -> tuple[PixelBuffer, tuple[int, int]]:
    """Pixels drawn through a map -> (pixels, their offset in the map's target).

    Raises DocumentError when they would be too large.
    """
    box = affine.mapped_rect(matrix, pixels.bounds)
    check_size(*box.size)
    exact = affine.quarter_turns(matrix)
    if exact is not None:
        turned = np.ascontiguousarray(_turned(pixels.array, exact))
        return PixelBuffer.from_array(turned, copy=False), (box.x0, box.y0)
    level = _level(matrix)
    source, back = pixels.reduced(level), _back(matrix, level)
    out = np.zeros((box.height, box.width, 4), np.uint8)

    def read(rect: Rect) -> Planes:
        return premultiplied(source.read(rect))

    for square in box.tiles(_SQUARE_PX, _SQUARE_PX):
        drawn = _drawn(read, source.bounds, square, back)
        if drawn is not None:
            place = square.translated(-box.x0, -box.y0)
            out[place.y0 : place.y1, place.x0 : place.x1] = straight(_tamed(drawn))
    return PixelBuffer.from_array(out, copy=False), (box.x0, box.y0)


def warped_mask(mask: Mask, matrix: Matrix) -> Mask:
    """A mask in document pixels drawn through a map of the document."""
    x, y = mask.offset
    matrix = affine.compose(matrix, affine.translation(x, y))
    exact = affine.quarter_turns(matrix)
    box = affine.mapped_rect(matrix, mask.coverage.bounds)
    check_size(*box.size)
    if exact is not None:
        turned: Coverage = np.ascontiguousarray(_turned(mask.coverage.array, exact))
        return _placed(mask, turned, box)
    level = _level(matrix)
    source, back = mask.coverage.reduced(level, outside=mask.outside), _back(matrix, level)
    out = np.full((box.height, box.width), mask.outside, np.uint8)

    def read(rect: Rect) -> Planes:
        # From what lies outside, so that the border of the interpolation can be 0.
        return source.tiles.read(rect, mask.outside).astype(np.float32) - mask.outside

    for square in box.tiles(_SQUARE_PX, _SQUARE_PX):
        drawn = _drawn(read, source.bounds, square, back)
        if drawn is not None:
            place = square.translated(-box.x0, -box.y0)
            values = np.rint(np.clip(drawn + mask.outside, 0, 255))
            out[place.y0 : place.y1, place.x0 : place.x1] = values
    return _placed(mask, out, box)


def _placed(mask: Mask, coverage: Coverage, box: Rect) -> Mask:
    return Mask(
        coverage=CoverageBuffer.from_array(coverage, copy=False),
        offset=(box.x0, box.y0),
        outside=mask.outside,
        enabled=mask.enabled,
    )


def _tamed(planes: Planes) -> Planes:
    """Premultiplied values whose alpha the interpolation took over 255 keep their colour."""
    planes[..., :3] *= 255 / np.maximum(planes[..., 3:], 255)
    return planes


def _turned(values: RgbaArray, whole: tuple[int, ...]) -> RgbaArray:
    """Values turned by quarters and mirrored, for a matrix of whole numbers."""
    a, b, _, d, e, _ = whole
    if a == 0:
        values = np.swapaxes(values, 0, 1)
        a, e = b, d
    return values[:: 1 if e > 0 else -1, :: 1 if a > 0 else -1]


def _level(matrix: Matrix) -> int:
    """How often to halve the source, so that a pixel needs few enough samples."""
    across, down = affine.lengths(affine.inverse(matrix))
    return max(0, math.ceil(math.log2(min(across, down) / _MAX_SAMPLES)))


def _back(matrix: Matrix, level: int) -> Matrix:
    """From the target to the halved source."""
    side = float(1 << level)
    return affine.compose(affine.scaling(1 / side, 1 / side), affine.inverse(matrix))


def _drawn(
    read: Callable[[Rect], Planes], bounds: Rect, square: Rect, back: Matrix
) -> Planes | None:
    """What a square of the target shows; None where the source does not reach."""
    needed = affine.mapped_rect(back, square).expanded(_REACH_PX)
    part = needed.intersection(bounds.expanded(_REACH_PX))
    if part.is_empty:
        return None
    samples = tuple(max(1, math.ceil(step - 1e-6)) for step in affine.lengths(back))
    # From the index of a sample to that of a source pixel; their middles lie at halves.
    to_target = affine.compose(
        affine.translation(square.x0, square.y0),
        affine.scaling(1 / samples[0], 1 / samples[1]),
    )
    place = affine.compose(affine.compose(back, to_target), affine.translation(0.5, 0.5))
    place = affine.compose(affine.translation(-part.x0 - 0.5, -part.y0 - 0.5), place)
    size = square.width * samples[0], square.height * samples[1]
    drawn = cv2.warpAffine(
        read(part),
        np.array(place, np.float64).reshape(2, 3),
        size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    if samples != (1, 1):
        drawn = cv2.resize(drawn, square.size, interpolation=cv2.INTER_AREA)
    return cast("Planes", drawn)
