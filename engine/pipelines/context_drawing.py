"""Objects made again beside the other layers of the document, which are held still meanwhile.

The others' clean latents walk along the noise path in the same sequence of tokens, so the new
layer sees their scale, light and style and they do not change (art-plus, section 4, editing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.pipelines.alpha_of_drawings import with_route
from engine.pipelines.drawings import Drawing, check_drawings, draw_alone, in_asked_colour
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import CONTEXT
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import OnStep, sample_regions
from engine.pipelines.neighbours import held_entry, place_among
from engine.pipelines.scene_run import ScenePart, SceneRun, plan_run
from engine.prompts.captions import scene_caption
from engine.prompts.planning.layer_plan import background_phrase, context_phrase
from engine.prompts.planning.plans import ObjectPlan
from engine.requests import ContextLayer, LayerKind, LayerRequest, RecordEntry


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is held still, bottom to top, and the words for it."""

    background: ContextLayer | None
    objects: tuple[ContextLayer, ...]
    phrases: tuple[str, ...]
    behind: str

    @classmethod
    def of(cls, request: LayerRequest, model: LayerModel) -> Surroundings:
        """The request's context, understood; only one background counts."""
        behind = [layer for layer in request.context if layer.kind is LayerKind.BACKGROUND]
        objects = [layer for layer in request.context if layer.kind is LayerKind.OBJECT]
        phrases = [context_phrase(layer.prompt, model.words) for layer in objects]
        return cls(
            behind[0] if behind else None,
            tuple(objects),
            tuple(phrases),
            background_phrase(behind[0].prompt, model.words) if behind else "",
        )

    @property
    def layer_ids(self) -> tuple[str, ...]:
        """Of all that is held."""
        layers = ((self.background,) if self.background else ()) + self.objects
        return tuple(layer.layer_id for layer in layers)


def draw_in_context(
    model: LayerModel,
    request: LayerRequest,
    plans: Sequence[ObjectPlan],
    around: Surroundings,
    *,
    job: JobReporter,
    on_step: OnStep,
) -> list[Drawing]:
    """Draws the objects together until all pass the check, `sampling.tries` times at most.

    What does not pass in company is drawn alone, as in a layout job; the better one stays.

    Args:
        plans: The first is the request's own box, the others those beside it.
    """
    labels = [plan.item.concept.label for plan in plans]
    best: list[Drawing | None] = [None] * len(plans)
    runs = 0
    for number in range(request.sampling.tries):
        runs = number + 1
        tried = [replace(p, item=replace(p.item, attempt=p.item.attempt + number)) for p in plans]
        for index, made in enumerate(
            _drawn_once(model, request, tried, around, labels=labels, job=job, on_step=on_step)
        ):
            before = best[index]
            drawing = in_asked_colour(request, made) if made else None
            if drawing and (before is None or drawing.verdict.better_than(before.verdict)):
                best[index] = drawing
        if all(drawing is not None and drawing.verdict.passes for drawing in best):
            break
    drawings = [
        _or_alone(model, request, plan, drawing, labels=labels, job=job, on_step=on_step)
        for plan, drawing in zip(plans, best, strict=True)
    ]
    for plan, drawing in zip(plans, drawings, strict=True):
        drawing.next_attempt = max(drawing.next_attempt, plan.item.attempt + runs)
    return drawings


def _or_alone(
    model: LayerModel,
    request: LayerRequest,
    plan: ObjectPlan,
    drawing: Drawing | None,
    *,
    labels: Sequence[str],
    job: JobReporter,
    on_step: OnStep,
) -> Drawing:
    if drawing is not None and drawing.verdict.passes:
        return drawing
    alone = draw_alone(
        model, request, plan.item, style=plan.style, labels=labels, job=job, on_step=on_step
    )
    if drawing is not None and not alone.verdict.better_than(drawing.verdict):
        drawing.next_attempt = alone.next_attempt
        return drawing
    return alone


def _drawn_once(
    model: LayerModel,
    request: LayerRequest,
    plans: Sequence[ObjectPlan],
    around: Surroundings,
    *,
    labels: Sequence[str],
    job: JobReporter,
    on_step: OnStep,
) -> list[Drawing | None]:
    run, places = _run(model, request, plans, around)
    if run is None:
        return [None] * len(plans)
    latents = sample_regions(model.checkpoint.transformer, run.sampling, on_step, job.cancelled)
    caption = _caption(plans, request, around)
    drawings: list[Drawing | None] = []
    for plan, place in zip(plans, places, strict=True):
        if run.places[place - 1] is None:
            drawings.append(None)
            continue
        pixels, alpha_route = with_route(run.decode(model, latents, place), request)
        drawings.append(
            Drawing(
                plan.item, run.rect(place), plan.style, pixels, run.sampling, route=CONTEXT,
                alpha_route=alpha_route, entries=run.entries, caption=caption,
            )
        )  # fmt: skip
    made = [drawing for drawing in drawings if drawing is not None]
    check_drawings(model, made, labels)
    return drawings


def _run(
    model: LayerModel, request: LayerRequest, plans: Sequence[ObjectPlan], around: Surroundings
) -> tuple[SceneRun | None, list[int]]:
    """The run, and the index of each plan's part in it."""
    background = around.background if model.joint_background else None
    parts: list[ScenePart | None] = [_held(background) if background else None]
    places = [0] * len(plans)
    for index in _order(request, len(around.objects)):
        if index < 0:
            parts.append(_held(around.objects[-index - 1]))
            continue
        item = plans[index].item
        entry = RecordEntry(item.layer_id, item.layer_id, item.attempt, item.box)
        start = request.start if index == 0 and request.strength is not None else None
        places[index] = len(parts)
        parts.append(ScenePart(entry, start=start))
    run = plan_run(
        model,
        (request.width, request.height),
        parts,
        seed=request.seed,
        caption=_caption(plans, request, around),
        options=request.sampling,
        negative_prompt=request.negative_prompt,
        strength=request.strength,
    )
    return run, places


def _order(request: LayerRequest, count: int) -> list[int]:
    """Bottom to top: the request's boxes by their index, the held object i as -i - 1."""
    order = [-index - 1 for index in range(count)]
    boxes = list(enumerate((request.box, *request.beside)))
    boxes.sort(key=lambda pair: (place_among(pair[1], count), pair[0]), reverse=True)
    for index, box in boxes:
        order.insert(place_among(box, count), index)
    return order


def _caption(plans: Sequence[ObjectPlan], request: LayerRequest, around: Surroundings) -> str:
    """Of the whole picture, objects in layer order as everywhere."""
    phrases = [
        plans[index].item.caption if index >= 0 else around.phrases[-index - 1]
        for index in _order(request, len(around.objects))
    ]
    return scene_caption(phrases, around.behind, plans[0].style)


def _held(layer: ContextLayer) -> ScenePart:
    return ScenePart(held_entry(layer), held=layer.content)
