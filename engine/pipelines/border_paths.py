"""Smooths the borders between regions, together where one goes on in another at a junction.

An outline that passes other borders' ends is one curve there, not a row of short ones.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.pipelines.region_borders import OUTSIDE, Border, Plane
from engine.pipelines.smooth_curves import Points, smooth_curve

_JOIN = np.radians(50.0)  # of turn at a junction, up to which a border goes on in another
_DIRECTION_POINTS = 7  # from a junction to where a border's direction is taken
_FADE_PX = 5.0  # from a junction that was moved to where a border is as it was

_End = tuple[int, int]  # number of a border, 0 = its start, 1 = its end


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """Borders that go on in one another.

    Attributes:
        parts: Their numbers, and whether they are followed from start to end.
        closed: Whether it comes back to its start.
    """

    parts: tuple[tuple[int, bool], ...]
    closed: bool


def smooth_borders(borders: list[Border], clear: Set[int], tolerance: Plane) -> None:
    """Changes the borders' points; those at the picture's frame stay.

    Args:
        clear: Labels of what is no part of the drawing. Its outline comes first, others end on it.
        tolerance: How far points may be moved, in pixels, `h w`.
    """

    def rank(path: _Path) -> tuple[bool, int]:
        own = [borders[index] for index, _ in path.parts]
        outer = any(not clear.isdisjoint(border.sides) for border in own)
        return not outer, -sum(len(border.points) for border in own)

    moved: dict[int, Points] = {}
    for path in sorted(_paths(borders, clear), key=rank):
        if OUTSIDE not in borders[path.parts[0][0]].sides:
            _smooth_path(borders, path, tolerance, moved)
    for border in borders:  # junctions that were moved later
        if not border.closed:
            border.points = _to_junctions(border.points, border.ends, moved)


def _smooth_path(
    borders: list[Border], path: _Path, tolerance: Plane, moved: dict[int, Points]
) -> None:
    first = borders[path.parts[0][0]]
    if first.closed:
        first.points = smooth_curve(first.points, _at(tolerance, first.points), True)
        return
    parts = [borders[index].points[:: 1 if ahead else -1] for index, ahead in path.parts]
    ends = [borders[index].ends[:: 1 if ahead else -1] for index, ahead in path.parts]
    junctions = [ends[0][0], *(end for _, end in ends)]
    places = np.cumsum([0, *(len(part) - 1 for part in parts)]).tolist()
    points = np.concatenate([*(part[:-1] for part in parts), parts[-1][-1:]])
    if path.closed:
        smooth = smooth_curve(points[:-1], _at(tolerance, points[:-1]), True)
        smooth = np.concatenate([smooth, smooth[:1]])
    else:
        points = _to_junctions(points, (junctions[0], junctions[-1]), moved)
        smooth = smooth_curve(points, _at(tolerance, points), False)
    for junction, place in zip(junctions, places, strict=True):
        moved[junction] = smooth[place]
    for (index, ahead), start, end in zip(path.parts, places[:-1], places[1:], strict=True):
        borders[index].points = smooth[start : end + 1][:: 1 if ahead else -1]


def _at(plane: Plane, points: Points) -> npt.NDArray[np.float64]:
    """Of the nearest pixels."""
    height, width = plane.shape
    columns, rows = np.rint(points).astype(np.intp).T
    there = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    return np.asarray(plane[there], np.float64)


def _to_junctions(points: Points, ends: tuple[int, int], moved: dict[int, Points]) -> Points:
    """The points, bent to where the junctions at their ends have gone."""
    start, end = moved.get(ends[0]), moved.get(ends[1])
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    fade = max(min(_FADE_PX, way[-1] / 2), 1e-6)
    bent = points.copy()
    if start is not None:
        bent += np.clip(1 - way / fade, 0, 1)[:, None] * (start - points[0])
    if end is not None:
        bent += np.clip(1 - (way[-1] - way) / fade, 0, 1)[:, None] * (end - points[-1])
    return bent


def _paths(borders: list[Border], clear: Set[int]) -> list[_Path]:
    """Each border in one path; open paths first."""
    joined = _joined(borders, clear)
    every = [(index, end) for index, border in enumerate(borders) for end in (0, 1)]
    starts = [end for end in every if not borders[end[0]].closed and end not in joined]
    used: set[int] = set()
    paths = []
    for index, end in (*starts, *every):
        if index in used:
            continue
        used.add(index)
        parts, following = [(index, end == 0)], joined.get((index, 1 - end))
        while following is not None and following[0] not in used:
            used.add(following[0])
            parts.append((following[0], following[1] == 0))
            following = joined.get((following[0], 1 - following[1]))
        paths.append(_Path(tuple(parts), borders[index].closed or following == (index, end)))
    return paths


def _joined(borders: list[Border], clear: Set[int]) -> dict[_End, _End]:
    """Where each end of a border goes on, if it does."""
    meeting: dict[int, list[_End]] = {}
    for index, border in enumerate(borders):
        if not border.closed:
            for end in (0, 1):
                meeting.setdefault(border.ends[end], []).append((index, end))
    joined: dict[_End, _End] = {}
    for ends in meeting.values():
        if len(ends) != 3 or any(OUTSIDE in borders[index].sides for index, _ in ends):
            continue
        outer = [end for end in ends if not clear.isdisjoint(borders[end[0]].sides)]
        pairs = [(ends[0], ends[1]), (ends[0], ends[2]), (ends[1], ends[2])]
        if len(outer) == 2:
            pairs = [(outer[0], outer[1])]
        turns = [_turn(borders, *pair) for pair in pairs]
        if min(turns) < _JOIN:
            one, other = pairs[turns.index(min(turns))]
            joined[one], joined[other] = other, one
    return joined


def _turn(borders: list[Border], one: _End, other: _End) -> float:
    """Between the way into a junction and the way out of it, in radians."""
    into, out = (_direction(borders[index].points, end) for index, end in (one, other))
    lengths = max(float(np.hypot(*into) * np.hypot(*out)), 1e-9)
    return float(np.arccos(np.clip(-float(into @ out) / lengths, -1, 1)))


def _direction(points: Points, end: int) -> Points:
    away = points[:: -1 if end else 1]
    return np.asarray(away[min(_DIRECTION_POINTS, len(away) - 1)] - away[0], np.float64)
