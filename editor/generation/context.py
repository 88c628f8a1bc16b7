"""The other layers of a document, as the engine holds them still while one is made again."""

from __future__ import annotations

from editor.document.document import Document
from editor.document.drawn_box import drawn_box
from editor.document.geometry import Rect
from editor.document.layer_prompts import prompt_of
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from engine.requests import ContextLayer, LayerKind, LayerPixels


def context_of(document: Document | DocumentState, without: str) -> tuple[ContextLayer, ...]:
    """All layers that can be seen, but for one, bottom to top."""
    return tuple(
        context_layer(document, layer)
        for layer in document.raster_layers()
        if layer.layer_id != without and _can_be_seen(document, layer)
    )


def objects_below(document: Document | DocumentState, layer_id: str) -> int:
    """How many object layers of `context_of` lie below a layer."""
    count = 0
    for layer in document.raster_layers():
        if layer.layer_id == layer_id:
            break
        count += _can_be_seen(document, layer) and not is_background(document, layer)
    return count


def context_layer(document: Document | DocumentState, layer: RasterLayer) -> ContextLayer:
    """One layer with its pixels as they are shown."""
    behind = is_background(document, layer)
    generated = layer.record is not None and layer.record.z_index > 0 and layer.matrix is None
    box = drawn_box(layer) if generated else layer.opaque_box
    return ContextLayer(
        layer.layer_id,
        prompt_of(layer),
        LayerKind.BACKGROUND if behind else LayerKind.OBJECT,
        (document.canvas if behind else box).as_tuple(),
        pixels_of(layer),
    )


def pixels_of(layer: RasterLayer) -> LayerPixels:
    """A layer's pixels for the engine."""
    return LayerPixels(layer.bounds.as_tuple(), layer.pixels.array, visible_hash(layer.pixels))


def visible_hash(pixels: PixelBuffer) -> str:
    """Hash of what can be seen, the same before and after writing a PSD."""
    # Imported here: psd-tools takes longer to load than most jobs need to begin.
    from editor.formats.psd_planes import pixel_hash

    return pixel_hash(pixels)


def is_background(document: Document | DocumentState, layer: RasterLayer) -> bool:
    """Made as a background, or an opaque layer that fills the canvas."""
    record = layer.record
    if record is not None and record.route:
        whole = Rect.from_size(0, 0, *record.canvas_size)
        return record.z_index == 0 and Rect(*record.box).contains(whole)
    return layer.pixels.is_opaque and layer.bounds.contains(document.canvas)


def _can_be_seen(document: Document | DocumentState, layer: RasterLayer) -> bool:
    """Whether neither it nor a group around it is hidden, and it shows anything at all."""
    state = document if isinstance(document, DocumentState) else document.snapshot()
    around: str | None = layer.layer_id
    while around is not None:
        if not state.layer(around).visible:
            return False
        around = state.parent_id(around)
    return not layer.opaque_box.is_empty
