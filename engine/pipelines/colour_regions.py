"""Finds the regions of one colour each that a drawing of flat colours is meant to consist of.

Regions grow from places without a slope, of which one may be a few pixels on the ridge of a thin
line, to where the colour changes fastest (a watershed, Meyer 1992). Neighbours of nearly the same
colour become one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.float32]  # h w 4: premultiplied RGB and alpha, 0 to 255
Labels = npt.NDArray[np.int32]  # h w

_FLAT = 5.0  # levels per pixel
_SPECK_PX = 4  # smaller flat places are chance
_SPREAD = 12.0  # levels: deviation from the mean up to which a place has one colour
_DIVIDED_PX = 12  # smaller places are not divided
_HALVINGS = 4
_ALIKE = 20.0  # levels between two regions that are one
_SMALL_PX, _SMALL_ALIKE = 30, 32.0  # and where one of them is small
_PASSES = 3
_CLEAR, _FULL = 100.0, 235.0  # alpha of a region that is none, and of one that is opaque


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Which pixel belongs where.

    Attributes:
        labels: Row of `colours`.
        colours: `k 4`, premultiplied RGB and alpha, 0 to 255.
    """

    labels: Labels
    colours: npt.NDArray[np.float32]


def find_regions(levels: Levels) -> Regions:
    """Regions of a drawing; equal input gives equal regions.

    Args:
        levels: At least 3 x 3 pixels.
    """
    smooth = _smoothed(levels)
    seeds = _without_specks(_of_one_colour(_flat_places(smooth), smooth))
    if not seeds[1:-1, 1:-1].any():  # the watershed does not begin at the frame
        return Regions(np.zeros_like(seeds), levels.mean((0, 1))[None])
    labels = _grown(seeds, smooth)
    groups = _Groups(labels, seeds, levels)
    pairs = _neighbours(labels)
    for _ in range(_PASSES):
        if not groups.join_alike(pairs):
            break
    roots = np.array([groups.root(label) for label in range(len(groups.colours))])
    kept, numbers = np.unique(roots[labels], return_inverse=True)
    colours = np.array([groups.colours[label] for label in kept], np.float32)
    return Regions(numbers.reshape(seeds.shape).astype(np.int32), _plain_alpha(colours))


def _smoothed(levels: Levels) -> Levels:
    """Colours on grey, without their faint unrest, and alpha."""
    rgb = np.asarray(levels[..., :3] + (255 - levels[..., 3:]) / 2, np.float32)
    for _ in range(2):
        rgb = np.asarray(cv2.bilateralFilter(rgb, 7, 18, 3), np.float32)
    alpha = cv2.GaussianBlur(levels[..., 3], (0, 0), 0.8)
    return np.asarray(np.dstack([rgb, alpha]), np.float32)


def _flat_places(smooth: Levels) -> Labels:
    """Connected places without a slope, from 1; 0 is the rest."""
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, *way, ksize=3) / 8 for way in ((1, 0), (0, 1)))
    slope = np.sqrt((across * across + down * down).max(2))
    return _connected(slope < _FLAT)


def _connected(mask: npt.NDArray[np.bool_]) -> Labels:
    found = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)[1]
    return np.asarray(found, np.int32)


def _of_one_colour(places: Labels, smooth: Levels) -> Labels:
    """Divides places that a gentle slope has joined: halves, at the mean of what varies most."""
    values = smooth.reshape(-1, 4).astype(np.float64)
    for _ in range(_HALVINGS):
        index = places.ravel()
        count = np.maximum(np.bincount(index), 1)
        away = values - _means(index, values, count)[index]
        spread = _means(index, away * away, count)
        wide = (spread.sum(1) > _SPREAD**2) & (count >= _DIVIDED_PX)
        wide[0] = False
        if not wide.any():
            break
        most = spread.argmax(1)[index]
        upper = away[np.arange(len(index)), most] > 0
        places = _halved(places, wide, upper.reshape(places.shape))
    return places


def _means(
    index: npt.NDArray[np.int32], values: npt.NDArray[np.float64], count: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """Of each label, `n 4`."""
    sums = [np.bincount(index, values[:, channel], len(count)) for channel in range(4)]
    return np.stack(sums, 1) / count[:, None]


def _halved(places: Labels, wide: npt.NDArray[np.bool_], upper: npt.NDArray[np.bool_]) -> Labels:
    out, following = places.copy(), len(wide)
    for label in np.flatnonzero(wide):
        for half in (upper, ~upper):
            part = _connected((places == label) & half)
            inside = part > 0
            out[inside] = part[inside] - 1 + following
            following += int(part.max())
    return out


def _without_specks(places: Labels) -> Labels:
    """Numbered anew without gaps."""
    kept = np.bincount(places.ravel()) >= _SPECK_PX
    kept[0] = False
    numbers = np.cumsum(kept) * kept
    return np.asarray(numbers[places], np.int32)


def _grown(seeds: Labels, smooth: Levels) -> Labels:
    """Every pixel with the label of a seed."""
    labels = seeds.copy()
    cv2.watershed(np.clip(smooth[..., :3], 0, 255).astype(np.uint8), labels)
    labels[0], labels[-1] = labels[1], labels[-2]  # its frame and the lines between are none
    labels[:, 0], labels[:, -1] = labels[:, 1], labels[:, -2]
    while (labels <= 0).any():
        labels = _line_divided(labels, smooth)
    return labels


def _line_divided(labels: Labels, smooth: Levels) -> Labels:
    """Pixels of no region get that of the neighbour that is nearest in colour."""
    height, width = labels.shape
    around = np.pad(labels, 1)
    colours = np.pad(smooth, ((1, 1), (1, 1), (0, 0)))
    nearest = np.full(labels.shape, np.float32(np.inf))
    out = labels.copy()
    for y, x in ((0, 1), (2, 1), (1, 0), (1, 2)):
        there = around[y : y + height, x : x + width]
        away = np.abs(smooth - colours[y : y + height, x : x + width]).sum(2)
        better = (labels <= 0) & (there > 0) & (away < nearest)
        nearest[better], out[better] = away[better], there[better]
    return out


def _neighbours(labels: Labels) -> list[tuple[int, int]]:
    """Labels side by side, each pair once, the smaller one first."""
    sides = [(labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])]
    both = np.concatenate([np.stack([a[a != b], b[a != b]], 1) for a, b in sides])
    return [(int(a), int(b)) for a, b in np.unique(np.sort(both, 1), axis=0)]


class _Groups:
    """Regions that become one.

    Attributes:
        colours: Mean of each label's seeds, kept up at its root.
    """

    def __init__(self, labels: Labels, seeds: Labels, levels: Levels) -> None:
        # A seed on the frame alone is in no region, and may be the last one.
        index, count = seeds.ravel(), int(max(labels.max(), seeds.max())) + 1
        weights = np.maximum(np.bincount(index, minlength=count), 1)
        means = _means(index, levels.reshape(-1, 4).astype(np.float64), weights)
        self.colours: list[list[float]] = means.tolist()
        self._weights: list[int] = weights.tolist()
        self._sizes: list[int] = np.bincount(labels.ravel(), minlength=count).tolist()
        self._parents = list(range(count))

    def root(self, label: int) -> int:
        """The label that stands for all that were joined with this one."""
        while self._parents[label] != label:
            self._parents[label] = self._parents[self._parents[label]]
            label = self._parents[label]
        return label

    def join_alike(self, pairs: list[tuple[int, int]]) -> bool:
        """Joins neighbours of nearly one colour, the most alike first; whether there were any."""
        found = [(self.root(a), self.root(b)) for a, b in pairs]
        found.sort(key=lambda pair: self._apart(*pair))
        joined = False
        for pair in found:
            first, second = self.root(pair[0]), self.root(pair[1])
            if first == second:
                continue
            small = min(self._sizes[first], self._sizes[second]) < _SMALL_PX
            if self._apart(first, second) <= (_SMALL_ALIKE if small else _ALIKE) ** 2:
                self._join(first, second)
                joined = True
        return joined

    def _apart(self, first: int, second: int) -> float:
        """Squared distance of the colours."""
        both = zip(self.colours[first], self.colours[second], strict=True)
        return sum((one - other) ** 2 for one, other in both)

    def _join(self, first: int, second: int) -> None:
        one, other = self._weights[first], self._weights[second]
        self.colours[first] = [
            (a * one + b * other) / (one + other)
            for a, b in zip(self.colours[first], self.colours[second], strict=True)
        ]
        self._weights[first] += other
        self._sizes[first] += self._sizes[second]
        self._parents[second] = first


def _plain_alpha(colours: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Nearly clear regions are clear, nearly opaque ones are opaque."""
    plain = colours.copy()
    plain[colours[:, 3] < _CLEAR] = 0
    plain[colours[:, 3] > _FULL, 3] = 255
    return plain
