"""Smoothing: the guided filter of He, Sun and Tang, and filling gaps from what is known around."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]  # h w
Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]


def guided_filter(guide: Rgb, plane: Plane, radius: int, softness: float) -> Plane:
    """In each window the plane becomes a linear function of the guide's three colours.

    Args:
        guide: `h w 3` in [0, 1].
        plane: `h w`, e.g. a coarse alpha.
        radius: Of the windows in pixels, at least 1.
        softness: Variance of the guide, below which it counts as flat; about 1e-6 to 1e-2.

    Returns:
        `h w`, not clipped.
    """

    def mean(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        side = 2 * radius + 1
        return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)

    centre = guide - 0.5  # small numbers: the variances below are differences
    mean_guide, mean_plane = mean(centre), mean(plane)
    cross = mean(centre * plane[..., None]) - mean_guide * mean_plane[..., None]  # h w 3
    products = mean(np.ascontiguousarray(_products(centre)))
    variance = products - _products(mean_guide)  # rr rg rb gg gb bb
    slope = _solve(variance, cross, softness)  # h w 3
    offset = mean_plane - (slope * mean_guide).sum(-1)
    return np.asarray((mean(slope) * centre).sum(-1) + mean(offset), np.float32)


def _products(rgb: Rgb) -> npt.NDArray[np.float32]:
    """The six different products of two channels, `h w 6`."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    pairs = (red * red, red * green, red * blue, green * green, green * blue, blue * blue)
    return np.asarray(np.stack(pairs, -1), np.float32)


def _solve(variance: npt.NDArray[np.float32], cross: Rgb, softness: float) -> Rgb:
    """(variance + softness I)^-1 cross per pixel, by the cofactors of the symmetric matrix."""
    rr, rg, rb, gg, gb, bb = (variance[..., i].astype(np.float64) for i in range(6))
    rr, gg, bb = rr + softness, gg + softness, bb + softness
    c00, c01, c02 = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c11, c12, c22 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    determinant = np.maximum(rr * c00 + rg * c01 + rb * c02, 1e-18)
    x, y, z = (cross[..., i] for i in range(3))
    solved = np.stack(
        [c00 * x + c01 * y + c02 * z, c01 * x + c11 * y + c12 * z, c02 * x + c12 * y + c22 * z], -1
    )
    return np.asarray(solved / determinant[..., None], np.float32)


def filled_from_around(colour: Rgb, weight: Plane, nearest_px: float) -> tuple[Rgb, Plane]:
    """Every pixel's weighted mean of its surroundings, as near ones as there are any.

    Args:
        colour: `h w 3`.
        weight: `h w`, 0 = unknown.
        nearest_px: Width of the smallest surroundings.

    Returns:
        The means, and 1 where there was anything to average, else 0.
    """
    height, width = weight.shape
    result, known = np.zeros_like(colour), np.zeros_like(weight)
    side = nearest_px
    while not known.all() and side < 2 * max(height, width):
        small = max(1, round(width / side)), max(1, round(height / side))
        share = _spread(weight, small)
        mean = _spread(colour * weight[..., None], small)
        fresh = (known == 0) & (share > 1e-2)
        result[fresh] = mean[fresh] / share[fresh][:, None]
        known[fresh] = 1
        side *= 2
    return result, known


def _spread(values: npt.NDArray[np.float32], small: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Averages over `small` (width, height) cells, smooth between them: a blur of any width."""
    size = values.shape[1], values.shape[0]
    cells = cv2.resize(values, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(cells, size, interpolation=cv2.INTER_LINEAR), np.float32)
