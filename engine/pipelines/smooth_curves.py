"""Smooth curves through wobbly ones: lines and arcs where these fit, real corners between them.

Penalised splines (Eilers and Marx 1996): cubic, with the lengths of the third differences of their
coefficients as penalty. Lines and arcs cost nothing, a change from one to the other a little;
a penalty of squares would round every such change, and fit every wave a little.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch

Points = npt.NDArray[np.float64]  # n 2: x and y in pixels, pixel centres at whole numbers
Values = npt.NDArray[np.float64]  # n
Indices = npt.NDArray[np.intp]

_LEAST_POINTS = 6  # of a curve that can be smoothed
_KNOT_PX = 3.0
_PENALTY, _NONE = 8.0, 0.05  # per pixel of a third difference; shorter ones are none
_FIRST = 10.0  # of the squares that the first round begins with
_ROUNDS = 8
_HELD = 1e3  # weight of ends
_LEAST_TOLERANCE, _OVER = 0.2, 1.15  # in pixels; times the tolerance, beyond which nothing goes
_SHORT_PX, _LONG_PX = (1.0, 4.5), (1.5, 9.0)  # from a corner, where its sides' directions are taken
_CORNER = np.radians(52.0)
_SHARP = 0.78  # of the turn over the long reach is there over the short one; on an arc half of it
_APART_PX = 5.0  # between two corners


def smooth_curve(points: Points, tolerance: Values, closed: bool) -> Points:
    """As many points, moved by little more than the tolerance at most.

    Args:
        points: At about equal distances of a pixel or less; the ends of an open curve stay.
        tolerance: Of each point, in pixels.
    """
    if len(points) < _LEAST_POINTS:
        return points
    way, length = _way(points, closed)
    corners = _corners(points, way, length, closed)
    if closed and not len(corners):
        return _fit(points, tolerance, closed=True)
    if not closed:
        return _between(points, tolerance, [0, *corners.tolist(), len(points) - 1])
    order = np.append(np.roll(np.arange(len(points)), -corners[0]), corners[0])
    moved = np.empty_like(points)
    cuts = [*(corners - corners[0]).tolist(), len(points)]
    moved[order] = _between(points[order], tolerance[order], cuts)
    return moved


def _between(points: Points, tolerance: Values, cuts: list[int]) -> Points:
    """Each part by itself; its ends stay."""
    out = points.copy()
    for start, end in pairwise(cuts):
        if end - start >= _LEAST_POINTS:
            part = _fit(points[start : end + 1], tolerance[start : end + 1], closed=False)
            out[start + 1 : end] = part[1:-1]
    return out


def _way(points: Points, closed: bool) -> tuple[Values, float]:
    """Length of the way to each point, and of all of it; of the curve without its steps."""
    even = points
    for _ in range(3):
        around = np.pad(even, ((1, 1), (0, 0)), mode="wrap" if closed else "edge")
        even = (around[:-2] + 2 * around[1:-1] + around[2:]) / 4
        if not closed:
            even[0], even[-1] = points[0], points[-1]
    ends = np.concatenate([even, even[:1]]) if closed else even
    steps = np.maximum(np.hypot(*np.diff(ends, axis=0).T), 1e-3)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    return (way[:-1] if closed else way), float(way[-1])


def _fit(points: Points, tolerance: Values, *, closed: bool) -> Points:
    """The spline at the points' places, no farther from them than they may be moved."""
    spline = _Spline(points, closed)
    weights = np.ones(len(points))
    if not closed:
        weights[[0, -1]] = _HELD
    bends = np.full(spline.bends, _FIRST)
    limit = np.maximum(tolerance, _LEAST_TOLERANCE)
    fitted = points
    for _ in range(_ROUNDS):
        fitted, thirds = spline.solved(weights, bends)
        bends = _PENALTY / (thirds + _NONE)
        far = np.hypot(*(fitted - points).T) / limit
        weights = weights * np.clip(far, 1, 2)
    moved = fitted - points
    most = _OVER * tolerance / np.maximum(np.hypot(*moved.T), 1e-9)
    return np.asarray(points + moved * np.minimum(1, most)[:, None], np.float64)


class _Spline:
    """A cubic spline with knots at equal distances along a curve.

    Attributes:
        bends: How many third differences it has.
    """

    def __init__(self, points: Points, closed: bool) -> None:
        way, length = _way(points, closed)
        pieces = max(4 if closed else 1, round(length / _KNOT_PX))
        self._points, self._count = points, pieces if closed else pieces + 3
        place = np.minimum(way / length * pieces, pieces - 1e-9)
        piece = place.astype(np.intp)
        self._shares = _cubic(place - piece)  # n 4
        self._columns = (piece[:, None] + np.arange(4)) % self._count
        cells = self._columns[:, :, None] * self._count + self._columns[:, None, :]
        self._cells = cells.ravel()
        self._products = self._shares[:, :, None] * self._shares[:, None, :]
        self._thirds = torch.from_numpy(_third_differences(self._count, closed))
        self.bends = len(self._thirds)

    def solved(self, weights: Values, bends: Values) -> tuple[Points, Values]:
        """The curve at each point, and the lengths of the third differences.

        Args:
            weights: Of the points' squared distances.
            bends: Of the squared third differences.
        """
        products = (self._products * weights[:, None, None]).ravel()
        held = np.bincount(self._cells, products, self._count**2).reshape(self._count, -1)
        pull = [
            np.bincount(self._columns.ravel(), (self._shares * each[:, None]).ravel(), self._count)
            for each in (weights * self._points[:, 0], weights * self._points[:, 1])
        ]
        # By torch: NumPy's threads wait by spinning, hundreds of times as long on a busy machine.
        stiff = (self._thirds.T * torch.from_numpy(bends)) @ self._thirds
        solution = torch.linalg.solve(
            torch.from_numpy(held) + stiff, torch.from_numpy(np.stack(pull, 1))
        )
        curve = solution.numpy()
        fitted = (self._shares[:, :, None] * curve[self._columns]).sum(1)
        return fitted, np.asarray(np.hypot(*(self._thirds @ solution).numpy().T), np.float64)


def _cubic(part: Values) -> npt.NDArray[np.float64]:
    """Shares of the four coefficients around a place, by how far it is between two knots."""
    rest = 1 - part
    middle = [4 - 6 * each**2 + 3 * each**3 for each in (part, rest)]
    return np.stack([rest**3, *middle, part**3], 1) / 6


def _third_differences(count: int, closed: bool) -> npt.NDArray[np.float64]:
    one = np.eye(count)
    if not closed:
        return np.diff(one, 3, axis=0)
    return np.roll(one, 3, 1) - 3 * np.roll(one, 2, 1) + 3 * np.roll(one, 1, 1) - one


def _corners(points: Points, way: Values, length: float, closed: bool) -> Indices:
    """Indices of real corners, in order: where much of a turn is at one place."""
    period = length if closed else None
    sharp, turn = (_turns(points, way, period, *reach) for reach in (_SHORT_PX, _LONG_PX))
    there = _turns(points, way, period, 0.0, _SHORT_PX[1])
    worth = np.where((turn > _CORNER) & (sharp > _SHARP * turn), there, 0.0)
    if not closed:
        worth[np.minimum(way, length - way) < _APART_PX] = 0
    found: list[int] = []
    for index in np.argsort(-worth, kind="stable")[: np.count_nonzero(worth)].tolist():
        away = np.abs(way[found] - way[index])
        if closed:
            away = np.minimum(away, length - away)
        if (away >= _APART_PX).all():
            found.append(index)
    return np.sort(np.array(found, np.intp))


def _turns(points: Points, way: Values, period: float | None, near: float, far: float) -> Values:
    """How much the curve turns at each point, by the directions of its sides; radians."""
    farther, nearer, next_, last = (
        np.stack([np.interp(way + offset, way, each, period=period) for each in points.T])
        for offset in (-far, -near, near, far)
    )
    before, after = nearer - farther, last - next_  # 2 n
    cross = before[0] * after[1] - before[1] * after[0]
    return np.asarray(np.abs(np.arctan2(cross, (before * after).sum(0))), np.float64)
