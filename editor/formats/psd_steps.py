"""Progress and cancel of one export, whose steps may run in several threads."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from editor.formats.errors import SaveCancelled
from editor.formats.waiting import Cancelled, Progress

Result = TypeVar("Result")

_MOST_THREADS = 8  # each holds a layer's packed pixels


class Steps:
    """Counts equal steps of the work and asks on the way whether to go on.

    Args:
        total: Number of steps; `done` is called this often.
        progress: Called with 0..1 after each step, in the thread that began the export.
        cancelled: True stops the export; not asked again after that.
    """

    def __init__(
        self, total: int, progress: Progress | None = None, cancelled: Cancelled | None = None
    ) -> None:
        self._total = total
        self._progress = progress
        self._cancelled = cancelled
        self._finished = 0
        self._lock = threading.Lock()
        self._stopped = False

    def stopped(self) -> bool:
        """Whether the export is to stop. Any thread."""
        with self._lock:
            if not self._stopped and self._cancelled is not None:
                self._stopped = self._cancelled()
            return self._stopped

    def stop(self) -> None:
        """Let the other threads stop as well, because one failed."""
        with self._lock:
            self._stopped = True

    def begin_again(self) -> None:
        """All steps are to be done once more."""
        self._finished = 0

    def check(self) -> None:
        """Raises SaveCancelled when the export is to stop. Any thread."""
        if self.stopped():
            raise SaveCancelled

    def done(self) -> None:
        """One more step; raises SaveCancelled when it was the last wanted one."""
        self._finished += 1
        self.check()
        if self._progress is not None:
            self._progress(self._finished / self._total)


def in_order(
    jobs: Iterable[Callable[[], Result]], pool: ThreadPoolExecutor, ahead: int
) -> Iterator[Result]:
    """Results in the order of the jobs, which run in a pool; few results wait at a time."""
    waiting: deque[Future[Result]] = deque()
    try:
        for job in jobs:
            waiting.append(pool.submit(job))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def thread_count() -> int:
    """How many threads an export takes."""
    return max(1, min(_MOST_THREADS, os.cpu_count() or 1))
