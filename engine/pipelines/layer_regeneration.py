"""One layer again: an object alone in its box, or the background of the whole canvas."""

from __future__ import annotations

from collections.abc import Callable

from engine.models.geometry import TOKEN_PX, Box
from engine.pipelines.document_pixels import background_pixels, object_pixels
from engine.pipelines.drawings import Drawing, draw_alone
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import (
    ALONE,
    BACKGROUND_ENTRY,
    FIRST_OBJECT,
    make_preview,
    make_record,
    sample_background,
)
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import RegionStep
from engine.pipelines.native_canvas import Corners, NativeCanvas, place_alone
from engine.progress import LayerPreview, Phase, PlannedPhase
from engine.prompts.captions import background_caption, object_caption
from engine.prompts.layer_plan import ObjectPlan, plan_background, plan_object
from engine.requests import GeneratedLayer, LayerKind, LayerRequest, LayerResult
from engine.sentences import sentence


def regenerate_layer(model: LayerModel, request: LayerRequest, job: JobReporter) -> LayerResult:
    """Does a job for one layer.

    Raises:
        RequestError: The prompt names nothing to draw, or the style is unknown.
        JobCancelled: The job was cancelled; asked at every step.
    """
    job.enter(Phase.UNDERSTAND)
    if request.kind is LayerKind.BACKGROUND:
        return _regenerate_background(model, request, job)
    return _regenerate_object(model, request, job)


def _regenerate_object(model: LayerModel, request: LayerRequest, job: JobReporter) -> LayerResult:
    plan = plan_object(request, model.words)
    place = place_alone(plan.item.box)
    job.plan(_phases(request, place.native))
    job.enter(Phase.DENOISE)
    on_step = _step_reporter(model, request, job, FIRST_OBJECT, place.rect)
    labels = [plan.item.concept.label]
    drawing = draw_alone(
        model, request, plan.item, style=plan.style, labels=labels, job=job, on_step=on_step
    )
    decoded, sampling = drawing.finished()
    job.enter(Phase.FINISH)
    record = make_record(
        model,
        request,
        sampling,
        effective_prompt=object_caption(plan.item.caption, plan.style),
        concept=plan.item.concept.label,
        style=plan.style,
        box=plan.item.box,
        z_index=0,
        attempt=drawing.item.attempt,
        route=ALONE,
    )
    pixels = object_pixels(decoded, plan.item.box, drawing.rect)
    layer = GeneratedLayer(
        plan.item.layer_id, plan.item.name, LayerKind.OBJECT, plan.item.box, pixels, record
    )
    job.leave()
    return LayerResult(layer, (*plan.notes, *_doubts(plan, drawing)), job.seconds)


def _regenerate_background(
    model: LayerModel, request: LayerRequest, job: JobReporter
) -> LayerResult:
    plan = plan_background(request, model.words)
    canvas = NativeCanvas.fit(request.width, request.height)
    job.plan(_phases(request, canvas.box))
    job.enter(Phase.DENOISE)
    whole = (0, 0, request.width, request.height)
    on_step = _step_reporter(model, request, job, BACKGROUND_ENTRY, whole)
    caption = background_caption(plan.background, plan.style)
    made = sample_background(
        model,
        request,
        canvas,
        caption=caption,
        attempt=request.box.attempt,
        job=job,
        on_step=on_step,
    )
    job.enter(Phase.DECODE)
    decoded = made.decode(model)
    job.enter(Phase.FINISH)
    record = make_record(
        model,
        request,
        made.sampling,
        effective_prompt=caption,
        concept=plan.background,
        style=plan.style,
        box=whole,
        z_index=0,
        attempt=request.box.attempt,
        route=ALONE,
    )
    layer = GeneratedLayer(
        request.box.layer_id,
        request.box.name or "background",
        LayerKind.BACKGROUND,
        whole,
        background_pixels(decoded, canvas),
        record,
    )
    job.leave()
    return LayerResult(layer, plan.notes, job.seconds)


def _step_reporter(
    model: LayerModel, request: LayerRequest, job: JobReporter, entry: int, rect: Corners
) -> Callable[[RegionStep], None]:
    """Reports steps with a rough picture of the one layer now and then."""

    def on_step(step: RegionStep) -> None:
        previews: tuple[LayerPreview, ...] = ()
        if step.index + 1 == step.steps or job.preview_due():
            latents = step.clean_estimate()[entry]
            made = latents is not None and make_preview(
                model,
                latents,
                layer_id=request.box.layer_id,
                name=request.box.name,
                box=rect,
                opaque=request.kind is LayerKind.BACKGROUND,
            )
            previews = (made,) if made else ()
        job.step(step.index + 1, step.steps, previews)

    return on_step


def _phases(request: LayerRequest, drawn: Box) -> list[PlannedPhase]:
    tokens = drawn.width * drawn.height / TOKEN_PX**2
    evaluations = request.sampling.steps * (1 if request.sampling.true_guidance == 1 else 2)
    return [
        PlannedPhase(Phase.DENOISE, tokens * evaluations),
        PlannedPhase(Phase.DECODE, tokens),
        PlannedPhase(Phase.FINISH, float(request.width * request.height)),
    ]


def _doubts(plan: ObjectPlan, drawing: Drawing) -> list[str]:
    if not drawing.verdict.doubtful:
        return []
    return [
        sentence(
            "This try does not look much like {caption}; another seed may do better.",
            caption=plan.item.caption,
        )
    ]
