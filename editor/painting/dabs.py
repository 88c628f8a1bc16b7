"""What a round brush covers on its way from one place to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from editor.document.geometry import Rect

Plane = npt.NDArray[np.float32]  # h w, 0..1

EDGE_PX = 1.0  # a hard edge still takes one pixel, or it would be a staircase


@dataclass(frozen=True, slots=True)
class Dab:
    """Where the brush touches: middle and diameter in document pixels, strength from 0 to 1."""

    x: float
    y: float
    size: float
    strength: float = 1.0

    @property
    def rect(self) -> Rect:
        """The pixels it can cover."""
        reach = self.size / 2 + EDGE_PX / 2
        return Rect(
            math.floor(self.x - reach),
            math.floor(self.y - reach),
            math.ceil(self.x + reach),
            math.ceil(self.y + reach),
        )


def swept(start: Dab, end: Dab, hardness: float, rect: Rect) -> Plane:
    """Coverage of the pixels of `rect` by a dab that moves straight from start to end, h w, 0..1.

    Full inside `hardness` times the radius, then falling smoothly (3t^2 - 2t^3) to 0 at the radius;
    the fall takes a pixel at least. Positions are fractions of pixels: nothing is rounded. The
    distance is that from the way, not from the two places, so the edge of a stroke has no scallops.
    """
    dx, dy = end.x - start.x, end.y - start.y
    length = math.hypot(dx, dy)
    across = np.arange(rect.x0, rect.x1, dtype=np.float32) + np.float32(0.5 - start.x)
    down = np.arange(rect.y0, rect.y1, dtype=np.float32) + np.float32(0.5 - start.y)
    if length == 0:
        distance = np.add.outer(down * down, across * across)
        np.sqrt(distance, out=distance)
        return _shaped(distance, *_reach(end.size, hardness), end.strength)
    ux, uy = np.float32(dx / length), np.float32(dy / length)
    along = np.add.outer(down * uy, across * ux)
    sideways = np.add.outer(down * ux, across * -uy)
    inside = np.minimum(np.maximum(along, 0), np.float32(length))
    along -= inside
    np.multiply(along, along, out=along)
    np.multiply(sideways, sideways, out=sideways)
    sideways += along
    distance = np.sqrt(sideways, out=sideways)
    if (start.size, start.strength) == (end.size, end.strength):
        return _shaped(distance, *_reach(end.size, hardness), end.strength)
    inside *= np.float32(1 / length)
    (inner_0, outer_0), (inner_1, outer_1) = (
        _reach(start.size, hardness),
        _reach(end.size, hardness),
    )
    return _shaped(
        distance,
        inner_0 + inside * np.float32(inner_1 - inner_0),
        outer_0 + inside * np.float32(outer_1 - outer_0),
        start.strength + inside * np.float32(end.strength - start.strength),
    )


def coverage_at(distance: float, size: float, hardness: float) -> float:
    """The profile of a brush: coverage at a distance from the middle, in pixels."""
    inner, outer = _reach(size, hardness)
    t = min(1.0, max(0.0, (distance - inner) / (outer - inner)))
    return 1 - t * t * (3 - 2 * t)


def _reach(size: float, hardness: float) -> tuple[float, float]:
    """Where the fall begins and where it ends, as distances from the middle."""
    radius = size / 2
    inner = max(0.0, min(hardness * radius, radius - EDGE_PX / 2))
    return inner, max(radius, inner + EDGE_PX)


def _shaped(
    distance: Plane, inner: float | Plane, outer: float | Plane, strength: float | Plane
) -> Plane:
    """The profile at each distance; `distance` is used up."""
    t = distance
    t -= np.asarray(inner, np.float32)
    t *= np.asarray(1 / (outer - inner), np.float32)
    np.maximum(t, 0, out=t)
    np.minimum(t, 1, out=t)
    shape = t * np.float32(2)
    shape -= np.float32(3)
    shape *= t
    shape *= t
    shape += np.float32(1)
    if not (isinstance(strength, float) and strength == 1):
        shape *= np.asarray(strength, np.float32)
    return shape
