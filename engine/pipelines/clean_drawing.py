"""Gives a decoded drawing of flat colours even fills and smooth borders, as clean vector art has.

A network's mean answer is uneven where art has one colour, and its borders are blotchy. Where the
drawing is what a picture of flat regions would be, that picture is painted instead; where it is
not (a line that was no region, a highlight, a soft shadow, half-transparency) it stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.pipelines.colour_regions import Labels, Levels, Regions, find_regions
from engine.pipelines.curved_regions import draw_curved

Plane = npt.NDArray[np.float32]

_LEAST_SIDE = 16  # smaller pictures stay as they are
_NEAR_PX = 1.0  # blur that tells which two regions meet at a pixel
_SMOOTH_PX = 1.0  # blur that straightens borders: half a pixel of the model
_SOFT_PX = 0.6  # of the borders before it
_RAMP_PX = 1.4  # from one colour to the other
_TOLD_PX = 2.2  # blur of what painting would change, so that a softer border counts as none
_KEPT = (14.0, 28.0)  # levels of that: painted for certain, kept for certain
_SPOT_PX = 6  # reach of a spot along the outline that does not keep it from being a curve
_EDGE_PX = 2  # off an edge of the drawing, where alpha is clear and full
_EDGE_STEP = (0.65, 0.9)  # of alpha within that: no edge of the drawing, one for certain
_SOLID, _CLEAR = (0.6, 0.8), (0.02, 0.1)  # alpha of what is solid, and of what is clear


def clean_drawing(decoded: Tensor, *, curves: bool = True) -> Tensor:
    """The drawing with even fills and smooth borders; equal input gives equal output.

    Args:
        decoded: Straight RGBA in [0, 1], `4 H W`.
        curves: Whether borders become smooth curves; older versions only blurred them.
    """
    if min(decoded.shape[1:]) < _LEAST_SIDE:
        return decoded
    levels = np.ascontiguousarray(decoded.permute(1, 2, 0).float().numpy()) * np.float32(255)
    levels[..., :3] *= levels[..., 3:] / 255
    painting = _painted(levels, find_regions(levels))
    painted, share = painting.levels, _share(levels, painting, curves)
    if curves:
        painted = _curved(painting, share)
    made = (levels + share[..., None] * (painted - levels)) / 255
    made[..., :3] /= np.maximum(made[..., 3:], 1 / 255)
    clean = torch.from_numpy(np.ascontiguousarray(made.transpose(2, 0, 1))).clamp(0, 1)
    return torch.where(torch.from_numpy(share) > 0, clean, decoded)


@dataclass(frozen=True, slots=True, eq=False)
class _Painting:
    """Regions in their colours.

    Attributes:
        levels: The picture, `h w 4`.
        labels: Whose most of each pixel is.
        lead: By how much.
        colours: See `Regions`.
    """

    levels: Levels
    labels: Labels
    lead: Plane
    colours: npt.NDArray[np.float32]


def _painted(levels: Levels, regions: Regions) -> _Painting:
    """The regions in their colours.

    A border lies where the drawing has the mean of both its colours, straightened a little. That
    keeps it where it is between two pixels, which labels do not know.
    """
    labels, colours = regions.labels, regions.colours
    _, second, here, there = _two_most([(labels, None)], len(colours), _NEAR_PX)
    step = colours[here] - colours[there]
    along = ((levels - colours[there]) * step).sum(2) / np.maximum((step * step).sum(2), 1)
    mixed = np.where(second > 0.01, np.clip(along, 0, 1), 1).astype(np.float32)
    parts = [(here, mixed), (there, 1 - mixed)]
    most, second, here, there = _two_most(parts, len(colours), _SMOOTH_PX)
    away = (most - second) * (np.hypot(_SMOOTH_PX, _SOFT_PX) * np.sqrt(np.pi / 2))
    share = np.clip(0.5 + away / _RAMP_PX, 0, 1)[..., None]
    painted = np.asarray(share * colours[here] + (1 - share) * colours[there], np.float32)
    return _Painting(painted, here, np.asarray(most - second, np.float32), colours)


def _curved(painting: _Painting, share: Plane) -> Levels:
    """The painting with curves for borders where it is what is seen; near to that they stay."""
    free = np.asarray(cv2.erode(share, _square(2)), np.float32)
    lead = np.maximum(painting.lead, np.float32(1e-3))
    curved = draw_curved(painting.labels, lead, painting.colours, free)
    free = np.asarray(cv2.GaussianBlur(free, (0, 0), 1.0), np.float32)[..., None]
    return np.asarray(painting.levels + free * (curved - painting.levels), np.float32)


def _two_most(
    parts: Sequence[tuple[Labels, Plane | None]], count: int, blur_px: float
) -> tuple[Plane, Plane, Labels, Labels]:
    """The two largest blurred shares at each pixel, and whose they are.

    Args:
        parts: Labels and how much of each pixel is theirs; None = all.
    """
    shape, reach = parts[0][0].shape, int(3 * blur_px) + 3
    most, second = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    first_label, second_label = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    for label in range(count):
        area = _around(parts, label, reach)
        if area is None:
            continue
        share = cv2.GaussianBlur(
            _share_of(parts, label, area), (0, 0), blur_px, borderType=cv2.BORDER_REPLICATE
        )
        top = share > most[area]
        middle = ~top & (share > second[area])
        second[area] = np.where(top, most[area], np.where(middle, share, second[area]))
        second_label[area] = np.where(
            top, first_label[area], np.where(middle, label, second_label[area])
        )
        most[area] = np.where(top, share, most[area])
        first_label[area] = np.where(top, label, first_label[area])
    return most, second, first_label, second_label


def _around(
    parts: Sequence[tuple[Labels, Plane | None]], label: int, reach: int
) -> tuple[slice, slice] | None:
    """The part of the picture that a label's blurred share reaches; None = it has none."""
    mask = np.logical_or.reduce([labels == label for labels, _ in parts])
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    y0, x0 = max(0, int(rows[0]) - reach), max(0, int(columns[0]) - reach)
    return slice(y0, int(rows[-1]) + reach + 1), slice(x0, int(columns[-1]) + reach + 1)


def _share_of(
    parts: Sequence[tuple[Labels, Plane | None]], label: int, area: tuple[slice, slice]
) -> Plane:
    shares = [
        (labels[area] == label) * (np.float32(1) if weights is None else weights[area])
        for labels, weights in parts
    ]
    return np.asarray(np.sum(shares, axis=0), np.float32)


def _share(levels: Levels, painting: _Painting, curves: bool) -> Plane:
    """How much of each pixel is painted, 0 to 1."""
    changed = cv2.GaussianBlur(painting.levels - levels, (0, 0), _TOLD_PX)
    lost = np.asarray(cv2.dilate(np.abs(changed).max(2), _square(2)), np.float32)
    hard = _outlines(np.asarray(levels[..., 3] / 255, np.float32))
    kept = _rising(lost, *_KEPT)
    if curves:  # a blotch at the outline is none of its details
        broad = np.asarray(cv2.morphologyEx(kept, cv2.MORPH_OPEN, _square(_SPOT_PX)), np.float32)
        kept = np.where(_is_outline(painting), broad, kept)
    share = np.asarray(np.multiply(1 - kept, hard), np.float32)
    return np.asarray(cv2.GaussianBlur(share, (0, 0), 1.0), np.float32)


def _is_outline(painting: _Painting) -> npt.NDArray[np.bool_]:
    """What is within 2 px of where the painting ends."""
    clear = (painting.colours[painting.labels, 3] == 0).astype(np.uint8)
    return np.asarray(cv2.dilate(clear, _square(2)) != cv2.erode(clear, _square(2)))


def _outlines(alpha: Plane) -> Plane:
    """1 in what is solid, clear or an edge between both; 0 in what is soft or translucent."""
    least, most = (
        np.asarray(extreme(alpha, _square(_EDGE_PX)), np.float32)
        for extreme in (cv2.erode, cv2.dilate)
    )
    step = np.asarray(most - least, np.float32)
    parts = (_rising(step, *_EDGE_STEP), _rising(least, *_SOLID), 1 - _rising(most, *_CLEAR))
    hard = np.maximum.reduce(parts).astype(np.float32)
    # Right beside an edge its last trace is neither clear nor an edge.
    return np.asarray(cv2.erode(cv2.dilate(hard, _square(2)), _square(1)), np.float32)


def _square(reach: int) -> npt.NDArray[np.uint8]:
    return np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)


def _rising(values: Plane, low: float, high: float) -> Plane:
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)
