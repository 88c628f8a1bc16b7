"""Selections from shapes: exact coverage, joining, growing, fading, the canvas's edge."""

from __future__ import annotations

import math

import numpy as np
import pytest

from editor.document import selections, shapes
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.selections import SelectionMode

CANVAS = Rect(0, 0, 64, 48)


def rectangle(x0: float, y0: float, x1: float, y1: float, feather: float = 0.0) -> Mask:
    points = shapes.rectangle_points(x0, y0, x1, y1)
    mask = selections.polygon_selection(points, CANVAS, feather=feather)
    assert mask is not None
    return mask


def area(mask: Mask | None) -> float:
    return 0.0 if mask is None else float(mask.read(CANVAS).sum()) / 255


def test_a_rectangle_on_whole_pixels_is_exact_and_stored_in_its_box() -> None:
    mask = rectangle(10, 5, 20, 9)
    assert mask.bounds == Rect(10, 5, 20, 9)
    assert (mask.read(mask.bounds) == 255).all()
    assert mask.outside == 0


def test_partly_covered_pixels_have_the_share_that_is_covered() -> None:
    mask = rectangle(10.25, 5.5, 20, 9)
    values = mask.read(Rect(10, 5, 12, 7)).tolist()
    assert values == [[round(255 * 0.375), round(255 * 0.5)], [round(255 * 0.75), 255]]


def test_areas_of_polygons_are_exact() -> None:
    triangle = [(3.3, 2.1), (40.7, 11.9), (13.2, 44.4)]
    mask = selections.polygon_selection(triangle, CANVAS)
    expected = 0.5 * abs(37.4 * 42.3 - 9.9 * 9.8)
    assert area(mask) == pytest.approx(expected, rel=1e-3)
    circle = selections.polygon_selection(shapes.ellipse_points(10, 10, 40, 40), CANVAS)
    assert area(circle) == pytest.approx(math.pi * 15**2, rel=2e-3)


def test_direction_and_start_of_a_polygon_do_not_matter() -> None:
    points = [(3.3, 2.1), (40.7, 11.9), (13.2, 44.4)]
    rect = Rect(0, 0, 64, 48)
    first = shapes.polygon_coverage(points, rect).astype(int)
    for other in (points[::-1], points[1:] + points[:1]):
        assert np.abs(shapes.polygon_coverage(other, rect) - first).max() <= 1


def test_polygons_are_cut_at_every_side_of_the_canvas() -> None:
    points = shapes.rectangle_points(-20, -10, 90, 70)
    mask = selections.polygon_selection(points, CANVAS)
    assert mask is not None
    assert mask.bounds == CANVAS
    assert (mask.read(CANVAS) == 255).all()
    outside = shapes.rectangle_points(-20, 0, -3, 40)
    assert selections.polygon_selection(outside, CANVAS) is None


def test_without_antialias_pixels_are_in_or_out() -> None:
    points = shapes.ellipse_points(5.3, 5.3, 30.2, 28.7)
    mask = selections.polygon_selection(points, CANVAS, antialias=False)
    assert mask is not None
    assert set(np.unique(mask.read(CANVAS))) == {0, 255}


def test_modes_join_with_what_is_selected() -> None:
    old, new = rectangle(10, 10, 20, 20), rectangle(15, 15, 30, 30)
    assert selections.combined(old, new, SelectionMode.NEW) is new
    assert area(selections.combined(old, new, SelectionMode.ADD)) == 100 + 225 - 25
    assert area(selections.combined(old, new, SelectionMode.SUBTRACT)) == 75
    both = selections.combined(old, new, SelectionMode.INTERSECT)
    assert both is not None
    assert both.bounds == Rect(15, 15, 20, 20)


def test_modes_with_nothing_selected_before() -> None:
    new = rectangle(15, 15, 30, 30)
    assert selections.combined(None, new, SelectionMode.ADD) is new
    assert selections.combined(None, new, SelectionMode.SUBTRACT) is None
    assert selections.combined(None, new, SelectionMode.INTERSECT) is None
    assert selections.combined(new, None, SelectionMode.SUBTRACT) is new
    assert selections.combined(new, new, SelectionMode.SUBTRACT) is None


def test_inverting_twice_gives_the_same() -> None:
    mask = rectangle(10.5, 5, 20, 9)
    other = selections.inverted(mask, CANVAS)
    assert area(other) == pytest.approx(64 * 48 - area(mask))
    assert selections.inverted(other, CANVAS) == mask
    assert selections.inverted(selections.whole_canvas(CANVAS), CANVAS) is None


@pytest.mark.parametrize("by", [1, 3, 7])
def test_growing_and_shrinking_move_straight_edges_by_whole_pixels(by: int) -> None:
    mask = rectangle(20, 16, 40, 32)
    larger = selections.grown(mask, CANVAS, by)
    assert larger is not None
    assert larger.bounds == mask.bounds.expanded(by)
    assert larger.read(Rect(30, 16 - by, 31, 17 - by)).tolist() == [[255]]
    back = selections.shrunk(mask, CANVAS, by)
    assert back is not None
    assert back.bounds == mask.bounds.expanded(-by)
    assert (back.read(back.bounds) == 255).all()


def test_shrinking_leaves_what_touches_the_canvas_edge_and_can_leave_nothing() -> None:
    mask = rectangle(0, 0, 20, 48)
    back = selections.shrunk(mask, CANVAS, 4)
    assert back is not None
    assert back.bounds == Rect(0, 0, 16, 48)
    assert selections.shrunk(rectangle(10, 10, 14, 14), CANVAS, 3) is None
    whole = selections.whole_canvas(CANVAS)
    assert area(selections.shrunk(whole, CANVAS, 5)) == area(whole)


def test_a_border_lies_on_both_sides_of_the_edge() -> None:
    band = selections.bordered(rectangle(20, 16, 40, 32), CANVAS, 4)
    assert band is not None
    assert band.bounds == Rect(18, 14, 42, 34)
    assert band.read(Rect(30, 12, 31, 20))[:, 0].tolist() == [0, 0, 255, 255, 255, 255, 0, 0]


def test_feathering_fades_around_the_edge_and_not_at_the_canvas_edge() -> None:
    soft = selections.feathered(rectangle(0, 0, 32, 48), CANVAS, 6)
    assert soft is not None
    row = soft.read(Rect(0, 20, 64, 21))[0].astype(int)
    assert row[0] == 255
    assert row[31] + row[32] == pytest.approx(255, abs=2)
    assert row[24] > 250
    assert row[39] < 5
    assert (np.diff(row) <= 0).all()
    drawn = rectangle(0, 0, 32, 48, feather=6)
    assert drawn.read(Rect(20, 24, 40, 25))[0].tolist() == row[20:40].tolist()


def test_the_outline_moves_and_is_cut() -> None:
    mask = rectangle(10, 10, 20, 20)
    shifted = selections.moved(mask, CANVAS, -15, 2)
    assert shifted is not None
    assert shifted.bounds == Rect(0, 12, 5, 22)
    assert selections.moved(mask, CANVAS, 100, 0) is None


def test_the_alpha_of_layers_with_their_masks() -> None:
    pixels = np.zeros((10, 10, 4), np.uint8)
    pixels[2:8, 2:8, 3] = 128
    half = Mask(coverage=CoverageBuffer.filled(5, 40, 255))
    layer = RasterLayer(name="a", pixels=PixelBuffer.from_array(pixels), offset=(2, 3), mask=half)
    found = selections.alpha_selection((layer,), CANVAS)
    assert found is not None
    assert found.bounds == Rect(4, 5, 5, 11)
    assert (found.read(found.bounds) == 128).all()
    full = RasterLayer(name="b", pixels=PixelBuffer.filled(4, 4, (0, 0, 0, 255)), offset=(30, 30))
    group = GroupLayer(name="g", children=(layer, full))
    both = selections.alpha_selection((group,), CANVAS)
    assert both is not None
    assert both.bounds == Rect(4, 5, 34, 34)
    empty = RasterLayer(name="c", pixels=PixelBuffer.transparent(4, 4))
    assert selections.alpha_selection((empty,), CANVAS) is None
