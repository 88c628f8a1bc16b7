"""Saving, exporting, generating and closing take along what is being written or transformed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from editor.commands.property_commands import RenameLayer
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.formats.files import read_document, write_document
from editor.tools.tool import ToolId
from editor.windows.main_window import MainWindow
from engine.requests import LayoutRequest
from tests.gui.canvas.screen import at, drag
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import DOG, activate, layered, wait_for_files
from tests.helpers.fake_engine import FakeRuntime

Control = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def window(
    make_window: MakeWindow, runtime: FakeRuntime, qtbot: QtBot, tmp_path: Path
) -> MainWindow:
    window = make_window(layered(), runtime)
    activate(qtbot, window)
    window.session.path = tmp_path / "a.layerloom"
    window.actions_by_id["view.snap"].trigger()
    window.canvas.setFocus()
    return window


def write_text(window: MainWindow) -> None:
    window.canvas.set_tool(ToolId.TEXT)
    window.canvas.tools.text.options.change(family="DejaVu Sans", size=24)
    QTest.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=at(window.canvas, 20, 50))
    QTest.keyClicks(window.canvas.text_input, "Hello")


def write_in_box(window: MainWindow) -> QLineEdit:
    """Draw a layout box and begin to say what is in it."""
    window.canvas.set_tool(ToolId.LAYOUT)
    drag(window.canvas, at(window.canvas, 16, 16), at(window.canvas, 96, 112))
    line = window.canvas.findChild(QLineEdit, "box_editor")
    assert line is not None
    assert line.hasFocus()
    QTest.keyClicks(line, "a cat")
    return line


def save(window: MainWindow, qtbot: QtBot) -> Document:
    """Press Ctrl+S where the focus is; returns what the file holds then."""
    focus = window.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_S, Control)
    assert window.session.path is not None
    wait_for_files(qtbot, window)
    return read_document(window.session.path).document


def texts(document: Document) -> list[str]:
    layers = document.raster_layers()
    return [layer.text.text for layer in layers if layer.text is not None]


def test_text_that_was_saved_stays_after_escape(window: MainWindow, qtbot: QtBot) -> None:
    write_text(window)
    assert texts(save(window, qtbot)) == ["Hello"]
    assert not window.isWindowModified()
    assert not window.canvas.busy
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert texts(window.session.document) == ["Hello"]
    assert not window.isWindowModified()
    assert window.session.history.labels == ("Text",)
    window.actions_by_id["edit.undo"].trigger()
    assert texts(window.session.document) == []


def test_a_transform_that_was_saved_stays_after_escape(window: MainWindow, qtbot: QtBot) -> None:
    document = window.session.document
    document.select((DOG,))
    before = document.raster(DOG).bounds
    QTest.keyClick(window.canvas, Qt.Key.Key_T, Control)
    drag(window.canvas, at(window.canvas, 170, 120), at(window.canvas, 140, 95))
    assert window.canvas.busy
    saved = save(window, qtbot).layer(DOG)
    assert isinstance(saved, RasterLayer)
    assert saved.bounds == document.raster(DOG).bounds != before
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert document.raster(DOG).bounds == saved.bounds
    assert not window.isWindowModified()
    window.actions_by_id["edit.undo"].trigger()
    assert document.raster(DOG).bounds == before


@pytest.mark.parametrize("key", [None, Qt.Key.Key_Escape])
def test_a_save_that_ends_during_a_drag_leaves_it_alone(
    window: MainWindow,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    key: Qt.Key | None,
) -> None:
    go_on = threading.Event()

    def wait_and_write(*arguments: Any, **options: Any) -> None:
        assert go_on.wait(30)
        write_document(*arguments, **options)

    monkeypatch.setattr("editor.windows.file_controller.write_document", wait_and_write)
    document, canvas = window.session.document, window.canvas
    document.select((DOG,))
    window.session.push(RenameLayer(DOG, "hound"))
    window.actions_by_id["file.save"].trigger()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 130, 90))
    go_on.set()
    qtbot.waitUntil(lambda: not window.work.busy)
    for x in (140, 150, 160):
        QTest.mouseMove(canvas, at(canvas, x, 90))
        QApplication.processEvents()
    if key is not None:
        QTest.keyClick(canvas, key)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 160, 90))
    moved = ("Move Layer",) if key is None else ()
    assert window.session.history.labels == ("Rename Layer", *moved)
    assert window.isWindowModified() == bool(moved)
    if moved:
        window.actions_by_id["edit.undo"].trigger()
    assert document.raster(DOG).offset == (110, 70)
    assert not window.isWindowModified()


def test_the_prompt_of_a_box_is_saved(window: MainWindow, qtbot: QtBot) -> None:
    write_in_box(window)
    assert [box.prompt for box in save(window, qtbot).boxes] == ["a cat"]
    assert not window.isWindowModified()
    assert not window.canvas.writing


def test_the_prompt_of_a_box_is_exported(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    write_in_box(window)
    window.files.export_to(tmp_path / "b.ora", include_prompts=True)
    wait_for_files(qtbot, window)
    assert [box.prompt for box in read_document(tmp_path / "b.ora").document.boxes] == ["a cat"]


def test_the_prompt_of_a_box_is_generated(
    window: MainWindow, runtime: FakeRuntime, qtbot: QtBot
) -> None:
    line = write_in_box(window)
    with qtbot.waitSignal(window.bridge.finished):
        QTest.keyClick(line, Qt.Key.Key_Return, Control)
    (request,) = runtime.requests
    assert isinstance(request, LayoutRequest)
    assert [box.prompt for box in request.boxes] == ["a cat"]


def test_closing_asks_about_a_prompt_that_is_being_written(
    window: MainWindow, qtbot: QtBot
) -> None:
    line = write_in_box(window)
    save(window, qtbot)
    window.canvas.edit_box(window.session.document.boxes[0].box_id)
    QTest.keyClicks(line, "a dog")
    window.close()
    assert window.isVisible()
    box = window.findChild(QMessageBox)
    assert box is not None
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert [box.prompt for box in window.session.document.boxes] == ["a dog"]
