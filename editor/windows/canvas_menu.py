"""The menu of a layer on the canvas: a right click with the Move tool, or the menu key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu

from editor.canvas.input import pointer_from
from editor.canvas.view import CanvasView
from editor.edit_session import EditSession
from editor.tools.picking import click_target, topmost_at
from editor.tools.tool import ToolId

BESIDE_POINTER = QPoint(2, 2)


class CanvasMenu(QObject):
    """Offers what the layers panel offers, for the layer under the pointer or the selected ones.

    Args:
        make_menu: A menu for the selected layers.
    """

    def __init__(
        self, canvas: CanvasView, session: EditSession, make_menu: Callable[[], QMenu]
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._session = session
        self._make_menu = make_menu
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Other tools may give the right button a meaning of their own."""
        if isinstance(event, QContextMenuEvent):
            self._show(event)
            return True
        return super().eventFilter(watched, event)

    def _show(self, event: QContextMenuEvent) -> None:
        canvas = self._canvas
        if canvas.tool_id is not ToolId.MOVE or canvas.busy:
            return
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        if by_mouse and not self._choose(QPointF(event.pos())):
            return
        if self._session.document.selected_ids:
            self._make_menu().popup(event.globalPos() + BESIDE_POINTER)

    def _choose(self, position: QPointF) -> bool:
        """Select what lies there unless it is selected already; False = nothing is there."""
        document, ratio = self._session.document, self._canvas.devicePixelRatioF()
        none_held = Qt.KeyboardModifier.NoModifier
        pointer = pointer_from(position, none_held, self._canvas.viewport, ratio)
        hit = topmost_at(document, pointer.x, pointer.y, pointer.pixel)
        if hit is None:
            return False
        target = click_target(document, hit, inner=False)
        if target not in document.selected_ids:
            document.select([target])
        return True
