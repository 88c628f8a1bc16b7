"""The queue panel: every job that runs or waits, in order; drag to reorder, a cross to cancel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from editor.jobs_bridge import JobsBridge
from editor.panels.queue_delegate import QueueDelegate
from editor.panels.queue_model import QueueModel
from editor.panels.widgets import GAP_PX, MARGIN_PX, icon_button, panel_title, rule
from editor.theme import Theme
from editor.translations import tr, tr_count

_DELETING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class QueuePanel(QWidget):
    """Shows the jobs of a bridge and orders them anew."""

    def __init__(self, bridge: JobsBridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._bridge = bridge
        self.model = QueueModel(bridge, self)
        self.list = _QueueList(self)
        self.list.setObjectName("queue")
        self.list.setAccessibleName(tr("Queue"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(QueueDelegate(theme, bridge.cancel_job, self.list))
        self.count = QLabel(self)
        self.count.setObjectName("muted")
        self.first = icon_button(theme, "to-front", tr("Run next"), self)
        self.up = icon_button(theme, "raise", tr("Run earlier"), self)
        self.down = icon_button(theme, "lower", tr("Run later"), self)
        self.cancel = icon_button(theme, "close", tr("Cancel this job"), self)
        self.cancel_all = QToolButton(self)
        self.cancel_all.setText(tr("Cancel All"))
        self.cancel_all.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel_all.clicked.connect(bridge.cancel_all)
        self.first.clicked.connect(lambda: self._move(-self.model.rowCount()))
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.cancel.clicked.connect(self._cancel_chosen)
        self._chosen: str | None = None
        self._lay_out()
        self.list.selectionModel().currentChanged.connect(self._remember)
        self.model.modelReset.connect(self._restore)
        bridge.queue_changed.connect(self._show_state)
        bridge.busy_changed.connect(self._show_state)
        theme.changed.connect(self.list.viewport().update)
        self._show_state()

    def choose(self, job_id: str) -> None:
        """Select the row of a job."""
        place = self.model.place_of(job_id)
        if place is not None:
            self.list.setCurrentIndex(self.model.index(place))

    def move_chosen(self, by: int) -> None:
        """Let the selected job run earlier (negative) or later."""
        self._move(by)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 8)
        head.addWidget(panel_title(tr("Queue"), self), 1)
        head.addWidget(self.count)
        empty = QLabel(tr("Nothing to do.\nJobs wait here while another one runs."), self)
        empty.setObjectName("muted")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        empty.setMargin(MARGIN_PX)
        body = QWidget(self)
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.list)
        self._pages.addWidget(empty)
        foot = QHBoxLayout()
        foot.setContentsMargins(GAP_PX, 5, GAP_PX, 5)
        foot.setSpacing(2)
        for button in (self.first, self.up, self.down, self.cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self.cancel_all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(rule(self))
        layout.addWidget(body, 1)
        layout.addWidget(rule(self))
        layout.addLayout(foot)

    def _show_state(self) -> None:
        rows = self._bridge.rows
        self._pages.setCurrentIndex(0 if rows else 1)
        waiting = sum(not row.running for row in rows)
        self.count.setText(tr_count("{count} waits", "{count} wait", waiting) if waiting else "")
        self.cancel_all.setEnabled(bool(rows))
        row = self.model.row_of(self.list.currentIndex())
        ids = [other.job_id for other in rows if not other.running]
        place = ids.index(row.job_id) if row is not None and row.job_id in ids else -1
        self.first.setEnabled(place > 0)
        self.up.setEnabled(place > 0)
        self.down.setEnabled(0 <= place < waiting - 1)
        self.cancel.setEnabled(row is not None)

    def _remember(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = self.model.row_of(current)
        if row is not None:
            self._chosen = row.job_id
        self._show_state()

    def _restore(self) -> None:
        if self._chosen is not None:
            self.choose(self._chosen)
        self._show_state()

    def _move(self, by: int) -> None:
        row = self.model.row_of(self.list.currentIndex())
        if row is not None and not row.running:
            self.model.move(row.job_id, by)

    def _cancel_chosen(self) -> None:
        row = self.model.row_of(self.list.currentIndex())
        if row is not None:
            self._bridge.cancel_job(row.job_id)


class _QueueList(QListView):
    """Delete cancels, Alt with the arrows reorders."""

    def __init__(self, panel: QueuePanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self.setMouseTracking(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _DELETING
        ):
            event.accept()  # means what is chosen here, not the selected layers
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self._panel.move_chosen(steps[Qt.Key(event.key())])
        elif event.key() in _DELETING:
            self._panel.cancel.click()
        else:
            super().keyPressEvent(event)
