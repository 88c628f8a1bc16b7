"""Opens files of other programs in a process of their own, with limits on memory and time.

What a hostile or broken file does there ends with that process. The native format, which we wrote
ourselves, is read in place.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

from editor.document.document import Document
from editor.formats.child_process import environment
from editor.formats.errors import FormatError
from editor.formats.files import FileFormat, OpenedFile, format_of, manifest_of, read_document
from editor.formats.handover import take_over
from editor.formats.memory_limit import physical_bytes
from editor.formats.process_memory import resident_bytes
from editor.formats.waiting import Cancelled, Progress, ignore, never
from editor.translations import current_language, tr

_CHILD = "editor.formats.open_child"
_MEMORY_SHARE = 0.75
_LEAST_SECONDS = 120.0
_BYTES_PER_SECOND = 500_000  # a slow computer, unpacking
_POLL_S = 0.05
_TAKES_OVER = 0.9  # share of the work that is the child's


class OpenCancelled(FormatError):
    """The user stopped the opening; nothing was left behind."""

    def __init__(self) -> None:
        super().__init__(tr("Opening was cancelled."))


def open_file(
    path: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    memory_bytes: int | None = None,
    seconds: float | None = None,
) -> OpenedFile:
    """Open a layered file of any format, or a folder of pictures.

    Args:
        progress: Called with 0..1, in this thread.
        cancelled: Asked twenty times a second; True ends the reading process at once.
        memory_bytes: What the reading process may take; None = three quarters of the memory.
        seconds: How long it may take; None = by the size of the file, at least two minutes.

    Raises FormatError with a sentence that names the file, or OpenCancelled.
    """
    source = manifest_of(path) or Path(path)
    if format_of(source) is FileFormat.NATIVE or not source.is_file() or not sys.executable:
        return read_document(source)
    limit = memory_bytes or round(physical_bytes() * _MEMORY_SHARE)
    longest = seconds or _LEAST_SECONDS + source.stat().st_size / _BYTES_PER_SECOND
    with tempfile.TemporaryDirectory(prefix="layerloom-", ignore_cleanup_errors=True) as folder:
        reading = _Reading(source, Path(folder), limit, longest)
        facts = reading.run(progress or ignore, cancelled or never)
        if "error" in facts:
            raise FormatError(str(facts["error"]), str(facts.get("detail", "")))
        try:
            state = take_over(Path(folder))
        except (ValueError, KeyError, TypeError, OSError, FormatError) as error:
            raise _stopped(source, repr(error)) from error
    notes = tuple(str(note) for note in facts.get("notes", ()))
    return OpenedFile(Document.from_state(state), source, bool(facts["is_ours"]), notes)


class _Reading:
    """One reading process."""

    def __init__(self, source: Path, folder: Path, limit: int, seconds: float) -> None:
        self._source = source
        self._folder = folder
        self._limit = limit
        self._seconds = seconds
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def run(self, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
        """The last line that the process wrote, as a dictionary."""
        words = [str(self._source), str(self._folder), str(self._limit)]
        words.append(current_language())
        with subprocess.Popen(  # noqa: S603 - our own module, and the file's name as one word
            [sys.executable, "-m", _CHILD, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            text=True,
            encoding="ascii",
            errors="replace",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        ) as process:
            reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
            reader.start()
            try:
                return self._watch(process, reader, progress, cancelled)
            finally:
                process.kill()
                process.wait()
                reader.join()

    def _watch(
        self,
        process: subprocess.Popen[str],
        reader: threading.Thread,
        progress: Progress,
        cancelled: Cancelled,
    ) -> dict[str, Any]:
        end = time.monotonic() + self._seconds
        while True:
            with contextlib.suppress(queue.Empty):
                facts = _facts(self._lines.get(timeout=_POLL_S))
                if "share" in facts:
                    progress(_TAKES_OVER * float(facts["share"]))
                elif facts:
                    return facts
            if cancelled():
                raise OpenCancelled
            if process.poll() is not None:
                reader.join()  # what it wrote last may not be among the lines yet
                if self._lines.empty():
                    raise _stopped(self._source, f"exit={process.returncode}")
            if (resident_bytes(process.pid) or 0) > self._limit:
                raise FormatError(
                    tr(
                        "{source} needs more memory than there is; close other programs.",
                        source=self._source,
                    ),
                    f"more than {self._limit} bytes",
                )
            if time.monotonic() > end:
                raise FormatError(
                    tr(
                        "{source} took longer than {seconds} seconds to read and was given up.",
                        source=self._source,
                        seconds=round(self._seconds),
                    )
                )

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line)


def _facts(line: str) -> dict[str, Any]:
    """What a line says; empty for a line that is none of ours."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _stopped(source: Path, detail: str) -> FormatError:
    return FormatError(
        tr("{source} made its reader stop; the file is probably damaged.", source=source), detail
    )
