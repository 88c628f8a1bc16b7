"""From a sentence and boxes to a background and one transparent layer per object.

All layers are denoised together; then each object is checked, and what does not show its noun is
drawn again by itself. The whole-image entry is left out: the starter was trained with and without
it, and without it a job has about half the tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from engine.models.geometry import Box
from engine.pipelines.document_pixels import background_pixels, object_pixels
from engine.pipelines.drawings import AloneSteps, Drawing, check_drawings, redraw_failed
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import (
    ALONE,
    BACKGROUND_ENTRY,
    FIRST_OBJECT,
    TOGETHER,
    make_preview,
    make_record,
    sample_background,
)
from engine.pipelines.layer_model import LayerModel, denoising_work
from engine.pipelines.layout_to_layers import RegionSampling, RegionStep, sample_regions
from engine.pipelines.native_canvas import Corners, DrawingPlace, NativeCanvas
from engine.progress import LayerPreview, Phase, PlannedPhase
from engine.prompts.captions import background_caption, object_caption
from engine.prompts.layout import Placement, automatic_layout
from engine.prompts.scene_plan import ScenePlan, plan_scene
from engine.requests import (
    GeneratedLayer,
    LayerKind,
    LayoutRequest,
    LayoutResult,
    derive_layer_id,
)
from engine.sampling.noise import BACKGROUND_ID, NoiseKey

BACKGROUND_NAME = "background"
_NAMED_IN_NOTE = 5


def generate_layout(model: LayerModel, request: LayoutRequest, job: JobReporter) -> LayoutResult:
    """Does a layout job.

    Raises:
        RequestError: The sentence names nothing to draw, or the style is unknown.
        JobCancelled: The job was cancelled; asked at every step.
    """
    job.enter(Phase.UNDERSTAND)
    plan = plan_scene(request, model.words, _AutomaticBoxes(request))
    canvas = NativeCanvas.fit(request.width, request.height, len(plan.objects))
    places = [canvas.place_together(item.box) for item in plan.objects]
    drawings = [
        Drawing(item, place.rect if place else item.box)
        for item, place in zip(plan.objects, places, strict=True)
    ]
    sampling = _joint_sampling(model, request, plan, canvas, places)
    job.plan(_phases(sampling, request, len(drawings)))
    previews = _Previews(model, request, drawings, job)

    job.enter(Phase.DENOISE)
    latents = sample_regions(
        model.checkpoint.transformer, sampling, previews.on_step, job.cancelled
    )
    job.enter(Phase.DECODE)
    decoded = _decode(model, sampling, latents, drawings)
    background = _Background(decoded, canvas, sampling, plan.caption, TOGETHER)
    job.enter(Phase.CHECK)
    check_drawings(model, drawings, [drawing.item.concept.label for drawing in drawings])
    replaced = redraw_failed(model, request, plan.style, drawings, job)
    if replaced:
        background = _background_alone(model, request, plan, len(replaced), job)
    job.enter(Phase.FINISH)
    layers = [background.layer(model, request, plan)]
    layers += _object_layers(model, request, plan, drawings)
    job.leave()
    notes = (*plan.notes, *_notes_on(replaced))
    return LayoutResult(
        request.width, request.height, request.seed, tuple(layers), notes, job.seconds
    )


def background_id(seed: int) -> str:
    """Layer id of the background of a seed."""
    return derive_layer_id(seed, BACKGROUND_NAME, 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Background:
    """The background on its way to a layer.

    Attributes:
        pixels: RGBA in [0, 1], `4 H W`, of the whole canvas.
    """

    pixels: Tensor
    canvas: NativeCanvas
    sampling: RegionSampling
    caption: str
    route: str

    def layer(self, model: LayerModel, request: LayoutRequest, plan: ScenePlan) -> GeneratedLayer:
        whole = (0, 0, request.width, request.height)
        record = make_record(
            model,
            request,
            self.sampling,
            effective_prompt=self.caption,
            concept=plan.background,
            style=plan.style,
            box=whole,
            z_index=0,
            attempt=0,
            route=self.route,
            context_layers=_layer_ids(request, plan) if self.route == TOGETHER else (),
        )
        return GeneratedLayer(
            background_id(request.seed),
            BACKGROUND_NAME,
            LayerKind.BACKGROUND,
            whole,
            background_pixels(self.pixels, self.canvas),
            record,
        )


def _background_alone(
    model: LayerModel, request: LayoutRequest, plan: ScenePlan, drawn: int, job: JobReporter
) -> _Background:
    """Where nouns were mixed up, the background has usually caught some of them as well."""
    canvas = NativeCanvas.fit(request.width, request.height)
    caption = background_caption(plan.background, plan.style)
    made = sample_background(
        model,
        request,
        canvas,
        caption=caption,
        attempt=0,
        job=job,
        on_step=AloneSteps(job, drawn, drawn + 1, request.sampling.steps),
    )
    return _Background(made.decode(model), canvas, made.sampling, caption, ALONE)


@dataclass(frozen=True, slots=True)
class _AutomaticBoxes:
    """The automatic layout as `plan_scene` wants it."""

    request: LayoutRequest

    def __call__(self, placements: Sequence[Placement]) -> list[Corners]:
        canvas = NativeCanvas.for_layout(self.request.width, self.request.height)
        native = automatic_layout(placements, canvas.width, canvas.height, self.request.seed)
        return [canvas.to_document(box) for box in native]


def _joint_sampling(
    model: LayerModel,
    request: LayoutRequest,
    plan: ScenePlan,
    canvas: NativeCanvas,
    places: Sequence[DrawingPlace | None],
) -> RegionSampling:
    """All layers together: no whole image, the background, the objects that fit on the canvas."""
    boxes: list[Box | None] = [None, canvas.box]
    keys: list[NoiseKey | None] = [None, NoiseKey(request.seed, BACKGROUND_ID)]
    for item, place in zip(plan.objects, places, strict=True):
        boxes.append(place.native if place else None)
        keys.append(NoiseKey(request.seed, item.layer_id, item.attempt) if place else None)
    return model.sampling(canvas.box, boxes, keys, plan.caption, request.sampling)


def _phases(sampling: RegionSampling, request: LayoutRequest, objects: int) -> list[PlannedPhase]:
    tokens = float(sampling.layout.token_count)
    return [
        PlannedPhase(Phase.DENOISE, denoising_work(sampling.layout, request.sampling)),
        PlannedPhase(Phase.DECODE, tokens),
        PlannedPhase(Phase.CHECK, float(objects)),
        PlannedPhase(Phase.FINISH, float(request.width * request.height)),
    ]


class _Previews:
    """Rough pictures of all layers, at most a few per second."""

    def __init__(
        self,
        model: LayerModel,
        request: LayoutRequest,
        drawings: Sequence[Drawing],
        job: JobReporter,
    ) -> None:
        self._model, self._drawings, self._job = model, drawings, job
        self._whole = (0, 0, request.width, request.height)
        self._background_id = background_id(request.seed)

    def on_step(self, step: RegionStep) -> None:
        last = step.index + 1 == step.steps
        previews = self._all(step) if last or self._job.preview_due() else ()
        self._job.step(step.index + 1, step.steps, previews)

    def _all(self, step: RegionStep) -> tuple[LayerPreview, ...]:
        clean = step.clean_estimate()
        entries = [(clean[BACKGROUND_ENTRY], self._background_id, BACKGROUND_NAME, self._whole)]
        for index, drawing in enumerate(self._drawings):
            item, latents = drawing.item, clean[FIRST_OBJECT + index]
            entries.append((latents, item.layer_id, item.name, drawing.rect))
        made = [
            make_preview(
                self._model,
                latents,
                layer_id=layer_id,
                name=name,
                box=box,
                opaque=layer_id == self._background_id,
            )
            for latents, layer_id, name, box in entries
            if latents is not None
        ]
        return tuple(preview for preview in made if preview is not None)


def _decode(
    model: LayerModel,
    sampling: RegionSampling,
    latents: list[Tensor | None],
    drawings: Sequence[Drawing],
) -> Tensor:
    """Pixels of the objects go into the drawings; the background's are returned."""
    entries = {index for index, box in enumerate(sampling.layout.boxes) if box is not None}
    decoded = model.checkpoint.codec.decode(latents, sampling.layout.boxes, entries)
    for index, drawing in enumerate(drawings):
        if FIRST_OBJECT + index in decoded:
            drawing.pixels, drawing.sampling = decoded[FIRST_OBJECT + index], sampling
    return decoded[BACKGROUND_ENTRY]


def _object_layers(
    model: LayerModel, request: LayoutRequest, plan: ScenePlan, drawings: Sequence[Drawing]
) -> list[GeneratedLayer]:
    layers = []
    for index, drawing in enumerate(drawings):
        item, sampling = drawing.item, drawing.sampling
        if drawing.pixels is None or sampling is None:
            raise AssertionError("redraw_failed leaves no drawing without pixels")
        together = drawing.route == TOGETHER
        caption = plan.caption if together else object_caption(item.caption, plan.style)
        record = make_record(
            model,
            request,
            sampling,
            effective_prompt=caption,
            concept=item.concept.label,
            style=plan.style,
            box=item.box,
            z_index=index + 1,
            attempt=item.attempt,
            route=drawing.route,
            context_layers=_layer_ids(request, plan) if together else (),
        )
        pixels = object_pixels(drawing.pixels, item.box, drawing.rect)
        layers.append(
            GeneratedLayer(item.layer_id, item.name, LayerKind.OBJECT, item.box, pixels, record)
        )
    return layers


def _layer_ids(request: LayoutRequest, plan: ScenePlan) -> tuple[str, ...]:
    return (background_id(request.seed), *(item.layer_id for item in plan.objects))


def _notes_on(replaced: Sequence[Drawing]) -> list[str]:
    if not replaced:
        return []
    names = [drawing.item.name for drawing in replaced]
    if len(names) > _NAMED_IN_NOTE:
        names[_NAMED_IN_NOTE:] = [f"{len(names) - _NAMED_IN_NOTE} more"]
    listed = ", ".join(names)
    return [f"Generated alone, because it did not come out with the others: {listed}."]
