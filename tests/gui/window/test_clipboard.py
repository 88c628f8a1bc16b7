"""Copy and paste between layers, windows and programs; files dropped on the canvas."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.commands.paint_commands import SetSelection
from editor.document.geometry import Rect
from editor.document.layers import Layer
from editor.document.masks import CoverageBuffer, Mask
from editor.formats.png_planes import encode_rgba
from editor.windows.clipboard_controller import CLIP_TYPE
from editor.windows.main_window import MainWindow
from tests.document.scenes import noise
from tests.gui.canvas.screen import at
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, FRUIT, activate, layered, names


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    QGuiApplication.clipboard().clear()
    return make_window(layered())


def run(window: MainWindow, action_id: str) -> None:
    action = window.actions_by_id[action_id]
    assert action.isEnabled(), action_id
    action.trigger()


def active(window: MainWindow) -> Layer:
    layer = window.session.document.active_layer
    assert layer is not None
    return layer


def test_copy_and_paste_in_place(window: MainWindow) -> None:
    document = window.session.document
    document.select((APPLE,))
    run(window, "edit.copy")
    run(window, "edit.paste")
    assert names(window) == ["sky", "fruit", "apple", "apple", "dog"]
    pasted = active(window)
    assert pasted.layer_id != APPLE
    assert pasted.bounds == document.raster(APPLE).bounds
    assert document.raster(pasted.layer_id).pixels is document.raster(APPLE).pixels
    run(window, "edit.undo")
    assert names(window) == ["sky", "fruit", "apple", "dog"]


def test_cut_and_copy_merged(window: MainWindow) -> None:
    document = window.session.document
    document.select((FRUIT,))
    run(window, "edit.cut")
    assert names(window) == ["sky", "dog"]
    run(window, "edit.paste")
    assert active(window).bounds == Rect(20, 60, 80, 110)
    mask = Mask(coverage=CoverageBuffer.filled(30, 20, 255), offset=(100, 60))
    window.session.push(SetSelection(mask))
    run(window, "edit.copy_merged")
    run(window, "edit.paste")
    assert active(window).bounds == Rect(100, 60, 130, 80)
    assert document.raster(active(window).layer_id).pixels.pixel(0, 0) == (90, 150, 230, 255)


def test_what_cannot_be_cut_is_not_copied(window: MainWindow) -> None:
    window.session.document.select((DOG,))
    run(window, "layer.toggle_locked")
    run(window, "edit.cut")
    assert "locked" in window.toast.text
    run(window, "edit.paste")
    assert "no picture" in window.toast.text


def test_other_programs_get_a_picture_with_alpha(window: MainWindow) -> None:
    window.session.document.select((DOG,))
    run(window, "edit.copy")
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (60, 50)
    assert image.pixelColor(3, 3) == QColor(120, 80, 40, 255)
    assert image.hasAlphaChannel()


def test_png_from_another_program(window: MainWindow) -> None:
    array = noise(30, 20, 4)
    mime = QMimeData()
    mime.setData("image/png", encode_rgba(array))
    QGuiApplication.clipboard().setMimeData(mime)
    run(window, "edit.paste")
    layer = window.session.document.raster(active(window).layer_id)
    assert np.array_equal(layer.pixels.array, array)
    assert layer.bounds == Rect(85, 70, 115, 90)


def test_an_image_without_png(window: MainWindow) -> None:
    image = QImage(31, 20, QImage.Format.Format_RGB32)
    image.fill(QColor(1, 2, 3))
    QGuiApplication.clipboard().setImage(image)
    run(window, "edit.paste")
    layer = window.session.document.raster(active(window).layer_id)
    assert layer.pixels.size == (31, 20)
    assert layer.pixels.pixel(30, 19) == (1, 2, 3, 255)


def test_a_clip_of_another_run_keeps_place_and_name(window: MainWindow) -> None:
    def offer(entry: bytes) -> None:
        mime = QMimeData()
        mime.setData("image/png", encode_rgba(noise(10, 10, 4)))
        mime.setData(CLIP_TYPE, entry)
        QGuiApplication.clipboard().setMimeData(mime)
        run(window, "edit.paste")

    offer(json.dumps({"token": "x", "offset": [7, 9], "name": "leaf"}).encode())
    assert (active(window).bounds, active(window).name) == (Rect(7, 9, 17, 19), "leaf")
    for entry in (b"\xff", b"[]", b'{"offset": [1e99, "a"]}', b'{"offset": [99999999999, 1]}'):
        offer(entry)
        assert active(window).bounds == Rect(95, 75, 105, 85)


def test_damaged_and_empty_clipboards(window: MainWindow) -> None:
    run(window, "edit.paste")
    assert "no picture" in window.toast.text
    mime = QMimeData()
    mime.setData("image/png", b"\x89PNG\r\n\x1a\nrubbish")
    QGuiApplication.clipboard().setMimeData(mime)
    run(window, "edit.paste")
    assert "The picture of the clipboard" in window.toast.text
    assert not window.session.history.can_undo


def drop(window: MainWindow, paths: list[Path], position: QPoint) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(position, Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(window.canvas, enter)
    assert enter.isAccepted()
    event = QDropEvent(
        QPointF(position), Qt.DropAction.CopyAction, mime, buttons, keys, QEvent.Type.Drop
    )
    QApplication.sendEvent(window.canvas, event)


def test_dropped_pictures_are_one_step(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    array = noise(20, 10, 4)
    Image.fromarray(array).save(tmp_path / "leaf.png")
    Image.fromarray(array[..., :3].copy()).save(tmp_path / "stone.jpg")
    (tmp_path / "bad.webp").write_bytes(b"RIFF")
    paths = [tmp_path / name for name in ("leaf.png", "bad.webp", "stone.jpg")]
    drop(window, paths, at(window.canvas, 50, 40))
    qtbot.waitUntil(lambda: not window.files.work.busy)
    document = window.session.document
    assert names(window)[-2:] == ["leaf", "stone"]
    assert [document.layer(i).bounds for i in document.selected_ids] == [Rect(40, 35, 60, 45)] * 2
    assert "bad.webp" in window.toast.text
    assert window.session.history.labels == ("Place Pictures",)
    run(window, "edit.undo")
    assert names(window) == ["sky", "fruit", "apple", "dog"]


def test_a_dropped_document_is_opened(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "saved.layerloom"
    window.session.path = path
    run(window, "file.save")
    qtbot.waitUntil(lambda: not window.files.work.busy)
    window.session.document.select((DOG,))
    with qtbot.waitSignal(window.session.replaced):
        drop(window, [path], QPoint(20, 20))
    other = tmp_path / "other.png"
    Image.fromarray(noise(9, 9)).save(other)
    drop(window, [path, other], QPoint(20, 20))
    qtbot.waitUntil(lambda: not window.files.work.busy)
    assert "drop it alone" in window.toast.text
    assert names(window)[-1] == "other"


def test_files_can_be_pasted(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    Image.fromarray(noise(9, 9)).save(tmp_path / "moss.tif")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "moss.tif"))])
    QGuiApplication.clipboard().setMimeData(mime)
    run(window, "edit.paste")
    qtbot.waitUntil(lambda: not window.files.work.busy)
    assert active(window).name == "moss"


def test_text_that_is_dragged_is_not_taken(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setText("hello")
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, buttons, keys)
    enter.ignore()
    QApplication.sendEvent(window.canvas, enter)
    assert not enter.isAccepted()


def test_text_fields_keep_their_own_clipboard(window: MainWindow, qtbot: QtBot) -> None:
    activate(qtbot, window)
    window.session.document.select((DOG,))
    prompt = window.generate_panel.prompt
    prompt.setFocus()
    QTest.keyClicks(prompt, "red apple")
    QTest.keyClick(prompt, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(prompt, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    assert window.session.document.has_layer(DOG)
    assert QGuiApplication.clipboard().text() == "red apple"
