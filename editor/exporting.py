"""`layerloom export`: one file in another format, without a window and without the engine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.formats.export_report import Change, Item, export_report
from editor.formats.files import (
    WRITABLE_SUFFIXES,
    is_folder_name,
    no_known_type,
    read_document,
    write_any,
)
from editor.formats.waiting import Cancelled
from editor.translations import tr


def export(
    source: Path,
    target: Path,
    *,
    include_recipes: bool = True,
    compact: bool = False,
    cancelled: Cancelled | None = None,
) -> dict[str, Any]:
    """Open a layered file and write it in the format of the target's name.

    A PSD that would be too large is written as PSB beside it, when there is no such file yet.

    Returns what `--json` prints: `file`, `width`, `height`, `layers` (their number), `seconds` by
    phase, `notes` about what could not be read and `changes` (`change`, `layer`, `text`) about what
    is not in the file as it was. Raises FormatError, DocumentError (the target stays as it was) or
    SaveCancelled.
    """
    check_name(target)
    begun = time.perf_counter()
    # Here, not in a process of its own as the window does: nothing else would be lost with this
    # one, and another start and handing the pixels over cost as much as the rest of the work.
    opened = read_document(source)
    read = time.perf_counter()
    state = opened.document.snapshot()
    changes = export_report(state, target, include_recipes=include_recipes)
    options: dict[str, Any] = {
        "include_recipes": include_recipes,
        "compact": compact,
        "cancelled": cancelled,
    }
    written_to = _write(state, target, options)
    if written_to != target:
        text = tr("It is written as {name}, because a PSD cannot be so large.", name=written_to)
        changes = (*changes, Item(Change.WRITTEN_AS_PSB, None, text))
    written = time.perf_counter()
    return {
        "file": str(written_to),
        "width": opened.document.width,
        "height": opened.document.height,
        "layers": len(opened.document.all_layers()),
        "seconds": {"read": round(read - begun, 3), "write": round(written - read, 3)},
        "notes": list(opened.notes),
        "changes": [item.as_json() for item in changes],
    }


def check_name(target: Path) -> None:
    """Refuse a target whose name says no format. Raises FormatError."""
    if target.suffix.lower() in WRITABLE_SUFFIXES or is_folder_name(target):
        return
    raise no_known_type(target, WRITABLE_SUFFIXES)


def _write(state: DocumentState, target: Path, options: dict[str, Any]) -> Path:
    try:
        write_any(state, target, **options)
    except FormatError as error:
        large = target.with_suffix(".psb")
        if not error.needs_psb or large.exists():
            raise
        write_any(state, large, **options)
        return large
    return target
