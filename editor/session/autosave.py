"""Stores the open document in the background, so that a crash costs seconds and not an afternoon.

One thread takes the newest snapshot that it was offered and commits what changed. Editing never
waits for it: a full disk or a folder that cannot be written becomes one sentence, and later
snapshots are tried again.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from editor.document.compositor import CompositingCancelled, composite
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.formats.png_planes import encode_rgba
from editor.session.autosave_store import AutosaveEntry, AutosaveStore
from editor.translations import tr

THUMBNAIL_SIDE_PX = 128
THUMBNAIL_EVERY_S = 30.0
PAUSE_S = 0.5  # between two commits, so that a fast hand does not keep a core busy
RETRY_S = 30.0
_NICENESS = 5
_NO_SPACE = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_log = logging.getLogger("layerloom.autosave")


@dataclass(frozen=True, slots=True)
class Offer:
    """A snapshot to store.

    Attributes:
        entry: None for content that its own file holds too.
        number: Grows with every offer, so that one can tell which of two is later.
    """

    state: DocumentState
    entry: AutosaveEntry | None
    number: int = 0


class Autosaver:
    """The thread and its file.

    Args:
        path: The SQLite file; made by the first commit.
        on_trouble: Called in the thread with a sentence when storing fails for the first time, and
            with None when it works again.
        on_stored: Called in the thread with each offer that was committed.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_trouble: Callable[[str | None], None],
        on_stored: Callable[[Offer], None] | None = None,
        pause_s: float = PAUSE_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self.path = path
        self._on_trouble = on_trouble
        self._on_stored = on_stored
        self._pause_s = pause_s
        self._retry_s = retry_s
        self._store: AutosaveStore | None = None
        self._has_trouble = False
        self._thumbnail_at = -THUMBNAIL_EVERY_S
        self._wake = threading.Condition()
        self._next: Offer | None = None
        self._picture: tuple[str, bytes] | None = None  # drawn and not stored yet
        self._drawing: threading.Thread | None = None
        self._busy = False
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="layerloom-autosave", daemon=True)
        self._thread.start()

    def offer(self, offer: Offer) -> None:
        """Store this soon, in place of what still waits. Returns at once."""
        with self._wake:
            self._next = offer
            self._wake.notify_all()

    def wait_stored(self, timeout_s: float, *, with_picture: bool = False) -> bool:
        """Whether everything offered was stored, or tried, within a time."""

        def is_done() -> bool:
            picture = with_picture and (self._drawing or self._picture)
            return not (self._busy or self._next or picture)

        with self._wake:
            return self._wake.wait_for(is_done, timeout_s)

    def close(self, *, remove: bool) -> None:
        """End the thread; `remove` deletes the file, as there is nothing to recover."""
        with self._wake:
            self._ended = True
            if remove:
                self._next = None
            self._wake.notify_all()
            drawing = self._drawing
        self._thread.join()
        if drawing is not None:
            drawing.join()  # it stops at its next tile
        if remove:
            remove_store(self.path)

    def _run(self) -> None:
        _lower_priority()
        try:
            while (work := self._taken()) is not None:
                if isinstance(work, Offer):
                    self._try(work)
                    self._rest()
                else:
                    self._store_picture(*work)
        finally:
            if self._store is not None:
                self._store.close()

    def _taken(self) -> Offer | tuple[str, bytes] | None:
        """The next offer or picture, waited for; None at the end."""
        with self._wake:
            self._wake.wait_for(lambda: self._next or self._picture or self._ended)
            offer, self._next = self._next, None
            self._busy = offer is not None
            if offer is not None or self._ended:
                return offer
            picture, self._picture = self._picture, None
            self._busy = True
            return picture

    def _try(self, offer: Offer) -> None:
        try:
            if self._store is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._store = AutosaveStore(self.path)
            self._store.keep(offer.state, offer.entry)
        except Exception as error:  # whatever goes wrong here, editing goes on
            _log.warning("Autosave failed.", exc_info=error)
            self._failed(error, offer)
        else:
            self._succeeded(offer)
            self._draw_sometimes(offer)

    def _draw_sometimes(self, offer: Offer) -> None:
        """A new thumbnail now and then, in a thread of its own: compositing may take long."""
        now = time.monotonic()
        if offer.entry is None or now - self._thumbnail_at < THUMBNAIL_EVERY_S:
            return
        with self._wake:
            if self._drawing is not None or self._ended:
                return
            self._thumbnail_at = now
            self._drawing = threading.Thread(
                target=self._draw, args=(offer.state, offer.entry.key), daemon=True
            )
            self._drawing.start()

    def _draw(self, state: DocumentState, key: str) -> None:
        _lower_priority()
        picture = b""
        try:
            picture = thumbnail(state, cancelled=lambda: self._ended)
        except CompositingCancelled:
            pass
        except Exception as error:  # the document is stored all the same
            _log.warning("No thumbnail was made.", exc_info=error)
        with self._wake:
            self._drawing = None
            self._picture = (key, picture) if picture else None
            self._wake.notify_all()

    def _store_picture(self, key: str, picture: bytes) -> None:
        try:
            if self._store is not None:
                self._store.set_thumbnail(key, picture)
        except sqlite3.Error as error:
            _log.warning("A thumbnail was not stored.", exc_info=error)
        with self._wake:
            self._busy = False
            self._wake.notify_all()

    def _succeeded(self, offer: Offer) -> None:
        if self._has_trouble:
            self._has_trouble = False
            self._on_trouble(None)
        if self._on_stored is not None:
            self._on_stored(offer)

    def _failed(self, error: Exception, offer: Offer) -> None:
        if isinstance(error, sqlite3.Error) and self._store is not None:
            with contextlib.suppress(sqlite3.Error):
                self._store.close()
            self._store = None  # a new connection next time; the last good commit stays
        if _is_damage(error):
            remove_store(self.path)
        if not self._has_trouble:
            self._has_trouble = True
            self._on_trouble(trouble_text(error, self.path.parent))
        with self._wake:
            self._busy = False
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._ended, self._retry_s)
            if self._next is None and not self._ended:
                self._next = offer

    def _rest(self) -> None:
        with self._wake:
            self._busy = False
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._ended, self._pause_s)


def thumbnail(state: DocumentState, cancelled: Callable[[], bool] | None = None) -> bytes:
    """A small picture of the document as PNG, composited at a fraction of its size.

    Raises CompositingCancelled when `cancelled` said so.
    """
    level = 0
    while max(state.width, state.height) >> level > 2 * THUMBNAIL_SIDE_PX and level < 8:
        level += 1
    picture = PixelBuffer.from_array(composite(state, level=level, cancelled=cancelled), copy=False)
    return encode_rgba(picture.thumbnail(THUMBNAIL_SIDE_PX))


def remove_store(path: Path) -> None:
    """Delete an autosave file and what SQLite keeps beside it."""
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink()


def _is_damage(error: Exception) -> bool:
    """Whether the file itself is broken, not the disk or the folder."""
    is_passing = isinstance(error, sqlite3.OperationalError)
    return isinstance(error, sqlite3.DatabaseError) and not is_passing


def trouble_text(error: Exception, folder: Path) -> str:
    """One sentence for the user about an autosave that failed."""
    code = error.errno if isinstance(error, OSError) else None
    says_full = isinstance(error, sqlite3.Error) and "full" in str(error)
    if code in _NO_SPACE or says_full:
        return tr(
            "Autosave is off: the disk with {folder} is full. Free some space.", folder=folder
        )
    if isinstance(error, FormatError):
        return tr("Autosave is off: {reason} Save often.", reason=error.message)
    if isinstance(error, OSError | sqlite3.Error):
        return tr("Autosave is off: {folder} cannot be written. Save often.", folder=folder)
    return tr("Autosave is off after an unexpected error; the log has the details. Save often.")


def _lower_priority() -> None:
    """The hand that draws comes first; on Linux each thread has a niceness of its own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
