"""Transforming and cropping in the real window: keys, options bar, menu, undo."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from editor.document.geometry import Rect
from editor.panels.tool_options.transform import TransformOptions
from editor.tools.tool import ToolId
from editor.windows.main_window import MainWindow
from tests.gui.canvas.screen import at, drag, shot
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, activate, layered

Control = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot) -> MainWindow:
    window = make_window(layered())
    activate(qtbot, window)
    window.actions_by_id["view.snap"].trigger()
    window.canvas.zoom_to(3.0)
    window.session.document.select((DOG,))
    return window


def begin(window: MainWindow) -> TransformOptions:
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_T, Control)
    assert window.canvas.tool_id is ToolId.TRANSFORM
    page = window.options_bar.page(ToolId.TRANSFORM)
    assert isinstance(page, TransformOptions)
    return page


def test_a_layer_is_scaled_by_a_handle_and_applied_by_enter(window: MainWindow) -> None:
    page = begin(window)
    canvas = window.canvas
    assert not page.apply.isEnabled()
    drag(canvas, at(canvas, 170, 120), at(canvas, 140, 95))
    assert page.apply.isEnabled()
    assert page.width_px.value() == pytest.approx(30, abs=1.5)
    assert window.session.history.in_gesture
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert not window.session.history.in_gesture
    assert window.session.history.labels == ("Transform",)
    assert window.session.document.raster(DOG).source is not None
    window.actions_by_id["edit.undo"].trigger()
    assert window.session.document.raster(DOG).bounds == Rect(110, 70, 170, 120)
    assert page.width_px.value() == 60


def test_numbers_are_typed_and_cancelled(window: MainWindow) -> None:
    page = begin(window)
    before = window.session.document.state_hash()
    page.angle.setValue(30)
    page.width_px.setValue(120)
    assert page.height_px.value() == pytest.approx(100)
    page.aspect.click()
    page.height_px.setValue(20)
    assert page.width_px.value() == pytest.approx(120)
    page.x_px.setValue(3)
    turned = window.session.document.raster(DOG)
    assert turned.matrix is not None
    assert page.angle.value() == pytest.approx(30)
    page.cancel.click()
    assert window.session.document.state_hash() == before
    assert page.angle.value() == 0


def test_escape_cancels_and_another_tool_applies(window: MainWindow) -> None:
    page = begin(window)
    canvas = window.canvas
    drag(canvas, at(canvas, 140, 95), at(canvas, 120, 85))
    assert window.session.document.raster(DOG).offset == (90, 60)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert window.session.document.raster(DOG).offset == (110, 70)
    page.angle.setValue(20)
    window.actions_by_id["tool.move"].trigger()
    assert window.session.history.labels == ("Transform",)
    assert not canvas.busy


def test_a_change_from_elsewhere_applies_first(window: MainWindow) -> None:
    page = begin(window)
    page.angle.setValue(20)
    window.actions_by_id["layer.duplicate"].trigger()
    assert not window.session.history.in_gesture
    assert window.session.history.labels[0] == "Transform"
    assert len(window.session.history.labels) == 2
    window.actions_by_id["edit.undo"].trigger()
    window.actions_by_id["edit.undo"].trigger()
    assert window.session.document.raster(DOG).matrix is None


def test_the_transform_menu_works_with_any_tool(window: MainWindow) -> None:
    window.session.document.select((APPLE,))
    window.actions_by_id["layer.turn_right"].trigger()
    assert window.session.document.raster(APPLE).bounds.size == (50, 60)
    window.actions_by_id["layer.flip_horizontal"].trigger()
    assert window.session.history.labels == ("Transform", "Transform")
    assert window.session.document.raster(APPLE).source is not None
    window.actions_by_id["layer.apply_transform"].trigger()
    assert window.session.document.raster(APPLE).source is None


def test_results_wait_until_the_transform_is_applied(window: MainWindow, qtbot: QtBot) -> None:
    page = begin(window)
    page.angle.setValue(20)
    assert window.canvas.busy
    with qtbot.waitSignal(window.canvas.gesture_finished):
        page.apply.click()
    assert not window.canvas.busy


def test_the_canvas_is_cropped(window: MainWindow) -> None:
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_C)
    canvas = window.canvas
    assert canvas.tool_id is ToolId.CROP
    before = shot(canvas)
    drag(canvas, at(canvas, 40, 40), at(canvas, 160, 130))
    after = shot(canvas)
    x, y = (round(v) for v in canvas.viewport.to_device(30, 80))
    assert after[y, x].sum() < 0.6 * before[y, x].sum(), "what goes is dimmed"
    x, y = (round(v) for v in canvas.viewport.to_device(95, 92))
    assert (after[y, x] == before[y, x]).all(), "what stays is not"
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    document = window.session.document
    assert (document.width, document.height) == (120, 90)
    assert document.raster(DOG).offset == (70, 30)
    window.actions_by_id["edit.undo"].trigger()
    assert (document.width, document.height) == (200, 160)


def test_results_wait_while_a_crop_is_open(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["tool.crop"].trigger()
    canvas = window.canvas
    drag(canvas, at(canvas, 40, 40), at(canvas, 160, 130))
    assert canvas.busy
    with qtbot.waitSignal(canvas.gesture_finished):
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.busy


def test_crop_options(window: MainWindow) -> None:
    window.actions_by_id["tool.crop"].trigger()
    canvas = window.canvas
    page = window.options_bar.page(ToolId.CROP)
    drag(canvas, at(canvas, 40, 40), at(canvas, 160, 100))
    box = page.findChild(QComboBox)
    assert box is not None
    box.setCurrentIndex(box.findText("1:1"))
    rect = canvas.tools.crop.rect()
    assert rect is not None
    assert rect.width == rect.height
    buttons = {button.text(): button for button in page.findChildren(QPushButton)}
    buttons["Cancel"].click()
    assert canvas.tools.crop.rect() is None
    drag(canvas, at(canvas, 40, 40), at(canvas, 100, 100))
    canvas.tools.crop.options.change(delete_pixels=True)
    buttons["Crop"].click()
    assert window.session.document.width == 60
    assert window.session.document.raster(APPLE).bounds == Rect(0, 20, 40, 60)
