"""Prompts that were used before, found by a few letters; opens below its button."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from editor.translations import tr

SIZE = QSize(380, 320)
_TO_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class PromptHistory(QFrame):
    """A search field over a list, newest first.

    Args:
        prompts: Gives the prompts, newest first.

    Signals:
        chosen(str): A prompt was chosen; the popup has closed.
    """

    chosen = Signal(str)

    def __init__(self, prompts: Callable[[], Sequence[str]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAccessibleName(tr("Earlier prompts"))
        self._prompts = prompts
        self.query = QLineEdit(self)
        self.query.setPlaceholderText(tr("Search earlier prompts"))
        self.query.setAccessibleName(tr("Search earlier prompts"))
        self.query.setClearButtonEnabled(False)
        self.list = QListWidget(self)
        self.list.setObjectName("history")
        self.list.setAccessibleName(tr("Earlier prompts"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = QLabel(self)
        self.empty.setObjectName("muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.query)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.empty)
        self.query.textChanged.connect(self._show)
        self.query.installEventFilter(self)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.resize(SIZE)

    def open_below(self, widget: QWidget) -> None:
        """Show all prompts under a button."""
        self.query.clear()
        self._show("")
        self.move(widget.mapToGlobal(QPoint(0, widget.height() + 4)))
        self.show()
        self.query.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the search field go to the list."""
        if watched is self.query and isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.KeyPress and event.key() in _TO_LIST:
                self.list.event(event)
                return True
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if event.type() is QEvent.Type.KeyPress and enter:
                self._choose(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _show(self, query: str) -> None:
        words = query.lower().split()
        found = [text for text in self._prompts() if all(word in text.lower() for word in words)]
        self.list.clear()
        for text in found:
            item = QListWidgetItem(text, self.list)
            item.setToolTip(text)
        self.list.setVisible(bool(found))
        self.list.setCurrentRow(0)
        self.empty.setVisible(not found)
        self.empty.setText(tr("No such prompt.") if words else tr("No prompts yet."))

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.close()
            self.chosen.emit(item.text())
