"""Reads PSD and PSB files back into a document: ours exactly, those of others as far as it goes.

Nothing in a file is trusted. What this program does not edit (text, effects, adjustments and so
on) is kept with the file itself, so that a save changes only what was changed; the notes say what
is not shown, what was converted and what was damaged.
"""

from __future__ import annotations

import logging
import os
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from psd_tools.constants import ColorMode, Resource
from psd_tools.psd import PSD
from psd_tools.psd.color_mode_data import ColorModeData
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_resources import ImageResources

from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.kept import KeptFeature, KeptFile
from editor.document.pixels import MAX_PIXELS, MAX_SIDE_PX
from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.formats.provenance import (
    DocumentFacts,
    match_layers,
    read_document_packet,
    usable_boxes,
)
from editor.formats.psd_colors import DEPTHS, MODE_NAMES
from editor.formats.psd_layers import Parser, Unreadable, background_of, entries_of
from editor.formats.psd_look import fill_of
from editor.formats.psd_records import OUR_BLOCKS, keeps_tag, parse
from editor.formats.psd_resources import (
    OUR_RESOURCES,
    guides_of,
    names_us_as_writer,
    profile_of,
    resolution_of,
)
from editor.formats.waiting import Progress
from editor.translations import mark, tr, tr_count

MAX_FILE_BYTES = 4 * 1024**3
MAX_KEPT_BYTES = 2**30  # larger files are opened without what is not edited
_HEADER = struct.Struct(">4sH6xHIIHH")
_MAX_NOTES_OF_DAMAGE = 5

# psd-tools logs what it finds odd; without a handler that would land on the user's terminal.
logging.getLogger("psd_tools").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class PsdFile:
    """What was read.

    Attributes:
        notes: Sentences for the user: what was damaged, converted, or is kept but not shown.
    """

    document: Document
    notes: tuple[str, ...] = ()


def read_psd(path: str | os.PathLike[str]) -> Document:
    """The document of `read_psd_file`."""
    return read_psd_file(path).document


def read_psd_file(path: str | os.PathLike[str], *, progress: Progress | None = None) -> PsdFile:
    """Open a PSD or PSB file of any colour mode and depth; other modes are converted to RGB.

    Layers keep the box that the file gives them. An RGB profile is kept and the values are not
    converted. `progress` is called with 0..1.

    Raises:
        FormatError: With one sentence that names the file.
    """
    source = Path(path)
    try:
        with source.open("rb") as file:
            _check_header(file)
            state, notes = _read_state(file, progress)
    except Unreadable as error:
        raise FormatError(f"{source} {error}", repr(error.__cause__)) from error
    except FileNotFoundError as error:
        raise FormatError(
            tr("{source} does not exist; check the name.", source=source), str(error)
        ) from error
    except IsADirectoryError as error:
        raise FormatError(
            tr("{source} is a folder; give the name of a file.", source=source)
        ) from error
    except OSError as error:
        text = tr(
            "{source} could not be read ({reason}); check the file.",
            source=source,
            reason=error.strerror or error,
        )
        raise FormatError(text, repr(error)) from error
    except MemoryError as error:
        raise FormatError(
            tr("{source} needs more memory than there is; close other programs.", source=source)
        ) from error
    return PsdFile(Document.from_state(state), notes)


def written_by_us(path: str | os.PathLike[str]) -> bool:
    """Whether saving over a PSD loses nothing that `read_psd` did not read.

    False for files last saved by another program, whose guides and metadata would be lost: save
    those under another name. Also False for what cannot be read as a PSD. Reads the first sections
    only.
    """
    try:
        with Path(path).open("rb") as file:
            FileHeader.read(file)
            ColorModeData.read(file)
            return names_us_as_writer(ImageResources.read(file))
    except Exception:  # psd-tools raises about anything on damaged files
        return False


def _check_header(file: BinaryIO) -> None:
    """Refuse what is no PSD, or one whose size or colour mode we do not take."""
    size = os.fstat(file.fileno()).st_size
    head = file.read(_HEADER.size)
    file.seek(0)
    if not head.startswith(b"8BPS"):
        raise Unreadable(tr("is not a PSD file; choose a file saved as PSD or PSB."))
    if len(head) < _HEADER.size:
        raise Unreadable(tr("is cut off in its first bytes; get a complete copy."))
    _, version, _, height, width, depth, mode = _HEADER.unpack(head)
    if version not in (1, 2):
        raise Unreadable(
            tr("is a PSD of the unknown version {version}; save it as PSD again.", version=version)
        )
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
        raise Unreadable(
            tr(
                "is {width} x {height} px; each side must be from 1 to {limit} px.",
                width=width,
                height=height,
                limit=MAX_SIDE_PX,
            )
        )
    if width * height > MAX_PIXELS:
        raise Unreadable(
            tr(
                "is {width} x {height} px; at most {limit} million pixels are possible.",
                width=width,
                height=height,
                limit=MAX_PIXELS // 10**6,
            )
        )
    if mode not in set(ColorMode) or depth not in DEPTHS:
        raise Unreadable(
            tr(
                "has a color mode that is not known (number {mode}, {depth} bits).",
                mode=mode,
                depth=depth,
            )
        )
    if size > MAX_FILE_BYTES:
        raise Unreadable(
            tr("has {size:.1f} GB, more than can be opened; merge some layers.", size=size / 1e9)
        )


def _parse(data: bytes) -> PSD:
    """The file's structure; any failure means a damaged file."""
    try:
        return parse(data)
    except MemoryError:
        raise
    except Exception as error:  # psd-tools raises about anything on damaged files
        raise Unreadable(tr("is damaged or cut off; get a complete copy.")) from error


def _read_state(file: BinaryIO, progress: Progress | None) -> tuple[DocumentState, tuple[str, ...]]:
    data = file.read(MAX_FILE_BYTES + 1)
    psd = _parse(data)
    parser = Parser(psd, progress=progress)
    parser.read_layers()
    listed = _document_facts(psd)
    facts = match_layers(parser.found, () if listed is None else listed.layers)
    kept = _kept_file(psd, parser, data)
    digest = "" if kept is None else kept.digest
    try:
        tree = parser.tree(facts, digest)
        if not tree and not names_us_as_writer(psd.image_resources):
            tree = (background_of(psd, digest),)  # flattened; ours has layers or is empty
        state = DocumentState(
            width=psd.header.width,
            height=psd.header.height,
            layers=tree,
            guides=guides_of(psd.image_resources),
            color_profile=profile_of(psd.image_resources)
            if psd.header.color_mode is ColorMode.RGB
            else None,
            kept=kept,
        )
        state = replace(
            state, resolution_ppi=resolution_of(psd.image_resources) or state.resolution_ppi
        )
        state.all_layers()  # finds ids that occur twice
    except DocumentError as error:
        raise Unreadable(
            tr("holds what cannot be opened: {message}", message=error.message)
        ) from error
    notes = _notes(parser)
    if listed is None:
        return state, notes
    document_id = listed.document_id or state.document_id
    boxes = usable_boxes(listed.boxes, state.canvas)
    return replace(state, boxes=boxes, seed=listed.seed, document_id=document_id), notes


def _kept_file(psd: PSD, parser: Parser, data: bytes) -> KeptFile | None:
    """The file, when saving the document anew would lose something of it."""
    is_ours = names_us_as_writer(psd.image_resources)
    if is_ours and not parser.features and not _holds_more(psd):
        return None
    return KeptFile(data) if len(data) <= MAX_KEPT_BYTES else None


def _holds_more(psd: PSD) -> bool:
    """Whether a file of ours has what came from a kept file of another program."""
    tail = psd.layer_and_mask_information.tagged_blocks
    if tail or any(key not in OUR_RESOURCES for key in psd.image_resources):
        return True
    ours = {tag.value for tag in OUR_BLOCKS}
    return any(
        set(record.tagged_blocks) - ours or fill_of(record) != 255 or not keeps_tag(record)
        for record, _ in entries_of(psd)
    )


_NOT_SHOWN = {
    KeptFeature.ADJUSTMENT: mark("adjustment layers"),
    KeptFeature.EFFECTS: mark("layer effects"),
    KeptFeature.BLENDING: mark("advanced blending"),
}


def _notes(parser: Parser) -> tuple[str, ...]:
    notes = list(dict.fromkeys(parser.damage))
    if len(notes) > _MAX_NOTES_OF_DAMAGE:
        more = len(notes) - _MAX_NOTES_OF_DAMAGE
        notes[_MAX_NOTES_OF_DAMAGE:] = [
            tr_count("{count} more channel is damaged.", "{count} more channels are damaged.", more)
        ]
    if not parser.space.is_native:
        name = tr(MODE_NAMES[parser.space.mode])
        notes.append(
            tr(
                "The colors were converted from {depth}-bit {mode} to 8-bit RGB.",
                depth=parser.space.depth,
                mode=name,
            )
        )
    missing = [tr(_NOT_SHOWN[feature]) for feature in _NOT_SHOWN if feature in parser.features]
    if missing:
        notes.append(tr("Kept for PSD, but not shown: {features}.", features=", ".join(missing)))
    return tuple(notes)


def _document_facts(psd: PSD) -> DocumentFacts | None:
    packet: Any = psd.image_resources.get_data(Resource.XMP_METADATA)
    return read_document_packet(packet if isinstance(packet, bytes) else None)
