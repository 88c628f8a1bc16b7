"""Where results go: checked before the work, written after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from editor.document.document import Document
from editor.formats.atomic_save import check_writable
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.files import WRITABLE_SUFFIXES, no_known_type, write_any
from editor.terminal import Interrupt, Interrupted, Terminal


def check_outputs(paths: Sequence[Path]) -> None:
    """Refuses before the work what could not be saved after it."""
    for path in paths:
        if path.suffix.lower() not in WRITABLE_SUFFIXES:
            raise no_known_type(path, WRITABLE_SUFFIXES)
        check_writable(path)


def write_all(
    document: Document, paths: Sequence[Path], interrupt: Interrupt, terminal: Terminal
) -> None:
    """Writes every file and says so; Interrupted and FormatError say which were complete before."""
    written: list[Path] = []
    for path in paths:
        terminal.working(f"Writing {path.name}")
        try:
            _write(document, path, interrupt)
        except (SaveCancelled, KeyboardInterrupt) as stop:
            raise Interrupted(written) from stop
        except FormatError as error:
            so_far = f" So far {only(written)}." if written else ""
            raise FormatError(error.message + so_far, error.detail) from error
        written.append(path)


def _write(document: Document, path: Path, interrupt: Interrupt) -> None:
    if interrupt():
        raise SaveCancelled
    write_any(document.snapshot(), path, cancelled=interrupt)


def only(written: Sequence[Path]) -> str:
    """Which files are complete although the job did not end; empty = none."""
    names = " and ".join(str(path) for path in written)
    return names and f"only {names} {'was' if len(written) == 1 else 'were'} written"
