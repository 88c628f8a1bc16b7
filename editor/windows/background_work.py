"""Work in a pool thread, such as files or large changes, with the answer in the interface thread.

An answer that changes or replaces the document waits while somebody is in the middle of a drag or
writes in the picture, and with it everything that was begun later.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from editor.document.errors import DocumentError
from editor.formats.errors import FormatError, SaveCancelled
from editor.translations import tr

RETRY_MS = 50  # not everything that holds answers back tells when it ends

_log = logging.getLogger("layerloom.work")


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


@dataclass(frozen=True, slots=True)
class _Task:
    """What to do with the answer; see `BackgroundWork.submit`."""

    done: Callable[[Any], None]
    failure: str
    failed: Callable[[], None]
    lands: bool
    cancel_flag: threading.Event


class BackgroundWork(QObject):
    """Runs one piece of work after the other, for the whole window.

    Attributes:
        may_land: Asked before an answer changes the document; False = it waits.

    Signals:
        busy_changed: Work began, or all of it ended; see `busy`.
        progressed(str, float): What is being done, and its finished share; below 0 = unknown.
        failed(str): Why a piece of work failed, as a sentence for the user.
        cancelled(str): A piece of work was stopped, as a sentence for the user.
    """

    busy_changed = Signal()
    progressed = Signal(str, float)
    failed = Signal(str)
    cancelled = Signal(str)
    _ended = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.may_land: Callable[[], bool] = lambda: True
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="work")
        self._count = 0
        self._cancel_flags: list[threading.Event] = []
        self._arrived: deque[tuple[Future[Any], _Task]] = deque()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._deliver_next)
        self._ended.connect(self._arrive, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether something runs, or has ended and waits for the end of a drag."""
        return self._count > 0

    def submit(
        self,
        text: str,
        work: Callable[[Steps], Any],
        done: Callable[[Any], None],
        *,
        failure: str,
        failed: Callable[[], None] = lambda: None,
        lands: bool = False,
    ) -> None:
        """Run `work` in the pool; then, here, `done` with its result, or `failed`.

        Args:
            text: What it does, for the one who waits.
            failure: What the user is told about an error that has no sentence of its own.
            failed: Called after the user was told why it failed, or that it was cancelled.
            lands: Whether `done` changes or replaces the document.
        """
        flag = threading.Event()
        task = _Task(done, failure, failed, lands, flag)
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
        self._pool.submit(run).add_done_callback(lambda future: self._ended.emit(future, task))

    def cancel(self) -> None:
        """Ask everything that runs or waits to stop; each piece still ends with its answer."""
        for flag in self._cancel_flags:
            flag.set()

    def land_waiting(self) -> None:
        """A drag has ended: an answer that waited for it may come now."""
        if self._arrived:
            self._timer.start(0)

    def stop(self) -> None:
        """Let the work that runs finish; used when the window has closed."""
        self._pool.shutdown(wait=True)
        self._timer.stop()
        self._arrived.clear()

    def _arrive(self, future: Future[Any], task: _Task) -> None:
        self._arrived.append((future, task))
        self._deliver_next()

    def _deliver_next(self) -> None:
        if not self._arrived:
            return
        future, task = self._arrived[0]
        error = future.exception()
        if error is None and task.lands:
            if task.cancel_flag.is_set():
                error = WorkCancelled()
            elif not self.may_land():
                self._timer.start(RETRY_MS)
                return
        self._arrived.popleft()
        self._cancel_flags.pop(0)  # they end in the order of their beginning
        self._count -= 1
        if self._arrived:
            self._timer.start(0)
        try:
            self._deliver(future, task, error)
        finally:
            if self._count == 0:
                self.busy_changed.emit()

    def _deliver(self, future: Future[Any], task: _Task, error: BaseException | None) -> None:
        if error is None:
            task.done(future.result())
            return
        if isinstance(error, WorkCancelled):
            self.cancelled.emit(tr("Cancelled"))
        elif isinstance(error, SaveCancelled):
            self.cancelled.emit(error.message)
        else:
            _log.error("Work in the background failed.", exc_info=error)
            self.failed.emit(_sentence_about(error, task.failure))
        task.failed()


def _sentence_about(error: BaseException, otherwise: str) -> str:
    if isinstance(error, FormatError | DocumentError):
        return error.message
    if isinstance(error, MemoryError):
        return tr("There is not enough memory for this; close other programs and try again.")
    return otherwise
