"""What layers of other programs have beyond pixels: found here, kept as it is, told to the user."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from psd_tools.api.adjustments import TYPES as ADJUSTMENTS
from psd_tools.constants import ChannelID, Tag
from psd_tools.psd.layer_and_mask import LayerRecord

from editor.document.kept import KeptFeature
from editor.formats.psd_masks import has_softened_mask

VECTOR_MASKS = (Tag.VECTOR_MASK_SETTING1, Tag.VECTOR_MASK_SETTING2)
FILLS = (
    Tag.SOLID_COLOR_SHEET_SETTING,
    Tag.GRADIENT_FILL_SETTING,
    Tag.PATTERN_FILL_SETTING,
    Tag.VECTOR_STROKE_CONTENT_DATA,
)
_TEXT = (Tag.TYPE_TOOL_OBJECT_SETTING, Tag.TYPE_TOOL_INFO)
_SMART = (
    Tag.SMART_OBJECT_LAYER_DATA1,
    Tag.SMART_OBJECT_LAYER_DATA2,
    Tag.PLACED_LAYER1,
    Tag.PLACED_LAYER2,
)
_STROKE = (Tag.VECTOR_STROKE_DATA, Tag.VECTOR_ORIGINATION_DATA)
_EFFECTS = (
    Tag.EFFECTS_LAYER,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V0,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V1,
)
_ADJUSTMENTS = (
    *(tag for tag in ADJUSTMENTS if tag not in FILLS),
    Tag.BRIGHTNESS_AND_CONTRAST,  # of old files
)

# Whose drawing the stored pixels are: without those pixels they would draw something else.
DRAWS_PIXELS = (*_TEXT, *_SMART, *FILLS, *_STROKE, *VECTOR_MASKS)


def features_of(record: LayerRecord) -> tuple[KeptFeature, ...]:
    """What of a record this program does not edit; empty for plain pixels and groups."""
    blocks: Any = record.tagged_blocks
    has_path, has_fill = _any(blocks, VECTOR_MASKS), _any(blocks, FILLS)
    found = {
        KeptFeature.TEXT: _any(blocks, _TEXT),
        KeptFeature.SHAPE: has_path and (has_fill or _any(blocks, _STROKE)),
        KeptFeature.SMART_OBJECT: _any(blocks, _SMART),
        KeptFeature.FILL: has_fill and not has_path,
        KeptFeature.ADJUSTMENT: _any(blocks, _ADJUSTMENTS),
        KeptFeature.EFFECTS: _has_effects(blocks),
        KeptFeature.MASK: _has_drawn_mask(record, has_path=has_path and not has_fill),
        KeptFeature.BLENDING: _blends_otherwise(record),
    }
    return tuple(feature for feature, is_there in found.items() if is_there)


def _any(blocks: Any, tags: Collection[Tag]) -> bool:
    return any(tag in blocks for tag in tags)


def _has_effects(blocks: Any) -> bool:
    """Blocks of effects are also written for layers that have none."""
    for tag in _EFFECTS:
        data = blocks.get_data(tag)
        if tag is Tag.EFFECTS_LAYER:
            if data is not None and any(getattr(i, "enabled", 0) for i in _items(data)):
                return True
        elif data is not None and _is_switched_on(data):
            return True
    return False


def _items(data: Any) -> list[Any]:
    try:
        return list(data.values())
    except (AttributeError, TypeError):
        return []


def _is_switched_on(descriptor: Any) -> bool:
    if not bool(getattr(descriptor.get(b"masterFXSwitch"), "value", True)):
        return False
    for value in _items(descriptor):
        entries = value if isinstance(value, list) or hasattr(value, "append") else [value]
        for entry in entries:
            enabled = entry.get(b"enab") if hasattr(entry, "get") else None
            if enabled is not None and bool(enabled):
                return True
    return False


def _has_drawn_mask(record: LayerRecord, *, has_path: bool) -> bool:
    ids = {info.id for info in record.channel_info}
    return has_path or ChannelID.REAL_USER_LAYER_MASK in ids or has_softened_mask(record)


def _blends_otherwise(record: LayerRecord) -> bool:
    """Blend-if ranges, a knockout or switched-off channels."""
    ranges = record.blending_ranges
    full = [(0, 65535), (0, 65535)]
    listed = [ranges.composite_ranges, *(ranges.channel_ranges or [])]
    if any(one is not None and [tuple(pair) for pair in one] != full for one in listed):
        return True
    blocks: Any = record.tagged_blocks
    knockout = blocks.get_data(Tag.KNOCKOUT_SETTING, 0)
    return bool(knockout) or bool(blocks.get_data(Tag.CHANNEL_BLENDING_RESTRICTIONS_SETTING))
