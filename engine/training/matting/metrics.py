"""Errors of an alpha against the true one, as Rhemann et al. (2009) count them.

SAD, gradient and connectivity errors are in thousands of pixels' worth per picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]  # h w
Rgba = npt.NDArray[np.float32]  # h w 4 in [0, 1], straight alpha

_GRADIENT_SIGMA = 1.4
_LEVEL = 0.1  # distance of the thresholds of the connectivity error
_SLACK = 0.15  # below this difference a pixel counts as connected
_THOUSAND = 1000.0


@dataclass(frozen=True, slots=True)
class MattingErrors:
    """Of one picture, or means of several.

    Attributes:
        mae: Mean absolute error of alpha, 0 to 1.
        sad: Sum of absolute differences / 1000.
        gradient: Squared differences of the smoothed slopes / 1000.
        connectivity: Lost connection to the common solid part / 1000.
        colour: Mean absolute error of the colour, weighted by the smaller of both alphas, 0 to 1.
    """

    mae: float
    sad: float
    gradient: float
    connectivity: float
    colour: float


def errors_of(made: Rgba, truth: Rgba) -> MattingErrors:
    """All errors of a cut-out."""
    alpha, true = made[..., 3], truth[..., 3]
    difference = np.abs(alpha - true)
    return MattingErrors(
        float(difference.mean()),
        float(difference.sum()) / _THOUSAND,
        gradient_error(alpha, true),
        connectivity_error(alpha, true),
        colour_error(made, truth),
    )


def gradient_error(alpha: Plane, truth: Plane) -> float:
    """Squared difference of the gradients' lengths under a Gaussian derivative of 1.4 px."""
    return float(np.square(_slope(alpha) - _slope(truth)).sum()) / _THOUSAND


def _slope(plane: Plane) -> Plane:
    radius = int(np.ceil(3 * _GRADIENT_SIGMA))
    x = np.arange(-radius, radius + 1, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * _GRADIENT_SIGMA**2))
    derivative = -x * smooth / _GRADIENT_SIGMA**2
    kernel = np.outer(smooth, derivative)
    kernel /= np.sqrt(np.square(kernel).sum())
    across = cv2.filter2D(plane, cv2.CV_64F, kernel, borderType=cv2.BORDER_REPLICATE)
    down = cv2.filter2D(plane, cv2.CV_64F, kernel.T, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.hypot(across, down), np.float32)


def connectivity_error(alpha: Plane, truth: Plane) -> float:
    """How much more loosely a pixel hangs on the part that is solid in both, than it should."""
    level = np.full(alpha.shape, -1.0, np.float32)
    steps = np.arange(_LEVEL, 1 + _LEVEL / 2, _LEVEL)
    for threshold in steps:
        both = ((alpha >= threshold) & (truth >= threshold)).astype(np.uint8)
        largest = _largest_component(both)
        level[(level == -1) & ~largest] = threshold - _LEVEL
    level[level == -1] = 1
    return float(np.abs(_connected(alpha - level) - _connected(truth - level)).sum()) / _THOUSAND


def _connected(distance: Plane) -> Plane:
    return np.asarray(1 - distance * (distance >= _SLACK), np.float32)


def _largest_component(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count < 2:
        return np.zeros(mask.shape, bool)
    return np.asarray(labels == 1 + int(statistics[1:, cv2.CC_STAT_AREA].argmax()), bool)


def colour_error(made: Rgba, truth: Rgba) -> float:
    """Where both show something: a wrong colour there is a fringe on other grounds."""
    weight = np.minimum(made[..., 3], truth[..., 3])
    total = float(weight.sum())
    if total == 0:
        return 0.0
    difference = np.abs(made[..., :3] - truth[..., :3]).mean(-1)
    return float((difference * weight).sum()) / total


def mean_errors(all_errors: list[MattingErrors]) -> MattingErrors:
    """Field by field."""
    rows = np.array(
        [[e.mae, e.sad, e.gradient, e.connectivity, e.colour] for e in all_errors], np.float64
    )
    return MattingErrors(*(float(value) for value in rows.mean(0)))
