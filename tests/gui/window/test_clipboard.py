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
from editor.document.compositor import composite_layers, flatten
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer
from editor.document.masks import CoverageBuffer, Mask
from editor.formats.files import write_document
from editor.formats.png_planes import encode_rgba
from editor.windows.clipboard_controller import CLIP_TYPE
from editor.windows.main_window import MainWindow
from tests.document.scenes import noise
from tests.formats.test_psd_import import foreign, invert
from tests.gui.canvas.screen import at
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, FRUIT, activate, layered, names, wait_for_files


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
    drop_mime(window, mime, position)


def drop_mime(window: MainWindow, mime: QMimeData, position: QPoint) -> None:
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
    wait_for_files(qtbot, window)
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
    wait_for_files(qtbot, window)
    window.session.document.select((DOG,))
    with qtbot.waitSignal(window.session.replaced):
        drop(window, [path], QPoint(20, 20))


def test_documents_among_several_files_become_groups(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    placed = layered().snapshot()
    write_document(placed, tmp_path / "saved.layerloom")
    write_document(placed, tmp_path / "saved.psd")
    (tmp_path / "broken.ora").write_bytes(b"PKrubbish")
    Image.fromarray(noise(9, 9)).save(tmp_path / "moss.png")
    paths = [tmp_path / n for n in ("saved.layerloom", "saved.psd", "broken.ora", "moss.png")]
    before = flatten(window.session.document)
    drop(window, paths, at(window.canvas, 100, 80))
    wait_for_files(qtbot, window)
    document = window.session.document
    assert "broken.ora" in window.toast.text
    groups = [document.layer(i) for i in document.selected_ids]
    assert [layer.name for layer in groups] == ["saved", "saved", "moss"]
    for group in groups[:2]:
        assert isinstance(group, GroupLayer)
        assert [child.name for child in group.children] == ["sky", "fruit", "dog"]
    ids = [layer.layer_id for layer in document.all_layers()]
    assert len(set(ids)) == len(ids)
    alone = composite_layers((groups[0],), document.snapshot().canvas)
    assert np.array_equal(alone, composite_layers(placed.layers, placed.canvas))
    assert window.session.history.labels == ("Place Pictures",)
    run(window, "edit.undo")
    assert np.array_equal(flatten(document), before)
    assert names(window) == ["sky", "fruit", "apple", "dog"]


@pytest.mark.parametrize("is_foreign", [False, True])
def test_what_a_placed_psd_loses_is_said(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, is_foreign: bool
) -> None:
    if is_foreign:
        foreign(tmp_path / "a.psd", invert)
    else:
        write_document(layered().snapshot(), tmp_path / "a.psd")
    Image.fromarray(noise(9, 9)).save(tmp_path / "moss.png")
    drop(window, [tmp_path / "a.psd", tmp_path / "moss.png"], QPoint(20, 20))
    wait_for_files(qtbot, window)
    assert ("a.psd came as pixels" in window.toast.text) == is_foreign


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 4 2">'
    '<rect width="2" height="2" fill="#f00"/>{2}</svg>'
)


def test_a_dropped_svg_is_drawn_where_it_falls(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "flag.svg").write_text(SVG.format(40, 20, ""))
    drop(window, [tmp_path / "flag.svg"], at(window.canvas, 100, 60))
    wait_for_files(qtbot, window)
    layer = window.session.document.raster(active(window).layer_id)
    assert (layer.name, layer.bounds) == ("flag", Rect(80, 50, 120, 70))
    assert layer.pixels.pixel(19, 19) == (255, 0, 0, 255)
    assert layer.pixels.pixel(20, 0)[3] == 0
    assert window.session.history.labels == ("Place Pictures",)
    run(window, "edit.undo")
    assert names(window) == ["sky", "fruit", "apple", "dog"]


def test_a_large_svg_is_drawn_at_the_size_of_the_canvas(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "wall.svg").write_text(SVG.format(300_000, 150_000, ""))
    (tmp_path / "bad.svg").write_text("<svg")
    drop(window, [tmp_path / "bad.svg", tmp_path / "wall.svg"], QPoint(20, 20))
    wait_for_files(qtbot, window)
    layer = window.session.document.raster(active(window).layer_id)
    width = window.session.document.width
    assert layer.pixels.size == (width, width // 2)
    assert window.toast.text == "bad.svg is no SVG that can be drawn."


@pytest.mark.parametrize("as_text", [False, True])
def test_an_svg_can_be_pasted(window: MainWindow, qtbot: QtBot, as_text: bool) -> None:
    mime, text = QMimeData(), SVG.format(40, 20, "")
    if as_text:
        mime.setText(text)
    else:
        mime.setData("image/svg+xml", text.encode())
    QGuiApplication.clipboard().setMimeData(mime)
    run(window, "edit.paste")
    wait_for_files(qtbot, window)
    assert active(window).bounds == Rect(80, 70, 120, 90)
    assert window.session.history.labels == ("Paste",)


def test_a_picture_that_is_dragged_out_of_another_program(window: MainWindow) -> None:
    array = noise(10, 10, 4)
    mime = QMimeData()
    mime.setData("image/png", encode_rgba(array))
    mime.setImageData(QImage(10, 10, QImage.Format.Format_RGB32))
    drop_mime(window, mime, at(window.canvas, 50, 40))
    layer = window.session.document.raster(active(window).layer_id)
    assert layer.bounds == Rect(45, 35, 55, 45)
    assert np.array_equal(layer.pixels.array, array)


def test_files_can_be_pasted(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    Image.fromarray(noise(9, 9)).save(tmp_path / "moss.tif")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "moss.tif"))])
    QGuiApplication.clipboard().setMimeData(mime)
    run(window, "edit.paste")
    wait_for_files(qtbot, window)
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
