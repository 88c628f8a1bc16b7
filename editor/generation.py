"""Joins documents and the engine without a window: requests from a document, commands from results.

Window and terminal both go through here, so the same document gives the same request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.generation_commands import InsertGeneratedLayers
from editor.commands.pixel_commands import ReplaceLayerContent
from editor.commands.refusals import require_unlocked
from editor.document import affine, layer_placement
from editor.document.affine import Matrix
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.identity import new_id
from editor.document.layers import RasterLayer
from editor.document.layout import LayoutBox
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord, RecordKind
from editor.document.state import DocumentState
from editor.translations import tr
from engine.prompts.captions import STYLES
from engine.requests import (
    DEFAULT_GUIDANCE,
    DEFAULT_STEPS,
    DEFAULT_STYLE,
    MAX_PROMPT_CHARACTERS,
    MAX_SIDE_PX,
    MIN_SIDE_PX,
    GeneratedLayer,
    LayerKind,
    LayerRecord,
    LayerRequest,
    LayerResult,
    LayoutRequest,
    LayoutResult,
    RegionBox,
    Request,
    SamplingOptions,
    check_request,
)


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a layer is to be made again: its box, inside a canvas, as the engine wants it.

    Attributes:
        rect: Document pixels; may lie outside the document.
        canvas: (width, height) of the request; the document's, or larger for larger layers.
    """

    rect: Rect
    kind: LayerKind
    canvas: tuple[int, int]

    def inside(self) -> Rect:
        """The same box moved onto the canvas: an object alone looks the same anywhere."""
        x = min(max(0, self.rect.x0), self.canvas[0] - self.rect.width)
        y = min(max(0, self.rect.y0), self.canvas[1] - self.rect.height)
        return Rect.from_size(x, y, self.rect.width, self.rect.height)


def styles() -> tuple[str, ...]:
    """Styles that the shipped model knows; the first one is the default."""
    return STYLES


def new_document(
    prompt: str, width: int, height: int, *, boxes: tuple[LayoutBox, ...], seed: int
) -> Document:
    """An empty document for a job of the terminal; equal arguments give equal files.

    Raises DocumentError when the size is impossible.
    """
    parts = [prompt, f"{width}x{height}", str(seed)]
    parts += [f"{box.rect.as_tuple()}/{box.name}/{box.prompt}" for box in boxes]
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
    return Document.from_state(
        DocumentState(width=width, height=height, boxes=boxes, seed=seed, document_id=digest)
    )


def layout_request(
    document: Document | DocumentState,
    prompt: str,
    *,
    style: str = DEFAULT_STYLE,
    seed: int | None = None,
    steps: int = DEFAULT_STEPS,
    guidance: float = DEFAULT_GUIDANCE,
    layer_count: int | None = None,
) -> LayoutRequest:
    """A job for all layers of a sentence, in the document's size and layout boxes.

    Args:
        prompt: The sentence; when it is empty and every box has a prompt, these make the sentence.
        seed: None = the document's.

    Raises:
        RequestError: The job can never succeed; the message names the field.
    """
    request = LayoutRequest(
        prompt=prompt if prompt.strip() else _sentence_of(document.boxes) or prompt,
        width=document.width,
        height=document.height,
        seed=document.seed if seed is None else seed,
        boxes=tuple(_region(box) for box in document.boxes),
        style=style,
        sampling=SamplingOptions(steps=steps, true_guidance=guidance),
        layer_count=layer_count,
    )
    check_request(request)
    return request


def layer_request(
    document: Document | DocumentState,
    layer_id: str,
    prompt: str,
    *,
    style: str | None = None,
    seed: int | None = None,
    steps: int | None = None,
) -> LayerRequest:
    """A job for one layer again, in its place.

    Args:
        style, steps: None = as it was made, or the defaults.
        seed: None = the seed it was made with and the next attempt, so the picture differs.

    Raises:
        DocumentError: There is no such layer, it is a group, or it or a group around it is locked.
        RequestError: The job can never succeed; the message names the field.
    """
    layer = document.raster(layer_id)
    require_unlocked(_state(document), (layer_id,))
    record = layer.record
    target = _target(document, layer)
    again = record.attempt + 1 if record and seed is None else 0
    own_seed = record.seed if record else document.seed
    rect = target.inside()
    guidance = record.true_guidance if record and record.steps else DEFAULT_GUIDANCE
    request = LayerRequest(
        prompt=prompt,
        width=target.canvas[0],
        height=target.canvas[1],
        seed=own_seed if seed is None else seed,
        box=RegionBox(layer_id, *rect.as_tuple(), attempt=again),
        kind=target.kind,
        style=style or (record.style if record and record.style in STYLES else DEFAULT_STYLE),
        sampling=SamplingOptions(
            steps=steps or (record.steps if record else 0) or DEFAULT_STEPS, true_guidance=guidance
        ),
    )
    check_request(request)
    return request


def command_for(
    result: LayoutResult | LayerResult,
    request: Request,
    document: Document | DocumentState,
    *,
    replaces: bool = False,
) -> Command:
    """The undoable step that lands a result in the document as it is now.

    Args:
        replaces: The layers of a sentence take the place of the unlocked ones that were generated.

    Raises:
        DocumentError: The regenerated layer is gone.
    """
    if isinstance(result, LayoutResult):
        return insert_command(result, document, generated_ids(document) if replaces else ())
    if isinstance(request, LayerRequest):
        layer = document.raster(result.layer.layer_id)
        other = request.prompt.strip() != prompt_of(layer) and has_automatic_name(layer)
        name = result.layer.name if other and result.layer.kind is LayerKind.OBJECT else None
        return replace_command(result, document, name=name)
    raise TypeError("a layer result answers a layer request")


def generated_ids(document: Document | DocumentState) -> tuple[str, ...]:
    """Generated layers that may be removed: neither they nor a group around them is locked."""
    return tuple(
        layer.layer_id
        for layer in document.raster_layers()
        if layer.record is not None and not document.is_locked(layer.layer_id)
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
    result: LayerResult, document: Document | DocumentState, *, name: str | None = None
) -> ReplaceLayerContent:
    """Puts the new pixels where the layer is now, scaled if it was scaled meanwhile.

    Args:
        name: Another name for the layer; None = keep.

    Raises DocumentError when it is gone.
    """
    made = result.layer
    layer = document.raster(made.layer_id)
    is_background = made.kind is LayerKind.BACKGROUND
    rect = document.canvas if is_background else _drawn_box(layer)
    pixels = PixelBuffer.from_array(made.pixels)
    landed = _landed(layer, pixels, rect)
    before = layer.record
    record = replace(
        to_document_record(made.record, pixels),
        kind=RecordKind.REGENERATED,
        box=rect.as_tuple(),
        visible_box=landed.opaque_box.as_tuple(),
        canvas_size=(document.width, document.height),
        z_index=0 if is_background else max(1, _known_index(document, layer)),
        parent_layer_id=before.parent_layer_id if before else "",
    )
    return ReplaceLayerContent(
        made.layer_id,
        landed.pixels,
        landed.offset,
        record,
        name=name,
        source=landed.source,
        matrix=landed.matrix,
    )


def _landed(layer: RasterLayer, pixels: PixelBuffer, rect: Rect) -> RasterLayer:
    """The layer with pixels that were drawn for an upright box, turned as the layer is."""
    upright = replace(layer, pixels=pixels, source=None, matrix=None, text=None)
    if layer.matrix is None:
        return layer_placement.fitted(upright, rect)
    around = affine.stretch(pixels.bounds.as_tuple(), layer.original.bounds.as_tuple())
    return layer_placement.placed(upright, affine.compose(layer.matrix, around))


def to_document_record(record: LayerRecord, pixels: PixelBuffer) -> GenerationRecord:
    """The engine's record as the document keeps it, with what is known of the pixels."""
    visible = pixels.alpha_box
    if not visible.is_empty:
        visible = visible.translated(*record.box[:2])
    return GenerationRecord(
        typed_prompt=record.typed_prompt,
        effective_prompt=record.effective_prompt,
        concept=record.concept,
        style=record.style,
        box=record.box,
        z_index=record.z_index,
        canvas_size=record.canvas_size,
        seed=record.seed,
        attempt=record.attempt,
        steps=record.steps,
        true_guidance=record.true_guidance,
        distilled_guidance=record.distilled_guidance,
        route=record.route,
        token_count=record.token_count,
        checkpoint=record.checkpoint,
        weights_hash=record.weights_hash,
        engine_version=record.engine_version,
        context_layers=record.context_layers,
        pixel_hash=pixels.content_hash,
        visible_box=visible.as_tuple(),
    )


def prompt_of(layer: RasterLayer) -> str:
    """The prompt that would give this layer by itself again.

    A layer made with others has no prompt of its own: its name says it ("red apple"), unless it was
    renamed; then the concept does.
    """
    record = layer.record
    if record is None:
        return layer.name
    if record.kind is RecordKind.REGENERATED:
        return record.typed_prompt
    if record.z_index == 0:
        return f"{record.concept} background" if record.concept else layer.name
    name = _without_copy(layer.name.rstrip("0123456789 "))
    named = name.lower() in record.typed_prompt.lower() or record.concept in name.lower()
    return name if name and named else record.concept or layer.name


def has_automatic_name(layer: RasterLayer) -> bool:
    """Whether a layer still has the name that generating gave it, such as "red apple 2"."""
    record = layer.record
    if record is None:
        return False
    name, concept = layer.name.lower(), record.concept.lower()
    bare = name.rstrip("0123456789 ")
    said = f" {record.typed_prompt.lower()}"
    return bool(bare) and (concept in (name, bare) or f" {bare}" in said)


def _without_copy(name: str) -> str:
    """A name without what duplicating added to it, in English or the language of the window."""
    for ending in (" copy", tr("{name} copy", name="")):
        while name.endswith(ending):
            name = name.removesuffix(ending)
    return name


def _state(document: Document | DocumentState) -> DocumentState:
    return document if isinstance(document, DocumentState) else document.snapshot()


def _sentence_of(boxes: tuple[LayoutBox, ...]) -> str:
    """ "a cat, a dog and a red apple"; empty when a box does not say what it shows.

    Only as many prompts as a sentence may have: the boxes bring their own to the engine anyway.
    """
    prompts = [box.prompt.strip(" .,;") for box in boxes]
    if not all(prompts):
        return ""
    while len(sentence := _listed(prompts)) > MAX_PROMPT_CHARACTERS:
        prompts.pop()
    return sentence


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _region(box: LayoutBox) -> RegionBox:
    return RegionBox(box.box_id, *box.rect.as_tuple(), name=box.name, prompt=box.prompt)


def _raster(layer: GeneratedLayer, ids: Mapping[str, str]) -> RasterLayer:
    pixels = PixelBuffer.from_array(layer.pixels)
    record = to_document_record(layer.record, pixels)
    context = tuple(ids.get(layer_id, layer_id) for layer_id in record.context_layers)
    return RasterLayer(
        layer_id=ids[layer.layer_id],
        name=layer.name,
        pixels=pixels,
        offset=(layer.box[0], layer.box[1]),
        record=replace(record, context_layers=context),
    )


def _target(document: Document | DocumentState, layer: RasterLayer) -> _Target:
    if _is_background(document, layer):
        return _Target(document.canvas, LayerKind.BACKGROUND, (document.width, document.height))
    rect = _drawn_box(layer)
    if max(rect.size) > MAX_SIDE_PX:
        raise DocumentError(
            tr(
                '"{name}" is larger than {limit} px; scale it down before regenerating.',
                name=layer.name,
                limit=MAX_SIDE_PX,
            )
        )
    width = max(document.width, rect.width, MIN_SIDE_PX)
    height = max(document.height, rect.height, MIN_SIDE_PX)
    return _Target(rect, LayerKind.OBJECT, (width, height))


def _is_background(document: Document | DocumentState, layer: RasterLayer) -> bool:
    """Made as a background, or an opaque layer that fills the canvas."""
    record = layer.record
    if record is not None and record.route:
        whole = Rect.from_size(0, 0, *record.canvas_size)
        return record.z_index == 0 and Rect(*record.box).contains(whole)
    return layer.pixels.is_opaque and layer.bounds.contains(document.canvas)


def _drawn_box(layer: RasterLayer) -> Rect:
    """The box the layer was drawn in, moved along with the layer, before it was turned."""
    return _moved_box(layer) if layer.matrix is None else _upright_box(layer, layer.matrix)


def _moved_box(layer: RasterLayer) -> Rect:
    """The box that a layer was drawn in which was moved and scaled only.

    Files keep only the visible part of a layer; then the recorded box around it counts, moved as
    far as the visible part was.
    """
    bounds = layer.bounds
    if layer.record is None or layer.source is not None:
        return bounds
    recorded, visible = Rect(*layer.record.box), Rect(*layer.record.visible_box)
    seen = layer.opaque_box
    if not seen.is_empty and seen.size == visible.size:
        return recorded.translated(seen.x0 - visible.x0, seen.y0 - visible.y0)
    if recorded.is_empty or bounds.width > recorded.width or bounds.height > recorded.height:
        return bounds
    if recorded.contains(bounds):
        return recorded
    if bounds.size == recorded.size:
        return bounds
    x = (bounds.x0 + bounds.x1 - recorded.width) // 2
    y = (bounds.y0 + bounds.y1 - recorded.height) // 2
    return Rect.from_size(x, y, recorded.width, recorded.height)


def _upright_box(layer: RasterLayer, matrix: Matrix) -> Rect:
    """The box of a turned layer before it was turned around its middle."""
    across, down = affine.lengths(matrix)
    width, height = layer.original.size
    x, y = affine.apply(matrix, width / 2, height / 2)
    size = max(1, round(width * across)), max(1, round(height * down))
    return Rect.from_size(round(x - size[0] / 2), round(y - size[1] / 2), *size)


def _known_index(document: Document | DocumentState, layer: RasterLayer) -> int:
    """Place in the stack of its job, or else among the raster layers, from the bottom."""
    if layer.record is not None:
        return layer.record.z_index
    ids = [raster.layer_id for raster in document.raster_layers()]
    return ids.index(layer.layer_id)
