"""Reading and writing files in a pool thread, with the answer back in the interface thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

_log = logging.getLogger("layerloom.files")


class BackgroundWork(QObject):
    """Runs one piece of work after the other.

    Signals:
        busy_changed: Work began, or all of it ended; see `busy`.
    """

    busy_changed = Signal()
    _ended = Signal(object, object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="files")
        self._count = 0
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return self._count > 0

    def submit(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Run `work` in the pool; then `done` with its result or `failed`, both here."""
        self._count += 1
        if self._count == 1:
            self.busy_changed.emit()
        self._pool.submit(work).add_done_callback(
            lambda future: self._ended.emit(future, done, failed)
        )

    def stop(self) -> None:
        """Let the work that runs finish; used when the window has closed."""
        self._pool.shutdown(wait=True)

    def _deliver(
        self,
        future: Future[Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._count -= 1
        error = future.exception()
        if error is None:
            done(future.result())
        elif isinstance(error, Exception):
            _log.error("Work on a file failed.", exc_info=error)
            failed(error)
        if self._count == 0:
            self.busy_changed.emit()
