"""How clean drawings are: haze off edges, traces of the grid, ragged shadows, uneven fills."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

AlphaBytes = npt.NDArray[np.uint8]  # h w

_HAZE = (2, 250)  # exclusive
_EDGE_PX = 2.0
_FAINT = 24  # levels; larger steps are edges of the drawing, not traces of a grid
_NEIGHBOURS = (-3, -2, 2, 3)  # frequencies beside that of the grid
_SOFT = (8, 200)  # exclusive; alpha of shadows and glows
_FILL_PX, _FILL_RANGE = 9, 40  # square within which a fill is looked at; larger ranges are edges
_OPAQUE = 250
_FINER, _SHORTEST_PX, _ARC_PX = 4, 50, 1.5  # of outlines: how they are traced, and their blur
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


def unrest(rgba: npt.NDArray[np.uint8]) -> float:
    """How uneven fills are: RMS about the mean of the 9 x 9 pixels around, in levels.

    Only where these are opaque and without an edge; nan where there is no such place.

    Args:
        rgba: Straight, `h w 4`.
    """
    square = np.ones((_FILL_PX, _FILL_PX), np.uint8)
    colours = rgba[..., :3].astype(np.float32)
    ranges = (cv2.dilate(colours, square) - cv2.erode(colours, square)).max(2)
    fills = (cv2.erode(rgba[..., 3], square) > _OPAQUE) & (ranges < _FILL_RANGE)
    if not fills.any():
        return float("nan")
    means, squares = (cv2.blur(each, square.shape) for each in (colours, colours * colours))
    variances = np.maximum(squares - means * means, 0).mean(2)
    return float(np.sqrt(variances[fills].mean()))


def bend(alpha: AlphaBytes) -> float:
    """How much outlines turn to either side: degrees per pixel of their way; nan without any."""
    size = alpha.shape[1] * _FINER, alpha.shape[0] * _FINER
    fine = cv2.resize(alpha.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    inside = (fine > 127.5).astype(np.uint8)
    turned = way = 0.0
    for outline in cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)[0]:
        if len(outline) < _SHORTEST_PX * _FINER:
            continue
        points = outline[:, 0].astype(np.float64) / _FINER
        points = ndimage.gaussian_filter1d(points, _ARC_PX * _FINER, axis=0, mode="wrap")
        steps = np.roll(points, -1, 0) - points
        angles = np.arctan2(steps[:, 1], steps[:, 0])
        turns = (np.roll(angles, -1) - angles + np.pi) % (2 * np.pi) - np.pi
        turned += float(np.degrees(np.abs(turns)).sum())
        way += float(np.hypot(*steps.T).sum())
    return turned / way if way else float("nan")


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
