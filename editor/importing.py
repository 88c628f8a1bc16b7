"""`layerloom import`, and what the window opens: any file as a document, without the engine.

A layered file is read in a process of its own; a flat picture or an SVG drawing becomes a document
of one layer.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.exporting import check_name
from editor.formats.files import OpenedFile, format_of, write_any
from editor.formats.opening import open_file
from editor.formats.picture_files import PICTURE_SUFFIXES, read_picture
from editor.formats.waiting import Cancelled, Progress
from editor.svg_pictures import SVG_SUFFIX, read_svg

_LARGEST_DRAWING_PX = (8192, 8192)  # a drawing that says it is larger comes smaller
_ZIP_OR_PSD = (b"PK", b"8BPS")


def open_any(
    source: Path,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> OpenedFile:
    """Open a layered file, or a flat picture or an SVG as a document of one layer.

    An SVG is drawn at its own size, at most 8192 px a side. Raises FormatError with a
    sentence that names the file, or OpenCancelled.
    """
    if source.suffix.lower() == SVG_SUFFIX:
        pixels = read_svg(source, _LARGEST_DRAWING_PX, cancelled=cancelled)
    elif _is_picture(source):
        pixels = read_picture(source)
    else:
        return open_file(source, progress=progress, cancelled=cancelled)
    layer = RasterLayer(name=source.stem, pixels=pixels)
    return OpenedFile(Document(*pixels.size, [layer]), source, is_ours=False)


def import_file(
    source: Path,
    target: Path,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> dict[str, Any]:
    """Open any file and write it in the format of the target's name.

    Returns what `--json` prints, as `exporting.export` does, and `kept`: what layers hold beyond
    pixels, by their names. Raises as `open_any`, or SaveCancelled.
    """
    check_name(target)
    begun = time.perf_counter()
    opened = open_any(source, progress=progress, cancelled=cancelled)
    read = time.perf_counter()
    write_any(opened.document.snapshot(), target, cancelled=cancelled)
    written = time.perf_counter()
    kept = {
        layer.name: [feature.value for feature in layer.kept.features]
        for layer in opened.document.all_layers()
        if layer.kept is not None and layer.kept.features
    }
    return {
        "file": str(target),
        "width": opened.document.width,
        "height": opened.document.height,
        "layers": len(opened.document.all_layers()),
        "seconds": {"read": round(read - begun, 3), "write": round(written - read, 3)},
        "notes": list(opened.notes),
        "kept": kept,
    }


def _is_picture(source: Path) -> bool:
    """By its name, unless its first bytes are those of a layered file."""
    if format_of(source) is not None or source.suffix.lower() not in PICTURE_SUFFIXES:
        return False
    try:
        with source.open("rb") as file:
            return not file.read(4).startswith(_ZIP_OR_PSD)
    except OSError:
        return True  # its reader says what is wrong
