"""Saving a document over what was kept of the PSD it came from: only what was changed is changed.

The writer builds its own record of each layer and asks here for the record to be written instead:
the opened one with the user's changes in it, and with its packed channels wherever pixels and mask
are those that were opened. Text, shapes and smart objects whose pixels were changed become pixels,
or other programs would draw the old content again.
"""

from __future__ import annotations

import copy
import struct
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from psd_tools.constants import BlendMode as PsdBlendMode
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
from psd_tools.psd.image_resources import ImageResources
from psd_tools.psd.layer_and_mask import (
    ChannelDataList,
    ChannelInfo,
    GlobalLayerMaskInfo,
    LayerRecord,
)
from psd_tools.psd.tagged_blocks import TaggedBlocks

from editor.document.blending import BlendMode
from editor.document.kept import KeptLayer
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.state import DocumentState
from editor.formats.provenance import read_document_packet, read_layer_packet, usable_boxes
from editor.formats.psd_features import DRAWS_PIXELS, VECTOR_MASKS
from editor.formats.psd_layers import FLAT_RECORD, entries_of
from editor.formats.psd_look import Look, look_of_layer, look_of_record, same_expansion
from editor.formats.psd_masks import stored_mask
from editor.formats.psd_names import legacy_name, unicode_name
from editor.formats.psd_planes import pixel_hash
from editor.formats.psd_records import LOCK_ALL, metadata_of, parse, set_tag
from editor.formats.psd_resources import guides_of, profile_of, resolution_of
from editor.formats.psd_shifting import shift_drawing

_MASKS = (ChannelID.USER_LAYER_MASK, ChannelID.REAL_USER_LAYER_MASK)
_DEEP_LAYERS = (Tag.LAYER_16, Tag.LAYER_32)
_EMPTY = struct.pack(">H", Compression.RAW)
_RESOURCES_OF_OURS = (  # the rest of a file's resources stays as it was
    Resource.RESOLUTION_INFO,
    Resource.THUMBNAIL_RESOURCE,
    Resource.IDS_SEED_NUMBER,
    Resource.VERSION_INFO,
)


_FLAT_LOOK = Look("", 255, BlendMode.NORMAL, visible=True, locked=False, clipped=False)


@dataclass(frozen=True)
class KeptRecord:
    """What the writer shall write of a layer.

    Attributes:
        record: With the channels of the pixels first, then those of the mask.
        pixels: Packed channels of the pixels, each behind its two bytes of compression; None = the
            writer packs the layer's own, for the channels of its own record.
        masks: The same of the mask; empty = there is none.
    """

    record: LayerRecord
    pixels: tuple[bytes, ...] | None
    masks: tuple[bytes, ...] | None


@dataclass(frozen=True)
class _Stored:
    """A channel of the kept file, and how many rows it has."""

    channel_id: ChannelID
    channel: Any
    rows: int


@dataclass
class KeptRecords:
    """The opened file beside the document that came of it.

    Args:
        state: The document to be saved.
        version: 1 = as PSD, 2 = as PSB.
        include_recipes: False = our metadata of layers is taken out.
    """

    state: DocumentState
    version: int
    include_recipes: bool = True
    _numbered: set[int] = field(default_factory=set)  # records whose number was given

    def __post_init__(self) -> None:
        self._psd = _parsed(self.state)
        self._entries = [] if self._psd is None else list(entries_of(self._psd))

    def __bool__(self) -> bool:
        """Whether there is anything kept."""
        return self._psd is not None

    @property
    def highest_number(self) -> int:
        """The highest layer number in the kept file: new layers get higher ones."""
        numbers = (record.tagged_blocks.get_data(Tag.LAYER_ID) for record, _ in self._entries)
        return max((int(number) for number in numbers if number is not None), default=0)

    def number_for(self, layer: Layer, new: int) -> int | None:
        """The layer number to write: the opened one (None = it had none), else `new`.

        Only the first layer of one record gets it; a duplicate gets the new one.
        """
        found = self._find(layer)
        if found is None or layer.kept is None or layer.kept.record in self._numbered:
            return new
        self._numbered.add(layer.kept.record)
        number: Any = found[0].tagged_blocks.get_data(Tag.LAYER_ID)
        return None if number is None else int(number)

    def whole_file(self) -> bytes | None:
        """The opened file, when nothing of the document was changed since."""
        if self._psd is None or self.state.kept is None or not self._is_same_document(self._psd):
            return None
        order = list(_records(self.state.layers))
        expected = list(range(len(self._entries))) or [FLAT_RECORD]
        if order != expected or not all(map(self._is_unchanged, self.state.all_layers())):
            return None
        return self.state.kept.data

    def replacing(self, layer: Layer, ours: LayerRecord) -> KeptRecord | None:
        """What is written of a layer, or of a group above its layers; None = `ours`.

        Call it once for each layer, in the order of the file.
        """
        found = self._find(layer)
        if found is None or layer.kept is None:
            return None
        theirs, channels = found
        record: LayerRecord = copy.deepcopy(theirs)
        _set_look(record, look_of_record(theirs, layer.kept.features), layer)
        _set_number(record, ours)
        self._set_metadata(record, ours)
        pixels = self._pixels(layer, record, channels, ours)
        masks = self._masks(layer, record, channels, ours)
        infos = [info for info in record.channel_info if info.id not in _MASKS]
        if pixels is None:
            infos = [info for info in ours.channel_info if info.id not in _MASKS]
        source = ours if masks is None else record
        infos += [info for info in source.channel_info if info.id in _MASKS]
        record.channel_info = [ChannelInfo(id=info.id) for info in infos]
        return KeptRecord(record, pixels, masks)

    def replacing_lower(self, group: GroupLayer) -> KeptRecord | None:
        """What is written below a group's layers; None = the writer's own."""
        found = self._find(group)
        if found is None or group.kept is None or group.kept.lower_record is None:
            return None
        record, channels = self._entries[group.kept.lower_record]
        record = copy.deepcopy(record)
        record.channel_info = [ChannelInfo(id=info.id) for info in record.channel_info]
        packed = self._packed(_stored(record, channels)) if self._is_native else None
        return KeptRecord(record, packed or (_EMPTY,) * len(record.channel_info), ())

    def resources(self, ours: ImageResources) -> ImageResources:
        """Image resources: theirs, with those of ours that describe the picture or were changed."""
        if self._psd is None:
            return ours
        theirs: ImageResources = copy.deepcopy(self._psd.image_resources)
        changed = set(_RESOURCES_OF_OURS)
        if self.state.guides != guides_of(theirs):
            changed.add(Resource.GRID_AND_GUIDES_INFO)
            theirs.pop(Resource.GRID_AND_GUIDES_INFO, None)
        if not self._is_rgb or self.state.color_profile != profile_of(theirs):
            changed.add(Resource.ICC_PROFILE)
        if self._has_own_content or Resource.XMP_METADATA not in theirs:
            changed.add(Resource.XMP_METADATA)
        for key in ours:
            if key in changed or key not in theirs:
                theirs[key] = ours[key]
        return theirs

    def tail(self) -> tuple[GlobalLayerMaskInfo, TaggedBlocks] | None:
        """What stands behind the layers (patterns, linked files); None = the writer's own."""
        if self._psd is None:
            return None
        section = self._psd.layer_and_mask_information
        blocks = TaggedBlocks()
        for key, block in (section.tagged_blocks or {}).items():
            if key not in {tag.value for tag in _DEEP_LAYERS}:
                blocks[key] = block
        return section.global_layer_mask_info or GlobalLayerMaskInfo(), blocks

    # What is the same

    @property
    def _is_rgb(self) -> bool:
        return self._psd is not None and self._psd.header.color_mode is ColorMode.RGB

    @property
    def _is_native(self) -> bool:
        return self._is_rgb and self._psd is not None and self._psd.header.depth == 8

    @property
    def _has_own_content(self) -> bool:
        """Whether the document has what only our own metadata holds."""
        return bool(self.state.boxes) or any(
            layer.record is not None for layer in self.state.raster_layers()
        )

    def _is_same_document(self, psd: PSD) -> bool:
        header, resources = psd.header, psd.image_resources
        state = self.state
        packet: Any = resources.get_data(Resource.XMP_METADATA)
        listed = read_document_packet(packet if isinstance(packet, bytes) else None)
        boxes = () if listed is None else usable_boxes(listed.boxes, state.canvas)
        if listed is not None and not self.include_recipes:
            return False
        facts = (
            (header.version, self.version),
            ((header.width, header.height), (state.width, state.height)),
            (guides_of(resources), state.guides),
            (profile_of(resources) if self._is_rgb else None, state.color_profile),
            (resolution_of(resources) or state.resolution_ppi, state.resolution_ppi),
            (boxes, state.boxes),
            (0 if listed is None else listed.seed, state.seed if listed or state.boxes else 0),
        )
        return all(was == now for was, now in facts)

    def _is_unchanged(self, layer: Layer) -> bool:
        kept = layer.kept
        if kept is None or not _same_content(layer, kept) or not _same_mask(layer, kept):
            return False
        if kept.record == FLAT_RECORD and self.state.kept is not None:
            is_this = kept.file == self.state.kept.digest
            return is_this and replace(look_of_layer(layer), name="") == _FLAT_LOOK
        found = self._find(layer)
        if found is None:
            return False
        record = found[0]
        if isinstance(layer, RasterLayer) and layer.record is not None:
            known = read_layer_packet(metadata_of(record))[1]
            if known is None:
                return False
        same_look = look_of_layer(layer) == look_of_record(record, kept.features)
        return same_look and same_expansion(record, layer)

    def _find(self, layer: Layer) -> tuple[LayerRecord, ChannelDataList] | None:
        """Record and channels of a layer in the kept file."""
        kept, file = layer.kept, self.state.kept
        if kept is None or file is None or kept.file != file.digest:
            return None
        fits = 0 <= kept.record < len(self._entries)
        return self._entries[kept.record] if fits else None

    # Channels

    def _pixels(
        self, layer: Layer, record: LayerRecord, channels: ChannelDataList, ours: LayerRecord
    ) -> tuple[bytes, ...] | None:
        """The stored channels where they still are the layer's; else the record gets our box."""
        kept = layer.kept
        stored = [one for one in _stored(record, channels) if one.channel_id not in _MASKS]
        if kept is None or not isinstance(layer, RasterLayer):
            return self._packed(stored) if self._is_native else None
        same = pixel_hash(layer.pixels) == kept.pixel_hash
        dx, dy = layer.offset[0] - kept.offset[0], layer.offset[1] - kept.offset[1]
        is_drawn = record.width == 0 or record.height == 0
        if same and not (dx or dy):
            keeps = self._is_native or is_drawn
        else:
            moved = same and shift_drawing(record, dx, dy, self.state.canvas)
            if not moved:
                _drop(record, DRAWS_PIXELS)
            empty = layer.opaque_box.is_empty
            keeps = same and ((self._is_native and not is_drawn) or (is_drawn and (moved or empty)))
        packed = self._packed(stored) if keeps else None
        if packed is None:
            record.left, record.top = ours.left, ours.top
            record.right, record.bottom = ours.right, ours.bottom
        elif not is_drawn:
            record.left, record.right = record.left + dx, record.right + dx
            record.top, record.bottom = record.top + dy, record.bottom + dy
        return packed

    def _masks(
        self, layer: Layer, record: LayerRecord, channels: ChannelDataList, ours: LayerRecord
    ) -> tuple[bytes, ...] | None:
        kept = layer.kept
        stored = [one for one in _stored(record, channels) if one.channel_id in _MASKS]
        if kept is not None and _same_mask(layer, kept):
            packed = self._packed(stored) if self._is_native or not stored else None
            if packed is not None:
                return packed
        record.mask_data = ours.mask_data
        if not any(tag in record.tagged_blocks for tag in DRAWS_PIXELS if tag not in VECTOR_MASKS):
            _drop(record, VECTOR_MASKS)
        return None if layer.mask is not None else ()

    def _packed(self, stored: Sequence[_Stored]) -> tuple[bytes, ...] | None:
        parts = []
        for one in stored:
            data = self._in_version(one)
            if data is None:
                return None
            parts.append(struct.pack(">H", one.channel.compression) + data)
        return tuple(parts)

    def _in_version(self, stored: _Stored) -> bytes | None:
        """The data of a channel; a PSB has longer row lengths than a PSD. None = does not fit."""
        data = bytes(stored.channel.data)
        is_packed = stored.channel.compression is Compression.RLE and stored.rows > 0
        if self._psd is None or self._psd.header.version == self.version or not is_packed:
            return data
        was, now = (">u4", ">u2") if self.version == 1 else (">u2", ">u4")
        size = stored.rows * np.dtype(was).itemsize
        if len(data) < size:
            return None
        lengths = np.frombuffer(data[:size], was)
        if lengths.max(initial=0) > np.iinfo(now).max:
            return None
        return lengths.astype(now).tobytes() + data[size:]

    # Properties

    def _set_metadata(self, record: LayerRecord, ours: LayerRecord) -> None:
        blocks: Any = record.tagged_blocks
        new: Any = ours.tagged_blocks
        if Tag.METADATA_SETTING in new:
            blocks[Tag.METADATA_SETTING.value] = new[Tag.METADATA_SETTING.value]
        elif read_layer_packet(metadata_of(record)) != (None, None):
            blocks.pop(Tag.METADATA_SETTING.value, None)


def _parsed(state: DocumentState) -> PSD | None:
    """The kept file; None when there is none, or when it cannot be read any more."""
    if state.kept is None:
        return None
    try:
        return parse(state.kept.data)
    except MemoryError:
        raise
    except Exception:  # psd-tools raises about anything; what was kept came from a file too
        return None


def _records(layers: Sequence[Layer]) -> Iterator[int | None]:
    """Numbers of the records in the order of a file."""
    for layer in layers:
        if isinstance(layer, GroupLayer):
            yield None if layer.kept is None else layer.kept.lower_record
            yield from _records(layer.children)
        yield None if layer.kept is None else layer.kept.record


def _same_content(layer: Layer, kept: KeptLayer) -> bool:
    if not isinstance(layer, RasterLayer):
        return True  # a group's layers are asked themselves
    return layer.offset == kept.offset and pixel_hash(layer.pixels) == kept.pixel_hash


def _same_mask(layer: Layer, kept: KeptLayer) -> bool:
    now = "" if layer.mask is None else stored_mask(layer.mask).fingerprint
    return now == kept.mask_hash


def _stored(record: LayerRecord, channels: ChannelDataList) -> list[_Stored]:
    parts = zip(record.channel_info, channels, record.channel_sizes, strict=True)
    return [_Stored(info.id, channel, size[1]) for info, channel, size in parts]


def _drop(record: LayerRecord, tags: Collection[Tag]) -> None:
    for tag in tags:
        record.tagged_blocks.pop(tag.value, None)


def _set_look(record: LayerRecord, was: Look, layer: Layer) -> None:
    """Write into a record what of a layer's properties differs from it."""
    now = look_of_layer(layer)
    blocks: Any = record.tagged_blocks
    if now.name != was.name:
        record.name = legacy_name(layer.name)
        blocks.set_data(Tag.UNICODE_LAYER_NAME, unicode_name(layer.name))
    if now.opacity != was.opacity:
        record.opacity = now.opacity
        blocks.pop(Tag.BLEND_FILL_OPACITY.value, None)
    if now.visible != was.visible:
        record.flags.visible = now.visible
    if now.clipped != was.clipped:
        record.clipping = Clipping.NON_BASE if now.clipped else Clipping.BASE
    if now.locked != was.locked:
        blocks.pop(Tag.PROTECTED_SETTING.value, None)
        if now.locked:
            blocks.set_data(Tag.PROTECTED_SETTING, LOCK_ALL)
    if now.color_tag != was.color_tag:
        set_tag(record.tagged_blocks, now.color_tag)
    if now.blend_mode != was.blend_mode or not same_expansion(record, layer):
        _set_mode(record, layer)


def _set_number(record: LayerRecord, ours: LayerRecord) -> None:
    number: Any = ours.tagged_blocks.get_data(Tag.LAYER_ID)
    if number and number != record.tagged_blocks.get_data(Tag.LAYER_ID):
        record.tagged_blocks.set_data(Tag.LAYER_ID, int(number))


def _set_mode(record: LayerRecord, layer: Layer) -> None:
    mode = PsdBlendMode(layer.blend_mode.psd_key)
    record.blend_mode = PsdBlendMode.NORMAL if mode is PsdBlendMode.PASS_THROUGH else mode
    if isinstance(layer, GroupLayer):
        kind = SectionDivider.OPEN_FOLDER if layer.expanded else SectionDivider.CLOSED_FOLDER
        _drop(record, (Tag.NESTED_SECTION_DIVIDER_SETTING,))
        record.tagged_blocks.set_data(
            Tag.SECTION_DIVIDER_SETTING, kind, signature=b"8BIM", blend_mode=mode
        )
