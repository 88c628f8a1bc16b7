"""Mouse, wheel and keys on the real widget."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from editor.canvas.view import CanvasView
from editor.commands.history import History
from editor.commands.property_commands import SetLocked
from editor.commands.transform_commands import MoveLayers
from editor.document.document import Document
from editor.document.events import Change
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.document.pixels import PixelBuffer
from tests.gui.canvas.conftest import MakeView
from tests.gui.canvas.sample import sample_document
from tests.gui.canvas.screen import NoModifier, at, click, drag, move, press, release, wheel

Control = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier
MIDDLE = QPoint(350, 250)


@pytest.fixture
def view(make_view: MakeView) -> CanvasView:
    view = make_view(sample_document())
    view.zoom_to(1.0)
    return view


def key(widget: QWidget, code: Qt.Key, modifiers: Qt.KeyboardModifier = NoModifier) -> None:
    QTest.keyClick(widget, code, modifiers)


def selected(view: CanvasView) -> tuple[str, ...]:
    return view.document.selected_ids


def line_of(view: CanvasView) -> QLineEdit:
    """The line in which prompts of boxes are written."""
    line = view.findChild(QLineEdit)
    assert line is not None
    return line


def origin(view: CanvasView) -> tuple[int, int]:
    return view.viewport.origin_x, view.viewport.origin_y


def test_the_wheel_scrolls_and_shift_turns_it_sideways(view: CanvasView) -> None:
    x, y = origin(view)
    wheel(view, MIDDLE, QPoint(0, -120))
    assert origin(view) == (x, y - 64)
    wheel(view, MIDDLE, QPoint(0, -120), Shift)
    assert origin(view) == (x - 64, y - 64)
    wheel(view, MIDDLE, QPoint(0, 240), pixels=QPoint(3, 7))
    assert origin(view) == (x - 61, y - 57), "a trackpad says how many pixels"


def test_control_and_wheel_zoom_at_the_pointer(view: CanvasView, qtbot: QtBot) -> None:
    place = QPoint(200, 180)
    before = view.viewport.to_document(200, 180)
    with qtbot.waitSignal(view.zoom_changed) as caught:
        wheel(view, place, QPoint(0, 360), Control)
    assert view.zoom == pytest.approx(2.0)
    assert caught.args == [view.zoom]
    after = view.viewport.to_document(200, 180)
    assert after == pytest.approx(before, abs=0.5)


def test_the_wheel_stops_at_100_percent(view: CanvasView) -> None:
    view.zoom_to(0.9)
    wheel(view, MIDDLE, QPoint(0, 120), Control)
    assert view.zoom == 1.0
    wheel(view, MIDDLE, QPoint(0, 120), Control)
    assert view.zoom > 1.2


def test_pinching_zooms(view: CanvasView) -> None:
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        QPointF(100, 100),
        QPointF(100, 100),
        QPointF(100, 100),
        0.25,
        QPointF(),
    )
    before = view.viewport.to_document(100, 100)
    assert QApplication.sendEvent(view, event)
    assert view.zoom == pytest.approx(1.25)
    assert view.viewport.to_document(100, 100) == pytest.approx(before, abs=0.5)


@pytest.mark.parametrize("way", ["middle", "space", "tool"])
def test_the_view_is_dragged_in_three_ways(view: CanvasView, way: str) -> None:
    x, y = origin(view)
    before = view.document.state_hash()
    button = Qt.MouseButton.MiddleButton if way == "middle" else Qt.MouseButton.LeftButton
    if way == "space":
        QTest.keyPress(view, Qt.Key.Key_Space)
    elif way == "tool":
        view.set_tool("hand")
    drag(view, at(view, 100, 100), at(view, 100, 100) + QPoint(40, -25), button=button)
    assert origin(view) == (x + 40, y - 25)
    assert view.document.state_hash() == before
    assert selected(view) == ()
    if way == "space":
        QTest.keyRelease(view, Qt.Key.Key_Space)
        click(view, at(view, 100, 100))
        assert selected(view) == ("red",)


def test_zoom_commands_keep_the_middle(view: CanvasView) -> None:
    middle = view.viewport.to_document(350, 250)
    view.zoom_in()
    assert view.zoom == 1.5
    view.zoom_in()
    view.zoom_out()
    view.zoom_out()
    assert view.zoom == 1.0
    assert view.viewport.to_document(350, 250) == pytest.approx(middle, abs=1)


def test_a_fitted_page_stays_fitted_until_it_is_moved(view: CanvasView) -> None:
    view.zoom_to_fit()
    view.resize(500, 500)
    assert view.viewport.document_rect()[0] == 32
    wheel(view, MIDDLE, QPoint(0, -120))
    place = view.viewport.to_document(250, 250)
    scale = view.zoom
    view.resize(600, 560)
    assert view.zoom == scale
    assert view.viewport.to_document(300, 280) == pytest.approx(place, abs=1)


def test_click_selects_and_drag_moves_as_one_step(view: CanvasView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.selection_changed):
        click(view, at(view, 100, 100))
    assert selected(view) == ("red",)
    with qtbot.waitSignal(view.gesture_finished):
        drag(view, at(view, 100, 100), at(view, 125, 90))
    assert view.document.raster("red").offset == (75, 50)
    assert view.history.labels == ("Move Layer",)
    view.history.undo()
    assert view.document.raster("red").offset == (50, 60)


def test_moves_are_merged_while_a_step_is_slow(view: CanvasView) -> None:
    """Many mouse moves in one turn of the event loop are one step of the tool."""
    changes: list[Change] = []
    view.document.changed.connect(changes.append)
    press(view, at(view, 100, 100))
    for x in range(100, 160, 2):
        QTest.mouseMove(view, at(view, x, 100))
    QApplication.processEvents()
    release(view, at(view, 160, 100))
    assert view.document.raster("red").offset == (110, 60)
    assert len([c for c in changes if c.kinds.is_visual]) <= 3


def test_handles_scale(view: CanvasView) -> None:
    click(view, at(view, 100, 100))
    drag(view, at(view, 170, 180), at(view, 230, 240))
    assert view.document.layer("red").bounds == Rect(50, 60, 230, 240)
    assert view.history.undo_label == "Scale Layer"


def test_escape_puts_a_drag_back(view: CanvasView) -> None:
    before = view.document.state_hash()
    press(view, at(view, 100, 100))
    move(view, at(view, 200, 150), Qt.MouseButton.LeftButton)
    assert view.busy
    assert view.document.state_hash() != before
    key(view, Qt.Key.Key_Escape)
    assert view.document.state_hash() == before
    assert not view.busy
    release(view, at(view, 210, 150))
    assert view.document.state_hash() == before
    assert not view.history.can_undo


def test_keys_with_control_are_left_to_actions(view: CanvasView) -> None:
    click(view, at(view, 100, 100))
    before = view.document.state_hash()
    for code in (Qt.Key.Key_Left, Qt.Key.Key_Return, Qt.Key.Key_Delete):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, code, Control)
        event.ignore()
        QApplication.sendEvent(view, event)
        assert not event.isAccepted()
        key(view, code, Control)
    assert view.document.state_hash() == before


def test_no_shortcut_fires_in_the_middle_of_a_drag(view: CanvasView) -> None:
    def overridden(code: Qt.Key) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, code, Control)
        event.ignore()
        QApplication.sendEvent(view, event)
        return event.isAccepted()

    assert not overridden(Qt.Key.Key_Z)
    press(view, at(view, 100, 100))
    assert overridden(Qt.Key.Key_Z)
    release(view, at(view, 100, 100))
    assert not overridden(Qt.Key.Key_Z)


def test_arrows_nudge_and_holding_one_is_one_step(view: CanvasView) -> None:
    click(view, at(view, 100, 100))
    key(view, Qt.Key.Key_Right)
    key(view, Qt.Key.Key_Down, Shift)
    assert view.document.raster("red").offset == (51, 70)
    assert view.history.position == 2
    for repeat in (False, True, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Left, NoModifier, "", repeat, 1)
        QApplication.sendEvent(view, event)
    QTest.keyRelease(view, Qt.Key.Key_Left)
    assert view.document.raster("red").offset == (47, 70)
    assert view.history.position == 3
    assert not view.history.in_gesture


def test_digits_set_the_opacity_and_a_held_one_counts_once(view: CanvasView) -> None:
    click(view, at(view, 100, 100))
    for repeat in (False, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_5, NoModifier, "5", repeat, 1)
        QApplication.sendEvent(view, event)
    assert view.document.layer("red").opacity == 128 / 255
    assert view.history.labels == ("Change Opacity",)


def test_locked_layers_stay_with_a_hint(view: CanvasView) -> None:
    view.history.push(SetLocked(("red",), True))
    hints: list[str] = []
    view.hint.connect(hints.append)
    drag(view, at(view, 100, 100), at(view, 140, 100))
    assert view.document.raster("red").offset == (50, 60)
    assert hints == ['"red" is locked; unlock in the layers panel to move.']
    key(view, Qt.Key.Key_Delete)
    assert view.document.has_layer("red")
    assert hints[-1] == 'The layer "red" is locked; unlock it first.'


def test_the_pointer_is_reported_in_document_pixels(view: CanvasView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.cursor_moved) as caught:
        move(view, at(view, 123, 45))
    assert caught.args == [123, 45]


def test_tools_change_pointer_and_hint(view: CanvasView, qtbot: QtBot) -> None:
    move(view, at(view, 300, 50))
    with qtbot.waitSignals([view.tool_changed, view.hint]):
        view.set_tool("layout")
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor
    view.set_tool("hand")
    assert view.cursor().shape() == Qt.CursorShape.OpenHandCursor
    view.set_tool("zoom")
    click(view, at(view, 300, 50))
    assert view.zoom == 1.5


def test_choosing_a_tool_in_a_drag_cancels_the_drag(view: CanvasView) -> None:
    press(view, at(view, 100, 100))
    move(view, at(view, 150, 100), Qt.MouseButton.LeftButton)
    view.set_tool("hand")
    assert view.document.raster("red").offset == (50, 60)
    assert not view.history.can_undo


# Boxes


def test_a_drawn_box_asks_what_it_shows(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(Document(600, 400))
    view.set_tool("layout")
    drag(view, at(view, 50, 60), at(view, 250, 300))
    (box,) = view.document.boxes
    assert box.rect == Rect(50, 60, 250, 300)
    line = line_of(view)
    assert line.isVisible()
    QTest.keyClicks(line, "a red apple")
    key(line, Qt.Key.Key_Return)
    assert view.document.boxes[0].prompt == "a red apple"
    assert not line.isVisible()
    view.history.undo()
    assert view.document.boxes[0].prompt == ""


def test_escape_in_the_line_keeps_the_box_as_it_was(make_view: MakeView) -> None:
    box = LayoutBox(Rect(50, 60, 250, 300), prompt="a dog", box_id="box")
    view = make_view(Document(600, 400, boxes=[box]))
    view.edit_box("box")
    line = line_of(view)
    assert line.text() == "a dog"
    QTest.keyClicks(line, "a cat")
    key(line, Qt.Key.Key_Escape)
    assert view.document.boxes == (box,)
    assert not view.history.can_undo


def test_a_click_beside_the_line_keeps_the_text(make_view: MakeView) -> None:
    box = LayoutBox(Rect(50, 60, 250, 300), box_id="box")
    view = make_view(Document(600, 400, boxes=[box]))
    view.set_tool("layout")
    view.edit_box("box")
    QTest.keyClicks(line_of(view), "tree")
    click(view, at(view, 400, 350))
    assert view.document.boxes[0].prompt == "tree"


def test_a_box_that_is_gone_takes_its_line_along(make_view: MakeView) -> None:
    view = make_view(Document(600, 400))
    view.set_tool("layout")
    drag(view, at(view, 50, 60), at(view, 250, 300))
    view.history.undo()
    assert not line_of(view).isVisible()


def test_delete_removes_a_box_although_an_action_may_have_the_key(make_view: MakeView) -> None:
    box = LayoutBox(Rect(50, 60, 250, 300), box_id="box")
    view = make_view(Document(600, 400, boxes=[box]))
    view.set_tool("layout")
    click(view, at(view, 100, 100))
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Delete, NoModifier)
    event.ignore()
    QApplication.sendEvent(view, event)
    assert event.isAccepted()
    key(view, Qt.Key.Key_Delete)
    assert view.document.boxes == ()


# Screen readers


def test_the_canvas_says_what_it_shows(view: CanvasView) -> None:
    assert view.accessibleName() == "Canvas"
    assert view.accessibleDescription() == "Page of 600 by 400 pixels with 3 layers."
    click(view, at(view, 100, 100))
    assert view.accessibleDescription().endswith("Selected: red, 120 by 120 pixels at 50, 60.")


def test_layers_are_reached_by_keyboard_alone(view: CanvasView) -> None:
    key(view, Qt.Key.Key_PageDown)
    assert selected(view) == ("noise",)
    key(view, Qt.Key.Key_PageUp)
    assert selected(view) == ("red",)


def test_closing_ends_the_thread_and_the_listening(make_view: MakeView) -> None:
    view = make_view(sample_document())
    history = view.history
    assert any(thread.name == "tiles" for thread in threading.enumerate())
    view.close()
    assert not any(thread.name == "tiles" for thread in threading.enumerate())
    history.push(MoveLayers(("red",), 1, 0))
    assert not any(thread.name == "tiles" for thread in threading.enumerate())


def test_tiles_on_their_way_do_not_wake_a_closed_canvas(make_view: MakeView) -> None:
    view = make_view(sample_document())
    delivered = threading.Event()
    view._renderer._delivered.connect(delivered.set, Qt.ConnectionType.DirectConnection)
    view.history.push(MoveLayers(("red",), 1, 0))
    assert delivered.wait(20), "the worker is done, this thread has not looked yet"
    view.history.push(MoveLayers(("blue",), 1, 0))
    view.shutdown()
    QApplication.processEvents()
    assert not any(thread.name == "tiles" for thread in threading.enumerate())
    view.set_document(view.history)
    assert any(thread.name == "tiles" for thread in threading.enumerate())


def shown_and_edited(view: CanvasView, qtbot: QtBot) -> weakref.ref[PixelBuffer]:
    """Has the canvas keep pictures of what is below and above; returns the pixels of a layer."""
    view.document.select(("red",))
    for _ in range(2):
        view.history.push(MoveLayers(("red",), 1, 0))
        qtbot.waitUntil(lambda: view.tiles_ready)
    assert view._picture.prefixes.byte_size > 0
    return weakref.ref(view.document.raster_layers()[0].pixels)


def test_a_document_that_is_not_shown_any_more_is_let_go(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(sample_document())
    pixels = shown_and_edited(view, qtbot)
    view.set_document(History(Document(40, 30)))
    qtbot.waitUntil(lambda: view.tiles_ready)
    gc.collect()
    assert pixels() is None


def test_a_closed_canvas_keeps_no_pictures(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(sample_document())
    pixels = shown_and_edited(view, qtbot)
    view.shutdown()
    view._history = History(Document(40, 30))
    view._interaction._history = view._history
    gc.collect()
    assert pixels() is None
    assert view._picture.prefixes.byte_size == 0
