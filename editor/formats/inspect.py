"""Describes a document as plain values: what `layerloom inspect --json` prints."""

from __future__ import annotations

from typing import Any

from editor.document.compositor import HasState
from editor.document.geometry import Rect, union_of
from editor.document.layers import GroupLayer, Layer, RasterLayer, rasters
from editor.document.state import DocumentState
from editor.formats.provenance import record_json
from editor.formats.psd_masks import StoredMask, stored_mask
from editor.formats.psd_names import unicode_name
from editor.formats.psd_planes import pixel_hash, stored_box


def describe(document: DocumentState | HasState) -> dict[str, Any]:
    """Width, height and every layer, bottom to top, a group before what is in it.

    Each layer: `id`, `name` and `box` [x0, y0, x1, y1] as a PSD stores them, `kind` ("raster" or
    "group"), `group` (id of the group around it, or null), `opacity` 0..1, `blend_mode`, `visible`,
    `locked`, `clipped`, `color_tag` ("none" or a colour), `mask` (null, or `box` as a PSD stores
    it, `outside` 0 or 255, `enabled` and `hash`), `pixel_hash` (of the visible content, see
    `psd_planes`; null for groups) and `recipe` (the generation record, or null). A document and the
    PSD written from it give the same values, but for the status of a scaled layer: a file has no
    unscaled pixels, so it is "edited" there.
    """
    state = document if isinstance(document, DocumentState) else document.snapshot()
    return {
        "width": state.width,
        "height": state.height,
        "layers": [
            _describe_layer(layer, state.parent_id(layer.layer_id)) for layer in state.all_layers()
        ],
    }


def stored_bounds(layer: Layer) -> Rect:
    """The box in document pixels that a PSD gives to this layer; a group's holds its layers'."""
    if isinstance(layer, RasterLayer):
        return stored_box(layer.pixels).translated(*layer.offset)
    children = layer.children if isinstance(layer, GroupLayer) else ()
    return union_of(stored_bounds(child) for child in rasters(children))


def _describe_layer(layer: Layer, group: str | None) -> dict[str, Any]:
    content_hash = pixel_hash(layer.pixels) if isinstance(layer, RasterLayer) else None
    recipe = None
    if isinstance(layer, RasterLayer) and content_hash is not None:
        recipe = record_json(layer, content_hash)
    return {
        "id": layer.layer_id,
        "name": unicode_name(layer.name),
        "kind": "group" if isinstance(layer, GroupLayer) else "raster",
        "group": group,
        "box": list(stored_bounds(layer).as_tuple()),
        "opacity": layer.opacity,
        "blend_mode": layer.blend_mode.id,
        "visible": layer.visible,
        "locked": layer.locked,
        "clipped": layer.clipped,
        "color_tag": layer.color_tag.value,
        "mask": None if layer.mask is None else _describe_mask(stored_mask(layer.mask)),
        "pixel_hash": content_hash,
        "recipe": recipe,
    }


def _describe_mask(mask: StoredMask) -> dict[str, Any]:
    return {
        "box": list(mask.box.as_tuple()),
        "outside": mask.outside,
        "enabled": mask.enabled,
        "hash": mask.fingerprint,
    }
