"""Work that ends in the middle of a drag waits for its end, and is done on what is there then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.commands.canvas_commands import TurnCanvas
from editor.commands.property_commands import RenameLayer
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.state import DocumentState
from editor.formats.files import write_document
from editor.tools.brush_tool import BrushTool
from editor.tools.tool import ToolId
from editor.windows import image_controller
from editor.windows.main_window import MainWindow
from tests.gui.canvas.screen import at, drag
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import DOG, activate, layered, names

Left = Qt.MouseButton.LeftButton


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A small document that is treated like one that takes its time."""
    monkeypatch.setattr(image_controller, "_AT_ONCE_PX", 0)
    window = make_window(layered())
    activate(qtbot, window)
    window.actions_by_id["view.snap"].trigger()
    window.session.document.select([DOG])
    window.canvas.setFocus()
    return window


def begin_drag(window: MainWindow, tool_id: ToolId) -> None:
    """Press on the dog and move to the right."""
    canvas = window.canvas
    canvas.set_tool(tool_id)
    QTest.mousePress(canvas, Left, pos=at(canvas, 130, 90))
    QTest.mouseMove(canvas, at(canvas, 150, 90))
    QApplication.processEvents()
    assert canvas.busy


def release(window: MainWindow) -> None:
    QTest.mouseRelease(window.canvas, Left, pos=at(window.canvas, 150, 90))


def wait_until_held(window: MainWindow, qtbot: QtBot) -> None:
    """Wait for work to end whose answer may not come yet."""
    qtbot.waitUntil(lambda: bool(window.work._arrived))
    QApplication.processEvents()
    assert window.work.busy


def wait_for_work(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.work.busy)


def size(window: MainWindow) -> tuple[int, int]:
    return window.session.document.width, window.session.document.height


def test_a_turn_waits_for_the_stroke_and_takes_it_along(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned_by: list[threading.Thread] = []
    turn = TurnCanvas.apply

    def apply(command: TurnCanvas, state: DocumentState) -> DocumentState:
        turned_by.append(threading.current_thread())
        return turn(command, state)

    monkeypatch.setattr(TurnCanvas, "apply", apply)
    brush = window.canvas.tools[ToolId.BRUSH]
    assert isinstance(brush, BrushTool)
    brush.options.change(size=20, hardness=1.0)
    window.actions_by_id["image.clockwise"].trigger()
    begin_drag(window, ToolId.BRUSH)
    wait_until_held(window, qtbot)
    assert size(window) == (200, 160)
    release(window)
    painted = flatten(window.session.document)
    wait_for_work(window, qtbot)
    assert window.session.history.labels == ("Brush Stroke", "Rotate Canvas")
    assert size(window) == (160, 200)
    assert np.array_equal(flatten(window.session.document), np.rot90(painted, -1))
    assert len(turned_by) == 2, "once for the document before the stroke, once for the one after"
    assert threading.main_thread() not in turned_by


def test_escape_in_a_drag_does_not_take_the_turn_back(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["image.clockwise"].trigger()
    begin_drag(window, ToolId.MOVE)
    wait_until_held(window, qtbot)
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    release(window)
    wait_for_work(window, qtbot)
    assert window.session.history.labels == ("Rotate Canvas",)
    assert size(window) == (160, 200)


def test_pictures_wait_for_the_end_of_a_drag(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    begin_drag(window, ToolId.MOVE)
    window.clipboard.place_files([tmp_path / "red.png"])
    wait_until_held(window, qtbot)
    assert len(names(window)) == 4
    release(window)
    wait_for_work(window, qtbot)
    assert "red" in names(window)
    assert window.session.history.labels == ("Move Layer", "Place Pictures")


@pytest.mark.parametrize("tool_id", [ToolId.MOVE, ToolId.BRUSH])
def test_a_file_is_shown_after_the_drag(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, tool_id: ToolId
) -> None:
    write_document(Document(10, 10).snapshot(), tmp_path / "a.ora")
    window.files.open_path(tmp_path / "a.ora")
    begin_drag(window, tool_id)
    wait_until_held(window, qtbot)
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)  # so that nothing is unsaved
    wait_for_work(window, qtbot)
    assert size(window) == (10, 10)


def test_a_frame_for_cropping_holds_nothing_up(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    write_document(Document(10, 10).snapshot(), tmp_path / "a.ora")
    window.canvas.set_tool(ToolId.CROP)
    drag(window.canvas, at(window.canvas, 30, 30), at(window.canvas, 90, 90))
    window.files.open_path(tmp_path / "a.ora")
    wait_for_work(window, qtbot)
    assert size(window) == (10, 10)


def test_work_for_a_document_that_was_closed_is_dropped(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["image.clockwise"].trigger()
    window.session.open(Document(20, 10), None)
    wait_for_work(window, qtbot)
    assert size(window) == (20, 10)
    assert not window.session.history.can_undo


def test_a_change_that_waits_can_be_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["image.clockwise"].trigger()
    begin_drag(window, ToolId.MOVE)
    wait_until_held(window, qtbot)
    window.work.cancel()
    wait_for_work(window, qtbot)
    assert window.toast.text == "Cancelled"
    release(window)
    assert window.session.history.labels == ("Move Layer",)


def test_text_being_written_is_finished_before_the_canvas_turns(
    window: MainWindow, qtbot: QtBot
) -> None:
    canvas = window.canvas
    canvas.set_tool(ToolId.TEXT)
    canvas.tools.text.options.change(family="DejaVu Sans", size=24)
    QTest.mouseClick(canvas, Left, pos=at(canvas, 20, 50))
    QTest.keyClicks(canvas.text_input, "Hi")
    window.actions_by_id["image.clockwise"].trigger()
    wait_for_work(window, qtbot)
    assert window.session.history.labels == ("Text", "Rotate Canvas")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RuntimeError, "The picture could not be changed; the log has the details."),
        (MemoryError, "There is not enough memory for this; close other programs and try again."),
    ],
)
def test_a_change_that_fails_says_what_failed(
    window: MainWindow,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    error: Callable[[], Exception],
    sentence: str,
) -> None:
    def fail(*_: object) -> None:
        raise error()

    monkeypatch.setattr(TurnCanvas, "apply", fail)
    window.actions_by_id["image.clockwise"].trigger()
    wait_for_work(window, qtbot)
    assert window.toast.text == sentence
    assert window.session.push(RenameLayer(DOG, "hound"))


def test_a_file_that_fails_says_what_failed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("editor.windows.file_controller.write_any", fail)
    window.files.export_to(tmp_path / "a.png", include_prompts=True)
    wait_for_work(window, qtbot)
    assert window.toast.text == "The file could not be written; the log has the details."
