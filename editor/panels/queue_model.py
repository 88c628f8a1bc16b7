"""Qt item model over the jobs of the bridge: the running one first, then those that wait."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
)

from editor.jobs.queue import JobRow
from editor.jobs_bridge import JobsBridge
from editor.panels.job_status import readable_seconds
from editor.translations import tr

MIME_TYPE = "application/x-layerloom-job"
Index = QModelIndex | QPersistentModelIndex


class QueueRole(IntEnum):
    """Roles beyond Qt's own."""

    ROW = Qt.ItemDataRole.UserRole + 1


class QueueModel(QAbstractListModel):
    """Rows can be dragged to another place among those that wait."""

    def __init__(self, bridge: JobsBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rows: tuple[JobRow, ...] = bridge.rows
        bridge.queue_changed.connect(self.refresh)
        bridge.busy_changed.connect(self.refresh)
        bridge.progressed.connect(self._show_progress)

    def refresh(self) -> None:
        """Read the jobs again; a reset only when they are others or in another order."""
        rows = self._bridge.rows
        if [row.job_id for row in rows] == [row.job_id for row in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_of(self, index: Index) -> JobRow | None:
        """The job of an index."""
        inside = index.isValid() and index.row() < len(self._rows)
        return self._rows[index.row()] if inside else None

    def place_of(self, job_id: str) -> int | None:
        """Row of a job; None when it is gone."""
        ids = [row.job_id for row in self._rows]
        return ids.index(job_id) if job_id in ids else None

    def move(self, job_id: str, by: int) -> None:
        """Move a waiting job up (negative) or down among those that wait."""
        place = self.place_of(job_id)
        if place is not None:
            self._bridge.move_job(job_id, max(0, place - self._running + by))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_of(index)
        if row is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return row.title
        if role == QueueRole.ROW:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (row.title, row.text, time_left(row))))
        return None

    # Drag and drop

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row_of(index)
        if row is None:
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if row.running else flags | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        row = self.row_of(indexes[0]) if indexes else None
        data.setData(MIME_TYPE, (row.job_id if row else "").encode())
        return data

    def dropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: Index
    ) -> bool:
        """Queues the move: the view must finish its drag before the rows change under it.

        Returns False, because True would make the view remove the dragged row itself.
        """
        job_id = bytes(data.data(MIME_TYPE).data()).decode()
        old = self.place_of(job_id)
        if old is None:
            return False
        target = row if row >= 0 else parent.row() if parent.isValid() else len(self._rows)
        place = target - (old < target) - self._running  # counted before the row is taken out
        QTimer.singleShot(0, self, lambda: self._bridge.move_job(job_id, max(0, place)))
        return False

    @property
    def _running(self) -> int:
        """How many rows cannot be moved."""
        return sum(row.running for row in self._rows)

    def _show_progress(self) -> None:
        self.refresh()


def time_left(row: JobRow) -> str:
    """When a job will have ended, as people say it; empty = not known."""
    if row.eta_seconds is None:
        return ""
    left = readable_seconds(row.eta_seconds)
    return tr("{time} left", time=left) if row.running else tr("in {time}", time=left)
