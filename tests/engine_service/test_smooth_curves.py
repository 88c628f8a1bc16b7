"""Borders are traced without gaps, and wobbly ones become lines and arcs with their corners."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from engine.pipelines.curved_regions import draw_curved
from engine.pipelines.region_borders import OUTSIDE, trace_borders
from engine.pipelines.smooth_curves import smooth_curve

SIDE = 96


def wobble(count: int, amplitude: float = 0.6) -> npt.NDArray[np.float64]:
    """Of points a pixel apart, in waves of some 14 px."""
    at = np.arange(count)
    return np.asarray(amplitude * (np.sin(at * 0.45) + 0.5 * np.sin(at * 0.31 + 1)), np.float64)


def free(points: npt.NDArray[np.float64], most: float = 1.4) -> npt.NDArray[np.float64]:
    return np.full(len(points), most)


def test_a_wobbly_line_becomes_straight_and_keeps_its_ends() -> None:
    points = np.stack([np.arange(120.0), wobble(120)], 1)
    smooth = smooth_curve(points, free(points), False)
    assert np.array_equal(smooth[[0, -1]], points[[0, -1]])
    assert smooth[15:-15, 1].std() < 0.3 * points[15:-15, 1].std()


def test_a_wobbly_circle_becomes_round_and_keeps_its_size() -> None:
    angles = np.linspace(0, 2 * np.pi, 220, endpoint=False)
    radii = 35 + wobble(220) * np.sin(angles / 2)  # which closes without a step
    points = np.stack([radii * np.cos(angles), radii * np.sin(angles)], 1)
    smooth = np.hypot(*smooth_curve(points, free(points), True).T)
    assert (smooth - 35).std() < 0.4 * (radii - 35).std()
    assert smooth.mean() == pytest.approx(35, abs=0.2)


@pytest.mark.parametrize("closed", [False, True])
def test_corners_stay_where_they_are(closed: bool) -> None:
    along = np.arange(50.0)
    sides = [(along, 0 * along), (0 * along + 50, along), (50 - along, 0 * along + 50)]
    if closed:
        sides.append((0 * along, 50 - along))
    points = np.concatenate([np.stack(side, 1) for side in sides])
    smooth = smooth_curve(points, free(points), closed)
    assert np.abs(smooth - points).max() < 0.1


def test_nothing_is_moved_farther_than_allowed() -> None:
    rng = np.random.default_rng(2)
    points = np.stack([np.arange(150.0), rng.normal(size=150).cumsum()], 1)
    limit = rng.uniform(0, 1, 150)
    moved = np.hypot(*(smooth_curve(points, limit, False) - points).T)
    assert (moved <= 1.15 * limit + 1e-9).all()


@pytest.mark.parametrize("count", [1, 5, 6, 9])
def test_short_curves_are_smoothed_without_a_fault(count: int) -> None:
    points = np.random.default_rng(0).normal(size=(count, 2))
    for closed in (False, True):
        assert np.isfinite(smooth_curve(points, free(points), closed)).all()


def test_every_border_is_traced_once_and_between_its_pixels() -> None:
    labels = np.zeros((20, 24), np.int32)
    labels[4:12, 5:15], labels[6:9, 8:11], labels[10:, 12:] = 1, 2, 3
    borders = trace_borders(labels, np.ones(labels.shape, np.float32))
    around = np.pad(labels, 1, constant_values=OUTSIDE)
    sides = sum(int((np.diff(around, axis=axis) != 0).sum()) for axis in (0, 1))
    inner = [len(each.points) - (0 if each.closed else 2) for each in borders]
    assert sum(inner) == sides
    rings = [border for border in borders if border.closed and OUTSIDE not in border.sides]
    assert [(ring.sides, len(ring.points)) for ring in rings] == [((1, 2), 12)]
    assert ring_range(rings[0].points) == ((7.5, 10.5), (5.5, 8.5))


def ring_range(points: npt.NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(zip(points.min(0).tolist(), points.max(0).tolist(), strict=True))


def test_regions_meet_without_a_gap_and_fill_the_picture() -> None:
    rows, columns = np.indices((SIDE, SIDE))
    wave = 3 * np.sin(columns / 5)
    labels = np.where(np.hypot(rows - 48, columns - 48) < 30, 1 + (rows + wave > 48), 0)
    labels[40:60, 70:], labels[50, 20:76] = 3, 4
    labels = labels.astype(np.int32)
    alike = np.full((5, 4), 200, np.float32)
    all_free = np.ones((SIDE, SIDE), np.float32)
    assert np.allclose(draw_curved(labels, all_free, alike, all_free), 200, atol=0.01)
    colours = np.eye(5, 4, dtype=np.float32) * 255
    drawn = draw_curved(labels, all_free, colours, all_free)
    assert drawn[5, 5, 0] == drawn[35, 48, 1] == drawn[70, 48, 2] == drawn[45, 90, 3] == 255
    assert np.array_equal(draw_curved(labels, all_free, colours, all_free), drawn)
