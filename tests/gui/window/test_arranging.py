"""Rulers, guides, snapping and alignment from the menus of the real window."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from editor.document.guides import Guide, Orientation
from editor.settings import Settings
from editor.tools.snapping import SnapKind
from editor.tools.tool import ToolId
from editor.windows.aids_controller import SWITCHES
from editor.windows.guide_dialog import GuideDialog
from editor.windows.main_window import MainWindow
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, layered


def dialog_of(window: MainWindow) -> GuideDialog:
    dialog = window.findChild(GuideDialog)
    assert dialog is not None
    return dialog


def test_rulers_are_shown_and_remembered(make_window: MakeWindow, settings: Settings) -> None:
    window = make_window()
    assert not window.canvas_frame.top.isVisible()
    window.actions_by_id["view.rulers"].trigger()
    assert window.canvas_frame.top.isVisible()
    assert window.canvas_frame.left.isVisible()
    assert settings.is_on("rulers", default=False)
    again = make_window()
    assert again.canvas_frame.top.isVisible()
    assert again.actions_by_id["view.rulers"].isChecked()


def test_every_switch_starts_as_it_says(window: MainWindow) -> None:
    for name, on in SWITCHES.items():
        assert window.actions_by_id[f"view.{name}"].isChecked() is on


def test_kinds_of_snapping_are_switched_one_by_one(window: MainWindow) -> None:
    def after(action_id: str) -> SnapKind:
        window.actions_by_id[action_id].trigger()
        return window.canvas.aids.snap

    others = SnapKind.GUIDES | SnapKind.BOXES | SnapKind.CANVAS
    assert after("view.snap_layers") == others
    assert after("view.snap") == SnapKind.NONE
    assert after("view.snap") == others, "what was off stays off"


def test_a_guide_by_numbers(window: MainWindow) -> None:
    document = window.session.document
    assert not window.actions_by_id["view.clear_guides"].isEnabled()
    window.actions_by_id["view.new_guide"].trigger()
    dialog = dialog_of(window)
    assert dialog.position.value() == document.width / 2
    dialog.horizontal.click()
    assert dialog.position.value() == document.height / 2
    dialog.position.setValue(12.5)
    dialog.accept()
    assert list(document.guides) == [Guide(Orientation.HORIZONTAL, 12.5)]
    window.actions_by_id["view.clear_guides"].trigger()
    assert not document.guides


def test_a_guide_gets_another_number(window: MainWindow, qtbot: QtBot) -> None:
    document = window.session.document
    window.actions_by_id["view.new_guide"].trigger()
    dialog_of(window).accept()
    QApplication.processEvents()
    qtbot.waitUntil(lambda: window.findChild(GuideDialog) is None)
    window.canvas.edit_guide_wanted.emit(0)
    dialog = dialog_of(window)
    assert not dialog.horizontal.isEnabled(), "a guide keeps its direction"
    dialog.position.setValue(77)
    dialog.accept()
    assert document.guides == (Guide(Orientation.VERTICAL, 77),)


@pytest.mark.parametrize("to_canvas", [False, True])
def test_layers_are_aligned_by_menu(make_window: MakeWindow, to_canvas: bool) -> None:
    window = make_window(layered())
    document = window.session.document
    document.select([APPLE, DOG])
    if to_canvas:
        window.actions_by_id["layer.align_to_canvas"].trigger()
    window.actions_by_id["layer.align_right"].trigger()
    ends = [document.layer(name).opaque_box.x1 for name in (APPLE, DOG)]
    assert ends[0] == ends[1]
    assert (ends[0] == document.width) is to_canvas
    assert window.actions_by_id["layer.align_to_canvas"].isChecked() is to_canvas


def test_alignment_needs_layers(make_window: MakeWindow) -> None:
    window = make_window(layered())
    actions, document = window.actions_by_id, window.session.document
    document.select(())
    assert not actions["layer.align_left"].isEnabled()
    document.select([APPLE])
    assert actions["layer.align_left"].isEnabled()
    assert not actions["layer.distribute_horizontal_gaps"].isEnabled()
    document.select([APPLE, DOG])
    assert actions["layer.distribute_horizontal_gaps"].isEnabled()
    actions["layer.distribute_horizontal_gaps"].trigger()
    assert "three layers" in window.toast.text


def test_buttons_of_the_move_tool_say_what_they_do(window: MainWindow) -> None:
    buttons = window.options_bar.page(ToolId.MOVE).findChildren(QToolButton)
    names = {button.accessibleName() for button in buttons}
    assert "Align: Left Edges" in names
    assert "Distribute: Vertical Gaps" in names
    assert len(names) == 11
