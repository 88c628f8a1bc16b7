"""Gradients: a run of colour along a line or from a middle outwards, with dithering."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from editor.document.geometry import Rect
from editor.document.pixels import RgbaArray

Rgba = tuple[int, int, int, int]

STEPS = 4096  # entries of the table of colours: sixteen for each level of a channel
_BAYER_2 = np.array([[0, 2], [3, 1]], np.float32)


class GradientShape(StrEnum):
    """How a gradient spreads."""

    LINEAR = "linear"
    RADIAL = "radial"


@dataclass(frozen=True)
class Gradient:
    """Colours from `start` at one position to `end` at another, both in document pixels.

    Before the one and after the other position the colour goes on unchanged.
    """

    shape: GradientShape
    x0: float
    y0: float
    x1: float
    y1: float
    start: Rgba
    end: Rgba

    def pixels(self, rect: Rect) -> RgbaArray:
        """Straight RGBA8 of a rectangle of the document, h w 4.

        Half a level of ordered noise hides the steps between the 256 levels.
        """
        place = self._place(rect)
        levels = max(abs(a - b) for a, b in zip(self.start, self.end, strict=True))
        if levels:
            noise = _noise(rect) * np.float32(STEPS / levels)
            place = place + noise
        index = np.clip(np.rint(place), 0, STEPS).astype(np.intp)
        return self._table()[index].view(np.uint8).reshape(rect.height, rect.width, 4)

    def _place(self, rect: Rect) -> npt.NDArray[np.float32]:
        """Where each pixel lies between start (0) and end (STEPS)."""
        dx, dy = self.x1 - self.x0, self.y1 - self.y0
        length = max(math.hypot(dx, dy), 1e-6)
        across = np.arange(rect.x0, rect.x1, dtype=np.float64) + 0.5 - self.x0
        down = np.arange(rect.y0, rect.y1, dtype=np.float64) + 0.5 - self.y0
        scale = STEPS / length
        if self.shape is GradientShape.LINEAR:
            ux, uy = dx / length, dy / length
            place = np.add.outer((down * uy * scale), (across * ux * scale))
        else:
            place = np.sqrt(np.add.outer(down * down, across * across)) * scale
        return place.astype(np.float32)

    def _table(self) -> npt.NDArray[np.uint32]:
        """Every colour as one 32-bit word."""
        share = np.linspace(0, 1, STEPS + 1)[:, None]
        colors = np.array(self.start) * (1 - share) + np.array(self.end) * share
        return np.ascontiguousarray(np.rint(colors).astype(np.uint8)).view(np.uint32)[:, 0]


def _noise(rect: Rect) -> npt.NDArray[np.float32]:
    """Ordered noise from -0.5 to 0.5 that repeats every 8 pixels of the document."""
    pattern = _BAYER_2
    for _ in range(2):
        pattern = np.block([[4 * pattern + int(v) for v in row] for row in _BAYER_2])
    rows, columns = np.arange(rect.y0, rect.y1) % 8, np.arange(rect.x0, rect.x1) % 8
    level = pattern[np.ix_(rows, columns)]
    return np.asarray((level + 0.5) / pattern.size - 0.5, np.float32)
