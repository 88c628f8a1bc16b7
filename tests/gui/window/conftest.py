"""The real main window, with an engine that draws discs so that tests take no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.document.document import Document
from editor.settings import Settings
from editor.theme import Theme, ThemeMode
from editor.windows.main_window import MainWindow
from tests.helpers.fake_engine import FakeRuntime
from tests.helpers.windows import close_window, private_settings
from tests.helpers.windows import make_window as make_main_window

MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return private_settings(tmp_path)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, ThemeMode.DARK)
    yield theme
    theme.deleteLater()


@pytest.fixture
def make_window(qtbot: QtBot, theme: Theme, settings: Settings) -> Iterator[MakeWindow]:
    """Opens windows; `runtime` chooses what the engine does."""
    opened: list[MainWindow] = []

    def make(document: Document | None = None, runtime: FakeRuntime | None = None) -> MainWindow:
        document = document or Document(256, 192)
        window = make_main_window(theme, settings, document, runtime or FakeRuntime())
        opened.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in opened:
        close_window(window)


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    return make_window()
