"""A layer's properties as a record of a PSD says them: to open it, and to find what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psd_tools.constants import Clipping, SectionDivider, Tag
from psd_tools.psd.layer_and_mask import LayerRecord

from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.kept import KeptFeature
from editor.document.layers import GroupLayer, Layer, clean_name
from editor.formats.psd_names import read_name
from editor.formats.psd_records import divider_of, is_locked, tag_of


@dataclass(frozen=True, slots=True)
class Look:
    """What a record and a layer have in common; opacity 0..255."""

    name: str
    opacity: int
    blend_mode: BlendMode
    visible: bool
    locked: bool
    clipped: bool
    color_tag: ColorTag = ColorTag.NONE


def look_of_record(record: LayerRecord, features: tuple[KeptFeature, ...] = ()) -> Look:
    """As the record is opened. Fill opacity is worked into the opacity; adjustments are locked."""
    kind, group_mode = divider_of(record)
    mode = BlendMode.from_psd_key(record.blend_mode.value)
    if kind is not None:
        mode = group_mode or mode
    elif mode is BlendMode.PASS_THROUGH:
        mode = BlendMode.NORMAL
    return Look(
        name=clean_name(name_of(record)),
        opacity=round(record.opacity * fill_of(record) / 255),
        blend_mode=mode,
        visible=record.flags.visible,
        locked=is_locked(record) or KeptFeature.ADJUSTMENT in features,
        clipped=record.clipping is Clipping.NON_BASE,
        color_tag=tag_of(record),
    )


def look_of_layer(layer: Layer) -> Look:
    """The same of a layer of the document."""
    return Look(
        name=layer.name,
        opacity=layer.opacity_level,
        blend_mode=layer.blend_mode,
        visible=layer.visible,
        locked=layer.locked,
        clipped=layer.clipped,
        color_tag=layer.color_tag,
    )


def name_of(record: LayerRecord) -> str:
    """The name of a record in one line."""
    name: Any = record.tagged_blocks.get_data(Tag.UNICODE_LAYER_NAME, record.name)
    return read_name(str(name))


def fill_of(record: LayerRecord) -> int:
    """Fill opacity, 0..255."""
    value: Any = record.tagged_blocks.get_data(Tag.BLEND_FILL_OPACITY, 255)
    return int(value) if isinstance(value, int) or hasattr(value, "__int__") else 255


def is_expanded(record: LayerRecord) -> bool:
    """Whether the record of a group shows it open."""
    return divider_of(record)[0] is SectionDivider.OPEN_FOLDER


def same_expansion(record: LayerRecord, layer: Layer) -> bool:
    """Whether a group is shown as the record says; True for other layers."""
    return not isinstance(layer, GroupLayer) or layer.expanded == is_expanded(record)
