"""The Image menu, merging and selected pixels in the real window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.commands.paint_commands import SetSelection
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.masks import CoverageBuffer, Mask
from editor.panels.color_dialog import ColorDialog
from editor.theme import Theme, ThemeMode
from editor.windows.main_window import MainWindow
from editor.windows.size_dialogs import CanvasSizeDialog, ImageSizeDialog
from tests.document.scenes import flat_layer
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, FRUIT, SKY, activate, layered, names, wait_for_files


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    return make_window(layered())


def run(window: MainWindow, action_id: str) -> None:
    action = window.actions_by_id[action_id]
    assert action.isEnabled(), action_id
    action.trigger()


def select(window: MainWindow, rect: Rect) -> None:
    coverage = CoverageBuffer.filled(rect.width, rect.height, 255)
    mask = Mask(coverage=coverage, offset=(rect.x0, rect.y0))
    assert window.session.push(SetSelection(mask))


def size(document: Document) -> tuple[int, int]:
    return document.width, document.height


def test_image_size_keeps_proportions_unless_told(window: MainWindow) -> None:
    run(window, "image.size")
    dialog = window.image.dialog
    assert isinstance(dialog, ImageSizeDialog)
    dialog.width_px.setValue(100)
    assert dialog.size_px == (100, 80)
    dialog.height_px.setValue(160)
    assert dialog.size_px == (200, 160)
    dialog.proportional.setChecked(False)
    dialog.height_px.setValue(40)
    assert dialog.size_px == (200, 40)
    assert "200 × 160" in dialog.note.text()
    dialog.accept()
    assert size(window.session.document) == (200, 40)
    assert window.session.document.raster(DOG).bounds.height == 12
    run(window, "edit.undo")
    assert size(window.session.document) == (200, 160)


def test_a_size_that_is_too_large_cannot_be_applied(window: MainWindow) -> None:
    run(window, "image.size")
    dialog = window.image.dialog
    assert isinstance(dialog, ImageSizeDialog)
    dialog.width_px.setValue(30_000)
    assert "too large" in dialog.note.text()
    dialog.accept()  # what Return does reaches the command all the same
    assert size(window.session.document) == (200, 160)


def test_canvas_size_with_an_anchor(window: MainWindow) -> None:
    run(window, "image.canvas_size")
    dialog = window.image.dialog
    assert isinstance(dialog, CanvasSizeDialog)
    assert dialog.anchor == (0.5, 0.5)
    dialog.width_px.setValue(300)
    dialog.height_px.setValue(260)
    dialog.anchors.button(8).click()
    assert dialog.anchor == (1, 1)
    dialog.accept()
    document = window.session.document
    assert size(document) == (300, 260)
    assert document.raster(SKY).offset == (100, 100)
    assert document.raster(SKY).pixels.size == (200, 160)


def test_cropping_trimming_and_turning(window: MainWindow) -> None:
    document = window.session.document
    assert not window.actions_by_id["image.crop"].isEnabled()
    select(window, Rect(10, 20, 110, 90))
    run(window, "image.crop")
    assert size(document) == (100, 70)
    run(window, "image.clockwise")
    assert size(document) == (70, 100)
    for action in ("counterclockwise", "half", "horizontal", "vertical"):
        run(window, f"image.{action}")
    assert size(document) == (100, 70)
    window.session.history.go_to(0)
    document.select((SKY,))
    run(window, "edit.delete")
    run(window, "image.trim_transparent")
    assert size(document) == (150, 60)


def test_merging(window: MainWindow) -> None:
    document = window.session.document
    document.select((FRUIT,))
    run(window, "layer.merge_group")
    assert names(window) == ["sky", "fruit", "dog"]
    run(window, "layer.merge_visible")
    assert names(window) == ["Merged"]
    run(window, "edit.undo")
    run(window, "layer.flatten")
    assert names(window) == ["Background"]


def test_duplicate_and_delete_act_on_selected_pixels(window: MainWindow) -> None:
    document = window.session.document
    document.select((DOG,))
    select(window, Rect(100, 60, 130, 90))
    run(window, "layer.duplicate")
    assert names(window) == ["sky", "fruit", "apple", "dog", "dog copy"]
    copy = document.active_layer
    assert copy is not None
    assert copy.bounds == Rect(110, 70, 130, 90)
    document.select((DOG,))
    run(window, "layer.via_cut")
    assert document.raster(DOG).pixels.pixel(0, 0)[3] == 0
    document.select((APPLE,))
    select(window, Rect(20, 60, 40, 110))
    run(window, "edit.delete")
    assert document.raster(APPLE).opaque_box == Rect(40, 60, 80, 110)
    run(window, "select.none")
    run(window, "edit.delete")
    assert not document.has_layer(APPLE)


def test_filling_with_a_colour(window: MainWindow) -> None:
    document = window.session.document
    document.select((DOG,))
    select(window, Rect(0, 0, 30, 20))
    run(window, "edit.fill")
    dialog = window.image.dialog
    assert isinstance(dialog, ColorDialog)
    assert dialog.color == QColor(0, 0, 0, 255)
    dialog.panel.hex.setText("#0a141e")
    dialog.panel.hex.editingFinished.emit()
    assert window.canvas.tools.colors.foreground == (0, 0, 0)  # untouched by what is only tried
    dialog.accept()
    layer = document.raster(DOG)
    assert layer.bounds.x0 == 0
    assert layer.pixels.pixel(29, 19) == (10, 20, 30, 255)
    assert window.canvas.tools.colors.recent == ((10, 20, 30),)
    run(window, "edit.fill")
    again = window.image.dialog
    assert isinstance(again, ColorDialog)
    assert again.color == QColor(10, 20, 30, 255)
    again.opacity.setValue(50)
    assert again.color.alpha() == 128
    again.reject()
    assert document.raster(DOG).pixels.pixel(29, 19) == (10, 20, 30, 255)


def test_large_documents_are_changed_beside_the_window(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    layer = flat_layer((9, 8, 7, 255), 1600, 1200, layer_id="a")
    window = make_window(Document(1600, 1200, (layer,)))
    run(window, "image.clockwise")
    assert size(window.session.document) == (1600, 1200)
    assert window.files.work.busy
    wait_for_files(qtbot, window)
    assert size(window.session.document) == (1200, 1600)
    run(window, "image.trim_top_left_color")
    wait_for_files(qtbot, window)
    assert "trimmed away" in window.toast.text
    run(window, "image.half")
    window.files.work.cancel()
    wait_for_files(qtbot, window)
    assert window.session.history.labels == ("Rotate Canvas",)


@pytest.mark.parametrize("mode", [ThemeMode.DARK, ThemeMode.LIGHT])
def test_nothing_is_cut_off(
    window: MainWindow, theme: Theme, mode: ThemeMode, qtbot: QtBot
) -> None:
    theme.set_mode(mode)
    for action in ("image.size", "image.canvas_size"):
        run(window, action)
        dialog = window.image.dialog
        assert isinstance(dialog, ImageSizeDialog | CanvasSizeDialog)
        qtbot.waitExposed(dialog)
        for field in (dialog.width_px, dialog.height_px):
            assert field.width() >= field.sizeHint().width()
        if isinstance(dialog, CanvasSizeDialog):
            corner = dialog.anchors.button(0).mapTo(dialog, QPoint(0, 0))
            assert dialog.rect().contains(corner)
        dialog.reject()
        QApplication.processEvents()
    activate(qtbot, window)
