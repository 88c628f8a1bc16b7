"""`layerloom export`: one file in another format, without a window and without the engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from editor.formats.errors import FormatError
from editor.formats.files import WRITABLE_SUFFIXES, write_any
from editor.formats.opening import open_file
from editor.translations import tr


def export(
    source: Path,
    target: Path,
    *,
    include_recipes: bool = True,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Open a layered file and write it in the format of the target's name.

    Returns what `--json` prints: `file`, `width`, `height`, `layers` (their number), `seconds` by
    phase and `notes` about what could not be read. Raises FormatError, DocumentError (the target
    stays as it was) or SaveCancelled.
    """
    check_name(target)
    begun = time.perf_counter()
    opened = open_file(source, cancelled=cancelled)
    read = time.perf_counter()
    state = opened.document.snapshot()
    write_any(state, target, include_recipes=include_recipes, cancelled=cancelled)
    written = time.perf_counter()
    return {
        "file": str(target),
        "width": opened.document.width,
        "height": opened.document.height,
        "layers": len(opened.document.all_layers()),
        "seconds": {"read": round(read - begun, 3), "write": round(written - read, 3)},
        "notes": list(opened.notes),
    }


def check_name(target: Path) -> None:
    """Refuse a target whose name says no format. Raises FormatError."""
    if target.suffix.lower() not in WRITABLE_SUFFIXES:
        known = ", ".join(WRITABLE_SUFFIXES)
        raise FormatError(
            tr(
                "{path} has no known file type; let its name end in {known}.",
                path=target,
                known=known,
            )
        )
