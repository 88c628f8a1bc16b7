"""Requests to the engine from a document: the same document gives the same request."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from editor.commands.refusals import require_unlocked
from editor.document.document import Document
from editor.document.drawn_box import drawn_box
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layer_prompts import prompt_of
from editor.document.layers import RasterLayer
from editor.document.layout import MAX_BOXES, LayoutBox
from editor.document.state import DocumentState
from editor.document.wishes import LayerWish
from editor.generation.context import context_of, is_background, objects_below, pixels_of
from editor.generation.sampling import STARTER, layer_sampling, model_of, usual_sampling
from editor.translations import tr
from engine.prompts.captions import STYLES
from engine.requests import (
    DEFAULT_STYLE,
    MAX_PROMPT_CHARACTERS,
    MAX_SIDE_PX,
    MIN_SIDE_PX,
    AdapterChoice,
    AlphaRoute,
    GenerationMode,
    LayerKind,
    LayerPixels,
    LayerRequest,
    LayoutRequest,
    RegionBox,
    check_request,
)
from engine.run_options import RunOptions


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
    steps: int | None = None,
    guidance: float | None = None,
    layer_count: int | None = None,
    mode: GenerationMode = GenerationMode.ART,
    negative_prompt: str = "",
    background_prompt: str = "",
    alpha_route: AlphaRoute | None = None,
    matting_model: str = "",
    harmony: bool = False,
    model: str = STARTER,
    models: Path | None = None,
    adapters: tuple[AdapterChoice, ...] = (),
    run: RunOptions | None = None,
) -> LayoutRequest:
    """A job for all layers of a sentence, in the document's size and layout boxes.

    Args:
        prompt: The sentence; when it is empty and every box has a prompt, these make the sentence.
        seed: None = the document's.
        steps, guidance: None = as is usual for the model.
        mode: One sentence for all layers together, or a sentence per box and each by itself.
        background_prompt: Of the background layer; empty = the sentence says it.
        alpha_route, matting_model, harmony: See `engine.requests.LayoutRequest`.
        model: The starter, or the name of one that the user has brought.
        models: Folder of the list of brought models.
        adapters: LoRA files for a brought model.
        run: Attention's kernel and first-block caching of a brought model; None = as usual.

    Raises:
        RequestError: The job can never succeed; the message names the field.
    """
    usual = usual_sampling(model, models)
    request = LayoutRequest(
        prompt=prompt if prompt.strip() else _sentence_of(document.boxes) or prompt,
        width=document.width,
        height=document.height,
        seed=document.seed if seed is None else seed,
        boxes=tuple(_region(box) for box in document.boxes),
        style=style,
        sampling=replace(
            usual,
            steps=usual.steps if steps is None else steps,
            true_guidance=usual.true_guidance if guidance is None else guidance,
        ),
        layer_count=layer_count,
        mode=mode,
        negative_prompt=negative_prompt,
        background_prompt=background_prompt,
        alpha_route=alpha_route,
        matting_model=matting_model,
        harmony=harmony,
        checkpoint=model,
        adapters=adapters,
        run=run or RunOptions(),
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
    count: int = 1,
    same_noise: bool = False,
    negative_prompt: str | None = None,
    in_context: bool = False,
    strength: float | None = None,
    alpha_route: AlphaRoute | None = None,
    matting_model: str = "",
    model: str | None = None,
    models: Path | None = None,
    adapters: tuple[AdapterChoice, ...] = (),
    run: RunOptions | None = None,
) -> LayerRequest:
    """A job for one layer again, in its place and with what is wished for it.

    Args:
        style, steps: None = as wished, as it was made, or as is usual.
        seed: None = the seed it was made with and the next attempt, so the picture differs.
        count: Variations; each takes the next attempt.
        same_noise: The attempt that it was made with.
        negative_prompt: None = as wished or as it was made.
        in_context: Make it beside the other visible layers, held still, so that it matches them.
        strength: How far from its present pixels, 0.05 to 1; None = from noise only.
        alpha_route, matting_model, adapters, run: See `engine.requests.LayoutRequest`.
        model: The starter, or one that the user has brought; None = the one that made the layer.
        models: Folder of the list of brought models.

    Raises:
        DocumentError: There is no such layer, it is a group or a live text, or it or a group around
            it is locked.
        RequestError: The job can never succeed; the message names the field.
    """
    layer = document.raster(layer_id)
    require_unlocked(_state(document), (layer_id,))
    if layer.text is not None:
        text = tr('"{name}" is live text; rasterize it before it is made again.', name=layer.name)
        raise DocumentError(text)
    record, wish = layer.record, layer.wish or LayerWish()
    target = _target(document, layer)
    own_seed = record.seed if record else document.seed
    wished_seed = own_seed if wish.seed is None else wish.seed
    again = _next_attempt(layer, wished_seed) if seed is None else 0
    if same_noise and record is not None and wished_seed == record.seed:
        again = record.attempt
    rect = target.inside()
    chosen = model_of(layer) if model is None else model
    made_in = record.style if record and record.style in STYLES else DEFAULT_STYLE
    if negative_prompt is None:
        made_without = record.negative_prompt if record else ""
        negative_prompt = made_without if wish.negative_prompt is None else wish.negative_prompt
    below = objects_below(document, layer_id) if in_context else None
    request = LayerRequest(
        prompt=prompt,
        width=target.canvas[0],
        height=target.canvas[1],
        seed=wished_seed if seed is None else seed,
        box=RegionBox(layer_id, *rect.as_tuple(), attempt=again, below=below),
        kind=target.kind,
        style=style or wish.style or made_in,
        sampling=layer_sampling(layer, chosen, models, steps=steps),
        checkpoint=chosen,
        negative_prompt=negative_prompt,
        count=count,
        context=context_of(document, layer_id) if in_context else (),
        start=None if strength is None else _start(layer, rect, target.rect),
        strength=strength,
        alpha_route=alpha_route,
        matting_model=matting_model,
        adapters=adapters,
        run=run or RunOptions(),
    )
    check_request(request)
    return request


def _next_attempt(layer: RasterLayer, seed: int) -> int:
    """The first attempt with a seed that was never drawn for the layer or a variation of it.

    What was drawn and not chosen counts as well: nobody wants to see it as the next one.
    """
    records = [layer.record, *(variation.record for variation in layer.variations)]
    used = [record for record in records if record is not None and record.seed == seed]
    return max((max(r.attempt + 1, r.next_attempt) for r in used), default=0)


def boxes_of(document: DocumentState) -> tuple[LayoutBox, ...]:
    """The places and prompts of the generated objects as a layout, bottom to top.

    A box has the id of its layer, so that changing it asks for another try at that layer.
    """
    boxes = []
    for layer in document.raster_layers():
        if layer.record is None or is_background(document, layer):
            continue
        rect = drawn_box(layer).intersection(document.canvas)
        if not rect.is_empty:
            boxes.append(LayoutBox(rect, layer.name, prompt_of(layer), layer.layer_id))
    return tuple(boxes[-MAX_BOXES:])


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


def _start(layer: RasterLayer, rect: Rect, drawn: Rect) -> LayerPixels:
    """The layer's present pixels, moved as its box is moved onto the canvas of the request."""
    pixels = pixels_of(layer)
    x, y = rect.x0 - drawn.x0, rect.y0 - drawn.y0
    return replace(pixels, box=Rect(*pixels.box).translated(x, y).as_tuple())


def _target(document: Document | DocumentState, layer: RasterLayer) -> _Target:
    if is_background(document, layer):
        return _Target(document.canvas, LayerKind.BACKGROUND, (document.width, document.height))
    wished = layer.wish.box if layer.wish is not None else None
    rect = drawn_box(layer) if wished is None else Rect(*wished)
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


def _state(document: Document | DocumentState) -> DocumentState:
    return document if isinstance(document, DocumentState) else document.snapshot()
