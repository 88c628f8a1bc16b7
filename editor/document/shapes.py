"""How much of each pixel a polygon covers, exactly, as plain arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from editor.document.geometry import Rect

Point = tuple[float, float]
Floats = npt.NDArray[np.float64]
Coverage = npt.NDArray[np.uint8]

_CHORD_ERROR_PX = 0.02  # an ellipse's polygon lies at most this far inside of it


def rectangle_points(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    """The corners of a rectangle."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def ellipse_points(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    """A polygon for the ellipse that touches the sides of a rectangle."""
    radius_x, radius_y = abs(x1 - x0) / 2, abs(y1 - y0) / 2
    radius = max(radius_x, radius_y, 1.0)
    count = max(16, math.ceil(math.pi / math.acos(1 - _CHORD_ERROR_PX / radius)))
    angles = np.linspace(0, 2 * math.pi, count, endpoint=False)
    xs = (x0 + x1) / 2 + radius_x * np.cos(angles)
    ys = (y0 + y1) / 2 + radius_y * np.sin(angles)
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def bounds_of(points: Sequence[Point]) -> Rect:
    """Whole pixels around some points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Rect(math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys)))


def polygon_coverage(points: Sequence[Point], rect: Rect, *, antialias: bool = True) -> Coverage:
    """The part of each pixel of `rect` that lies inside a closed polygon, h w, 0..255.

    Where the polygon winds around a pixel more than once, the pixel is inside; where it winds back,
    it is outside. Without `antialias` a pixel is in when half of it is.
    """
    height, width = rect.height, rect.width
    x, y, down = _pieces(np.asarray(points, np.float64) - (rect.x0, rect.y0), width, height)
    # Each piece lies in one pixel: it covers what is to its right, that pixel in part.
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    to_right = 1 - (x - column)
    keep = (row >= 0) & (row < height)
    cells = row[keep] * (width + 2) + column[keep]
    turns = np.bincount(cells, down[keep] * to_right[keep], (width + 2) * height)
    turns += np.bincount(cells + 1, down[keep] * (1 - to_right[keep]), (width + 2) * height)
    covered = np.abs(np.cumsum(turns.reshape(height, width + 2), axis=1)[:, :width])
    share = np.minimum(covered, 1.0)
    if not antialias:
        share = share >= 0.5 - 1e-9
    coverage: Coverage = np.rint(share * 255).astype(np.uint8)
    return coverage


def _pieces(points: Floats, width: int, height: int) -> tuple[Floats, Floats, Floats]:
    """The edges cut at pixel borders: middle x and y of each piece and how far it goes down.

    What lies left of the rectangle is moved to its left edge, what lies right of it beyond its
    right edge, where it covers nothing.
    """
    starts, ends = points, np.roll(points, -1, axis=0)
    cut = [_cut(start, end) for start, end in zip(starts, ends, strict=True) if start[1] != end[1]]
    if not cut:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    joined = np.concatenate(cut)
    first, last = joined[:, :2], joined[:, 2:]
    middle = (first + last) / 2
    x = np.clip(middle[:, 0], 0, width)
    y = np.where((middle[:, 1] < 0) | (middle[:, 1] >= height), -1.0, middle[:, 1])
    return x, y, last[:, 1] - first[:, 1]


def _cut(start: Floats, end: Floats) -> Floats:
    """One edge as pieces (x0, y0, x1, y1) between its crossings of whole x and whole y."""
    places = [np.array([0.0, 1.0])]
    for axis in (0, 1):
        low, high = sorted((start[axis], end[axis]))
        lines = np.arange(math.floor(low) + 1, math.ceil(high))
        if len(lines):
            places.append((lines - start[axis]) / (end[axis] - start[axis]))
    along = np.sort(np.concatenate(places))
    points = start + along[:, None] * (end - start)
    return np.concatenate((points[:-1], points[1:]), axis=1)
