"""Reads PSD and PSB files back into a document: ours fully, simple files of others.

A file is read whole or refused with one sentence; nothing in it is trusted. What of its layers this
version cannot keep (vector masks, text, effects, adjustments, other colour modes) is named, not
dropped.
Guides and metadata of other programs are not read: `written_by_us` tells which files would lose
them when saved over.
"""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from psd_tools.constants import (
    ChannelID,
    Clipping,
    ColorMode,
    Compression,
    Resource,
    SectionDivider,
    Tag,
)
from psd_tools.psd import PSD
from psd_tools.psd.color_mode_data import ColorModeData
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_resources import ImageResources
from psd_tools.psd.layer_and_mask import ChannelDataList, LayerRecord
from psd_tools.psd.parse_limits import ParseLimits

from editor.document.blending import BlendMode
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import Mask
from editor.document.pixels import MAX_SIDE_PX, PixelBuffer
from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.formats.provenance import (
    Box,
    DocumentFacts,
    LayerFacts,
    match_layers,
    read_document_packet,
    read_layer_packet,
    restore_record,
    usable_boxes,
)
from editor.formats.psd_masks import read_mask, stored_mask
from editor.formats.psd_names import read_name
from editor.formats.psd_planes import Rgba, decode_plane, pixel_hash
from editor.formats.psd_records import divider_of, is_locked, metadata_of
from editor.formats.psd_resources import names_us_as_writer, profile_of, resolution_of
from editor.formats.psd_unsupported import unsupported_feature
from editor.translations import tr

MAX_FILE_BYTES = 4 * 1024**3
MAX_PIXEL_BYTES = 4 * 1024**3  # of all layers together, decoded
MAX_OBJECTS = 2_000_000
MAX_GROUP_DEPTH = 64
_HEADER = struct.Struct(">4sH6xHIIHH")
_COLOUR = (ChannelID.CHANNEL_0, ChannelID.CHANNEL_1, ChannelID.CHANNEL_2)
_ALPHA = ChannelID.TRANSPARENCY_MASK

# psd-tools logs what it finds odd; without a handler that would land on the user's terminal.
logging.getLogger("psd_tools").addHandler(logging.NullHandler())


class _Unreadable(Exception):
    """Inside this module: why a file is refused, without its name."""


def read_psd(path: str | os.PathLike[str]) -> Document:
    """Open a PSD or PSB file.

    Layers keep the box that the file gives them. A file of another program opens when it has
    8-bit RGB pixel layers and groups only, or no layers at all. Its colour profile is kept and its
    values are not converted.

    Raises:
        FormatError: With one sentence that names the file.
    """
    source = Path(path)
    try:
        with source.open("rb") as file:
            _check_header(file)
            state = _read_state(file)
    except _Unreadable as error:
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
    return Document.from_state(state)


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
        raise _Unreadable(tr("is not a PSD file; choose a file saved as PSD or PSB."))
    if len(head) < _HEADER.size:
        raise _Unreadable(tr("is cut off in its first bytes; get a complete copy."))
    _, version, _, height, width, depth, mode = _HEADER.unpack(head)
    if version not in (1, 2):
        raise _Unreadable(
            tr("is a PSD of the unknown version {version}; save it as PSD again.", version=version)
        )
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
        raise _Unreadable(
            tr(
                "is {width} x {height} px; each side must be from 1 to {limit} px.",
                width=width,
                height=height,
                limit=MAX_SIDE_PX,
            )
        )
    if mode != ColorMode.RGB or depth != 8:
        name = ColorMode(mode).name if mode in set(ColorMode) else f"mode {mode}"
        raise _Unreadable(
            tr(
                "has {depth}-bit {name} colour; convert it to 8-bit RGB and try again.",
                depth=depth,
                name=name,
            )
        )
    if size > MAX_FILE_BYTES:
        raise _Unreadable(
            tr("has {size:.1f} GB, more than can be opened; merge some layers.", size=size / 1e9)
        )


def _parse(file: BinaryIO) -> PSD:
    """psd-tools' low-level structure, within limits; any failure means a damaged file."""
    limits = ParseLimits(max_objects=MAX_OBJECTS)
    try:
        return PSD.read(file, parse_limits=limits)
    except MemoryError:
        raise
    except Exception as error:  # psd-tools raises about anything on damaged files
        raise _Unreadable(tr("is damaged or cut off; get a complete copy.")) from error


def _read_state(file: BinaryIO) -> DocumentState:
    psd = _parse(file)
    parser = _Parser(psd.header)
    parser.read_layers(psd)
    listed = _document_facts(psd)
    facts = match_layers(parser.found, () if listed is None else listed.layers)
    width, height = psd.header.width, psd.header.height
    try:
        tree = parser.tree(facts)
        if not tree and not names_us_as_writer(psd.image_resources):
            tree = (_background(psd),)  # flattened; a document of ours has layers or is empty
        state = DocumentState(width=width, height=height, layers=tree)
        state = replace(
            state,
            color_profile=profile_of(psd.image_resources),
            resolution_ppi=resolution_of(psd.image_resources) or state.resolution_ppi,
        )
        state.all_layers()  # finds ids that occur twice
    except DocumentError as error:
        raise _Unreadable(
            tr("holds what cannot be opened: {message}", message=error.message)
        ) from error
    if listed is None:
        return state
    document_id = listed.document_id or state.document_id
    boxes = usable_boxes(listed.boxes, state.canvas)
    return replace(state, boxes=boxes, seed=listed.seed, document_id=document_id)


def _document_facts(psd: PSD) -> DocumentFacts | None:
    packet: Any = psd.image_resources.get_data(Resource.XMP_METADATA)
    return read_document_packet(packet if isinstance(packet, bytes) else None)


@dataclass
class _Node:
    """A layer of the file, before it has its id."""

    index: int  # into _Parser.found
    record: LayerRecord
    pixels: PixelBuffer | None  # None = group
    mode: BlendMode
    mask: Mask | None
    children: list[_Node] = field(default_factory=list)
    expanded: bool = True


@dataclass
class _Parser:
    """Walks the flat list of records, bottom to top, and rebuilds the tree."""

    header: FileHeader
    found: list[LayerFacts] = field(default_factory=list)
    roots: list[_Node] = field(default_factory=list)
    pixel_bytes: int = 0

    def read_layers(self, psd: PSD) -> None:
        """Fill `found` and `roots`; raises _Unreadable."""
        open_groups: list[list[_Node]] = [self.roots]
        for record, channels in _entries(psd):
            kind, group_mode = divider_of(record)
            if kind is SectionDivider.BOUNDING_SECTION_DIVIDER:
                if len(open_groups) > MAX_GROUP_DEPTH:
                    raise _Unreadable(
                        tr(
                            "has more than {limit} groups in one another.",
                            limit=MAX_GROUP_DEPTH,
                        )
                    )
                open_groups.append([])
            elif kind is not None:
                if len(open_groups) < 2:
                    raise _Unreadable(tr("is damaged: a group ends that never began."))
                children = open_groups.pop()
                node = self._group(record, channels, group_mode, children)
                node.expanded = kind is SectionDivider.OPEN_FOLDER
                open_groups[-1].append(node)
            else:
                open_groups[-1].append(self._raster(record, channels))
        if len(open_groups) != 1:
            raise _Unreadable(tr("is damaged: a group begins that never ends."))

    def tree(self, facts: Sequence[LayerFacts]) -> tuple[Layer, ...]:
        """The document's layers; `facts` are those of `found` with the final ids and records."""
        return tuple(self._layer(node, facts) for node in self.roots)

    def _layer(self, node: _Node, facts: Sequence[LayerFacts]) -> Layer:
        known = facts[node.index]
        common: dict[str, Any] = {
            "name": known.name,
            "opacity": node.record.opacity / 255,
            "blend_mode": node.mode,
            "visible": node.record.flags.visible,
            "locked": is_locked(node.record),
            "clipped": node.record.clipping is Clipping.NON_BASE,
            "mask": node.mask,
            "layer_id": known.layer_id,  # match_layers gives every layer one
        }
        if node.pixels is None:
            children = tuple(self._layer(child, facts) for child in node.children)
            return GroupLayer(children=children, expanded=node.expanded, **common)
        offset = (node.record.left, node.record.top)
        layer = RasterLayer(pixels=node.pixels, offset=offset, **common)
        return restore_record(known.record, layer, known.pixel_hash or "")

    def _group(
        self,
        record: LayerRecord,
        channels: ChannelDataList,
        mode: BlendMode | None,
        children: list[_Node],
    ) -> _Node:
        self._refuse_unsupported(record)
        mask = self._mask(record, channels)
        index = self._note(record, None, None, mask)
        own_mode = BlendMode.from_psd_key(record.blend_mode.value)
        return _Node(index, record, None, mode or own_mode, mask, children)

    def _raster(self, record: LayerRecord, channels: ChannelDataList) -> _Node:
        self._refuse_unsupported(record)
        pixels = PixelBuffer.from_array(self._decode(record, channels), copy=False)
        box = (record.left, record.top, record.right, record.bottom)
        mask = self._mask(record, channels)
        index = self._note(record, box, pixel_hash(pixels), mask)
        mode = BlendMode.from_psd_key(record.blend_mode.value)
        mode = BlendMode.NORMAL if mode is BlendMode.PASS_THROUGH else mode
        return _Node(index, record, pixels, mode, mask)

    def _decode(self, record: LayerRecord, channels: ChannelDataList) -> Rgba:
        """Straight RGBA, h w 4, at least 1 x 1."""
        name, width, height = _name_of(record), record.width, record.height
        if width == 0 or height == 0:
            return np.zeros((1, 1, 4), np.uint8)
        if max(width, height) > MAX_SIDE_PX:
            raise _Unreadable(
                tr(
                    'has a layer "{name}" of {width} x {height} px, too large to open.',
                    name=name,
                    width=width,
                    height=height,
                )
            )
        self._count(width * height * 4)
        data = {info.id: channel for info, channel in zip(record.channel_info, channels)}  # noqa: B905
        rgba = np.full((height, width, 4), 255, np.uint8)
        try:
            for index, channel in enumerate((*_COLOUR, _ALPHA)):
                if channel in data or channel is not _ALPHA:
                    rgba[..., index] = decode_plane(
                        data[channel].data,
                        data[channel].compression,
                        width,
                        height,
                        self.header.version,
                    )
        except (KeyError, ValueError) as error:
            raise _Unreadable(
                tr('is damaged in the layer "{name}"; get another copy.', name=name)
            ) from error
        return rgba

    def _mask(self, record: LayerRecord, channels: ChannelDataList) -> Mask | None:
        data = record.mask_data
        self._count(0 if data is None else data.width * data.height)
        canvas = Rect(0, 0, self.header.width, self.header.height)
        try:
            return read_mask(record, channels, self.header.version, canvas)
        except (DocumentError, IndexError, ValueError) as error:
            name = _name_of(record)
            raise _Unreadable(
                tr('is damaged in the mask of the layer "{name}"; get another copy.', name=name)
            ) from error

    def _count(self, size: int) -> None:
        self.pixel_bytes += size
        if self.pixel_bytes > MAX_PIXEL_BYTES:
            raise _Unreadable(tr("has more pixels than can be opened; merge or crop some layers."))

    def _note(
        self, record: LayerRecord, box: Box | None, content_hash: str | None, mask: Mask | None
    ) -> int:
        number: Any = record.tagged_blocks.get_data(Tag.LAYER_ID)
        layer_id, known = read_layer_packet(metadata_of(record))
        print_of_mask = None if mask is None else stored_mask(mask).fingerprint
        facts = LayerFacts(
            layer_id, number, _name_of(record), box, content_hash, known, print_of_mask
        )
        self.found.append(facts)
        return len(self.found) - 1

    def _refuse_unsupported(self, record: LayerRecord) -> None:
        feature = unsupported_feature(record)
        if feature is not None:
            raise _Unreadable(
                tr(
                    'has {feature} in the layer "{name}", which cannot be opened yet; '
                    "rasterise or merge that layer and save the file again.",
                    feature=tr(feature),
                    name=_name_of(record),
                )
            )


def _entries(psd: PSD) -> Iterator[tuple[LayerRecord, ChannelDataList]]:
    info = psd.layer_and_mask_information.layer_info
    if info is None:
        return
    yield from zip(info.layer_records, info.channel_image_data, strict=True)


def _name_of(record: LayerRecord) -> str:
    name: Any = record.tagged_blocks.get_data(Tag.UNICODE_LAYER_NAME, record.name)
    return read_name(name)


def _background(psd: PSD) -> RasterLayer:
    """The merged image of a file without layers, as one opaque layer."""
    header = psd.header
    if header.channels < 3:
        raise _Unreadable(tr("is damaged: its picture has fewer than three channels."))
    merged = psd.image_data
    try:
        planes = decode_plane(
            merged.data,
            Compression(merged.compression),
            header.width,
            header.height * header.channels,
            header.version,
        ).reshape(header.channels, header.height, header.width)
    except ValueError as error:
        raise _Unreadable(tr("is damaged in its picture; get another copy.")) from error
    rgb = np.ascontiguousarray(planes[:3].transpose(1, 2, 0))
    return RasterLayer(name=tr("Background"), pixels=PixelBuffer.from_array(rgb), layer_id="psd-1")
