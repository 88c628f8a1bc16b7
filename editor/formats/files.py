"""Opening and saving layered files of any format: by content when reading, by name when writing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from editor.document.document import Document
from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.formats.waiting import Cancelled, Progress
from editor.translations import tr

_ZIP, _PSD = b"PK", b"8BPS"  # first bytes


class FileFormat(StrEnum):
    """Formats that keep layers; the value is the usual ending of the name."""

    NATIVE = "layerloom"
    OPENRASTER = "ora"
    PSD = "psd"

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings of names, lower case with the dot; the usual one first."""
        return (".psd", ".psb") if self is FileFormat.PSD else (f".{self.value}",)


LAYERED_SUFFIXES = tuple(suffix for kind in FileFormat for suffix in kind.suffixes)
MANIFEST = "manifest.json"  # of a folder of pictures
PNG_SUFFIX = ".png"
PICTURE_SUFFIXES = (PNG_SUFFIX, ".webp", ".jpg", ".jpeg", ".tif", ".tiff")
WRITABLE_SUFFIXES = (*LAYERED_SUFFIXES, *PICTURE_SUFFIXES)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A document and what to know about its file.

    Attributes:
        is_ours: Saving over the file loses nothing that was not read.
        notes: Sentences for the user about what could not be kept.
    """

    document: Document
    path: Path
    is_ours: bool
    notes: tuple[str, ...] = ()


def format_of(path: str | os.PathLike[str]) -> FileFormat | None:
    """Format that a name asks for; None when its ending is no layered format's."""
    suffix = Path(path).suffix.lower()
    return next((kind for kind in FileFormat if suffix in kind.suffixes), None)


def manifest_of(path: str | os.PathLike[str]) -> Path | None:
    """The manifest that a name means: of a folder, or the manifest itself; None for others."""
    source = Path(path)
    if source.is_dir():
        return source / MANIFEST
    return source if source.name == MANIFEST else None


def has_layers(path: str | os.PathLike[str]) -> bool:
    """Whether a name is a document's, or that of a folder of pictures, and not a flat picture's."""
    return format_of(path) is not None or manifest_of(path) is not None


def read_document(path: str | os.PathLike[str], *, progress: Progress | None = None) -> OpenedFile:
    """Open a native, OpenRaster, PSD or PSB file, whatever its name, or a folder of pictures.

    This is done in this process; the window and `layerloom import` use `opening.open_file`. Raises
    FormatError.
    """
    source = Path(path)
    if manifest_of(source) is not None:
        from editor.formats.png_folder_reader import read_png_folder

        return read_png_folder(source, progress=progress)
    begin = _first_bytes(source)
    if begin is not None and begin.startswith(_ZIP):
        from editor.formats.native import read_native

        read = read_native(source)
        return OpenedFile(read.document, source, read.is_exact, read.notes)
    named = format_of(source)
    foreign = begin is not None and not begin.startswith(_PSD)
    if foreign and named in (FileFormat.NATIVE, FileFormat.OPENRASTER):
        raise FormatError(
            tr("{path} is damaged or something else; open a backup of it.", path=path)
        )
    if foreign and named is not FileFormat.PSD:
        raise FormatError(
            tr(
                "{path} is not a layered file; choose one of {known}, or an exported folder.",
                path=path,
                known=", ".join(LAYERED_SUFFIXES),
            )
        )
    # Imported here: psd-tools would take a third of the window's start.
    from editor.formats.psd import read_psd_file, written_by_us

    found = read_psd_file(source, progress=progress)
    return OpenedFile(found.document, source, written_by_us(source), found.notes)


def write_document(
    state: DocumentState,
    path: str | os.PathLike[str],
    *,
    include_recipes: bool = True,
    compact: bool = False,
    reuse: Iterable[Path] = (),
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> None:
    """Save in the format of the name.

    Args:
        include_recipes: False = nothing in the file tells how its layers were made.
        compact: A smaller PSD.
        reuse: Earlier files of the document, from which unchanged parts may be copied.

    Raises FormatError (the target stays as it was), or SaveCancelled.
    """
    kind = format_of(path)
    if kind is None:
        raise no_known_type(path, LAYERED_SUFFIXES)
    if kind is FileFormat.PSD:
        from editor.formats.psd import write_psd

        write_psd(
            state,
            path,
            include_recipes=include_recipes,
            compact=compact,
            progress=progress,
            cancelled=cancelled,
        )
    else:
        from editor.formats.native import write_native

        if not include_recipes:
            from editor.formats.provenance import without_recipes

            state, reuse = without_recipes(state), ()
        write_native(state, path, reuse=reuse, progress=progress, cancelled=cancelled)


def is_folder_name(path: str | os.PathLike[str]) -> bool:
    """Whether a name asks for a folder of pictures: it is one, or has no ending."""
    text = os.fspath(path)
    return text.endswith(("/", os.sep)) or Path(text).is_dir() or not Path(text).suffix


def write_any(
    state: DocumentState,
    path: str | os.PathLike[str],
    *,
    include_recipes: bool = True,
    compact: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> None:
    """Write in the format of the name, layered or as a picture; without an ending as a folder.

    Arguments and errors as of `write_document`.
    """
    # Imported where needed: OpenCV, Pillow and psd-tools would take a part of the window's start.
    suffix = Path(path).suffix.lower()
    if is_folder_name(path):
        from editor.formats.png_folder import write_png_folder

        write_png_folder(
            state, path, include_recipes=include_recipes, progress=progress, cancelled=cancelled
        )
    elif suffix == PNG_SUFFIX:
        from editor.formats.png import write_png

        write_png(state, path, cancelled=cancelled)
    elif suffix in PICTURE_SUFFIXES:
        from editor.formats.flat_pictures import write_picture

        write_picture(state, path, cancelled=cancelled)
    else:
        write_document(
            state,
            path,
            include_recipes=include_recipes,
            compact=compact,
            progress=progress,
            cancelled=cancelled,
        )


def no_known_type(path: str | os.PathLike[str], known: Iterable[str]) -> FormatError:
    """The error for a name that says no format; `known` are the endings that would."""
    return FormatError(
        tr(
            "{path} has no known file type; let its name end in {known}.",
            path=path,
            known=", ".join(known),
        )
    )


def _first_bytes(path: Path) -> bytes | None:
    """Of a file; None where the reader of PSD files is to say why it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(_PSD))
    except OSError:
        return None
