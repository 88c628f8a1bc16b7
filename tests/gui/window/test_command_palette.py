"""The command palette in the real window, by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.settings import MAX_RECENT_COMMANDS, Settings
from editor.windows.command_palette import CommandPalette
from editor.windows.main_window import MainWindow
from editor.windows.palette_delegate import pieces
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, activate, layered, names


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow) -> MainWindow:
    window = make_window(layered())
    activate(qtbot, window)
    window.canvas.setFocus()
    return window


def opened(window: MainWindow) -> CommandPalette:
    QTest.keyClick(window.canvas, Qt.Key.Key_P, _CONTROL_SHIFT)
    assert window.commands.command_palette.isVisible()
    return window.commands.command_palette


_CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def press(palette: CommandPalette, key: Qt.Key) -> None:
    QTest.keyClick(palette.query, key)


def test_a_few_letters_and_enter_run_a_command(window: MainWindow) -> None:
    window.session.document.select([DOG])
    palette = opened(window)
    QTest.keyClicks(palette.query, "dupl")
    assert palette.titles[0] == "Duplicate"
    press(palette, Qt.Key.Key_Return)
    assert palette.isHidden()
    assert names(window).count("dog copy") == 1
    assert QApplication.focusWidget() is window.canvas


def test_arrows_choose_and_wrap_around(window: MainWindow) -> None:
    palette = opened(window)
    count = len(palette.titles)
    press(palette, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == count - 1
    press(palette, Qt.Key.Key_Down)
    press(palette, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 1
    press(palette, Qt.Key.Key_PageDown)
    assert palette.list.currentIndex().row() == 10


def test_escape_and_leaving_close_it(window: MainWindow) -> None:
    palette = opened(window)
    press(palette, Qt.Key.Key_Escape)
    assert palette.isHidden()
    assert QApplication.focusWidget() is window.canvas
    opened(window)
    window.generate_panel.prompt.setFocus()
    assert palette.isHidden()
    assert QApplication.focusWidget() is window.generate_panel.prompt


def test_its_key_closes_it_too(window: MainWindow) -> None:
    palette = opened(window)
    QTest.keyClick(palette.query, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert palette.isHidden()


def test_what_cannot_be_used_says_why_and_stays(window: MainWindow) -> None:
    palette = opened(window)
    QTest.keyClicks(palette.query, "merge down")
    found = palette.list.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert found == "Merge Down, Ctrl+E, Select exactly one layer first."
    press(palette, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert len(names(window)) == 4


def test_recent_commands_are_listed_first(window: MainWindow, settings: Settings) -> None:
    window.session.document.select([APPLE])
    for title in ("all layers", "deselect layers", "fit in"):
        palette = opened(window)
        QTest.keyClicks(palette.query, title)
        press(palette, Qt.Key.Key_Return)
    assert opened(window).titles[:3] == ["Fit in Window", "Deselect Layers", "All Layers"]
    for number in range(MAX_RECENT_COMMANDS + 3):
        settings.add_recent_command(f"some.{number}")
    assert len(settings.recent_commands) == MAX_RECENT_COMMANDS


def test_everything_in_the_menus_is_there_but_itself(window: MainWindow) -> None:
    titles = opened(window).titles
    assert {"Undo", "Full Screen", "Deutsch", "Reduce Motion", "Properties"} <= set(titles)
    assert "Command Palette" not in titles


def test_nothing_found_says_so(window: MainWindow) -> None:
    palette = opened(window)
    QTest.keyClicks(palette.query, "qqq")
    assert palette.titles == []
    assert palette.list.isHidden()
    press(palette, Qt.Key.Key_Return)
    press(palette, Qt.Key.Key_Down)
    assert palette.isVisible()


def test_a_click_runs_a_command(window: MainWindow) -> None:
    palette = opened(window)
    QTest.keyClicks(palette.query, "hand")
    place = palette.list.visualRect(palette.list.currentIndex()).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.canvas.tool_id == "hand"


def test_titles_are_cut_where_found_letters_are() -> None:
    assert pieces("Merge", (0, 1, 4)) == [("Me", True), ("rg", False), ("e", True)]
    assert pieces("Fit", ()) == [("Fit", False)]
