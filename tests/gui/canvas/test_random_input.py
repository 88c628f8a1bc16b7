"""Whatever the hands do: the screen shows the document, and undo leads back to its beginning."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from editor.canvas.view import CanvasView
from editor.commands.layout_commands import RemoveBoxes
from editor.document.compositor import composite
from editor.document.geometry import Rect
from tests.gui.canvas.conftest import MakeView
from tests.gui.canvas.sample import sample_document
from tests.gui.canvas.screen import Left, drag, move, page_shot, press, release, wheel
from tests.gui.canvas.test_picture import over_checker

EVENTS = 250
MODIFIERS = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)
KEYS = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_Delete),
    *(Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Space),
)


def one_event(view: CanvasView, chance: random.Random) -> None:
    """A drag, half a drag, a key, a turn of the wheel, undo, another tool, a preview."""
    places = [QPoint(chance.randrange(700), chance.randrange(500)) for _ in range(2)]
    modifiers = chance.choice(MODIFIERS)
    turn = QPoint(chance.randrange(-240, 240), chance.randrange(-240, 240))
    tool = chance.choice(("move", "layout", "hand", "zoom"))
    preview = (
        "id",
        "name",
        Rect(10, 10, 200, 200),
        chance.choice((None, np.zeros((4, 4, 4), np.uint8))),
    )
    choices = [
        (30, lambda: drag(view, *places, modifiers=modifiers)),
        (5, lambda: drag(view, *places, button=Qt.MouseButton.MiddleButton)),
        (5, lambda: half_a_drag(view, places[0], places[1], modifiers)),
        (5, lambda: release(view, places[0])),
        (12, lambda: QTest.keyClick(view, chance.choice(KEYS), chance.choice(MODIFIERS[:2]))),
        (10, lambda: wheel(view, places[0], turn, modifiers)),
        (5, view.history.undo),
        (4, view.history.redo),
        (6, lambda: view.set_tool(tool)),
        (3, view.zoom_to_fit),
        (3, lambda: view.show_previews([preview])),
        (4, view.clear_previews),
        (8, QApplication.processEvents),
    ]
    weights, actions = zip(*choices, strict=True)
    chance.choices(actions, weights)[0]()


def half_a_drag(
    view: CanvasView, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier
) -> None:
    press(view, start, modifiers=modifiers)
    move(view, end, Left)


def calm_down(view: CanvasView) -> None:
    """Nothing held, nothing selected, nothing over the picture."""
    line = view.findChild(QLineEdit)
    assert line is not None
    QTest.keyClick(line, Qt.Key.Key_Escape)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    view.set_tool("zoom")
    view.set_tool("hand")
    view.show_previews([])
    view.document.select(())
    view.document.select_boxes(())
    if view.document.boxes:  # they are shown with every tool
        view.history.push(RemoveBoxes(tuple(box.box_id for box in view.document.boxes)))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_screen_shows_the_document_after_anything(
    make_view: MakeView, qtbot: QtBot, seed: int
) -> None:
    view = make_view(sample_document())
    start = view.document.state_hash()
    chance = random.Random(seed)
    for _ in range(EVENTS):
        one_event(view, chance)
    calm_down(view)
    view.zoom_to_fit()
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert view.document.layers, "this seed deletes everything; choose another"
    assert np.abs(page_shot(view) - over_checker(composite(view.document))).max() <= 2
    assert view.history.can_undo
    while view.history.can_undo:
        view.history.undo()
    assert view.document.state_hash() == start
