"""`layerloom export`: one file in another format, without a window and without the engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from editor.document.document import Document
from editor.formats.errors import FormatError
from editor.formats.files import LAYERED_SUFFIXES, read_document, write_document
from editor.formats.png import write_png
from editor.translations import tr

EXPORT_SUFFIXES = (*LAYERED_SUFFIXES, ".png")


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
    if target.suffix.lower() not in EXPORT_SUFFIXES:
        known = ", ".join(EXPORT_SUFFIXES)
        raise FormatError(
            tr(
                "{path} has no known file type; let its name end in {known}.",
                path=target,
                known=known,
            )
        )
    begun = time.perf_counter()
    opened = read_document(source)
    read = time.perf_counter()
    _write(opened.document, target, include_recipes, cancelled)
    written = time.perf_counter()
    return {
        "file": str(target),
        "width": opened.document.width,
        "height": opened.document.height,
        "layers": len(opened.document.all_layers()),
        "seconds": {"read": round(read - begun, 3), "write": round(written - read, 3)},
        "notes": list(opened.notes),
    }


def _write(
    document: Document,
    target: Path,
    include_recipes: bool,
    cancelled: Callable[[], bool] | None,
) -> None:
    if target.suffix.lower() == ".png":
        write_png(document.snapshot(), target, cancelled=cancelled)
    else:
        state = document.snapshot()
        write_document(state, target, include_recipes=include_recipes, cancelled=cancelled)
