"""A shown canvas whose thread is gone when the test is over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from editor.canvas.view import CanvasView
from editor.commands.history import History
from editor.document.document import Document

MakeView = Callable[[Document], CanvasView]


@pytest.fixture
def make_view(qtbot: QtBot) -> Iterator[MakeView]:
    """Shows a document in a canvas of 700 x 500 logical pixels and waits for its tiles."""
    views: list[CanvasView] = []

    def make(document: Document) -> CanvasView:
        view = CanvasView(History(document))
        qtbot.addWidget(view)
        views.append(view)
        view.resize(700, 500)
        view.show()
        qtbot.waitExposed(view)
        qtbot.waitUntil(lambda: view.tiles_ready)
        return view

    yield make
    for view in views:
        view.shutdown()
    assert not [thread for thread in threading.enumerate() if thread.name == "tiles"]
