"""What other programs put into a PSD that this version cannot keep, by name."""

from __future__ import annotations

from typing import Any

from psd_tools.api.adjustments import TYPES as ADJUSTMENTS
from psd_tools.constants import ChannelID, Tag
from psd_tools.psd.layer_and_mask import LayerRecord

from editor.formats.psd_masks import has_softened_mask
from editor.translations import mark

_FEATURES: tuple[tuple[str, tuple[Tag, ...]], ...] = (
    (mark("text"), (Tag.TYPE_TOOL_OBJECT_SETTING, Tag.TYPE_TOOL_INFO)),
    (
        mark("a smart object"),
        (
            Tag.SMART_OBJECT_LAYER_DATA1,
            Tag.SMART_OBJECT_LAYER_DATA2,
            Tag.PLACED_LAYER1,
            Tag.PLACED_LAYER2,
        ),
    ),
    (
        mark("a vector shape"),
        (
            Tag.VECTOR_MASK_SETTING1,
            Tag.VECTOR_MASK_SETTING2,
            Tag.VECTOR_STROKE_DATA,
            Tag.VECTOR_STROKE_CONTENT_DATA,
        ),
    ),
    (
        mark("layer effects"),
        (
            Tag.EFFECTS_LAYER,
            Tag.OBJECT_BASED_EFFECTS_LAYER_INFO,
            Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V0,
            Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V1,
        ),
    ),
)


def unsupported_feature(record: LayerRecord) -> str | None:
    """What would be lost by opening this layer as pixels, shown with `tr`; None when nothing."""
    blocks: Any = record.tagged_blocks
    for feature, tags in _FEATURES:
        if any(tag in blocks for tag in tags):
            return feature
    if any(tag in blocks for tag in ADJUSTMENTS):
        return mark("an adjustment or fill")
    if any(info.id == ChannelID.REAL_USER_LAYER_MASK for info in record.channel_info):
        return mark("a vector mask")
    if has_softened_mask(record):
        return mark("a mask with density or feather")
    if blocks.get_data(Tag.BLEND_FILL_OPACITY, 255) != 255:
        return mark("a fill opacity")
    return None
