"""One layer again: alone in its box or beside the others, from noise or from its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.models.geometry import TOKEN_PX, Box
from engine.pipelines.background_shades import has_shades, in_shades
from engine.pipelines.context_drawing import Surroundings, draw_in_context
from engine.pipelines.document_pixels import background_pixels
from engine.pipelines.drawing_fit import fit_of, placed_pixels, softened_by
from engine.pipelines.drawings import Drawing, colour_notes, draw_alone
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import (
    ALONE,
    BACKGROUND_ENTRY,
    CONTEXT,
    FIRST_OBJECT,
    AloneJob,
    make_preview,
    make_record,
    sample_background,
)
from engine.pipelines.layer_model import LayerModel, sampler_work
from engine.pipelines.layout_to_layers import OnStep, RegionStep
from engine.pipelines.native_canvas import NativeCanvas, place_alone
from engine.progress import LayerPreview, Phase, PlannedPhase
from engine.prompts.captions import background_caption
from engine.prompts.planning.layer_plan import plan_background, plan_object
from engine.prompts.planning.plans import BackgroundPlan, ObjectPlan
from engine.requests import Corners, GeneratedLayer, LayerKind, LayerRequest, LayerResult
from engine.sampling.noise import BACKGROUND_ID, NoiseKey
from engine.sentences import sentence


def regenerate_layer(model: LayerModel, request: LayerRequest, job: JobReporter) -> LayerResult:
    """Does a job for one layer, or for some in the same run, once or in several variations.

    Raises:
        RequestError: The prompt names nothing to draw, or the style is unknown.
        CheckpointError: The matting model that the alpha route needs cannot be used.
        JobCancelled: The job was cancelled; asked at every step.
    """
    job.enter(Phase.UNDERSTAND)
    if request.kind is LayerKind.BACKGROUND:
        return _regenerate_background(model, request, job)
    return _regenerate_objects(model, request, job)


def _regenerate_objects(model: LayerModel, request: LayerRequest, job: JobReporter) -> LayerResult:
    plans = _plans(model, request)
    around = Surroundings.of(request, model)
    in_context = bool(request.context or request.beside)
    place = place_alone(plans[0].item.box)
    usual = 1 if in_context or request.strength is not None else request.sampling.tries
    job.plan(_phases(request, place.native, usual))
    job.enter(Phase.DENOISE)
    notes = [note for plan in plans for note in plan.notes]
    most = request.sampling.tries * (1 + len(plans) * in_context)  # together, then each alone
    steps = _Steps(model, request, job, place.rect, most)
    made: list[list[GeneratedLayer]] = []
    attempt = 0
    for _ in range(request.count):
        later = [_later(plan, attempt) for plan in plans]
        if in_context:
            drawings = draw_in_context(model, request, later, around, job=job, on_step=steps)
        else:
            drawings = [_alone(model, request, later[0], job, steps)]
        notes += _reasons(later, drawings, in_context)
        made.append(
            [
                _layer(model, request, plan, drawing, around)
                for plan, drawing in zip(later, drawings, strict=True)
            ]
        )
        attempt = max(d.next_attempt for d in drawings) - plans[0].item.attempt
        steps.end_variation()
    job.enter(Phase.FINISH)
    job.leave()
    return LayerResult(
        made[0][0],
        tuple(dict.fromkeys(notes)),
        job.seconds,
        tuple(layers[0] for layers in made[1:]),
        tuple(made[0][1:]),
    )


def _plans(model: LayerModel, request: LayerRequest) -> list[ObjectPlan]:
    """The request's own object, then those beside it with their own prompts."""
    others = [
        replace(request, prompt=box.prompt or request.prompt, box=box) for box in request.beside
    ]
    return [plan_object(each, model.words) for each in (request, *others)]


def _later(plan: ObjectPlan, attempts: int) -> ObjectPlan:
    return replace(plan, item=replace(plan.item, attempt=plan.item.attempt + attempts))


def _alone(
    model: LayerModel, request: LayerRequest, plan: ObjectPlan, job: JobReporter, on_step: OnStep
) -> Drawing:
    labels = [plan.item.concept.label]
    return draw_alone(
        model, request, plan.item, style=plan.style, labels=labels, job=job, on_step=on_step
    )


def _layer(
    model: LayerModel,
    request: LayerRequest,
    plan: ObjectPlan,
    drawing: Drawing,
    around: Surroundings,
) -> GeneratedLayer:
    pixels, sampling = drawing.finished()
    item = drawing.item
    box = next(b for b in (request.box, *request.beside) if b.layer_id == item.layer_id)
    fit = fit_of(request, plan.style)
    softened = softened_by(fit, item.effect, drawn=drawing.has_effect)
    below = len(around.objects) if box.below is None else box.below
    record = make_record(
        model,
        replace(request, prompt=box.prompt or request.prompt),
        sampling,
        effective_prompt=drawing.caption,
        concept=item.concept.label,
        style=plan.style,
        box=item.box,
        z_index=1 + below,
        attempt=item.attempt,
        next_attempt=drawing.next_attempt,
        recolour=drawing.recolour,
        noise_id=item.layer_id,
        route=drawing.route,
        alpha_route=drawing.alpha_route,
        context_layers=around.layer_ids if drawing.route == CONTEXT else (),
        entries=drawing.entries,
        fit=fit,
        softened=softened,
    )
    made = placed_pixels(pixels, item.box, drawing.rect, fit, softened)
    return GeneratedLayer(item.layer_id, item.name, LayerKind.OBJECT, item.box, made, record)


def _regenerate_background(
    model: LayerModel, request: LayerRequest, job: JobReporter
) -> LayerResult:
    plan = plan_background(request, model.words)
    canvas = NativeCanvas.fit(request.width, request.height)
    job.plan(_phases(request, canvas.box))
    job.enter(Phase.DENOISE)
    whole = (0, 0, request.width, request.height)
    steps = _Steps(model, request, job, whole)
    layers, in_colour = [], True
    for number in range(request.count):
        attempt = request.box.attempt + number
        layer, has_it = _background(
            model, request, plan, canvas, attempt=attempt, job=job, on_step=steps
        )
        layers.append(layer)
        in_colour = in_colour and has_it
        steps.end_variation()
    job.enter(Phase.FINISH)
    job.leave()
    notes = (*plan.notes, *colour_notes([], [] if in_colour else [layers[0].name]))
    return LayerResult(layers[0], notes, job.seconds, tuple(layers[1:]))


def _background(
    model: LayerModel,
    request: LayerRequest,
    plan: BackgroundPlan,
    canvas: NativeCanvas,
    *,
    attempt: int,
    job: JobReporter,
    on_step: OnStep,
) -> tuple[GeneratedLayer, bool]:
    """The layer, and whether it has the shades that were asked for."""
    caption = background_caption(plan.background, plan.style)
    alone = AloneJob(
        NoiseKey(request.seed, BACKGROUND_ID, attempt),
        caption,
        request.sampling,
        request.negative_prompt,
        request.start,
        request.strength,
    )
    made = sample_background(model, canvas, alone, job, on_step)
    drawn = made.decode(model)
    # What is refined keeps the colours of its pixels: someone may have painted them.
    shades = plan.shades if request.strength is None else ""
    pixels = in_shades(drawn, canvas, shades)
    record = make_record(
        model,
        request,
        made.sampling,
        effective_prompt=caption,
        concept=plan.background,
        style=plan.style,
        box=made.rect,
        z_index=0,
        attempt=attempt,
        noise_id=BACKGROUND_ID,
        route=ALONE,
        recolour=shades if pixels is not drawn else "",
    )
    name = request.box.name or "background"
    layer = GeneratedLayer(
        request.box.layer_id,
        name,
        LayerKind.BACKGROUND,
        made.rect,
        background_pixels(pixels, canvas),
        record,
    )
    return layer, pixels is not drawn or has_shades(drawn, canvas, plan.shades)


@dataclass(slots=True)
class _Steps:
    """Reports steps with a rough picture of the one layer now and then.

    Attributes:
        rect: Part of the document that the pictures cover.
        tries: Runs that one variation takes at most. Fewer are usual, but a bar that is full must
            not stand still because another try is needed.
        taken: Steps so far, those of tries that were not needed included.
        of_run: Steps of the last run; with a strength fewer than were asked for.
        ended: Variations that are finished.
        before: Steps of these.
    """

    model: LayerModel
    request: LayerRequest
    job: JobReporter
    rect: Corners
    tries: int = 1
    taken: int = 0
    of_run: int = 0
    ended: int = 0
    before: int = 0

    def end_variation(self) -> None:
        """Another variation is finished; the tries that are left of it are not needed."""
        taken, self.taken = self.taken, self.before + self.tries * self.of_run
        self.before = self.taken
        self.ended += 1
        if self.taken > taken:
            self.job.step(self.taken, self._planned())

    def __call__(self, step: RegionStep) -> None:
        self.taken += 1
        self.of_run = step.steps
        previews: tuple[LayerPreview, ...] = ()
        if step.index + 1 == step.steps or self.job.preview_due():
            previews = self._previews(step)
        self.job.step(self.taken, self._planned(), previews)

    def _planned(self) -> int:
        """Steps of the whole job."""
        return self.before + (self.request.count - self.ended) * self.tries * self.of_run

    def _previews(self, step: RegionStep) -> tuple[LayerPreview, ...]:
        is_background = self.request.kind is LayerKind.BACKGROUND
        clean = step.clean_estimate()
        entry = BACKGROUND_ENTRY if is_background else FIRST_OBJECT
        shown = [latents for latents in clean[entry:] if latents is not None]
        if len(shown) != 1:  # beside others the place of this one is not known here
            return ()
        box = self.request.box
        made = make_preview(
            self.model,
            shown[0],
            layer_id=box.layer_id,
            name=box.name,
            box=self.rect,
            opaque=is_background,
        )
        return (made,) if made else ()


def _phases(request: LayerRequest, drawn: Box, tries: int = 1) -> list[PlannedPhase]:
    tokens = drawn.width * drawn.height // TOKEN_PX**2 * request.count * tries
    return [
        PlannedPhase(Phase.DENOISE, sampler_work(tokens, request.sampling)),
        PlannedPhase(Phase.FINISH, float(request.width * request.height)),
    ]


def _reasons(
    plans: Sequence[ObjectPlan], drawings: Sequence[Drawing], in_context: bool
) -> list[str]:
    """Why a layer is not what it might be, for the user."""
    notes: list[str] = []
    for plan, drawing in zip(plans, drawings, strict=True):
        if in_context and drawing.route != CONTEXT:
            notes.append(
                sentence(
                    "{words} was drawn by itself: beside the other layers it did not show.",
                    words=plan.item.typed,
                )
            )
        if drawing.verdict.doubtful:
            notes.append(
                sentence(
                    "This try does not look much like {words}; another seed may do better.",
                    words=plan.item.typed,
                )
            )
    return [*notes, *colour_notes(drawings)]
