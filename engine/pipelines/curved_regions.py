"""Draws regions of one colour each with borders that are smooth curves."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from engine.pipelines.border_paths import smooth_borders
from engine.pipelines.colour_regions import Labels, Levels
from engine.pipelines.region_borders import Border, Plane, trace_borders
from engine.pipelines.smooth_curves import Points

_MOST_PX = 1.4  # that a border is moved: 0.7 pixels of the model
_OF_HALF = 0.5  # of half the width of a thin region, that its border is moved
_WIDTH_PX = 4  # around a border, where the width of its region is taken
_FINER = 8  # a side of a pixel is divided when its share is counted
_BITS = 4  # of the fractions of such a part
_SOFT_PX = 0.5  # blur of the shares, as wide as the borders of cleaned drawings


def draw_curved(
    labels: Labels, lead: Plane, colours: npt.NDArray[np.float32], free: Plane
) -> Levels:
    """The regions with smooth borders; equal input gives equal output.

    Args:
        lead: By how much each pixel's label leads over the next one, above 0.
        colours: `k 4`, premultiplied RGB and alpha, 0 to 255; a region without alpha is none.
        free: 0 where borders stay, 1 where they may be moved.
    """
    borders = trace_borders(labels, lead)
    clear = set(np.flatnonzero(colours[:, 3] == 0).tolist())
    room = np.minimum(_OF_HALF * _half_widths(labels, len(colours)), _MOST_PX)
    smooth_borders(borders, clear, np.asarray(room * free, np.float32))
    return _drawn(borders, labels.shape, colours)


def _half_widths(labels: Labels, count: int) -> Plane:
    """Near borders, half the width of the thinner region there."""
    widths = np.zeros(labels.shape, np.float32)
    around = np.ones((2 * _WIDTH_PX + 1, 2 * _WIDTH_PX + 1), np.uint8)
    for label in range(count):
        mask = labels == label
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if not len(rows):
            continue
        area = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        inside = np.pad(mask[area].astype(np.uint8), 1)
        inner = cv2.dilate(cv2.distanceTransform(inside, cv2.DIST_L2, 3), around)[1:-1, 1:-1]
        widths[area][mask[area]] = inner[mask[area]]
    return np.asarray(cv2.erode(widths, np.ones((3, 3), np.uint8)), np.float32)


def _drawn(
    borders: list[Border], shape: tuple[int, ...], colours: npt.NDArray[np.float32]
) -> Levels:
    sums, total = np.zeros((*shape, 4), np.float32), np.zeros(shape, np.float32)
    for label, colour in enumerate(colours):
        own = [border for border in borders if label in border.sides]
        if not own:
            continue
        loops = _loops(own)
        points = np.concatenate(loops)
        x0, y0 = np.maximum(np.floor(points.min(0)).astype(int) - 2, 0).tolist()
        x1, y1 = np.minimum(np.ceil(points.max(0)).astype(int) + 3, shape[::-1]).tolist()
        cover = _cover([loop - (x0, y0) for loop in loops], x1 - x0, y1 - y0)
        sums[y0:y1, x0:x1] += cover[..., None] * colour
        total[y0:y1, x0:x1] += cover
    return np.asarray(sums / np.maximum(total, 1)[..., None], np.float32)


def _cover(loops: list[Points], width: int, height: int) -> Plane:
    """How much of each pixel lies inside, 0 to 255."""
    fine = np.zeros((height * _FINER, width * _FINER), np.uint8)
    corners = [np.rint(((loop + 0.5) * _FINER - 0.5) * (1 << _BITS)) for loop in loops]
    cv2.fillPoly(fine, [each.astype(np.int32) for each in corners], (255,), shift=_BITS)
    cover = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(
        cv2.GaussianBlur(cover, (0, 0), _SOFT_PX, borderType=cv2.BORDER_REPLICATE), np.float32
    )


def _loops(borders: list[Border]) -> list[Points]:
    """A region's borders as closed curves; at a junction any of them goes on."""
    loops = [border.points for border in borders if border.closed]
    rest = dict(enumerate(border for border in borders if not border.closed))
    meeting: dict[int, list[int]] = {}
    for index, border in rest.items():
        for end in border.ends:
            meeting.setdefault(end, []).append(index)
    while rest:
        border = rest.pop(next(iter(rest)))
        parts, (start, end) = [border.points], border.ends
        while end != start:
            border = rest.pop(next(index for index in meeting[end] if index in rest))
            ahead = border.ends[0] == end
            parts.append(border.points[:: 1 if ahead else -1][1:])
            end = border.ends[1 if ahead else 0]
        loops.append(np.concatenate(parts))
    return loops
