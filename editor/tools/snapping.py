"""Pulling the edges of a rectangle onto lines near them, or onto a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from editor.tools.handles import FloatRect, Handle

SNAP_PX = 6.0  # screen pixels within which an edge is pulled


@dataclass(frozen=True, slots=True)
class SnapTargets:
    """Where edges are pulled to.

    Attributes:
        xs, ys: Lines in document pixels: canvas edges and middle, edges of other boxes.
        reach: Distance in document pixels that still pulls.
        step: Grid in document pixels that holds where no line pulls; 0 = none.
    """

    xs: Sequence[float] = ()
    ys: Sequence[float] = ()
    reach: float = 0.0
    step: int = 0


@dataclass(frozen=True, slots=True)
class Snapped:
    """A pulled rectangle and the lines that pulled it."""

    rect: FloatRect
    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()


def snap_position(value: float, lines: Sequence[float], targets: SnapTargets) -> float:
    """One coordinate pulled to the nearest line within reach, else to the grid."""
    near = [line for line in lines if abs(line - value) <= targets.reach]
    if near:
        return min(near, key=lambda line: abs(line - value))
    return round(value / targets.step) * targets.step if targets.step else value


def snap_moved(rect: FloatRect, targets: SnapTargets) -> Snapped:
    """A rectangle moved as a whole, so that the nearest of its edges or middle meets a line."""
    x0, y0, x1, y1 = rect
    dx, xs = _shift((x0, x1, (x0 + x1) / 2), targets.xs, targets)
    dy, ys = _shift((y0, y1, (y0 + y1) / 2), targets.ys, targets)
    return Snapped((x0 + dx, y0 + dy, x1 + dx, y1 + dy), xs, ys)


def snap_dragged(rect: FloatRect, handle: Handle, targets: SnapTargets) -> Snapped:
    """A rectangle of which only the sides that a handle moves may be pulled."""
    sides = list(rect)
    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()
    if handle.horizontal:
        index = 0 if handle.horizontal < 0 else 2
        sides[index] = snap_position(sides[index], targets.xs, targets)
        xs = _met(sides[index], targets.xs)
    if handle.vertical:
        index = 1 if handle.vertical < 0 else 3
        sides[index] = snap_position(sides[index], targets.ys, targets)
        ys = _met(sides[index], targets.ys)
    return Snapped((sides[0], sides[1], sides[2], sides[3]), xs, ys)


def _shift(
    edges: Sequence[float], lines: Sequence[float], targets: SnapTargets
) -> tuple[float, tuple[float, ...]]:
    pulls = [(line - edge, line) for edge in edges for line in lines]
    pulls = [pull for pull in pulls if abs(pull[0]) <= targets.reach]
    if pulls:
        distance, line = min(pulls, key=lambda pull: abs(pull[0]))
        return distance, (line,)
    if targets.step:
        return round(edges[0] / targets.step) * targets.step - edges[0], ()
    return 0.0, ()


def _met(value: float, lines: Sequence[float]) -> tuple[float, ...]:
    return (value,) if value in lines else ()
