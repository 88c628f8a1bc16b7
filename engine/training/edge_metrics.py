"""How clean the alpha of drawings is: haze off edges, traces of the grid, ragged shadows."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

AlphaBytes = npt.NDArray[np.uint8]  # h w

_HAZE = (2, 250)  # exclusive
_EDGE_PX = 2.0
_FAINT = 24  # levels; larger steps are edges of the drawing, not traces of a grid
_NEIGHBOURS = (-3, -2, 2, 3)  # frequencies beside that of the grid
_SOFT = (8, 200)  # exclusive; alpha of shadows and glows
_SMOOTH_PX, _SMOOTH_REACH = 1.3, 4  # a blur that leaves soft slopes as they are, and its reach


def haze_share(alpha: AlphaBytes) -> float:
    """Share of the visible pixels that are neither clear nor full, off the 50 % edge.

    Pixels with 2 < alpha < 250 farther than 2 px from where alpha crosses one half, among those
    with alpha > 2.
    """
    visible = alpha > _HAZE[0]
    hazy = visible & (alpha < _HAZE[1]) & (_distance_to_edge(alpha) > _EDGE_PX)
    return float(hazy.sum() / max(1, visible.sum()))


def soft_area(alpha: AlphaBytes, off_px: int = 2) -> npt.NDArray[np.bool_]:
    """Half-transparent pixels off the edge of what is solid: shadows and glows."""
    side = 2 * off_px + 1
    solid = cv2.dilate((alpha >= _SOFT[1]).astype(np.uint8), np.ones((side, side), np.uint8))
    return np.asarray((alpha > _SOFT[0]) & (alpha < _SOFT[1]) & (solid == 0))


def roughness(alpha: AlphaBytes) -> float:
    """How ragged shadows and glows are: RMS of what a blur by 1.3 px changes in them, in levels.

    Below 1 for drawn ones; 0 without any.
    """
    soft = soft_area(alpha, _SMOOTH_REACH + 2)
    if not soft.any():
        return 0.0
    plane = alpha.astype(np.float32)
    side = 2 * _SMOOTH_REACH + 1
    changed = plane - cv2.GaussianBlur(plane, (side, side), _SMOOTH_PX)
    return float(np.sqrt(np.square(changed[soft]).mean()))


def _distance_to_edge(alpha: AlphaBytes) -> npt.NDArray[np.float32]:
    """Pixels to the nearest one on the other side of one half; without an edge, all are far."""
    inside = (alpha >= 128).astype(np.uint8)
    if inside.all() or not inside.any():
        return np.full(alpha.shape, np.float32(np.inf))
    away = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    near = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.maximum(away, near), np.float32)


def grid_ratio(planes: Sequence[AlphaBytes], period: int) -> float:
    """Energy of faint steps at the frequency of a grid, over that of neighbouring frequencies.

    Near 1 for art. Steps of up to 24 levels between neighbours are summed by column and by row;
    spectra are added over all planes.

    Args:
        planes: All of one size, a multiple of `period`; at least 8 periods.
        period: Of the grid, in pixels.
    """
    power = np.zeros(0)
    for plane in planes:
        for turned in (plane, plane.T):
            profile = _faint_steps(turned)
            spectrum = np.abs(np.fft.rfft(profile - profile.mean())) ** 2
            power = spectrum if not len(power) else power + spectrum
    at = planes[0].shape[0] // period
    beside = np.mean([power[at + offset] for offset in _NEIGHBOURS])
    return float(power[at] / max(float(beside), 1e-9))


def _faint_steps(plane: AlphaBytes) -> npt.NDArray[np.float64]:
    """Sum of the faint steps to the next column, by column; the last one has none."""
    steps = np.abs(np.diff(plane.astype(np.float64), axis=1))
    steps[steps > _FAINT] = 0
    return np.append(steps.sum(0), 0.0)
