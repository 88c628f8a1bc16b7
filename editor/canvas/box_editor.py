"""The line in which one writes what a layout box shall show, right inside the box."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.translations import tr

MIN_WIDTH_PX = 150
MAX_WIDTH_PX = 320
MIN_HEIGHT_PX = 26


class BoxEditor(QLineEdit):
    """Enter or leaving the line keeps the text, Escape drops it.

    Signals:
        committed: (box id, text) when the text differs from the one given.
    """

    committed = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = parent
        self._box_id: str | None = None
        self._before = ""
        self.setObjectName("box_editor")
        self.setMinimumHeight(MIN_HEIGHT_PX)
        self.setPlaceholderText(tr("What is in this box?"))
        self.setAccessibleName(tr("Prompt of the layout box"))
        self.setMaxLength(500)
        self.hide()

    @property
    def box_id(self) -> str | None:
        """The box being written about; None = closed."""
        return self._box_id

    def open(self, box_id: str, text: str, box: QRect) -> None:
        """Show the line at the top of a box (logical pixels of the parent)."""
        self.close_line(keep=True)
        self._box_id, self._before = box_id, text
        self.setText(text)
        self.place(box)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()

    def follow(self, boxes: Iterable[LayoutBox], on_screen: Callable[[Rect], QRect]) -> None:
        """Stay at the box that is written about; close without it."""
        if self._box_id is None:
            return
        box = next((box for box in boxes if box.box_id == self._box_id), None)
        if box is None:
            self.close_line(keep=False)
        else:
            self.place(on_screen(box.rect))

    def place(self, box: QRect) -> None:
        """Follow the box when the view moves, but stay inside the view."""
        width = min(MAX_WIDTH_PX, max(MIN_WIDTH_PX, box.width() - 8))
        height = max(MIN_HEIGHT_PX, self.sizeHint().height())
        room = self._view.rect()
        x = max(0, min(box.left() + 4, room.width() - width))
        y = max(0, min(box.top() + 4, room.height() - height))
        self.setGeometry(x, y, width, height)

    def close_line(self, *, keep: bool) -> None:
        """Hide the line, with the text kept or dropped."""
        box_id, self._box_id = self._box_id, None
        if box_id is None:
            return
        text = self.text().strip()
        had_focus = self.hasFocus()
        self.hide()
        if had_focus:
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        if keep and text != self._before:
            self.committed.emit(box_id, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close_line(keep=True)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_line(keep=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (
            Qt.FocusReason.PopupFocusReason,  # its own context menu
            Qt.FocusReason.ActiveWindowFocusReason,
        ):
            self.close_line(keep=True)
