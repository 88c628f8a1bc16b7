"""Selecting in the real window: tools, menu, options bar, thumbnails."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from editor.document.geometry import Rect
from editor.document.selections import SelectionMode
from editor.panels.layer_delegate import RowParts
from editor.tools.tool import ToolId
from editor.windows.main_window import MainWindow
from tests.gui.canvas.screen import at, drag
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, activate, layered

Control = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot) -> MainWindow:
    window = make_window(layered())
    activate(qtbot, window)
    window.actions_by_id["view.snap"].trigger()
    return window


def run(window: MainWindow, action_id: str) -> None:
    action = window.actions_by_id[action_id]
    assert action.isEnabled(), action_id
    action.trigger()


def box(window: MainWindow) -> Rect | None:
    selection = window.session.document.selection
    return None if selection is None else selection.bounds


def select(window: MainWindow, x0: int, y0: int, x1: int, y1: int) -> None:
    run(window, "tool.select_rectangle")
    canvas = window.canvas
    drag(canvas, at(canvas, x0, y0), at(canvas, x1, y1))


def test_a_rectangle_is_dragged_and_undone(window: MainWindow) -> None:
    select(window, 20, 30, 80, 90)
    assert box(window) == Rect(20, 30, 80, 90)
    run(window, "edit.undo")
    assert box(window) is None


def test_the_keys_of_the_tools(window: MainWindow) -> None:
    window.canvas.setFocus()
    for key, held, tool in (
        (Qt.Key.Key_M, Qt.KeyboardModifier.NoModifier, ToolId.SELECT_RECTANGLE),
        (Qt.Key.Key_M, Shift, ToolId.SELECT_ELLIPSE),
        (Qt.Key.Key_L, Qt.KeyboardModifier.NoModifier, ToolId.LASSO),
    ):
        QTest.keyClick(window.canvas, key, held)
        assert window.canvas.tool_id is tool


def test_the_select_menu(window: MainWindow) -> None:
    assert not window.actions_by_id["select.none"].isEnabled()
    assert not window.actions_by_id["select.grow"].isEnabled()
    run(window, "select.all")
    assert box(window) == Rect(0, 0, 200, 160)
    run(window, "select.none")
    assert box(window) is None
    select(window, 20, 30, 80, 90)
    run(window, "select.none")
    run(window, "select.again")
    assert box(window) == Rect(20, 30, 80, 90)
    run(window, "select.inverse")
    selection = window.session.document.selection
    assert selection is not None
    assert selection.bounds == Rect(0, 0, 200, 160)
    assert selection.read(Rect(50, 50, 51, 51)) == 0
    run(window, "select.inverse")
    assert box(window) == Rect(20, 30, 80, 90)
    run(window, "edit.undo")
    run(window, "edit.undo")
    assert window.session.history.undo_label == "Reselect"


@pytest.mark.parametrize(
    ("action", "amount", "expected"),
    [
        ("select.grow", 5, Rect(15, 25, 85, 95)),
        ("select.shrink", 5, Rect(25, 35, 75, 85)),
        ("select.border", 6, Rect(17, 27, 83, 93)),
    ],
)
def test_the_selection_is_changed_by_pixels(
    window: MainWindow, action: str, amount: int, expected: Rect
) -> None:
    select(window, 20, 30, 80, 90)
    run(window, action)
    dialog = window.selecting.dialog
    assert dialog is not None
    dialog.number.setValue(amount)
    dialog.accept()
    assert box(window) == expected
    run(window, "edit.undo")
    assert box(window) == Rect(20, 30, 80, 90)


def test_a_feathered_selection_has_a_soft_edge(window: MainWindow) -> None:
    select(window, 20, 30, 80, 90)
    run(window, "select.feather")
    dialog = window.selecting.dialog
    assert dialog is not None
    dialog.number.setValue(10)
    dialog.accept()
    selection = window.session.document.selection
    assert selection is not None
    assert 100 < selection.read(Rect(20, 60, 21, 61))[0, 0] < 160


def test_shrinking_to_nothing_says_so(window: MainWindow) -> None:
    select(window, 20, 30, 30, 40)
    run(window, "select.shrink")
    dialog = window.selecting.dialog
    assert dialog is not None
    dialog.number.setValue(50)
    dialog.accept()
    assert box(window) is None
    assert window.toast.text == "Nothing is selected."


def test_the_visible_part_of_layers(window: MainWindow) -> None:
    window.session.document.select((APPLE, DOG))
    run(window, "select.alpha")
    assert box(window) == Rect(20, 60, 170, 120)


def test_a_press_on_a_thumbnail_with_control(window: MainWindow) -> None:
    tree = window.layers_panel.tree
    window.session.document.select((APPLE,))

    def press(layer_id: str, held: Qt.KeyboardModifier) -> None:
        index = tree._layers.index_of(layer_id)
        picture = RowParts.of(tree.visualRect(index)).thumbnail.center()
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, held, QPoint(picture))

    press(DOG, Control)
    assert box(window) == Rect(110, 70, 170, 120)
    assert window.session.document.selected_ids == (APPLE,), "the layers stay selected"
    press(APPLE, Control | Shift)
    assert box(window) == Rect(20, 60, 170, 120)


def test_the_options_bar_sets_mode_feather_and_size(window: MainWindow) -> None:
    select(window, 20, 30, 80, 90)
    page = window.options_bar.page(ToolId.SELECT_RECTANGLE)
    buttons = [b for b in page.findChildren(QToolButton) if b.toolTip().startswith("Add")]
    buttons[0].click()
    select(window, 100, 30, 120, 90)
    assert box(window) == Rect(20, 30, 120, 90)
    options = window.canvas.tools[ToolId.SELECT_RECTANGLE].options
    assert options is not None
    assert options.value.mode is SelectionMode.ADD
    options.change(mode=SelectionMode.NEW)
    numbers = {n.accessibleName(): n for n in page.findChildren(QSpinBox)}
    assert not numbers["Width"].isEnabled()
    fixed = next(b for b in page.findChildren(QCheckBox) if b.text() == "Fixed size")
    fixed.click()
    numbers["Width"].setValue(40)
    numbers["Height"].setValue(30)
    where = at(window.canvas, 140, 10)
    QTest.mouseClick(
        window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where
    )
    assert box(window) == Rect(140, 10, 180, 40)


def test_all_layers_are_still_selected_by_a_key(window: MainWindow) -> None:
    run(window, "edit.select_all")
    assert len(window.session.document.selected_ids) == 3
    run(window, "edit.deselect")
    assert not window.session.document.selected_ids


def test_the_lasso_is_closed_by_enter_and_dropped_by_escape(window: MainWindow) -> None:
    run(window, "tool.lasso")
    canvas = window.canvas
    canvas.setFocus()
    corners = [at(canvas, x, y) for x, y in ((20, 20), (120, 20), (120, 100))]
    none = Qt.KeyboardModifier.NoModifier
    for corner in corners:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, none, corner)
        QTest.qWait(1)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert box(window) == Rect(20, 20, 120, 100)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, none, at(canvas, 150, 20))
    assert box(window) is None, "a click without corners deselects"
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, none, corners[0])
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.tools[ToolId.LASSO].busy
