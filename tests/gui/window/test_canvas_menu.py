"""A right click on a layer in the picture."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from editor.tools.tool import ToolId
from editor.windows.main_window import MainWindow
from tests.gui.canvas.screen import at
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import DOG, FRUIT, SKY, layered

Reason = QContextMenuEvent.Reason


def ask(window: MainWindow, position: QPoint, reason: Reason = Reason.Mouse) -> list[str]:
    """Titles of the menu that opens, which is closed again; none = no menu."""
    canvas = window.canvas
    QApplication.sendEvent(
        canvas, QContextMenuEvent(reason, position, canvas.mapToGlobal(position))
    )
    titles = []
    for menu in window.layers_panel.tree.findChildren(QMenu):
        if menu.isVisible():
            titles += [action.text() for action in menu.actions()]
            menu.close()
    return titles


def test_the_layer_under_the_pointer_is_chosen_and_has_the_menu_of_its_row(
    make_window: MakeWindow,
) -> None:
    window = make_window(layered())
    document, canvas = window.session.document, window.canvas
    titles = ask(window, at(canvas, 140, 95))
    assert "&Duplicate" in titles
    assert list(document.selected_ids) == [DOG]
    assert ask(window, at(canvas, 50, 85))
    assert list(document.selected_ids) == [FRUIT]  # as a click does
    document.select([SKY, DOG])
    assert ask(window, at(canvas, 140, 95))
    assert list(document.selected_ids) == [SKY, DOG]  # what is done is done to both
    assert window.session.history.labels == ()


def test_no_menu_beside_the_picture_or_with_another_tool(make_window: MakeWindow) -> None:
    window = make_window(layered())
    document, canvas = window.session.document, window.canvas
    document.select([DOG])
    assert ask(window, QPoint(2, 2)) == []
    assert list(document.selected_ids) == [DOG]
    assert ask(window, QPoint(2, 2), Reason.Keyboard)  # the menu key is about what is selected
    canvas.set_tool(ToolId.BRUSH)
    assert ask(window, at(canvas, 140, 95)) == []
