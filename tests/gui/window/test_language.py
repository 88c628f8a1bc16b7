"""The language of the window: chosen from the desktop or the menu, down to the buttons of Qt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QPushButton
from pytestqt.qtbot import QtBot

from editor.interface_language import use_language
from editor.settings import Settings
from editor.translations import activate, current_language, languages
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import DOG, generate, layered, names


@pytest.fixture(autouse=True)
def restored(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)
    activate("en")


@pytest.mark.parametrize(
    ("wanted", "system", "language"),
    [
        ("system", "de_AT", "de"),
        ("system", "fr_FR", "en"),
        ("system", "C", "en"),
        ("en", "de_DE", "en"),
        ("de", "en_US", "de"),
        ("xx", "de_CH", "de"),
    ],
)
def test_the_choice_comes_before_the_desktop(
    qapp: QApplication, wanted: str, system: str, language: str
) -> None:
    assert use_language(qapp, wanted, QLocale(system)) == language
    assert current_language() == language


def test_numbers_follow_the_language_and_its_region(qapp: QApplication) -> None:
    use_language(qapp, "de", QLocale("en_US"))
    assert QLocale().decimalPoint() == ","
    use_language(qapp, "en", QLocale("en_ZA"))
    assert QLocale().name() == "en_ZA"


def test_a_german_window_is_german_everywhere(qapp: QApplication, make_window: MakeWindow) -> None:
    use_language(qapp, "de", QLocale("de_DE"))
    window = make_window(layered())
    window.session.document.select([DOG])
    window.actions_by_id["edit.delete"].trigger()
    assert window.actions_by_id["edit.undo"].text() == "&Rückgängig: Ebene löschen"
    titles = [action.text() for action in window.menuBar().actions()]
    assert {"&Datei", "&Bearbeiten", "&Ebene", "A&nsicht", "&Hilfe"} <= set(titles)
    assert window.generate_panel.button.text() == "Generieren"
    chips = window.generate_panel.examples.findChildren(QPushButton)
    assert chips[1].text().replace("\n", " ") == "ein blaues Auto und ein grüner Baum"
    shown = QKeySequence("Ctrl+Shift+E").toString(QKeySequence.SequenceFormat.NativeText)
    assert shown == "Strg+Umschalt+E"
    run = window.actions_by_id["generate.run"].shortcut()
    assert run.toString(QKeySequence.SequenceFormat.NativeText) == "Strg+Eingabe"
    window.session.undo()
    assert window.actions_by_id["edit.redo"].text() == "Wieder&holen: Ebene löschen"
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert buttons.button(QDialogButtonBox.StandardButton.Cancel).text() == "Abbrechen"


def test_a_background_without_a_name_is_called_so_in_the_language(
    qtbot: QtBot, qapp: QApplication, make_window: MakeWindow
) -> None:
    use_language(qapp, "de", QLocale("de_DE"))
    window = make_window()
    generate(qtbot, window)
    assert names(window)[0] == "Hintergrund"


@pytest.mark.parametrize("language", languages())
def test_every_menu_has_a_key_of_its_own(
    qapp: QApplication, make_window: MakeWindow, language: str
) -> None:
    use_language(qapp, language, QLocale(language))
    titles = [action.text() for action in make_window().menuBar().actions()]
    keys = [title[title.index("&") + 1].lower() for title in titles]
    assert len(keys) == len(set(keys)), titles


def test_the_menu_remembers_the_language(make_window: MakeWindow, settings: Settings) -> None:
    window = make_window()
    assert window.actions_by_id["view.language_system"].isChecked()
    window.actions_by_id["view.language_de"].trigger()
    assert settings.language == "de"
    assert "next start" in window.toast.text
    assert make_window().actions_by_id["view.language_de"].isChecked()
