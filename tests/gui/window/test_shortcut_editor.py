"""Shortcuts are recorded, taken over, reset and remembered; the rest of the window follows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.settings import Settings
from editor.windows.main_window import MainWindow
from editor.windows.shortcut_editor import ShortcutEditor
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import activate, layered

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow) -> MainWindow:
    window = make_window(layered())
    activate(qtbot, window)
    return window


@pytest.fixture
def editor(qtbot: QtBot, window: MainWindow) -> ShortcutEditor:
    window.actions_by_id["edit.shortcuts"].trigger()
    found = window.findChild(ShortcutEditor)
    assert found is not None
    qtbot.waitExposed(found)
    found.activateWindow()
    qtbot.waitUntil(found.isActiveWindow)
    return found


def record(editor: ShortcutEditor, action_id: str, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    editor.choose(action_id)
    editor.record.click()
    assert QApplication.focusWidget() is editor.recorder
    QTest.keyClick(editor.recorder, key, held)


def shown(editor: ShortcutEditor, action_id: str) -> str:
    editor.choose(action_id)
    item = editor.tree.currentItem()
    assert item is not None
    return item.text(1)


def test_a_recorded_key_works_after_saving(
    window: MainWindow, editor: ShortcutEditor, settings: Settings
) -> None:
    record(editor, "layer.rename", Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier)
    assert shown(editor, "layer.rename") == "F7"
    assert window.actions_by_id["layer.rename"].shortcut().toString() == "F2"  # not yet
    editor.save.click()
    assert window.actions_by_id["layer.rename"].shortcut().toString() == "F7"
    assert "F7" in window.actions_by_id["layer.rename"].toolTip()
    assert settings.shortcuts == {"layer.rename": ("F7",)}


def test_cancel_changes_nothing(window: MainWindow, editor: ShortcutEditor) -> None:
    record(editor, "layer.rename", Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier)
    editor.reject()
    assert window.actions_by_id["layer.rename"].shortcut().toString() == "F2"


def test_a_taken_key_is_asked_about(editor: ShortcutEditor) -> None:
    record(editor, "layer.rename", Qt.Key.Key_G, CONTROL)
    assert "Group" in editor.question.text()
    assert "Ctrl+G" in editor.question.text()
    assert editor.take_over.isVisible()
    assert not editor.record.isVisible()
    editor.leave.click()
    assert editor.changes == {}
    record(editor, "layer.rename", Qt.Key.Key_G, CONTROL)
    editor.take_over.click()
    assert editor.changes == {"layer.rename": ("Ctrl+G",), "layer.group": ()}


def test_a_second_key_is_added(editor: ShortcutEditor) -> None:
    editor.choose("layer.rename")
    editor.add.click()
    QTest.keyClick(editor.recorder, Qt.Key.Key_F7)
    assert editor.changes == {"layer.rename": ("F2", "F7")}


def test_keys_that_move_around_are_refused(editor: ShortcutEditor) -> None:
    record(editor, "layer.rename", Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
    assert "Tab" in editor.note.text()
    QTest.keyClick(editor.recorder, Qt.Key.Key_Shift)  # waits for the key itself
    QTest.keyClick(editor.recorder, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is editor.tree
    assert editor.isVisible()
    assert editor.changes == {}


def test_signs_are_recorded_without_the_shift_that_reaches_them(editor: ShortcutEditor) -> None:
    editor.choose("layer.rename")
    editor.record.click()
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.keyClicks(editor.recorder, "*", CONTROL | shift)
    assert editor.changes == {"layer.rename": ("Ctrl+*",)}


def test_removing_and_resetting(editor: ShortcutEditor) -> None:
    editor.choose("layer.rename")
    assert not editor.reset.isEnabled()
    editor.remove.click()
    assert shown(editor, "layer.rename") == ""
    editor.reset.click()
    assert shown(editor, "layer.rename") == "F2"
    record(editor, "layer.rename", Qt.Key.Key_G, CONTROL)
    editor.take_over.click()
    editor.choose("layer.group")
    editor.reset.click()  # its key belongs to another action now
    assert "Rename" in editor.question.text()
    editor.leave.click()
    editor.reset_all.click()
    assert editor.changes == {}
    assert shown(editor, "layer.group") == "Ctrl+G"


def test_the_list_is_searched_by_name_and_key(editor: ShortcutEditor) -> None:
    def visible() -> list[str]:
        heads = [editor.tree.topLevelItem(i) for i in range(editor.tree.topLevelItemCount())]
        rows = (h.child(i) for h in heads if h is not None for i in range(h.childCount()))
        return [row.text(0) for row in rows if row is not None and not row.isHidden()]

    everything = visible()
    QTest.keyClicks(editor.search, "merge")
    assert "Merge Down" in visible()
    assert "Group" not in visible()
    editor.search.clear()
    QTest.keyClicks(editor.search, "ctrl+g")
    assert "Group" in visible()
    editor.search.clear()
    assert visible() == everything


def test_the_keys_are_used_at_the_next_start(make_window: MakeWindow, settings: Settings) -> None:
    settings.shortcuts = {"tool.box": ("Shift+B",)}
    window = make_window()
    assert window.actions_by_id["tool.box"].shortcut().toString() == "Shift+B"
    assert window.generate_panel.draw_boxes.toolTip() == "Draw layout boxes  (Shift+B)"
    settings.shortcuts = {}
    window.actions_by_id.set_shortcuts({})
    assert window.generate_panel.draw_boxes.toolTip() == "Draw layout boxes  (K)"
