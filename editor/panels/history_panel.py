"""The history panel: every step of this session; a click goes back or forward to one."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from editor.edit_session import EditSession
from editor.panels.widgets import ICON_SIZE, MARGIN_PX, panel_title, readable_bytes, rule
from editor.theme import Theme
from editor.translations import tr

USUAL_ICON = "edit"
START_ICON = "new"
RECOUNT_MS = 1500  # steps are compressed in the background, so the number falls a little later


class HistoryPanel(QWidget):
    """The chosen row is the present state; steps below it were undone and are greyed."""

    def __init__(self, session: EditSession, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._session = session
        self._theme = theme
        self.memory = QLabel(self)
        self.memory.setObjectName("muted")
        self.memory.setToolTip(tr("Memory that the steps hold"))
        self.list = QListWidget(self)
        self.list.setObjectName("history")
        self.list.setAccessibleName(tr("History"))
        self.list.setIconSize(ICON_SIZE)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.currentRowChanged.connect(self._go_to)
        self._recount = QTimer(self)
        self._recount.setSingleShot(True)
        self._recount.setInterval(RECOUNT_MS)
        self._recount.timeout.connect(self._show_memory)
        self._lay_out()
        session.history_changed.connect(self.refresh)
        session.replaced.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the steps as they are now; nothing is done while the panel is hidden."""
        if not self.isVisible():
            return
        history = self._session.history
        rows = [(tr("Start"), START_ICON)]
        rows += [(step.label, step.icon or USUAL_ICON) for step in history.steps()]
        with QSignalBlocker(self.list):
            while self.list.count() > len(rows):
                self.list.takeItem(self.list.count() - 1)
            for place, (label, icon) in enumerate(rows):
                self._show_row(place, label, icon, done=place <= history.position)
            self.list.setCurrentRow(history.position)
        self.list.scrollToItem(self.list.item(history.position))
        self._show_memory()
        self._recount.start()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 8)
        head.addWidget(panel_title(tr("History"), self), 1)
        head.addWidget(self.memory)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(rule(self))
        layout.addWidget(self.list, 1)

    def _show_row(self, place: int, label: str, icon: str, *, done: bool) -> None:
        item = self.list.item(place)
        if item is None:
            item = QListWidgetItem(self.list)
        tokens = self._theme.tokens
        font = self.list.font()
        font.setItalic(not done)
        item.setText(label)
        item.setToolTip(label)
        item.setFont(font)
        item.setIcon(self._theme.icon(icon, "text" if done else "text_disabled"))
        item.setForeground(QColor(tokens.text if done else tokens.text_muted))
        spoken = label if done else tr("{step}, undone", step=label)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)

    def _show_memory(self) -> None:
        self.memory.setText(readable_bytes(self._session.history.byte_size))

    def _go_to(self, row: int) -> None:
        if row >= 0 and not self._session.go_to(row):
            self.refresh()  # a drag is going on: the mark goes back to where it was
