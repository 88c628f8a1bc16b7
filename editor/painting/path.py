"""From positions of a hand to the places of dabs: a smooth curve, walked in even steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from editor.painting.brush import Brush
from editor.painting.dabs import Dab

FLAT_PX = 1.5  # length of the straight pieces that a curve is walked in
MAX_PIECES = 512

Row = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One position of the hand in document pixels; pressure from 0 to 1."""

    x: float
    y: float
    pressure: float = 1.0


class StrokePath:
    """The curve through a stroke's samples.

    Between the middles of neighbouring samples runs a parabola that the sample in between pulls (a
    quadratic B-spline): it has no corners and never swings out beyond the hand. The last half step
    is drawn when the next sample comes, or at the end.
    """

    def __init__(self, brush: Brush, start: Sample) -> None:
        self._brush = brush
        self._last = start
        self._middle = start
        self._rest = 0.0  # share of a step walked since the last dab

    def begin(self) -> list[Dab]:
        """The dab that a click alone leaves."""
        return [_dab(self._brush, self._last)]

    def go(self, sample: Sample) -> list[Dab]:
        """The dabs up to the middle of the way to another sample."""
        if (sample.x, sample.y) == (self._last.x, self._last.y):
            self._last = sample
            return []
        middle = _between(self._last, sample)
        dabs = self._walk(self._middle, self._last, middle)
        self._middle, self._last = middle, sample
        return dabs

    def line(self, end: Sample) -> list[Dab]:
        """The dabs along a straight line to a position, where the curve goes on."""
        dabs = self._walk(self._middle, self._last, self._last)
        dabs += self._walk(self._last, _between(self._last, end), end)
        self._middle = self._last = end
        return dabs

    def finish(self) -> list[Dab]:
        """The dabs up to the last sample."""
        dabs = self._walk(self._middle, _between(self._middle, self._last), self._last)
        self._middle = self._last
        if self._rest > 0 and self._brush.flow == 1:  # with less it would show as a dot
            dabs.append(_dab(self._brush, self._last))
        return dabs

    def _walk(self, start: Sample, pull: Sample, end: Sample) -> list[Dab]:
        """Dabs along a parabola, one for each step, the last step's rest carried on."""
        x, y, pressure = _parabola(start, pull, end)
        lengths = np.hypot(np.diff(x), np.diff(y))
        sizes = self._brush.sizes(pressure)
        steps = lengths / self._brush.spacing((sizes[1:] + sizes[:-1]) / 2)
        walked = np.concatenate(([0.0], np.cumsum(steps))) + self._rest
        self._rest = float(walked[-1] % 1.0)
        stops = np.arange(1, int(walked[-1]) + 1, dtype=np.float64)
        if stops.size == 0:
            return []
        places = (np.interp(stops, walked, values) for values in (x, y, sizes))
        strengths = self._brush.strengths(np.interp(stops, walked, pressure))
        return [
            Dab(*(float(value) for value in values))
            for values in zip(*places, strengths, strict=True)
        ]


def _parabola(start: Sample, pull: Sample, end: Sample) -> tuple[Row, Row, Row]:
    length = np.hypot(pull.x - start.x, pull.y - start.y) + np.hypot(end.x - pull.x, end.y - pull.y)
    t = np.linspace(0, 1, int(min(MAX_PIECES, max(1, length / FLAT_PX))) + 1)
    first, second, third = (1 - t) ** 2, 2 * t * (1 - t), t**2
    return (
        first * start.x + second * pull.x + third * end.x,
        first * start.y + second * pull.y + third * end.y,
        first * start.pressure + second * pull.pressure + third * end.pressure,
    )


def _between(a: Sample, b: Sample) -> Sample:
    return Sample((a.x + b.x) / 2, (a.y + b.y) / 2, (a.pressure + b.pressure) / 2)


def _dab(brush: Brush, sample: Sample) -> Dab:
    pressure = np.array([sample.pressure])
    size, strength = float(brush.sizes(pressure)[0]), float(brush.strengths(pressure)[0])
    return Dab(sample.x, sample.y, size, strength)
