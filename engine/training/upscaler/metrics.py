"""How good an enlargement is: PSNR, SSIM, width of edges, distance of learned features."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from scipy import ndimage
from torch import Tensor

from engine.models.feature_net import INPUT_PX, FeatureNet

RgbBytes = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float64]

_REACH_PX = 10  # of an edge profile, to each side
_STEPS_PER_PX = 8
_MIN_CONTRAST = 60  # levels between both sides of an edge that is measured
_MAX_DRIFT = 6  # levels by which its sides may vary
_EDGES = 400


@dataclass(frozen=True, slots=True)
class EdgePoints:
    """Places on clean edges, and the direction across each.

    Attributes:
        rows, columns: Pixels.
        down, right: Unit vectors across the edge.
    """

    rows: Plane
    columns: Plane
    down: Plane
    right: Plane


def luma(rgb: RgbBytes) -> Plane:
    """Rec. 601 luma, 0 to 255."""
    return np.asarray(rgb.astype(np.float64) @ np.array([0.299, 0.587, 0.114]))


def psnr(a: RgbBytes, b: RgbBytes) -> float:
    """In dB over all channels."""
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / max(float(error), 1e-3)))


def ssim(a: RgbBytes, b: RgbBytes) -> float:
    """Structural similarity of the lumas; windows are Gaussian with a deviation of 1.5 px."""

    def blurred(plane: Plane) -> Plane:
        return np.asarray(cv2.GaussianBlur(plane, (11, 11), 1.5))

    x, y = luma(a), luma(b)
    mean_x, mean_y = blurred(x), blurred(y)
    var_x, var_y = blurred(x * x) - mean_x**2, blurred(y * y) - mean_y**2
    covariance = blurred(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    return float(np.mean(top / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))))


def find_edges(
    plane: Plane, *, reach: int = _REACH_PX, seed: int = 0, along: bool = False
) -> EdgePoints:
    """Places where a plane steps from one flat level to another, chosen at random.

    By themselves these are the steepest places around, where an edge runs through the middle of a
    pixel; with its half level between both sides, a clean oblique edge is 1.6 to 1.7 px wide there.

    Args:
        plane: A sharp picture, 0 to 255.
        reach: How far both sides must be flat, in pixels.
        along: Take places all along the edges, however they lie between the pixels: 1.41 px.
    """
    smooth = ndimage.gaussian_filter(plane, 1.5)
    down, right = ndimage.sobel(smooth, 0), ndimage.sobel(smooth, 1)
    size = np.hypot(down, right)
    size[:reach] = size[-reach:] = 0
    size[:, :reach] = size[:, -reach:] = 0
    steepest = _is_ridge(size, down, right) if along else size == ndimage.maximum_filter(size, 3)
    peak = steepest & (size > _MIN_CONTRAST)
    rows, columns = np.nonzero(peak)
    order = np.random.default_rng(seed).permutation(len(rows))
    rows, columns = rows[order], columns[order]
    length = size[rows, columns]
    points = EdgePoints(rows.astype(float), columns.astype(float),
                        down[rows, columns] / length, right[rows, columns] / length)  # fmt: skip
    kept = np.nonzero(_is_clean(profiles(plane, points, reach)))[0][:_EDGES]
    return EdgePoints(rows[kept].astype(float), columns[kept].astype(float),
                      points.down[kept], points.right[kept])  # fmt: skip


def _is_ridge(size: Plane, down: Plane, right: Plane) -> npt.NDArray[np.bool_]:
    """Where the slope is steeper than a pixel farther across the edge, on both sides."""
    length = np.maximum(np.hypot(down, right), 1e-9)
    rows, columns = np.indices(size.shape)
    before, behind = (
        ndimage.map_coordinates(
            size, [rows + way * down / length, columns + way * right / length], order=1
        )
        for way in (-1, 1)
    )
    return np.asarray((size > before) & (size >= behind))


def profiles(plane: Plane, points: EdgePoints, reach: int = _REACH_PX) -> Plane:
    """Levels across each edge, from the dark side to the light one, `n s`."""
    along = np.linspace(-reach, reach, 2 * reach * _STEPS_PER_PX + 1)
    rows = points.rows[:, None] + points.down[:, None] * along
    columns = points.columns[:, None] + points.right[:, None] * along
    return np.asarray(ndimage.map_coordinates(plane, [rows, columns], order=1, mode="nearest"))


def _is_clean(levels: Plane) -> npt.NDArray[np.bool_]:
    """Whether the outer thirds of profiles are flat and far enough from each other."""
    third = levels.shape[1] // 3
    low, high = levels[:, :third], levels[:, -third:]
    drift = np.maximum(np.ptp(low, axis=1), np.ptp(high, axis=1))
    return np.asarray((high.mean(1) - low.mean(1) > _MIN_CONTRAST) & (drift < _MAX_DRIFT))


def edge_width(plane: Plane, points: EdgePoints, reach: int = _REACH_PX) -> float:
    """Mean way from 10 to 90 % of the step across edges, in pixels; nan without edges."""
    widths = []
    for levels in profiles(plane, points, reach):
        tail = _STEPS_PER_PX * 2
        low, high = levels[:tail].mean(), levels[-tail:].mean()
        if high - low < _MIN_CONTRAST / 2:
            continue
        share = (levels - low) / (high - low)
        last_low = np.nonzero(share <= 0.1)[0]
        first_high = np.nonzero(share >= 0.9)[0]
        after = first_high[first_high > last_low[-1]] if len(last_low) else first_high
        if len(last_low) and len(after):
            widths.append((after[0] - last_low[-1]) / _STEPS_PER_PX)
    return float(np.mean(widths)) if widths else float("nan")


@torch.no_grad()
def feature_distance(net: FeatureNet, a: RgbBytes, b: RgbBytes) -> float:
    """Distance of the feature net's inner maps on tiles of 96 px, as LPIPS compares them.

    Maps after each stage are made unit vectors over their channels; the squared differences are
    averaged over places and summed over stages.
    """
    maps_a, maps_b = (_stage_maps(net, _tiles(picture)) for picture in (a, b))
    apart = [(x - y).pow(2).sum(1).mean() for x, y in zip(maps_a, maps_b, strict=True)]
    return float(torch.stack(apart).sum())


def _stage_maps(net: FeatureNet, tiles: Tensor) -> list[Tensor]:
    maps, out = tiles, []
    for stage in net.stages:
        maps = stage(maps)
        if type(stage).__name__ == "_Residual":
            out.append(F.normalize(maps, dim=1))
    return out


def _tiles(rgb: RgbBytes) -> Tensor:
    """Opaque colour form of the tiles of a picture, `n 4 96 96`; what is left over is cut off."""
    rows, columns = (side // INPUT_PX for side in rgb.shape[:2])
    kept = torch.from_numpy(rgb[: rows * INPUT_PX, : columns * INPUT_PX].copy())
    pixels = kept.permute(2, 0, 1).float() / 127.5 - 1
    tiles = pixels.reshape(3, rows, INPUT_PX, columns, INPUT_PX).permute(1, 3, 0, 2, 4)
    tiles = tiles.flatten(0, 1)
    return torch.cat([tiles, torch.ones_like(tiles[:, :1])], 1)
