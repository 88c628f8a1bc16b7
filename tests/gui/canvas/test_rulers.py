"""Rulers show document pixels, follow the view, and give guides."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.canvas.aids import ViewAids
from editor.canvas.rulers import THICKNESS_PX, CanvasFrame, Mark, Ruler, label_step, ruler_marks
from editor.canvas.view import CanvasView
from editor.commands.guide_commands import AddGuide
from editor.document.guides import Guide, Orientation
from editor.tools.snapping import SnapKind
from tests.gui.canvas.conftest import MakeView
from tests.gui.canvas.sample import sample_document
from tests.gui.canvas.screen import Left, NoModifier, at, click, drag, move, press, release, shot


@pytest.fixture
def frame(make_view: MakeView, qtbot: QtBot) -> CanvasFrame:
    view = make_view(sample_document())
    frame = CanvasFrame(view)
    qtbot.addWidget(frame)
    frame.show_rulers(shown=True)
    frame.resize(720, 520)
    frame.show()
    qtbot.waitExposed(frame)
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    return frame


def pull(ruler: Ruler, view: CanvasView, target: QPoint) -> None:
    """Press on a ruler, drag to a position of the canvas, release."""
    QTest.mousePress(ruler, Left, NoModifier, QPoint(8, 8))
    for share in (0.5, 1.0):
        end = ruler.mapFromGlobal(view.mapToGlobal(target))
        move(ruler, QPoint(8, 8) + (end - QPoint(8, 8)) * share, Left)  # type: ignore[arg-type]
    QTest.mouseRelease(ruler, Left, NoModifier, ruler.mapFromGlobal(view.mapToGlobal(target)))


@pytest.mark.parametrize(
    ("scale", "step"), [(1.0, 100), (2.0, 50), (0.5, 200), (64.0, 1), (1 / 64, 5000), (0.24, 500)]
)
def test_numbers_stand_at_round_distances_and_do_not_touch(scale: float, step: int) -> None:
    assert label_step(scale) == step
    assert step * scale >= 64 or step == 1


def test_marks_between_the_numbers() -> None:
    marks = ruler_marks(-5, 101, 1.0)
    assert Mark(0, 0) in marks
    assert Mark(50, 1) in marks
    assert Mark(90, 2) in marks
    assert Mark(100, 0) in marks
    assert [mark.position for mark in marks] == list(range(-10, 111, 10))
    assert {mark.position for mark in ruler_marks(0, 3, 64.0)} == {0, 1, 2, 3}, "no half pixels"


def test_a_guide_is_pulled_out_of_each_ruler(frame: CanvasFrame) -> None:
    view = frame.canvas
    view.aids = ViewAids(snap=SnapKind.NONE)
    pull(frame.left, view, at(view, 333, 100))
    pull(frame.top, view, at(view, 100, 77))
    guides = view.document.guides
    assert guides == (Guide(Orientation.VERTICAL, 333), Guide(Orientation.HORIZONTAL, 77))
    view.history.undo()
    assert view.document.guides == guides[:1]


def test_escape_breaks_the_pull_off(frame: CanvasFrame) -> None:
    view = frame.canvas
    QTest.mousePress(frame.left, Left, NoModifier, QPoint(8, 8))
    move(frame.left, QPoint(200, 50), Left)  # type: ignore[arg-type]
    assert view.busy
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.busy
    QTest.mouseRelease(frame.left, Left, NoModifier, QPoint(200, 50))
    assert view.document.guides == ()


def test_no_guide_comes_out_while_guides_are_hidden(frame: CanvasFrame) -> None:
    frame.canvas.aids = ViewAids(guides=False)
    pull(frame.left, frame.canvas, at(frame.canvas, 333, 100))
    assert frame.canvas.document.guides == ()


def test_a_guide_is_moved_and_dropped_on_the_ruler(frame: CanvasFrame) -> None:
    view = frame.canvas
    view.aids = ViewAids(snap=SnapKind.NONE)
    view.history.push(AddGuide(Guide(Orientation.VERTICAL, 400)))
    drag(view, at(view, 402, 300), at(view, 452, 310))
    assert view.document.guides[0].position == 452
    move(view, at(view, 452, 310))
    assert view.cursor().shape() == Qt.CursorShape.SizeHorCursor
    drag(view, at(view, 452, 300), QPoint(-5, 200))
    assert view.document.guides == ()


def test_locked_guides_let_the_press_through(frame: CanvasFrame) -> None:
    view = frame.canvas
    view.history.push(AddGuide(Guide(Orientation.VERTICAL, 100)))
    click(view, at(view, 100, 100))
    assert not view.document.selected_ids, "the guide takes the press"
    view.aids = ViewAids(guides_locked=True)
    click(view, at(view, 100, 100))
    assert view.document.selected_ids == ("red",)


def test_a_handle_comes_before_a_guide(frame: CanvasFrame) -> None:
    view = frame.canvas
    view.aids = ViewAids(snap=SnapKind.NONE)
    view.history.push(AddGuide(Guide(Orientation.VERTICAL, 170)))
    view.document.select(["red"])
    drag(view, at(view, 170, 180), at(view, 190, 200))
    assert view.document.layer("red").bounds.x1 == 190
    assert view.document.guides[0].position == 170


def test_guides_and_hints_are_drawn_and_taken_away(frame: CanvasFrame, qtbot: QtBot) -> None:
    view = frame.canvas
    before = shot(view)
    view.history.push(AddGuide(Guide(Orientation.VERTICAL, 400)))
    x = at(view, 400, 0).x()
    with_guide = shot(view)
    columns = np.flatnonzero((with_guide != before).any(axis=(0, 2)))
    assert columns.tolist() == [x]
    press(view, at(view, 300, 260))  # the layer "blue", whose right edge is at 360
    move(view, at(view, 337, 260), Left)
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert view.document.layer("blue").bounds.x1 == 400, "pulled to the guide"
    hint = (shot(view)[5] != before[5]).any(axis=1)
    assert hint[x - 1 : x + 2].any(), "the hint crosses the whole view"
    release(view, at(view, 337, 260))
    view.aids = ViewAids(guides=False)
    view.history.undo()
    view.document.select(())
    move(view, QPoint(3, 3))
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert (shot(view) == before).all()


def test_the_ruler_follows_the_view(frame: CanvasFrame) -> None:
    def picture() -> bytes:
        image = frame.top.grab().toImage()
        return bytes(image.constBits())

    before = picture()
    frame.canvas.pan(37, 0)
    panned = picture()
    frame.canvas.zoom_to(3.0)
    assert len({before, panned, picture()}) == 3
    assert frame.top.height() == frame.left.width() == THICKNESS_PX


def test_the_pixel_grid_can_be_switched_off(frame: CanvasFrame, qtbot: QtBot) -> None:
    view = frame.canvas
    view.zoom_to(16.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    with_grid = shot(view)
    view.aids = ViewAids(pixel_grid=False)
    without = shot(view)
    assert (with_grid != without).any()
    view.zoom_to(7.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    below = shot(view)
    view.aids = ViewAids()
    assert (shot(view) == below).all(), "no grid below 800 %"
