"""Requests to the engine from a document: the same document gives the same request."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from editor.generation.options import LayerOptions, PictureOptions
from editor.generation.sampling import STARTER, layer_sampling, model_of, usual_sampling
from editor.translations import tr
from engine.prompts.captions import STYLES
from engine.requests import (
    DEFAULT_STYLE,
    MAX_PROMPT_CHARACTERS,
    MAX_SIDE_PX,
    MIN_SIDE_PX,
    LayerKind,
    LayerPixels,
    LayerRequest,
    LayoutRequest,
    RegionBox,
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
    document: Document | DocumentState, prompt: str, options: PictureOptions | None = None
) -> LayoutRequest:
    """A job for all layers of a sentence, in the document's size and layout boxes.

    Args:
        prompt: The sentence; when it is empty and every box has a prompt, these make the sentence.

    Raises:
        RequestError: The job can never succeed; the message names the field.
    """
    options = options or PictureOptions()
    model = options.model.name or STARTER
    usual = usual_sampling(model, options.model.shelf)
    request = LayoutRequest(
        prompt=prompt if prompt.strip() else _sentence_of(document.boxes) or prompt,
        width=document.width,
        height=document.height,
        seed=document.seed if options.seed is None else options.seed,
        boxes=tuple(_region(box) for box in document.boxes),
        style=options.style,
        sampling=replace(
            usual,
            steps=usual.steps if options.steps is None else options.steps,
            true_guidance=usual.true_guidance if options.guidance is None else options.guidance,
        ),
        layer_count=options.layer_count,
        mode=options.mode,
        negative_prompt=options.negative_prompt,
        background_prompt=options.background_prompt,
        alpha_route=options.transparency.route,
        matting_model=options.transparency.matting_model,
        harmony=options.harmony,
        checkpoint=model,
        adapters=options.model.adapters,
        run=options.model.run,
    )
    check_request(request)
    return request


def layer_request(
    document: Document | DocumentState,
    layer_id: str,
    prompt: str,
    options: LayerOptions | None = None,
) -> LayerRequest:
    """A job for one layer again, in its place and with what is wished for it.

    Raises:
        DocumentError: There is no such layer, it is a group or a live text, or it or a group around
            it is locked.
        RequestError: The job can never succeed; the message names the field.
    """
    options = options or LayerOptions()
    layer = document.raster(layer_id)
    require_unlocked(_state(document), (layer_id,))
    if layer.text is not None:
        text = tr('"{name}" is live text; rasterize it before it is made again.', name=layer.name)
        raise DocumentError(text)
    target = _target(document, layer)
    rect = target.inside()
    seed, attempt = _noise(document, layer, options)
    model = options.model.name or model_of(layer)
    beside = options.in_context
    request = LayerRequest(
        prompt=prompt,
        width=target.canvas[0],
        height=target.canvas[1],
        seed=seed,
        box=RegionBox(
            layer_id,
            *rect.as_tuple(),
            attempt=attempt,
            below=objects_below(document, layer_id) if beside else None,
        ),
        kind=target.kind,
        style=options.style or _style(layer),
        sampling=layer_sampling(layer, model, options.model.shelf, steps=options.steps),
        checkpoint=model,
        negative_prompt=_negative_prompt(layer, options),
        count=options.count,
        context=context_of(document, layer_id) if beside else (),
        start=None if options.strength is None else _start(layer, rect, target.rect),
        strength=options.strength,
        alpha_route=options.transparency.route,
        matting_model=options.transparency.matting_model,
        adapters=options.model.adapters,
        run=options.model.run,
    )
    check_request(request)
    return request


def _noise(
    document: Document | DocumentState, layer: RasterLayer, options: LayerOptions
) -> tuple[int, int]:
    """The seed and the attempt that a layer is made again with."""
    record, wish = layer.record, layer.wish or LayerWish()
    own = record.seed if record else document.seed
    wished = own if wish.seed is None else wish.seed
    seed = wished if options.seed is None else options.seed
    if options.same_noise and record is not None and wished == record.seed:
        return seed, record.attempt
    return seed, _next_attempt(layer, wished) if options.seed is None else 0


def _style(layer: RasterLayer) -> str:
    """As is wished for the layer, as it was made, or the usual one."""
    made_in = layer.record.style if layer.record else ""
    wished = layer.wish.style if layer.wish is not None else None
    return wished or (made_in if made_in in STYLES else DEFAULT_STYLE)


def _negative_prompt(layer: RasterLayer, options: LayerOptions) -> str:
    """As it is asked for, as is wished for the layer, or as it was made."""
    if options.negative_prompt is not None:
        return options.negative_prompt
    wished = layer.wish.negative_prompt if layer.wish is not None else None
    made_without = layer.record.negative_prompt if layer.record else ""
    return made_without if wished is None else wished


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
