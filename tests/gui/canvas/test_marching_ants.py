"""The edge of the selection on the screen: where it lies, in two tones, moving only while seen."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from editor.canvas.marching_ants import edges_of
from editor.canvas.view import CanvasView
from editor.commands.paint_commands import SetSelection
from editor.document import selections, shapes
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.masks import Mask
from editor.document.pixels import PixelBuffer
from tests.gui.canvas.conftest import MakeView
from tests.gui.canvas.screen import shot

CANVAS = Rect(0, 0, 100, 80)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Mask:
    points = shapes.rectangle_points(x0, y0, x1, y1)
    mask = selections.polygon_selection(points, CANVAS)
    assert mask is not None
    return mask


@pytest.fixture
def view(make_view: MakeView) -> CanvasView:
    grey = PixelBuffer.filled(100, 80, (128, 128, 128, 255))
    return make_view(Document(100, 80, (RasterLayer(name="grey", pixels=grey),)))


def test_edges_lie_between_pixels_that_are_in_and_out() -> None:
    edges = edges_of(rectangle(10, 20, 30, 25), CANVAS)
    assert sorted(edges.across.tolist()) == [[20, 10, 30], [25, 10, 30]]
    assert sorted(edges.down.tolist()) == [[10, 20, 25], [30, 20, 25]]


def test_edges_at_the_edge_of_the_canvas_and_of_a_level() -> None:
    whole = selections.whole_canvas(CANVAS)
    edges = edges_of(whole, CANVAS.expanded(1), level=2)
    assert edges.side == 4
    assert sorted(edges.across.tolist()) == [[0, 0, 25], [20, 0, 25]]
    assert sorted(edges.down.tolist()) == [[0, 0, 20], [25, 0, 20]]


def test_the_edge_is_drawn_in_black_and_white_and_goes_with_the_selection(
    view: CanvasView, qtbot: QtBot
) -> None:
    view.set_reduced_motion(True)
    before = shot(view)
    view.history.push(SetSelection(rectangle(20, 20, 60, 50)))
    drawn = shot(view)
    changed = np.abs(drawn - before).max(axis=2) > 40
    x0, y0 = (round(v) for v in view.viewport.to_device(20, 20))
    x1, y1 = (round(v) for v in view.viewport.to_device(60, 50))
    rows, columns = np.nonzero(changed)
    assert (columns.min(), rows.min()) == (x0, y0)
    assert (columns.max(), rows.max()) == (x1, y1)
    line = drawn[y0, x0 + 10 : x0 + 74, 0]
    assert set(np.unique(line)) == {0, 255}
    assert not changed[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4].any()
    view.history.undo()
    qtbot.wait(1)
    assert np.array_equal(shot(view), before)


def test_the_dashes_move_only_while_somebody_can_see_them(view: CanvasView, qtbot: QtBot) -> None:
    ants = view._ants
    assert not ants.running, "nothing is selected"
    view.set_reduced_motion(False)
    view.history.push(SetSelection(rectangle(20, 20, 60, 50)))
    assert ants.running
    with qtbot.waitSignal(ants.moved):
        pass
    view.hide()
    assert not ants.running
    view.show()
    assert ants.running
    view.set_reduced_motion(True)
    assert not ants.running
    view.set_reduced_motion(False)
    view.history.push(SetSelection(None))
    assert not ants.running


def test_only_what_the_edge_touches_is_painted_again(view: CanvasView) -> None:
    view.zoom_to(4.0)
    view.history.push(SetSelection(rectangle(2, 2, 98, 78)))
    region = view._ants.region(view.viewport)
    x, y = view.viewport.to_device(50, 40)
    assert not region.isEmpty()
    assert not region.contains(QPoint(round(x), round(y)))
