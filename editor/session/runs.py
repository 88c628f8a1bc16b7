"""Runs of the program: this one, and those that ended without saying so.

A run has a lock file and, once something was changed, an autosave file beside it. Both go when it
ends well. What is left and locked by nobody belongs to a run that crashed or was killed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.session.autosave import remove_store, trouble_text
from editor.session.autosave_store import AutosaveEntry, AutosaveStore
from editor.session.places import Places
from editor.session.run_lock import RunLock, create_lock, take_abandoned
from editor.translations import tr

_LOCK_SUFFIX = ".lock"
_STORE_SUFFIX = ".sqlite"
_KEPT_CRASH_LOGS = 10
_KEPT_DAMAGED = 5
_UNREADABLE = (sqlite3.Error, OSError, ValueError, TypeError)  # the last two: a damaged row
_log = logging.getLogger("layerloom.runs")


def autosave_path(places: Places, run_id: str) -> Path:
    """Where a run stores the open document."""
    return places.runs / f"{run_id}{_STORE_SUFFIX}"


def crash_log_path(places: Places, run_id: str) -> Path:
    """Where crashes of native code in a run are written."""
    return places.logs / f"crash-{run_id}.log"


class Run:
    """This instance of the program.

    Attributes:
        run_id: Unique; begins with the time.
        trouble: Why nothing is autosaved, as a sentence: without a lock nobody would notice a crash
            of this run. None = all is well.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        self.run_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{secrets.token_hex(3)}"
        self.trouble: str | None = None
        self._lock: RunLock | None = None
        try:
            places.runs.mkdir(parents=True, exist_ok=True)
            self._lock = create_lock(places.runs / f"{self.run_id}{_LOCK_SUFFIX}")
        except OSError as error:
            _log.warning("A run without a lock.", exc_info=error)
            self.trouble = trouble_text(error, places.runs)

    @property
    def autosave_path(self) -> Path:
        return autosave_path(self.places, self.run_id)

    @property
    def crash_log_path(self) -> Path:
        return crash_log_path(self.places, self.run_id)

    def end(self) -> None:
        """All ended well: nothing of this run stays."""
        if self._lock is not None:
            self._lock.release(remove=True)
            self._lock = None


@dataclass
class AbandonedRun:
    """A run that ended without saying so; locked by us while this object is used.

    Attributes:
        entries: Documents with changes that only the autosave holds, the newest first.
        crash_log: What native code reported; None = nothing.
        is_damaged: The autosave file cannot be read; `remove` moves it to `kept_path` for a report.
    """

    run_id: str
    places: Places
    entries: list[AutosaveEntry]
    crash_log: Path | None
    is_damaged: bool
    _lock: RunLock

    @property
    def path(self) -> Path:
        """The autosave file."""
        return autosave_path(self.places, self.run_id)

    @property
    def kept_path(self) -> Path:
        """Where a damaged autosave file is kept."""
        return self.places.damaged / self.path.name

    def load(self, key: str) -> DocumentState:
        """A document as it was stored last. Raises FormatError."""
        try:
            store = AutosaveStore(self.path)
            try:
                return store.load(key)
            finally:
                store.close()
        except _UNREADABLE as error:
            raise FormatError(
                tr("{path} could not be read.", path=self.path), repr(error)
            ) from error

    def discard(self, key: str) -> None:
        """Give a document up; the run goes with its last one."""
        self.entries = [entry for entry in self.entries if entry.key != key]
        if not self.entries:
            self.remove()
            return
        with contextlib.suppress(*_UNREADABLE):
            store = AutosaveStore(self.path)
            try:
                store.discard(key)
            finally:
                store.close()

    def remove(self) -> None:
        """Delete lock and autosave; a crash log and a damaged autosave stay for a report."""
        if self.is_damaged:
            _move_aside(self.path, self.kept_path)
        else:
            remove_store(self.path)
        if self.crash_log is None:
            with contextlib.suppress(OSError):
                crash_log_path(self.places, self.run_id).unlink()  # empty
        self._lock.release(remove=True)

    def leave(self) -> None:
        """Keep everything for the next start."""
        self._lock.release(remove=False)


def find_abandoned(places: Places) -> list[AbandonedRun]:
    """Runs that ended without saying so, the newest first; each is locked until it is left.

    Runs that other instances hold, or look at just now, are not in the list.
    """
    found = []
    with contextlib.suppress(OSError):
        for path in sorted(places.runs.glob(f"*{_LOCK_SUFFIX}"), reverse=True):
            lock = take_abandoned(path)
            if lock is not None:
                found.append(_look_into(places, path.stem, lock))
    return found


def _move_aside(store: Path, kept: Path) -> None:
    """Keep a damaged autosave file with what SQLite has beside it, and the newest of earlier ones.

    A file that cannot be moved stays where it is.
    """
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        for suffix in ("-wal", "-shm", ""):
            part = store.with_name(store.name + suffix)
            if part.exists():
                part.replace(kept.with_name(kept.name + suffix))
        for old in sorted(kept.parent.glob(f"*{_STORE_SUFFIX}"), reverse=True)[_KEPT_DAMAGED:]:
            remove_store(old)


def _look_into(places: Places, run_id: str, lock: RunLock) -> AbandonedRun:
    entries: list[AutosaveEntry] = []
    is_damaged = False
    store_path = autosave_path(places, run_id)
    try:
        if store_path.exists():
            store = AutosaveStore(store_path)
            try:
                entries = store.entries()
            finally:
                store.close()
    except _UNREADABLE as error:
        _log.warning("An autosave cannot be read.", exc_info=error)
        is_damaged = True
    log = crash_log_path(places, run_id)
    crash_log = log if _says_something(log) else None
    return AbandonedRun(run_id, places, entries, crash_log, is_damaged, lock)


def _says_something(log: Path) -> bool:
    try:
        return log.is_file() and log.stat().st_size > 0
    except OSError:
        return False


def trim_crash_logs(places: Places) -> None:
    """Remove all but the newest crash logs, and empty ones of runs that are over."""
    logs: list[Path] = []
    with contextlib.suppress(OSError):
        logs = sorted(places.logs.glob("crash-*.log"), reverse=True)
    empty = [log for log in logs if _is_over(places, log) and not _says_something(log)]
    rest = [log for log in logs if log not in empty]
    for log in (*empty, *rest[_KEPT_CRASH_LOGS:]):
        with contextlib.suppress(OSError):
            log.unlink()


def _is_over(places: Places, log: Path) -> bool:
    run_id = log.stem.removeprefix("crash-")
    return not (places.runs / f"{run_id}{_LOCK_SUFFIX}").exists()
