"""Writing in the picture in the real window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from editor.canvas.text_rendering import QtTextSetter
from editor.document.errors import DocumentError
from editor.document.layers import RasterLayer
from editor.document.text import TextContent
from editor.formats.files import read_document, write_document
from editor.panels.color_dialog import ColorDialog
from editor.panels.tool_options.text import ColorOption
from editor.panels.tool_options.transform import TransformOptions
from editor.tools.text_setting import SetText
from editor.tools.tool import Effects, Gesture, ToolId
from editor.windows.main_window import MainWindow
from tests.gui.canvas.screen import at, drag
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import activate, layered

Left = Qt.MouseButton.LeftButton
NoModifier = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot) -> MainWindow:
    window = make_window(layered())
    activate(qtbot, window)
    window.actions_by_id["view.snap"].trigger()
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_T)
    assert window.canvas.tool_id is ToolId.TEXT
    window.canvas.tools.text.options.change(family="DejaVu Sans", size=24)
    return window


def click(window: MainWindow, x: float, y: float) -> None:
    QTest.mouseClick(window.canvas, Left, NoModifier, at(window.canvas, x, y))


def text_layers(window: MainWindow) -> list[RasterLayer]:
    return [layer for layer in window.session.document.raster_layers() if layer.text is not None]


def write(window: MainWindow, text: str) -> None:
    QTest.keyClicks(window.canvas.text_input, text)


def test_typed_letters_show_at_once_and_are_one_step(window: MainWindow) -> None:
    click(window, 20, 50)
    assert window.canvas.text_input.hasFocus()
    assert window.canvas.text_input.size() == QSize(1, 1), "the picture shows what is typed"
    write(window, "Hi v")
    (layer,) = text_layers(window)
    assert layer.text is not None
    assert layer.text.text == "Hi v", "a letter of a tool's key is a letter"
    assert window.canvas.tool_id is ToolId.TEXT
    assert layer.pixels.alpha_box.width > 20
    QTest.keyClick(window.canvas.text_input, Qt.Key.Key_Return)
    write(window, "you")
    QTest.keyClick(window.canvas.text_input, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    (layer,) = text_layers(window)
    assert layer.text is not None
    assert layer.text.text == "Hi v\nyou"
    assert window.session.history.labels == ("Text",)
    assert window.canvas.hasFocus()
    window.actions_by_id["edit.undo"].trigger()
    assert text_layers(window) == []


def test_marked_text_is_replaced_and_escape_takes_all_back(window: MainWindow) -> None:
    click(window, 20, 50)
    write(window, "Hello")
    click(window, 150, 150)
    before = window.session.document.state_hash()
    click(window, 30, 45)
    line = window.canvas.text_input
    QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    writing = window.canvas.tools.text.writing
    assert writing is not None
    assert {writing.anchor, writing.position} == {0, 5}
    write(window, "Bye")
    assert text_layers(window)[0].name == "Bye"
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert window.session.document.state_hash() == before
    assert not line.isVisible()


def test_what_an_input_method_composes_is_shown(window: MainWindow) -> None:
    click(window, 20, 50)
    line = window.canvas.text_input
    QApplication.sendEvent(line, QInputMethodEvent("ni", []))
    (layer,) = text_layers(window)
    assert layer.text is not None
    assert layer.text.text == "ni"
    done = QInputMethodEvent("", [])
    done.setCommitString("你")
    QApplication.sendEvent(line, done)
    (layer,) = text_layers(window)
    assert layer.text is not None
    assert layer.text.text == "你"


def test_the_options_bar_restyles_what_is_written(window: MainWindow) -> None:
    click(window, 20, 50)
    write(window, "Hello")
    page = window.options_bar.page(ToolId.TEXT)
    narrow = text_layers(window)[0].pixels.width
    bold = next(b for b in page.findChildren(QToolButton) if b.toolTip() == "Bold")
    bold.click()
    (layer,) = text_layers(window)
    assert layer.text is not None
    assert layer.text.bold
    assert layer.pixels.width > narrow
    assert window.session.history.labels == ("Text",)


def test_a_double_click_with_the_move_tool_goes_on_writing(window: MainWindow) -> None:
    click(window, 20, 50)
    write(window, "Hello")
    window.actions_by_id["tool.move"].trigger()
    assert not window.canvas.busy
    layer = text_layers(window)[0]
    box = layer.opaque_box
    place = at(window.canvas, box.x0 + 2, (box.y0 + box.y1) / 2)
    QTest.mouseDClick(window.canvas, Left, NoModifier, place)
    assert window.canvas.tool_id is ToolId.TEXT
    write(window, "Bye")
    assert text_layers(window)[0].name == "Bye"


def test_text_is_rasterized_from_the_menu(window: MainWindow) -> None:
    click(window, 20, 50)
    write(window, "Hello")
    window.actions_by_id["tool.move"].trigger()
    action = window.actions_by_id["layer.rasterize_text"]
    assert action.isEnabled()
    action.trigger()
    assert text_layers(window) == []
    assert not action.isEnabled()


def turned_text(window: MainWindow) -> RasterLayer:
    """ "Hello", turned by 30 degrees with the transform tool's number."""
    click(window, 60, 50)
    write(window, "Hello")
    window.actions_by_id["tool.transform"].trigger()
    page = window.options_bar.page(ToolId.TRANSFORM)
    assert isinstance(page, TransformOptions)
    page.angle.setValue(30)
    page.apply.click()
    return text_layers(window)[0]


def is_set_anew(layer: RasterLayer) -> bool:
    """Whether the pixels are the text's, not resampled ones.

    Qt's own places of letters differ by 1/64 px with what it has drawn before: a few levels.
    """
    assert layer.text is not None
    drawn = QtTextSetter().set(layer.text).draw()
    if (drawn.pixels.size, drawn.offset) != (layer.pixels.size, layer.offset):
        return False
    alphas = (buffer.array[..., 3].astype(int) for buffer in (drawn.pixels, layer.pixels))
    ours, theirs = alphas
    return int(abs(ours - theirs).max()) < 12


def test_a_turned_text_stays_live_and_sharp(window: MainWindow) -> None:
    layer = turned_text(window)
    assert layer.text is not None
    assert is_set_anew(layer)
    values = window.canvas.tools.transform.values(window.session.document)
    assert values is not None
    assert values.angle == pytest.approx(30), "its frame is turned as well"
    assert window.session.history.labels == ("Text", "Transform")
    window.actions_by_id["edit.undo"].trigger()
    (before,) = text_layers(window)
    assert before.text is not None
    assert before.text.linear == (1, 0, 0, 1)
    window.actions_by_id["edit.redo"].trigger()
    assert text_layers(window)[0] == layer


def test_a_turned_text_that_is_only_moved_keeps_its_pixels(window: MainWindow) -> None:
    layer = turned_text(window)
    window.actions_by_id["tool.move"].trigger()
    box = layer.opaque_box
    start = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    end = start[0] + 7, start[1] + 20
    drag(window.canvas, at(window.canvas, *start), at(window.canvas, *end))
    (moved,) = text_layers(window)
    assert moved.offset != layer.offset
    assert moved.pixels is layer.pixels
    assert moved.text is not None
    assert QtTextSetter().set(moved.text).draw().offset == moved.offset


def test_a_turned_text_is_written_on_in_its_slope(window: MainWindow) -> None:
    layer = turned_text(window)
    assert layer.text is not None
    window.canvas.edit_text(layer.layer_id)
    write(window, "Goodbye")
    QTest.keyClick(window.canvas.text_input, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    (after,) = text_layers(window)
    assert after.text == replace(layer.text, text="Goodbye")
    assert after.pixels.width > layer.pixels.width
    assert after.pixels.height > layer.pixels.height + 5, "it runs down further"


def test_a_turned_text_can_be_copied_saved_and_opened(window: MainWindow, tmp_path: Path) -> None:
    layer = turned_text(window)
    window.actions_by_id["layer.duplicate"].trigger()
    copy = next(other for other in text_layers(window) if other.layer_id != layer.layer_id)
    assert (copy.text, copy.pixels, copy.matrix) == (layer.text, layer.pixels, layer.matrix)
    path = tmp_path / "turned.layerloom"
    write_document(window.session.document.snapshot(), path)
    read = read_document(path).document.raster(layer.layer_id)
    assert read == layer
    psd = tmp_path / "turned.psd"
    write_document(window.session.document.snapshot(), psd)
    plain = next(r for r in read_document(psd).document.raster_layers() if r.name == "Hello")
    assert plain.text is None
    assert plain.opaque_box == layer.opaque_box


def test_text_is_turned_and_mirrored_from_the_menu(window: MainWindow) -> None:
    click(window, 20, 50)
    write(window, "Hello")
    window.actions_by_id["tool.move"].trigger()
    upright = text_layers(window)[0]
    window.actions_by_id["layer.turn_right"].trigger()
    (layer,) = text_layers(window)
    assert layer.text is not None
    assert layer.text.linear == (0, -1, 1, 0)
    assert layer.pixels.height > layer.pixels.width
    window.actions_by_id["layer.turn_left"].trigger()
    (layer,) = text_layers(window)
    assert layer.text is not None
    assert layer.text.linear == (1, 0, 0, 1)
    assert layer.source is None
    assert layer.pixels.size == upright.pixels.size
    window.actions_by_id["layer.flip_horizontal"].trigger()
    (layer,) = text_layers(window)
    assert layer.text is not None
    assert layer.text.linear == (-1, 0, 0, 1)


def test_numbers_of_the_panel_stretch_a_text_sharply(window: MainWindow) -> None:
    click(window, 20, 50)
    write(window, "Hello")
    window.actions_by_id["tool.move"].trigger()
    panel = window.properties_panel
    panel.width_px.setValue(2 * panel.width_px.value())
    (layer,) = text_layers(window)
    assert layer.text is not None
    assert layer.text.linear[0] == pytest.approx(2, rel=0.05)
    assert is_set_anew(layer)
    assert window.session.history.labels == ("Text", "Scale Layer")


def test_a_scaled_text_is_set_anew_and_stays_live(window: MainWindow) -> None:
    click(window, 20, 50)
    write(window, "Hello")
    window.actions_by_id["tool.transform"].trigger()
    before = text_layers(window)[0]
    page = window.options_bar.page(ToolId.TRANSFORM)
    assert isinstance(page, TransformOptions)
    page.width_px.setValue(2 * page.width_px.value())
    assert text_layers(window)[0].source is not None
    page.apply.click()
    after = text_layers(window)[0]
    assert after.source is None
    assert after.text is not None
    assert after.text.size_px == pytest.approx(48, abs=1)
    assert after.pixels.width == pytest.approx(2 * before.pixels.width, abs=4)
    assert window.session.history.labels == ("Text", "Transform")
    window.actions_by_id["edit.undo"].trigger()
    assert text_layers(window)[0] == before


class BrokenSetter:
    """Cannot set any text."""

    def set(self, content: TextContent) -> SetText:
        raise DocumentError("The text cannot be set.", content.text)

    def missing_family(self, content: TextContent) -> str:
        return content.family


def test_a_text_that_cannot_be_set_anew_ends_the_step_all_the_same(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    click(window, 20, 50)
    write(window, "Hello")
    window.actions_by_id["tool.transform"].trigger()
    page = window.options_bar.page(ToolId.TRANSFORM)
    assert isinstance(page, TransformOptions)
    page.width_px.setValue(2 * page.width_px.value())
    history, text_tool = window.session.history, window.canvas.tools.text
    with monkeypatch.context() as broken:
        broken.setattr(text_tool, "setter", BrokenSetter())
        page.apply.click()
    assert window.status_bar.hint.text() == "The text cannot be set."
    assert not history.in_gesture
    assert history.labels == ("Text", "Transform")
    scaled = text_layers(window)[0]
    assert scaled.source is not None, "as it was scaled"
    window.canvas.perform(Effects(gesture=Gesture.BEGIN))
    window.canvas.perform(Effects(gesture=Gesture.END))
    assert text_layers(window)[0] == scaled, "a gesture without a command changes nothing"
    window.actions_by_id["edit.undo"].trigger()
    assert text_layers(window)[0].source is None


def test_the_colour_of_texts_is_asked_for(window: MainWindow) -> None:
    button = window.options_bar.page(ToolId.TEXT).findChild(ColorOption)
    assert button is not None
    button.click()
    dialog = button.findChild(ColorDialog)
    assert dialog is not None
    assert dialog.opacity.isHidden()
    dialog.panel.channels[0].setValue(200)
    assert window.canvas.tools.text.options.value.color == "#000000"
    dialog.accept()
    assert window.canvas.tools.text.options.value.color == "#c80000"
