"""Numbers of the selected layer or box."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.commands.layer_commands import AddLayer
from editor.commands.layout_commands import AddBox
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.layout import LayoutBox
from editor.document.pixels import PixelBuffer
from editor.document.text import TextContent
from editor.jobs.orders import LayerSettings
from editor.tools.picking import frame_of
from editor.tools.tool import ToolId
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, SKY, layered


def test_numbers_place_and_scale_the_layer(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    panel, document = window.properties_panel, window.session.document
    document.select([DOG])
    assert [n.value() for n in panel._numbers] == [110, 70, 60, 50]
    panel.x_px.setFocus()
    panel.x_px.selectAll()
    QTest.keyClicks(panel.x_px, "25")
    QTest.keyClick(panel.x_px, Qt.Key.Key_Return)
    assert document.layer(DOG).bounds == Rect.from_size(25, 70, 60, 50)
    panel.width_px.setValue(90)
    assert document.layer(DOG).bounds == Rect.from_size(25, 70, 90, 50)
    assert window.session.history.labels == ("Move Layer", "Scale Layer")
    window.session.undo()
    assert panel.width_px.value() == 60


def test_nothing_selected_has_no_numbers(make_window: MakeWindow) -> None:
    window = make_window(layered())
    panel = window.properties_panel
    assert panel.subject.text() == "Nothing selected"
    assert not panel.x_px.isEnabled()
    assert panel.x_px.text() == ""
    window.session.document.select([APPLE, DOG])
    assert panel.subject.text() == "2 layers selected"
    assert not window.regenerate_section.isVisible()


def test_a_live_text_is_not_generated(make_window: MakeWindow) -> None:
    document = layered()
    text = document.raster(DOG)
    state = document.snapshot()
    live = replace(text, text=TextContent(text="dog", family="DejaVu Sans", size_px=20))
    layers = tuple(live if layer is text else layer for layer in state.layers)
    window = make_window(Document.from_state(replace(state, layers=layers)))
    window.session.document.select([APPLE])
    assert window.regenerate_section.isVisible()
    window.session.document.select([DOG])
    assert not window.regenerate_section.isVisible()
    assert not window.actions_by_id["generate.regenerate"].isEnabled()
    assert not window.bridge.regenerate(LayerSettings(DOG, "a cat"))
    assert window.toast.text == '"dog" is live text; rasterize it before it is made again.'


def test_a_locked_layer_cannot_be_placed(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([SKY])
    window.actions_by_id["layer.toggle_locked"].trigger()
    assert not window.properties_panel.x_px.isEnabled()
    assert not window.regenerate_section.button.isEnabled()


def test_a_box_has_numbers_and_a_prompt(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    box = LayoutBox(Rect(16, 32, 96, 112))
    window.session.push(AddBox(box))
    document, panel = window.session.document, window.properties_panel
    document.select_boxes([box.box_id])
    assert panel.subject.text() == "Layout box 1"
    assert [n.value() for n in panel._numbers] == [16, 32, 80, 80]
    panel.height_px.setValue(64)
    assert document.box(box.box_id).rect == Rect(16, 32, 96, 96)
    QTest.keyClicks(panel.box_prompt, "a cat")
    QTest.keyClick(panel.box_prompt, Qt.Key.Key_Return)
    assert document.box(box.box_id).prompt == "a cat"
    panel.x_px.setValue(5000)
    assert "canvas" in window.toast.text
    assert panel.x_px.value() == 16


def test_a_box_has_a_name_and_a_height_in_the_stack(make_window: MakeWindow) -> None:
    window = make_window()
    for prompt in ("a cat", "a dog", "a car"):
        window.session.push(AddBox(LayoutBox(Rect(10, 10, 90, 90), prompt=prompt)))
    document, panel = window.session.document, window.properties_panel
    document.select_boxes([document.boxes[0].box_id])
    panel.box_name.setText("hero")
    panel.box_name.editingFinished.emit()
    assert document.boxes[0].name == "hero"
    window.actions_by_id["layer.raise"].trigger()
    assert [box.prompt for box in document.boxes] == ["a dog", "a cat", "a car"]
    window.actions_by_id["layer.lower"].trigger()
    window.actions_by_id["layer.lower"].trigger()  # it is the lowest already
    assert [box.prompt for box in document.boxes] == ["a cat", "a dog", "a car"]
    window.session.undo()
    assert [box.prompt for box in document.boxes] == ["a dog", "a cat", "a car"]


def test_numbers_are_those_of_the_frame_on_the_canvas(make_window: MakeWindow) -> None:
    """A layer with a clear margin: the numbers are about what can be seen, as the frame is."""
    window = make_window(layered())
    pixels = np.zeros((100, 100, 4), np.uint8)
    pixels[20:60, 10:90] = 255
    layer = RasterLayer(name="bar", pixels=PixelBuffer.from_array(pixels), offset=(5, 7))
    window.session.push(AddLayer(layer))
    document, panel = window.session.document, window.properties_panel
    document.select([layer.layer_id])

    def frame() -> list[int]:
        x0, y0, x1, y1 = frame_of(document.layer(layer.layer_id))
        return [int(x0), int(y0), int(x1 - x0), int(y1 - y0)]

    assert [n.value() for n in panel._numbers] == frame() == [15, 27, 80, 40]
    panel.x_px.setValue(40)
    panel.y_px.setValue(0)
    assert [n.value() for n in panel._numbers] == frame() == [40, 0, 80, 40]
    panel.width_px.setValue(160)
    panel.height_px.setValue(80)
    assert [n.value() for n in panel._numbers] == frame() == [40, 0, 160, 80]
    assert document.layer(layer.layer_id).bounds == Rect.from_size(20, -40, 200, 200)


def test_the_size_said_while_scaling_is_the_one_of_the_panel(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(layered())
    document, canvas = window.session.document, window.canvas
    document.select([DOG])
    corner = canvas._on_screen(document.layer(DOG).bounds).bottomRight()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=corner)
    QTest.mouseMove(canvas, corner + QPoint(43, 51))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=corner + QPoint(43, 51))
    panel = window.properties_panel
    said = f"{panel.width_px.value()} × {panel.height_px.value()} px."
    assert window.status_bar.hint.text() == said


def test_the_size_said_while_a_box_is_drawn_is_the_one_of_the_panel(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(Document(997, 731))
    canvas, panel = window.canvas, window.properties_panel
    canvas.set_tool(ToolId.LAYOUT)
    for start, end in (((101, 83), (254, 247)), ((140, 207), (413, 331))):
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(*start))
        QTest.mouseMove(canvas, QPoint(*end))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(*end))
        x, y, width, height = (field.value() for field in panel._numbers)
        assert window.status_bar.hint.text() == f"{width} × {height} px at {x}, {y}."
        window.layers.clear_boxes()
