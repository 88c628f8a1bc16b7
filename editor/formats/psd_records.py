"""Layer records of a PSD: what stands before the pixels of each layer and around each group.

Written as psd-tools' low-level records, because its object model loses alpha, first locks and
names in other scripts, and renders a preview of its own.
"""

from __future__ import annotations

import io
from typing import Any

from psd_tools.constants import BlendMode as PsdBlendMode
from psd_tools.constants import Clipping, SectionDivider, SheetColorType, Tag
from psd_tools.psd import PSD
from psd_tools.psd.descriptor import DescriptorBlock, Double, String
from psd_tools.psd.layer_and_mask import ChannelInfo, LayerFlags, LayerRecord
from psd_tools.psd.parse_limits import ParseLimits
from psd_tools.psd.tagged_blocks import MetadataSetting, TaggedBlocks

from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.geometry import Corners
from editor.document.layers import GroupLayer, Layer
from editor.formats.psd_names import legacy_name, unicode_name
from editor.formats.psd_packing import CHANNELS

LOCK_ALL = 0x80000007  # one reader looks only at the low bits, another only at the top bit
_LOCK_EVERYTHING = 0x80000000
_LOCK_PIXELS, _LOCK_POSITION = 0x02, 0x04
OUR_BLOCKS = (  # what the records below may hold
    Tag.UNICODE_LAYER_NAME,
    Tag.LAYER_ID,
    Tag.BLEND_FILL_OPACITY,
    Tag.PROTECTED_SETTING,
    Tag.SHEET_COLOR_SETTING,
    Tag.SECTION_DIVIDER_SETTING,
    Tag.METADATA_SETTING,
)
MAX_OBJECTS = 2_000_000
_BACKWARDS = {
    b"8BIM" + mode.value[::-1]: b"8BIM" + mode.value
    for mode in PsdBlendMode
    if mode.value[::-1] not in set(PsdBlendMode)
}
_SHEET_COLORS = {
    ColorTag.RED: SheetColorType.RED,
    ColorTag.ORANGE: SheetColorType.ORANGE,
    ColorTag.YELLOW: SheetColorType.YELLOW,
    ColorTag.GREEN: SheetColorType.GREEN,
    ColorTag.BLUE: SheetColorType.BLUE,
    ColorTag.VIOLET: SheetColorType.VIOLET,
    ColorTag.GRAY: SheetColorType.GRAY,
}
_COLOR_TAGS = {
    **{color: tag for tag, color in _SHEET_COLORS.items()},
    SheetColorType.SEAFOAM: ColorTag.GREEN,
    SheetColorType.INDIGO: ColorTag.BLUE,
    SheetColorType.MAGENTA: ColorTag.VIOLET,
    SheetColorType.FUSCHIA: ColorTag.VIOLET,
}
_DIVIDER_NAME = "</Layer group>"


def parse(data: bytes) -> PSD:
    """psd-tools' low-level structure, within limits; it raises about anything on damaged files.

    ImageMagick 6 writes some blend modes backwards ("mron"): those are read the right way.
    """
    limits = ParseLimits(max_objects=MAX_OBJECTS)
    try:
        return PSD.read(io.BytesIO(data), parse_limits=limits)
    except ValueError:
        turned = data
        for backwards, key in _BACKWARDS.items():
            turned = turned.replace(backwards, key)
        if turned == data:
            raise
        return PSD.read(io.BytesIO(turned), parse_limits=limits)


def raster_record(layer: Layer, number: int, box: Corners, metadata: str | None) -> LayerRecord:
    """The record of a raster layer whose stored pixels cover `box`."""
    record = _record(layer, number, PsdBlendMode(layer.blend_mode.psd_key))
    record.left, record.top, record.right, record.bottom = box
    if metadata is not None:
        record.tagged_blocks.set_data(Tag.METADATA_SETTING, [_metadata(metadata)])
    return record


def group_end_record() -> LayerRecord:
    """The record below the lowest layer of a group."""
    record = LayerRecord(name=_DIVIDER_NAME, channel_info=_channels())
    record.tagged_blocks = TaggedBlocks()
    record.tagged_blocks.set_data(
        Tag.SECTION_DIVIDER_SETTING, SectionDivider.BOUNDING_SECTION_DIVIDER
    )
    record.tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, _DIVIDER_NAME)
    return record


def group_record(group: GroupLayer, number: int) -> LayerRecord:
    """The record above the highest layer of a group: its name and properties."""
    mode = PsdBlendMode(group.blend_mode.psd_key)
    plain = PsdBlendMode.NORMAL if mode is PsdBlendMode.PASS_THROUGH else mode
    record = _record(group, number, plain)
    kind = SectionDivider.OPEN_FOLDER if group.expanded else SectionDivider.CLOSED_FOLDER
    record.tagged_blocks.set_data(
        Tag.SECTION_DIVIDER_SETTING, kind, signature=b"8BIM", blend_mode=mode
    )
    return record


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


def tag_of(record: LayerRecord) -> ColorTag:
    """The colour in the layers panel; of Photoshop's newer ones the nearest that is known here."""
    color: Any = record.tagged_blocks.get_data(Tag.SHEET_COLOR_SETTING)
    return _COLOR_TAGS.get(color, ColorTag.NONE)


def keeps_tag(record: LayerRecord) -> bool:
    """Whether the colour is one of ours, so that writing it anew loses nothing."""
    color: Any = record.tagged_blocks.get_data(Tag.SHEET_COLOR_SETTING, SheetColorType.NO_COLOR)
    return color in (SheetColorType.NO_COLOR, _SHEET_COLORS.get(tag_of(record)))


def set_tag(blocks: TaggedBlocks, tag: ColorTag) -> None:
    """Write the colour in the layers panel; without one there is no block."""
    blocks.pop(Tag.SHEET_COLOR_SETTING.value, None)
    if tag is not ColorTag.NONE:
        blocks.set_data(Tag.SHEET_COLOR_SETTING, _SHEET_COLORS[tag])


def metadata_of(record: LayerRecord) -> str | None:
    """The XMP packet in a layer's own metadata, as `raster_record` writes it."""
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
    # One reader takes a layer without this block for one with a fill of 0.
    blocks.set_data(Tag.BLEND_FILL_OPACITY, 255)
    if layer.locked:
        blocks.set_data(Tag.PROTECTED_SETTING, LOCK_ALL)
    set_tag(blocks, layer.color_tag)
    return LayerRecord(
        blend_mode=blend_mode,
        opacity=layer.opacity_level,
        clipping=Clipping.NON_BASE if layer.clipped else Clipping.BASE,
        flags=LayerFlags(visible=layer.visible),
        name=legacy_name(layer.name),
        tagged_blocks=blocks,
        channel_info=_channels(),
    )


def _metadata(packet: str) -> MetadataSetting:
    """Key `cust`, class `metadata`: what scripts in Photoshop see as a layer's XMP."""
    descriptor = DescriptorBlock(classID=b"metadata")
    descriptor[b"layerTime"] = Double(0.0)  # no clock: equal documents give equal files
    descriptor[b"layerXMP"] = String(packet + "\0")
    contents: Any = descriptor
    return MetadataSetting(key=b"cust", copy_on_sheet=False, data=contents)


def _channels() -> list[ChannelInfo]:
    """Their lengths are filled in when the pixels are packed."""
    return [ChannelInfo(id=channel) for channel in CHANNELS]
