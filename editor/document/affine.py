"""Affine maps of the plane as six numbers, row-major: x' = a x + b y + c, y' = d x + e y + f."""

from __future__ import annotations

import math
from collections.abc import Sequence

from editor.document.geometry import Rect

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_NEAR = 1e-6


def translation(dx: float, dy: float) -> Matrix:
    """Moves by (dx, dy)."""
    return 1.0, 0.0, dx, 0.0, 1.0, dy


def scaling(across: float, down: float, center: Point = (0.0, 0.0)) -> Matrix:
    """Stretches around a point; a negative factor mirrors."""
    x, y = center
    return across, 0.0, x - across * x, 0.0, down, y - down * y


def rotation(degrees: float, center: Point = (0.0, 0.0)) -> Matrix:
    """Turns around a point, clockwise on the screen (y points down); quarter turns are exact."""
    quarters, rest = divmod(degrees, 90)
    if rest == 0:
        cos, sin = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    else:
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = center
    return cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y


def stretch(source: Sequence[float], target: Sequence[float]) -> Matrix:
    """Takes the rectangle (x0, y0, x1, y1) `source`, which has an area, onto `target`."""
    across = (target[2] - target[0]) / (source[2] - source[0])
    down = (target[3] - target[1]) / (source[3] - source[1])
    return across, 0.0, target[0] - across * source[0], 0.0, down, target[1] - down * source[1]


def compose(outer: Matrix, inner: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (
        a * g + b * j,
        a * h + b * k,
        a * i + b * m + c,
        d * g + e * j,
        d * h + e * k,
        d * i + e * m + f,
    )


def inverse(matrix: Matrix) -> Matrix:
    """The map back. Raises ZeroDivisionError for a map that flattens everything."""
    a, b, c, d, e, f = matrix
    area = a * e - b * d
    return (
        e / area,
        -b / area,
        (b * f - c * e) / area,
        -d / area,
        a / area,
        (c * d - a * f) / area,
    )


def apply(matrix: Matrix, x: float, y: float) -> Point:
    """Where a point comes to lie."""
    a, b, c, d, e, f = matrix
    return a * x + b * y + c, d * x + e * y + f


def lengths(matrix: Matrix) -> tuple[float, float]:
    """How long a step of 1 along x and along y becomes."""
    a, b, _, d, e, _ = matrix
    return math.hypot(a, d), math.hypot(b, e)


def angle(matrix: Matrix) -> float:
    """Degrees, -180 to 180, that the x axis is turned by, clockwise on the screen."""
    return math.degrees(math.atan2(matrix[3], matrix[0]))


def corners(matrix: Matrix, rect: Sequence[float]) -> tuple[Point, Point, Point, Point]:
    """Where the corners of (x0, y0, x1, y1) come to lie: top left first, then clockwise."""
    x0, y0, x1, y1 = rect
    return (
        apply(matrix, x0, y0),
        apply(matrix, x1, y0),
        apply(matrix, x1, y1),
        apply(matrix, x0, y1),
    )


def box_around(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """(x0, y0, x1, y1) around some points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def mapped_rect(matrix: Matrix, rect: Rect) -> Rect:
    """Whole pixels that a mapped rectangle touches; at least one."""
    x0, y0, x1, y1 = box_around(corners(matrix, rect.as_tuple()))
    left, top = math.floor(x0 + _NEAR), math.floor(y0 + _NEAR)
    return Rect(
        left, top, max(left + 1, math.ceil(x1 - _NEAR)), max(top + 1, math.ceil(y1 - _NEAR))
    )


def is_upright(matrix: Matrix) -> bool:
    """Whether it only moves and stretches, without turning, leaning or mirroring."""
    a, b, _, d, e, _ = matrix
    return a > 0 and e > 0 and abs(b) <= _NEAR * a and abs(d) <= _NEAR * e


def quarter_turns(matrix: Matrix) -> tuple[int, ...] | None:
    """The matrix in whole numbers when it maps pixels exactly onto pixels; else None."""
    whole = tuple(round(value) for value in matrix)
    if max(abs(value - near) for value, near in zip(matrix, whole, strict=True)) > _NEAR:
        return None
    a, b, _, d, e, _ = whole
    return whole if abs(a * e - b * d) == 1 and abs(a) + abs(b) == 1 else None
