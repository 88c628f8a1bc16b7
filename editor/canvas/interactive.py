"""A zoomable widget whose mouse, pen and keys go to the tools of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QTabletEvent
from PySide6.QtWidgets import QWidget

from editor.canvas.input import came_by_keyboard, cursor_from
from editor.canvas.interaction import Interaction
from editor.canvas.viewport import next_step
from editor.canvas.zoomable import ZoomableWidget
from editor.commands.history import History
from editor.tools.overlay import CursorShape
from editor.tools.tool import Effects, ToolId, Zoom
from editor.tools.toolbox import ToolBox


class InteractiveWidget(ZoomableWidget):
    """Base of the canvas: which tool is chosen and what it is fed.

    Signals:
        cursor_moved: Document pixel under the pointer; it may lie outside the page.
    """

    cursor_moved = Signal(int, int)

    def __init__(self, history: History, parent: QWidget | None = None) -> None:
        super().__init__((history.document.width, history.document.height), parent)
        self._keyboard_focus = False
        self._interaction = Interaction(history, lambda: (self._viewport, self._ratio), self)
        self._interaction.pan_wanted.connect(self.pan)
        self._interaction.zoom_wanted.connect(self._zoom_step)
        self._interaction.cursor_changed.connect(self._show_cursor)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # For the class that paints

    def about_to_press(self) -> None:
        """A button or the pen goes down; the tool does not know yet."""

    # For everybody

    @property
    def tools(self) -> ToolBox:
        """All tools with their options."""
        return self._interaction.tools

    @property
    def tool_id(self) -> ToolId:
        """The chosen tool."""
        return self._interaction.tool.tool_id

    @property
    def busy(self) -> bool:
        """Whether a drag or a transform is going on; results wait for `gesture_finished`."""
        return self._interaction.busy or self._interaction.tool.busy

    @property
    def holds_document(self) -> bool:
        """Whether a drag, a text or a transform is going on, which other changes would disturb."""
        return self._interaction.busy or self._interaction.tool.holds_document

    @property
    def escape_for_job(self) -> bool:
        """Whether Escape ends a job that is running rather than the selection."""
        return self._interaction.escape_for_job

    @escape_for_job.setter
    def escape_for_job(self, running: bool) -> None:
        self._interaction.escape_for_job = running

    def perform(self, effects: Effects) -> None:
        """Do what a tool answers to something that came from a panel or a menu."""
        self._interaction.perform(effects)

    def _show_cursor(self, shape: CursorShape) -> None:
        self.setCursor(cursor_from(shape))

    def _zoom_step(self, zoom: Zoom) -> None:
        self.zoom_at(next_step(self.zoom, larger=zoom.larger), zoom.view_x, zoom.view_y)

    # Qt's events

    def event(self, event: QEvent) -> bool:
        shortcut = event.type() == QEvent.Type.ShortcutOverride
        if shortcut and isinstance(event, QKeyEvent) and self._interaction.wants_shortcut(event):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press(event, clicks=1)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press(event, clicks=2)

    def _press(self, event: QMouseEvent | QTabletEvent, clicks: int) -> None:
        self.about_to_press()
        if self._keyboard_focus:
            self._keyboard_focus = False  # the frame is for those who come by keyboard
            self.update()
        self._interaction.press(event, clicks)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self._interaction.move(event)
        self.cursor_moved.emit(int(pointer.x // 1), int(pointer.y // 1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._interaction.release(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        if event.type() == QEvent.Type.TabletPress:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._press(event, clicks=1)
        elif event.type() == QEvent.Type.TabletRelease:
            self._interaction.release(event)
        else:
            pointer = self._interaction.move(event)
            self.cursor_moved.emit(int(pointer.x // 1), int(pointer.y // 1))
        event.accept()  # or Qt would send it again as that of a mouse

    def leaveEvent(self, event: QEvent) -> None:
        self._interaction.leave()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._interaction.key_press(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._interaction.key_release(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._keyboard_focus = came_by_keyboard(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        del event
        self._keyboard_focus = False
        self._interaction.focus_lost()
        self.update()
