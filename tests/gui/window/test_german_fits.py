"""German is longer than English: nothing may be cut, in any panel, tool or dialog."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, QRect, Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from editor.actions.table import ActionSpec
from editor.interface_language import use_language
from editor.translations import activate
from editor.windows.main_window import MainWindow
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import activate as make_active
from tests.gui.window.scenes import layered
from tests.gui.window.test_accessibility import DIALOGS, STATES, Prepare, opened

BESIDE_THE_TEXT_PX = 4  # what a button needs beyond its text, at the least
TURNS, TURN_MS = 40, 25
CHECK_BOX_PX = 20


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, make_window: MakeWindow) -> Iterator[MainWindow]:
    before = QLocale()
    use_language(qapp, "de", QLocale("de_DE"))
    window = make_window(layered())
    window.resize(1280, 900)
    make_active(qtbot, window)
    yield window
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)
    activate("en")


def needed(widget: QWidget) -> tuple[str, QRect] | None:
    """The text of a widget and the room that it takes; None = it has none."""
    only_icon = isinstance(widget, QToolButton) and not widget.icon().isNull()
    if only_icon:
        return None
    if isinstance(widget, QLabel):
        flags = Qt.TextFlag.TextWordWrap if widget.wordWrap() else Qt.TextFlag.TextExpandTabs
        room = QRect(0, 0, widget.width(), 10_000)
        text = widget.text().replace("&", "") if widget.buddy() else widget.text()
        return text, widget.fontMetrics().boundingRect(room, flags, text)
    if isinstance(widget, QAbstractButton) and widget.text():
        text = widget.text().replace("&", "")
        room = widget.fontMetrics().boundingRect(QRect(0, 0, 9999, 9999), 0, text)
        beside = BESIDE_THE_TEXT_PX
        if isinstance(widget, QCheckBox):
            beside = CHECK_BOX_PX
        elif isinstance(widget, QPushButton) and not widget.icon().isNull():
            beside += widget.iconSize().width()
        return text, room.adjusted(0, 0, beside, 0)
    if isinstance(widget, QComboBox):
        return widget.currentText(), widget.fontMetrics().boundingRect(widget.currentText())
    return None


def beyond_the_edge(area: QScrollArea) -> list[str]:
    """A page that is wider than its place and cannot be scrolled sideways."""
    page, room = area.widget(), area.viewport().width()
    never = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    if page is None or not area.isVisible() or area.horizontalScrollBarPolicy() is not never:
        return []
    return [f"page of {page.width()} px in {room}"] if page.width() > room else []


def cut(root: QWidget) -> list[str]:
    """Texts that have too little room, and pages that reach beyond the right edge."""
    found = [text for area in root.findChildren(QScrollArea) for text in beyond_the_edge(area)]
    for widget in root.findChildren(QWidget):
        wanted = needed(widget) if widget.isVisible() else None
        if wanted is None or not wanted[0]:
            continue
        text, room = wanted
        if room.width() > widget.width() or room.height() > widget.height() + 2:
            found.append(f"{type(widget).__name__} {text!r}: {room.size()} in {widget.size()}")
    return found


def cut_when_settled(root: QWidget) -> list[str]:
    """What is cut for good: a thread brings models late, and their scroll bar narrows the page."""
    for _ in range(TURNS):
        if not (found := cut(root)):
            break
        QTest.qWait(TURN_MS)
    return found


@pytest.mark.parametrize("prepare", STATES)
def test_nothing_in_the_window_is_cut(window: MainWindow, prepare: Prepare) -> None:
    for dock in window.docks():
        dock.show()
    prepare(window)
    QApplication.processEvents()
    assert "\n".join(cut(window)) == ""


@pytest.mark.parametrize("spec", DIALOGS, ids=lambda spec: spec.action_id)
def test_nothing_in_a_dialog_is_cut(window: MainWindow, spec: ActionSpec) -> None:
    for dialog in opened(window, spec):
        if not isinstance(dialog, QFileDialog):
            assert "\n".join(cut_when_settled(dialog)) == ""
        dialog.reject()


def test_cut_texts_are_found(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    label = QLabel("Deckkraft in Prozent", page)
    button = QPushButton("Zurücksetzen", page)
    label.resize(200, 20)
    button.move(0, 30)
    button.resize(200, 30)
    page.show()
    assert cut(page) == []
    label.resize(60, 20)
    button.resize(60, 30)
    assert len(cut(page)) == 2
