"""Reading and writing files in a pool thread, with the answer back in the interface thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

_log = logging.getLogger("layerloom.files")


class WorkCancelled(Exception):
    """The user stopped a piece of work, and it left nothing behind."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What a piece of work tells and asks from the pool thread.

    Attributes:
        progress: To be called with the finished share, 0..1.
        cancelled: Whether the user wants it to stop.
    """

    progress: Callable[[float], None]
    cancelled: Callable[[], bool]


class BackgroundWork(QObject):
    """Runs one piece of work after the other.

    Signals:
        busy_changed: Work began, or all of it ended; see `busy`.
        progressed(str, float): What is being done, and its finished share; below 0 = unknown.
    """

    busy_changed = Signal()
    progressed = Signal(str, float)
    _ended = Signal(object, object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="files")
        self._count = 0
        self._cancel_flags: list[threading.Event] = []
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return self._count > 0

    def submit(
        self,
        text: str,
        work: Callable[[Steps], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Run `work` in the pool; then `done` with its result or `failed`, both here.

        Args:
            text: What it does, for the one who waits.
        """
        flag = threading.Event()
        steps = Steps(lambda share: self.progressed.emit(text, share), flag.is_set)

        def run() -> Any:
            if flag.is_set():
                raise WorkCancelled
            self.progressed.emit(text, -1.0)
            return work(steps)

        self._count += 1
        if self._count == 1:
            self.busy_changed.emit()
        self._cancel_flags.append(flag)
        self._pool.submit(run).add_done_callback(
            lambda future: self._ended.emit(future, done, failed)
        )

    def cancel(self) -> None:
        """Ask everything that runs or waits to stop; each piece still ends with its answer."""
        for flag in self._cancel_flags:
            flag.set()

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
        self._cancel_flags.pop(0)  # they end in the order of their beginning
        error = future.exception()
        if error is None:
            done(future.result())
        elif isinstance(error, Exception):
            if not isinstance(error, WorkCancelled):
                _log.error("Work on a file failed.", exc_info=error)
            failed(error)
        if self._count == 0:
            self.busy_changed.emit()
