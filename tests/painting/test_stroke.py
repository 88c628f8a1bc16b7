"""Strokes: even coverage, the brush's profile, opacity, flow, pressure, selection, erasing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from editor.document.geometry import Rect
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.painting.brush import Brush
from editor.painting.dabs import coverage_at
from editor.painting.ground import Ground, pixel_ground
from editor.painting.ink import ColorInk, EraserInk, Ink
from editor.painting.path import Sample, StrokePath
from editor.painting.stroke import Stroke

CANVAS = Rect(0, 0, 400, 300)
RED = (220, 30, 40)
Points = list[tuple[float, float]]


def transparent_ground() -> Ground[PixelBuffer]:
    return pixel_ground(PixelBuffer.transparent(400, 300), (0, 0), CANVAS)


def paint(
    brush: Brush,
    points: Points,
    *,
    pressures: list[float] | None = None,
    ground: Ground[PixelBuffer] | None = None,
    ink: Ink | None = None,
    selection: Mask | None = None,
) -> npt.NDArray[np.uint8]:
    """The pixels of the canvas after one stroke, h w 4."""
    ink = ink or ColorInk(RED, brush.opacity_level)
    stroke = Stroke(
        ground or transparent_ground(),
        ink,
        hardness=brush.hardness,
        flow=brush.flow,
        selection=selection,
    )
    presses = pressures or [1.0] * len(points)
    samples = [Sample(x, y, p) for (x, y), p in zip(points, presses, strict=True)]
    path = StrokePath(brush, samples[0])
    stroke.add(path.begin())
    for sample in samples[1:]:
        stroke.add(path.go(sample))
    stroke.add(path.finish())
    return stroke.painted.read(CANVAS)


def line(step: float, y: float = 150.5) -> Points:
    return [(x, y) for x in np.arange(60, 340.01, step)]


@pytest.mark.parametrize("size", [1, 3, 24, 80])
@pytest.mark.parametrize("flow", [1.0, 0.3])
def test_coverage_is_even_whether_the_hand_is_slow_or_fast(size: int, flow: float) -> None:
    brush = Brush(size=size, hardness=0.5, flow=flow)
    slow = paint(brush, line(0.7))[..., 3].astype(int)
    fast = paint(brush, line(140))[..., 3].astype(int)
    inner = slice(60 + size, 340 - size)
    ripple = np.ptp(slow[:, inner], axis=1).max()
    assert ripple <= (8 if flow < 1 else 2)
    assert np.abs(slow[:, inner] - fast[:, inner]).max() <= (8 if flow < 1 else 2)
    assert slow[150, inner].min() > 140


@pytest.mark.parametrize("hardness", [0.0, 0.5, 0.9, 1.0])
def test_a_stroke_has_the_profile_of_the_brush(hardness: float) -> None:
    brush = Brush(size=60, hardness=hardness)
    alpha = paint(brush, line(3))[..., 3]
    for distance in range(36):
        expected = coverage_at(distance, 60, hardness) * 255
        assert abs(int(alpha[150 + distance, 200]) - expected) <= 2
        assert alpha[150 + distance, 200] == alpha[150 - distance, 200]


def test_dabs_lie_where_the_hand_was_between_the_pixels() -> None:
    for x, y in ((100.0, 100.0), (100.25, 99.6), (100.5, 100.9)):
        alpha = paint(Brush(size=9, hardness=0.2), [(x, y)])[..., 3].astype(float)
        rows, columns = np.mgrid[0:300, 0:400] + 0.5
        assert abs((alpha * columns).sum() / alpha.sum() - x) < 0.02
        assert abs((alpha * rows).sum() / alpha.sum() - y) < 0.02


def test_curves_have_no_corners_and_stay_with_the_hand() -> None:
    turns = np.linspace(0, 2 * np.pi, 13)
    points = [(200 + 80 * np.cos(t), 150 + 80 * np.sin(t)) for t in turns]
    alpha = paint(Brush(size=6), points)[..., 3]
    rows, columns = np.nonzero(alpha > 128)
    distance = np.hypot(columns + 0.5 - 200, rows + 0.5 - 150)
    assert distance.max() < 80 + 4
    assert distance.min() > 80 * np.cos(np.pi / 12) - 4, "not inside the polygon's sides"
    assert np.ptp(distance) < 10


@pytest.mark.parametrize("flow", [1.0, 0.4])
def test_going_over_it_again_never_exceeds_the_opacity(flow: float) -> None:
    brush = Brush(size=30, opacity=0.5, flow=flow)
    there_and_back = [*line(5), *reversed(line(5))] * 4
    pixels = paint(brush, there_and_back)
    assert pixels[..., 3].max() == 128
    assert (pixels[150, 200] == (*RED, 128)).all()


def test_flow_builds_up_within_a_stroke() -> None:
    brush = Brush(size=30, flow=0.05)
    once = paint(brush, line(5))[150, 200, 3]
    often = paint(brush, [*line(5), *reversed(line(5))] * 6)[150, 200, 3]
    assert 40 < once < 120
    assert often > 220


def test_pressure_makes_it_smaller_or_fainter() -> None:
    points = line(4)
    pressures = [float(p) for p in np.linspace(0.1, 1.0, len(points))]
    thin = paint(Brush(size=40), points, pressures=pressures)[..., 3]
    widths = [(thin[:, x] > 128).sum() for x in (80, 200, 320)]
    assert widths[0] < 12 < widths[1] < 30 < widths[2]
    brush = Brush(size=40, pressure_size=False, pressure_opacity=True)
    faint = paint(brush, points, pressures=pressures)[..., 3]
    assert [int(faint[150, x]) // 32 for x in (80, 200, 320)] == [1, 4, 7]
    assert np.ptp([(faint[:, x] > 0).sum() for x in (120, 200, 280)]) <= 1


def test_the_selection_lets_through_exactly_its_share() -> None:
    levels = np.repeat(np.arange(0, 256, dtype=np.uint8)[None], 300, axis=0)
    selection = Mask(coverage=CoverageBuffer.from_array(levels), offset=(60, 0))
    alpha = paint(Brush(size=40), line(4), selection=selection)[..., 3]
    assert (alpha[150, 60:316] == np.arange(256)).all()
    assert not alpha[:, 316:].any(), "outside of it nothing is painted"


def test_painting_over_colours_mixes_straight_values() -> None:
    ground = pixel_ground(PixelBuffer.filled(400, 300, (0, 100, 200, 255)), (0, 0), CANVAS)
    pixels = paint(Brush(size=40, opacity=0.5), line(4), ground=ground)
    share = 128 / 255
    expected = [
        round(new * share + old * (1 - share)) for new, old in zip(RED, (0, 100, 200), strict=True)
    ]
    assert pixels[150, 200].tolist() == [*expected, 255]
    assert pixels[20, 200].tolist() == [0, 100, 200, 255]


def test_erasing_keeps_the_colour_under_the_alpha() -> None:
    ground = pixel_ground(PixelBuffer.filled(400, 300, (10, 100, 200, 255)), (0, 0), CANVAS)
    pixels = paint(Brush(size=40), line(4), ground=ground, ink=EraserInk(255))
    assert pixels[150, 200].tolist() == [10, 100, 200, 0]
    half = paint(Brush(size=40), line(4), ground=ground, ink=EraserInk(128))
    assert half[150, 200].tolist() == [10, 100, 200, 127]


def test_what_is_not_covered_keeps_its_hidden_colour() -> None:
    array = np.zeros((300, 400, 4), np.uint8)
    array[..., :3] = (9, 8, 7)
    ground = pixel_ground(PixelBuffer.from_array(array), (0, 0), CANVAS)
    pixels = paint(Brush(size=20), line(4), ground=ground)
    assert pixels[150, 200].tolist() == [*RED, 255]
    assert pixels[145, 380].tolist() == [9, 8, 7, 0]


def test_a_small_layer_gets_room_and_is_cut_again() -> None:
    ground = pixel_ground(PixelBuffer.filled(30, 30, (0, 0, 0, 255)), (-10, 40), CANVAS)
    stroke = Stroke(ground, ColorInk(RED), hardness=1, flow=1)
    dirty = stroke.add(StrokePath(Brush(size=20), Sample(395, 150)).begin())
    assert dirty == Rect(384, 139, 400, 161), "not beyond the canvas"
    buffer, offset = stroke.painted.trimmed(Rect(-10, 40, 20, 70).union(stroke.touched))
    assert isinstance(buffer, PixelBuffer)
    assert (offset, buffer.size) == ((-10, 40), (410, 121))
    assert buffer.pixel(405, 110) == (*RED, 255)
    assert buffer.pixel(5, 5) == (0, 0, 0, 255)


def test_only_touched_tiles_are_new() -> None:
    ground = pixel_ground(
        PixelBuffer.filled(1024, 1024, (9, 9, 9, 255)), (0, 0), Rect(0, 0, 1024, 1024)
    )
    stroke = Stroke(ground, ColorInk(RED), hardness=1, flow=1)
    stroke.add(StrokePath(Brush(size=40), Sample(300, 300)).begin())
    assert stroke.painted.buffer.changed_tiles(ground.buffer) == ((1, 1),)
