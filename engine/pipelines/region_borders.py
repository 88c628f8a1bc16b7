"""Traces the borders between the regions of a label picture: curves from junction to junction.

Each is shared by the two regions at its sides, so regions that are redrawn from moved borders
still meet without a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.pipelines.colour_regions import Labels
from engine.pipelines.smooth_curves import Points

Plane = npt.NDArray[np.float32]

OUTSIDE = -1  # of the picture: the label on the other side of its frame
_LEAST_PART = 0.05  # of the way from one pixel to the next, where a border may lie


@dataclass(slots=True, eq=False)
class Border:
    """A curve between two regions.

    Attributes:
        sides: The regions' labels, the smaller one first.
        ends: Junctions it begins and ends at; both -1 = it is closed.
        points: Along it, the junctions included; a closed one does not repeat its first point.
    """

    sides: tuple[int, int]
    ends: tuple[int, int]
    points: Points

    @property
    def closed(self) -> bool:
        """Whether it comes back to its start without a junction."""
        return self.ends[0] < 0


def trace_borders(labels: Labels, lead: Plane) -> list[Border]:
    """All borders of a label picture, its frame included; equal input gives equal output.

    Args:
        lead: By how much each pixel's label leads over its neighbours', above 0: where between
            two pixels their border lies.
    """
    cracks = _cracks(np.pad(labels, 1, constant_values=OUTSIDE), np.pad(lead, 1, mode="edge"))
    _, places, count = np.unique(cracks.corners.ravel(), return_inverse=True, return_counts=True)
    order = np.argsort(places, kind="stable")
    through = count == 2
    starts = (np.cumsum(count) - count)[through]
    one, other = order[starts], order[starts + 1]
    partner = np.full(len(order), -1)
    partner[one], partner[other] = other, one
    sums = [np.bincount(places, np.repeat(each, 2)) for each in cracks.points.T]
    middles = np.stack(sums, 1) / count[:, None]
    junctions = np.where(through, -1, np.cumsum(~through) - 1)[places]
    return _walked(cracks, partner.tolist(), junctions.tolist(), middles[~through])


@dataclass(frozen=True, slots=True, eq=False)
class _Cracks:
    """Unit sides between pixels of different labels.

    Attributes:
        corners: `n 2`, numbers of the lattice corners that it joins.
        sides: `n 2`, labels, the smaller one first.
        points: `n 2`, where the border crosses from one pixel's centre to the other's.
    """

    corners: npt.NDArray[np.int64]
    sides: npt.NDArray[np.int32]
    points: Points


def _cracks(labels: Labels, lead: Plane) -> _Cracks:
    """Of a padded picture; points are in pixels of the one without the frame."""
    width = labels.shape[1] + 1
    parts = []
    for down, right in ((0, 1), (1, 0)):
        here = np.s_[: labels.shape[0] - down, : labels.shape[1] - right]
        there = np.s_[down:, right:]
        rows, columns = np.nonzero(labels[here] != labels[there])
        one, other = lead[here][rows, columns], lead[there][rows, columns]
        part = np.clip(one / np.maximum(one + other, 1e-6), _LEAST_PART, 1 - _LEAST_PART)
        pair = np.stack([labels[here][rows, columns], labels[there][rows, columns]], 1)
        part[(pair == OUTSIDE).any(1)] = 0.5
        start = (rows + down) * width + columns + right
        end = start + (width if right else 1)
        points = np.stack([columns + right * part - 1, rows + down * part - 1], 1)
        parts.append((np.stack([start, end], 1), np.sort(pair, 1), points))
    corners, sides, points = (np.concatenate(each) for each in zip(*parts, strict=True))
    return _Cracks(corners, sides, points.astype(np.float64))


def _walked(
    cracks: _Cracks, partner: list[int], junctions: list[int], middles: Points
) -> list[Border]:
    """Cracks joined to curves: first those that begin at a junction, then the closed ones.

    Args:
        partner: Of each crack's two ends, the end that goes on there; -1 = a junction.
        junctions: Of each end; rows of `middles`.
    """
    used = bytearray(len(partner) // 2)
    starts = [end for end, other in enumerate(partner) if other < 0]
    borders = []
    for start in (*starts, *range(0, len(partner), 2)):
        if used[start // 2]:
            continue
        way, end = [start // 2], start ^ 1
        used[start // 2] = 1
        while partner[end] >= 0 and not used[partner[end] // 2]:
            way.append(partner[end] // 2)
            used[way[-1]] = 1
            end = partner[end] ^ 1
        ends = junctions[start], junctions[end]
        points = cracks.points[way]
        if ends[0] >= 0:
            points = np.concatenate([middles[[ends[0]]], points, middles[[ends[1]]]])
        one, other = cracks.sides[way[0]].tolist()
        borders.append(Border((one, other), ends, points))
    return borders
