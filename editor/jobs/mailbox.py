"""Hands events of the engine on to the interface thread, thinned out on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.jobs import JobEvent, JobProgress
from engine.progress import Progress


class Mailbox:
    """Passes events on; of many progress reports in a row only the newest is delivered.

    `put` runs in the engine's thread. None is announced for progress, to be fetched on arrival.
    """

    def __init__(self, announce: Callable[[JobEvent | None], None]) -> None:
        self._announce = announce
        self._lock = threading.Lock()
        self._progress: JobProgress | None = None

    def put(self, event: JobEvent) -> None:
        """Takes an event of the engine, in its thread."""
        if not isinstance(event, JobProgress):
            self._announce(event)
            return
        with self._lock:
            last, self._progress = self._progress, _with_previews_of(event, self._progress)
        if last is None:
            self._announce(None)

    def take_progress(self) -> JobProgress | None:
        """The newest report that nobody took yet."""
        with self._lock:
            progress, self._progress = self._progress, None
        return progress


def _with_previews_of(event: JobProgress, last: JobProgress | None) -> JobProgress:
    """The newer report, with the older previews when it has none of its own."""
    if last is None or last.job_id != event.job_id or event.progress.previews:
        return event
    new = event.progress
    merged = Progress(new.phase, new.step, new.steps, new.eta_seconds, last.progress.previews)
    return JobProgress(event.job_id, merged)
