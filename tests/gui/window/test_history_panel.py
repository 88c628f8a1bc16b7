"""The history panel follows the history, and a click in it goes anywhere in time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import resources
from editor.commands import (
    generation_commands,
    group_commands,
    layer_commands,
    layout_commands,
    pixel_commands,
    property_commands,
    transform_commands,
)
from editor.commands.command import Command
from editor.commands.property_commands import RenameLayer, SetLocked, SetVisible
from editor.document.document import Document
from editor.panels.history_panel import HistoryPanel
from editor.panels.widgets import readable_bytes
from editor.windows.main_window import MainWindow
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, activate, layered


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow) -> MainWindow:
    window = make_window(layered())
    activate(qtbot, window)
    window.docks()[-1].show()
    for name in ("one", "two", "three"):
        window.session.push(RenameLayer(DOG, name))
    return window


def rows(panel: HistoryPanel) -> list[str]:
    items = (panel.list.item(i) for i in range(panel.list.count()))
    return [str(item.data(Qt.ItemDataRole.AccessibleTextRole)) for item in items if item]


def click(panel: HistoryPanel, row: int) -> None:
    place = panel.list.visualItemRect(panel.list.item(row)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def name_of_dog(window: MainWindow) -> str:
    return window.session.document.layer(DOG).name


def test_steps_are_listed_and_the_present_one_is_marked(window: MainWindow) -> None:
    panel = window.history_panel
    assert rows(panel) == ["Start", "Rename Layer", "Rename Layer", "Rename Layer"]
    assert panel.list.currentRow() == 3
    window.session.undo()
    assert panel.list.currentRow() == 2
    assert rows(panel)[3] == "Rename Layer, undone"
    window.session.push(SetVisible((APPLE,), False))
    assert rows(panel)[3] == "Hide Layer"


def test_a_click_goes_to_any_step(window: MainWindow) -> None:
    click(window.history_panel, 1)
    assert name_of_dog(window) == "one"
    click(window.history_panel, 0)
    assert name_of_dog(window) == "dog"
    assert not window.session.history.can_undo
    click(window.history_panel, 3)
    assert name_of_dog(window) == "three"
    assert not window.session.history.can_redo


def test_arrow_keys_go_step_by_step(window: MainWindow) -> None:
    window.history_panel.list.setFocus()
    QTest.keyClick(window.history_panel.list, Qt.Key.Key_Up)
    assert name_of_dog(window) == "two"
    QTest.keyClick(window.history_panel.list, Qt.Key.Key_Home)
    assert name_of_dog(window) == "dog"


def test_nothing_moves_during_a_drag(window: MainWindow) -> None:
    window.session.history.begin_gesture()
    click(window.history_panel, 1)
    assert name_of_dog(window) == "three"
    assert window.history_panel.list.currentRow() == 3


def test_memory_is_shown(window: MainWindow) -> None:
    size = window.session.history.byte_size
    assert window.history_panel.memory.text() == readable_bytes(size)
    assert (readable_bytes(1), readable_bytes(2048)) == ("1 KB", "2 KB")
    assert readable_bytes(int(12.34 * 2**20)) == "12.3 MB"


def test_another_document_starts_another_list(window: MainWindow) -> None:
    window.session.open(Document(64, 64), None)
    assert rows(window.history_panel) == ["Start"]


def test_a_hidden_panel_is_right_when_it_is_shown(window: MainWindow) -> None:
    window.docks()[-1].hide()
    window.session.push(SetLocked((DOG,), True))
    window.docks()[-1].show()
    assert rows(window.history_panel)[-1] == "Lock Layer"


def test_panels_come_back_as_they_were(window: MainWindow) -> None:
    history = window.docks()[-1]
    history.hide()
    before = [dock.isVisible() for dock in window.docks()]
    window.actions_by_id["view.panels"].trigger()
    assert not any(dock.isVisible() for dock in window.docks())
    window.actions_by_id["view.panels"].trigger()
    assert [dock.isVisible() for dock in window.docks()] == before
    assert before[0]
    assert not before[-1]


def test_every_icon_of_a_command_is_shipped() -> None:
    modules = (
        generation_commands,
        group_commands,
        layer_commands,
        layout_commands,
        pixel_commands,
        property_commands,
        transform_commands,
    )
    kinds = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Command) and kind is not Command
    }
    icons = set()
    for kind in kinds:
        blank = object.__new__(kind)
        for name in ("visible", "locked"):
            object.__setattr__(blank, name, True)
        object.__setattr__(blank, "commands", ())
        icons.add(blank.icon)
    assert len(icons) > 5
    files = {resources.locate("icons", f"{icon}.svg") for icon in icons - {""}}
    assert [file.name for file in files if not file.is_file()] == []
