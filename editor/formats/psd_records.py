"""Layer records of a PSD: what stands before the pixels of each layer and around each group.

Written as psd-tools' low-level records, because its object model loses alpha, first locks and
names in other scripts, and renders a preview of its own.
"""

from __future__ import annotations

from typing import Any

from psd_tools.constants import BlendMode as PsdBlendMode
from psd_tools.constants import ChannelID, Clipping, Compression, SectionDivider, Tag
from psd_tools.psd.descriptor import DescriptorBlock, Double, String
from psd_tools.psd.layer_and_mask import (
    ChannelData,
    ChannelDataList,
    ChannelInfo,
    LayerFlags,
    LayerRecord,
)
from psd_tools.psd.tagged_blocks import MetadataSetting, TaggedBlocks

from editor.document.blending import BlendMode
from editor.document.layers import GroupLayer, Layer
from editor.formats.provenance import Box
from editor.formats.psd_names import legacy_name, unicode_name

# Alpha first, as other programs write it.
CHANNELS = (
    ChannelID.TRANSPARENCY_MASK,
    ChannelID.CHANNEL_0,
    ChannelID.CHANNEL_1,
    ChannelID.CHANNEL_2,
)
LOCK_ALL = 0x80000007  # one reader looks only at the low bits, another only at the top bit
_LOCK_EVERYTHING = 0x80000000
_LOCK_PIXELS, _LOCK_POSITION = 0x02, 0x04
_DIVIDER_NAME = "</Layer group>"

Entry = tuple[LayerRecord, ChannelDataList]


def raster_entry(
    layer: Layer, number: int, box: Box, planes: dict[ChannelID, bytes], metadata: str | None
) -> Entry:
    """Record and channels of a raster layer; `planes` are RLE-coded and cover `box`."""
    left, top, right, bottom = box
    record = _record(layer, number, PsdBlendMode(layer.blend_mode.psd_key))
    record.left, record.top, record.right, record.bottom = left, top, right, bottom
    if metadata is not None:
        record.tagged_blocks.set_data(Tag.METADATA_SETTING, [_metadata(metadata)])
    channels = ChannelDataList()
    for channel in CHANNELS:
        channels.append(ChannelData(compression=Compression.RLE, data=planes[channel]))
        record.channel_info.append(ChannelInfo(id=channel))
    return record, channels


def group_end_entry() -> Entry:
    """The record below the lowest layer of a group."""
    record = LayerRecord(name=_DIVIDER_NAME)
    record.tagged_blocks = TaggedBlocks()
    record.tagged_blocks.set_data(
        Tag.SECTION_DIVIDER_SETTING, SectionDivider.BOUNDING_SECTION_DIVIDER
    )
    record.tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, _DIVIDER_NAME)
    return record, _without_pixels(record)


def group_entry(group: GroupLayer, number: int) -> Entry:
    """The record above the highest layer of a group: its name and properties."""
    mode = PsdBlendMode(group.blend_mode.psd_key)
    plain = PsdBlendMode.NORMAL if mode is PsdBlendMode.PASS_THROUGH else mode
    record = _record(group, number, plain)
    kind = SectionDivider.OPEN_FOLDER if group.expanded else SectionDivider.CLOSED_FOLDER
    record.tagged_blocks.set_data(
        Tag.SECTION_DIVIDER_SETTING, kind, signature=b"8BIM", blend_mode=mode
    )
    return record, _without_pixels(record)


def divider_of(record: LayerRecord) -> tuple[SectionDivider | None, BlendMode | None]:
    """Whether a record opens or closes a group, and the blend mode that is kept there."""
    blocks: Any = record.tagged_blocks
    setting = blocks.get_data(Tag.SECTION_DIVIDER_SETTING)
    setting = blocks.get_data(Tag.NESTED_SECTION_DIVIDER_SETTING, setting)
    if setting is None or setting.kind is SectionDivider.OTHER:
        return None, None
    mode = setting.blend_mode
    return setting.kind, None if mode is None else BlendMode.from_psd_key(mode.value)


def is_locked(record: LayerRecord) -> bool:
    """Whether neither pixels nor position may change; lesser locks are not ours."""
    value = int(record.tagged_blocks.get_data(Tag.PROTECTED_SETTING, 0))
    both = _LOCK_PIXELS | _LOCK_POSITION
    return bool(value & _LOCK_EVERYTHING) or value & both == both


def metadata_of(record: LayerRecord) -> str | None:
    """The XMP packet in a layer's own metadata, as `raster_entry` writes it."""
    settings: Any = record.tagged_blocks.get_data(Tag.METADATA_SETTING, ())
    for setting in settings:
        descriptor = setting.data
        custom = setting.key == b"cust" and isinstance(descriptor, DescriptorBlock)
        if custom and descriptor.classID == b"metadata" and b"layerXMP" in descriptor:
            packet = descriptor[b"layerXMP"].value
            return packet if isinstance(packet, str) else None
    return None


def _record(layer: Layer, number: int, blend_mode: PsdBlendMode) -> LayerRecord:
    blocks = TaggedBlocks()
    blocks.set_data(Tag.UNICODE_LAYER_NAME, unicode_name(layer.name))
    blocks.set_data(Tag.LAYER_ID, number)
    if layer.locked:
        blocks.set_data(Tag.PROTECTED_SETTING, LOCK_ALL)
    return LayerRecord(
        blend_mode=blend_mode,
        opacity=layer.opacity_level,
        clipping=Clipping.NON_BASE if layer.clipped else Clipping.BASE,
        flags=LayerFlags(visible=layer.visible),
        name=legacy_name(layer.name),
        tagged_blocks=blocks,
    )


def _metadata(packet: str) -> MetadataSetting:
    """Key `cust`, class `metadata`: what scripts in Photoshop see as a layer's XMP."""
    descriptor = DescriptorBlock(classID=b"metadata")
    descriptor[b"layerTime"] = Double(0.0)  # no clock: equal documents give equal files
    descriptor[b"layerXMP"] = String(packet + "\0")
    contents: Any = descriptor
    return MetadataSetting(key=b"cust", copy_on_sheet=False, data=contents)


def _without_pixels(record: LayerRecord) -> ChannelDataList:
    channels = ChannelDataList()
    for channel in CHANNELS:
        channels.append(ChannelData(compression=Compression.RAW, data=b""))
        record.channel_info.append(ChannelInfo(id=channel, length=2))
    return channels
