"""Commands from results of the engine: one undoable step for each job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.generation_commands import InsertGeneratedLayers
from editor.commands.pixel_commands import ReplaceLayerContent
from editor.document.blending import BlendMode
from editor.document.document import Document
from editor.document.drawn_box import drawn_box, landed_at
from editor.document.geometry import Rect
from editor.document.identity import new_id
from editor.document.layer_prompts import has_automatic_name, prompt_of
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.document.recipe import MAX_SOURCES, GenerationRecord, JobEntry, RecordKind
from editor.document.state import DocumentState
from editor.document.variations import deduplicated, with_new
from editor.document.wishes import LayerWish
from editor.generation.context import visible_hash
from editor.generation.records import to_document_record
from editor.translations import tr
from engine.requests import (
    GeneratedLayer,
    LayerKind,
    LayerRecord,
    LayerRequest,
    LayerResult,
    LayoutResult,
    Request,
)

BACKGROUND_NAME = "background"  # what the engine calls one that was given no name


def command_for(
    result: LayoutResult | LayerResult,
    request: Request,
    document: Document | DocumentState,
    *,
    replaces: bool = False,
    asked: LayerWish | None = None,
) -> Command:
    """The undoable step that lands a result in the document as it is now.

    Args:
        replaces: The layers of a sentence take the place of the unlocked ones that were generated.
        asked: The wish of the layer that the request was made from; None = the one it has.

    Raises:
        DocumentError: The regenerated layer is gone.
    """
    if isinstance(result, LayoutResult):
        return insert_command(result, document, generated_ids(document) if replaces else ())
    if isinstance(request, LayerRequest):
        layer = document.raster(result.layer.layer_id)
        other = request.prompt.strip() != prompt_of(layer) and has_automatic_name(layer)
        name = result.layer.name if other and result.layer.kind is LayerKind.OBJECT else None
        asked = layer.wish if asked is None else asked
        return replace_command(result, document, name=name, asked=asked)
    raise TypeError("a layer result answers a layer request")


def generated_ids(document: Document | DocumentState) -> tuple[str, ...]:
    """Generated layers that may be removed: neither they nor a group around them is locked."""
    return tuple(
        layer.layer_id
        for layer in document.raster_layers()
        if layer.record is not None and not document.is_locked(layer.layer_id)
    )


def worked_on(layer: RasterLayer) -> bool:
    """Whether a generated layer has other pixels, another place, a mask, a look or variations now.

    Hashes the pixels, which takes a worker.
    """
    record = layer.record
    if record is None:
        return False
    moved = any(record.visible_box) and layer.opaque_box.as_tuple() != record.visible_box
    looks = layer.mask is not None or layer.blend_mode is not BlendMode.NORMAL
    return (
        moved
        or looks
        or layer.opacity_level < 255
        or len(layer.variations) > 1
        or record.pixel_hash not in ("", layer.original.content_hash)
    )


def insert_command(
    result: LayoutResult,
    document: Document | DocumentState,
    replaced_ids: tuple[str, ...] = (),
) -> InsertGeneratedLayers:
    """Puts all layers on top of the stack, or in place of the layers `replaced_ids`.

    Noise derives from seed and layer id, so a layer keeps its id where it can; it gets a new one
    when a layer that stays has it, and the records that name it follow.
    """
    ids = {
        layer.layer_id: new_id()
        if document.has_layer(layer.layer_id) and layer.layer_id not in replaced_ids
        else layer.layer_id
        for layer in result.layers
    }
    return InsertGeneratedLayers(
        layers=tuple(_raster(layer, ids) for layer in result.layers),
        canvas_size=(result.width, result.height),
        seed=result.seed,
        replaced_ids=replaced_ids,
    )


def replace_command(
    result: LayerResult,
    document: Document | DocumentState,
    *,
    name: str | None = None,
    asked: LayerWish | None = None,
) -> ReplaceLayerContent:
    """Puts the new pixels where the layer is now, scaled if it was scaled meanwhile.

    What the layer shows now stays in it as a variation.

    Args:
        name: Another name for the layer; None = keep.
        asked: The wish that is fulfilled; its box is where the pixels go.

    Raises DocumentError when it is gone.
    """
    layer = document.raster(result.layer.layer_id)
    is_background = result.layer.kind is LayerKind.BACKGROUND
    wished = asked.box if asked is not None else None
    rect = document.canvas if is_background else Rect(*wished) if wished else drawn_box(layer)
    place = _Place(
        rect,
        layer if wished is None else replace(layer, matrix=None, source=None),
        (document.width, document.height),
        0 if is_background else max(1, _known_index(document, layer)),
    )
    first = _landed(result.layer, place, layer)
    kept = replace(layer, variations=first.variations)
    for other in result.variations:
        kept = replace(kept, variations=_landed(other, place, kept).variations)
    return ReplaceLayerContent(
        layer.layer_id,
        first.pixels,
        first.offset,
        first.record,
        name=name,
        source=first.source,
        matrix=first.matrix,
        variations=kept.variations,
        shown_variation=first.shown_variation,
        asked=asked,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a layer is made again.

    Attributes:
        rect: Document pixels.
        upright: The layer that tells how the pixels are turned.
        canvas: (width, height) of the document.
    """

    rect: Rect
    upright: RasterLayer
    canvas: tuple[int, int]
    z_index: int


def _landed(made: GeneratedLayer, place: _Place, layer: RasterLayer) -> RasterLayer:
    """The layer showing new pixels, which are a variation of it."""
    known = (variation.pixels for variation in layer.variations)
    pixels = deduplicated(PixelBuffer.from_array(made.pixels), (layer.original, *known))
    landed = landed_at(place.upright, pixels, place.rect)
    record = replace(
        to_document_record(made.record, pixels),
        kind=RecordKind.REGENERATED,
        box=place.rect.as_tuple(),
        visible_box=landed.opaque_box.as_tuple(),
        # The places of layers that were in the same job depend on the size it was done in.
        canvas_size=made.record.canvas_size if made.record.entries else place.canvas,
        z_index=place.z_index,
        parent_layer_id=layer.record.parent_layer_id if layer.record else "",
        source_record=_source_record(layer, made.record),
    )
    variations = with_new(layer, pixels, place.rect, record)
    return replace(
        landed, record=record, variations=variations, shown_variation=variations[-1].variation_id
    )


def _source_record(layer: RasterLayer, made: LayerRecord) -> GenerationRecord | None:
    """How the pixels that were refined can be made again; None when they are not as made."""
    record = layer.record
    if record is None or made.strength is None or layer.matrix is not None:
        return None
    if made.source_hash != visible_hash(layer.pixels) or record.source_count >= MAX_SOURCES:
        return None
    box = drawn_box(layer).as_tuple()
    same_size = Rect(*box).size == Rect(*record.box).size
    if record.pixel_hash != layer.pixels.content_hash or not same_size:
        return None
    return record if record.z_index == 0 else replace(record, box=box)


def _raster(layer: GeneratedLayer, ids: Mapping[str, str]) -> RasterLayer:
    pixels = PixelBuffer.from_array(layer.pixels)
    record = to_document_record(layer.record, pixels)
    context = tuple(ids.get(layer_id, layer_id) for layer_id in record.context_layers)
    unnamed = layer.kind is LayerKind.BACKGROUND and layer.name == BACKGROUND_NAME
    return RasterLayer(
        layer_id=ids[layer.layer_id],
        name=tr("background") if unnamed else layer.name,
        pixels=pixels,
        offset=(layer.box[0], layer.box[1]),
        record=replace(record, context_layers=context, entries=_renamed(record.entries, ids)),
    )


def _renamed(entries: tuple[JobEntry, ...], ids: Mapping[str, str]) -> tuple[JobEntry, ...]:
    """The entries under the ids that their layers have in the document."""
    return tuple(
        replace(entry, layer_id=ids.get(entry.layer_id, entry.layer_id)) for entry in entries
    )


def _known_index(document: Document | DocumentState, layer: RasterLayer) -> int:
    """Place in the stack of its job, or else among the raster layers, from the bottom."""
    if layer.record is not None:
        return layer.record.z_index
    ids = [raster.layer_id for raster in document.raster_layers()]
    return ids.index(layer.layer_id)
