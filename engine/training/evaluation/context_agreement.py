"""How well a layer fits the layers around it, and whether one way of making it fits better.

Colours and sizes are those of what can be seen: means over the pixels, weighted with alpha.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
LEVEL = 0.95
_LUMINANCE = np.array([0.299, 0.587, 0.114])
_LEAST_AREA = 1e-3  # of the box; an empty drawing has no logarithm


class Measure(StrEnum):
    """What must agree; each is a distance, 0 = the same."""

    LUMINANCE = "luminance"  # of the mean colour, black to white = 1
    COLOUR = "mean colour"  # mean difference of its red, green and blue
    SCALE = "scale"  # logarithm of the ratio of the areas that are filled


@dataclass(frozen=True, slots=True)
class Look:
    """Mean colour and size of what can be seen.

    Attributes:
        colour: R, G, B, 0 to 1.
        area: Seen share of the box, 0 to 1.
    """

    colour: tuple[float, float, float]
    area: float

    @property
    def luminance(self) -> float:
        """0 to 1."""
        return float(np.dot(self.colour, _LUMINANCE))


def look_of(pictures: Sequence[npt.NDArray[np.uint8]]) -> Look:
    """Of RGBA pictures `h w 4`, straight, together; `area` is the mean of theirs."""
    weight, total, areas = 0.0, np.zeros(3), []
    for picture in pictures:
        alpha = picture[..., 3:].astype(np.float64) / 255
        total += (picture[..., :3] * alpha).sum((0, 1)) / 255
        weight += float(alpha.sum())
        areas.append(float(alpha.mean()))
    red, green, blue = total / max(weight, 1e-6)
    return Look((float(red), float(green), float(blue)), float(np.mean(areas)))


def distances(look: Look, around: Look) -> dict[Measure, float]:
    """How far a layer is from those around it."""
    ratio = max(look.area, _LEAST_AREA) / max(around.area, _LEAST_AREA)
    difference = np.abs(np.subtract(look.colour, around.colour))
    return {
        Measure.LUMINANCE: abs(look.luminance - around.luminance),
        Measure.COLOUR: float(difference.mean()),
        Measure.SCALE: abs(math.log(ratio)),
    }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two ways, measured on the same cases.

    Attributes:
        alone, beside: Mean of each way.
        spread: Standard deviation of the differences.
        low, high: Interval of the mean difference beside - alone, at `LEVEL`.
        better: Share of the cases in which `beside` is the smaller one; ties count half.
        count: Cases.
    """

    alone: float
    beside: float
    spread: float
    low: float
    high: float
    better: float
    count: int

    @property
    def difference(self) -> float:
        """beside - alone: below 0 is better."""
        return self.beside - self.alone

    @property
    def verdict(self) -> str:
        """In a word; no difference as long as 0 lies in the interval."""
        if self.high < 0:
            return "better"
        return "worse" if self.low > 0 else "no difference shown"


def compare(
    alone: Sequence[float], beside: Sequence[float], groups: Sequence[int], *, seed: int = 0
) -> Comparison:
    """Paired comparison; cases of one group are not independent and are drawn together.

    Args:
        groups: Which document each case is from.
        seed: Of the resampling that gives the interval.
    """
    first, second = np.asarray(alone, float), np.asarray(beside, float)
    difference = second - first
    low, high = _interval(difference, np.asarray(groups), seed)
    wins = np.where(difference < 0, 1.0, np.where(difference > 0, 0.0, 0.5))
    return Comparison(
        float(first.mean()),
        float(second.mean()),
        float(difference.std(ddof=1)) if len(difference) > 1 else 0.0,
        low,
        high,
        float(wins.mean()),
        len(difference),
    )


def mean_with_interval(
    values: Sequence[float], groups: Sequence[int], *, seed: int = 0
) -> tuple[float, float, float]:
    """Mean, and its interval at `LEVEL` as in `compare`."""
    array = np.asarray(values, float)
    return (float(array.mean()), *_interval(array, np.asarray(groups), seed))


def _interval(
    values: npt.NDArray[np.float64], groups: npt.NDArray[np.int64], seed: int
) -> tuple[float, float]:
    """Bootstrap over groups."""
    names = np.unique(groups)
    sums = np.array([values[groups == name].sum() for name in names])
    counts = np.array([(groups == name).sum() for name in names])
    drawn = np.random.default_rng(seed).integers(0, len(names), (RESAMPLES, len(names)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
