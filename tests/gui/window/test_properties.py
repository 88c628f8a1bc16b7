"""Numbers of the selected layer or box."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.commands.layout_commands import AddBox
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
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
