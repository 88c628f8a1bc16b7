"""Closing a window whose document has changes, or none."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from editor.formats.psd import read_psd
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import answer, edit, layered, question, wait_for_files


def test_closing_with_changes_asks(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    edit(window)
    window.close()
    assert window.isVisible()
    assert "Untitled" in question(window).text()
    answer(window, QMessageBox.StandardButton.Cancel)
    qtbot.wait(10)
    assert window.isVisible()
    window.close()
    answer(window, QMessageBox.StandardButton.Discard)
    qtbot.waitUntil(lambda: not window.isVisible())


def test_save_in_the_question_saves_and_closes(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    window.session.path = tmp_path / "a.psd"
    edit(window)
    window.close()
    answer(window, QMessageBox.StandardButton.Save)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not read_psd(tmp_path / "a.psd").layers[-1].visible


def test_a_change_during_the_save_of_the_question_is_asked_about(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    window.session.path = tmp_path / "a.psd"
    edit(window)
    window.close()
    answer(window, QMessageBox.StandardButton.Save)
    edit(window)
    wait_for_files(qtbot, window)
    assert window.isVisible()
    assert window.session.document.modified
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    box.button(QMessageBox.StandardButton.Discard).click()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_an_unchanged_document_closes_at_once(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.close()
    assert not window.isVisible()
