"""From a sentence and boxes to a background and one transparent layer per object.

The layers are denoised together, as far as the checkpoint can hold them apart; then each object is
checked, and what does not show its noun is drawn again by itself.
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
    make_record,
    sample_background,
)
from engine.pipelines.layer_model import LayerModel, denoising_work
from engine.pipelines.layout_to_layers import OnStep, RegionSampling, sample_regions
from engine.pipelines.native_canvas import Corners, DrawingPlace, NativeCanvas
from engine.pipelines.scene_previews import ScenePreviews
from engine.progress import Phase, PlannedPhase
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
from engine.sentences import sentence

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
    return _LayoutJob(model, request, plan, job).run()


def background_id(seed: int) -> str:
    """Layer id of the background of a seed."""
    return derive_layer_id(seed, BACKGROUND_NAME, 0)


@dataclass(frozen=True, slots=True)
class _AutomaticBoxes:
    """The automatic layout as `plan_scene` wants it."""

    request: LayoutRequest

    def __call__(self, placements: Sequence[Placement]) -> list[Corners]:
        canvas = NativeCanvas.for_layout(self.request.width, self.request.height)
        native = automatic_layout(placements, canvas.width, canvas.height, self.request.seed)
        return [canvas.to_document(box) for box in native]


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


class _LayoutJob:
    """One job, from an understood sentence to its layers."""

    def __init__(
        self, model: LayerModel, request: LayoutRequest, plan: ScenePlan, job: JobReporter
    ) -> None:
        self._model, self._request, self._plan, self._job = model, request, plan, job
        self._whole = (0, 0, request.width, request.height)
        self._canvas = NativeCanvas.fit(request.width, request.height, len(plan.objects))
        places = [self._canvas.place_together(item.box) for item in plan.objects]
        self._drawings = [
            Drawing(item, place.rect if place else item.box)
            for item, place in zip(plan.objects, places, strict=True)
        ]
        self._joint = self._joint_sampling(places)
        self._background: _Background | None = None

    def run(self) -> LayoutResult:
        job, request = self._job, self._request
        job.plan(self._phases())
        job.enter(Phase.DENOISE)
        self._denoise()
        job.enter(Phase.CHECK)
        labels = [drawing.item.concept.label for drawing in self._drawings]
        check_drawings(self._model, self._drawings, labels)
        replaced = redraw_failed(self._model, request, self._plan.style, self._drawings, job)
        background = self._background
        if background is None or (replaced and background.route == TOGETHER):
            # Where nouns were mixed up, the background has usually caught some of them as well.
            steps = AloneSteps(job, len(replaced), len(replaced) + 1, request.sampling.steps)
            background = self._background_alone(steps)
        job.enter(Phase.FINISH)
        layers = (self._background_layer(background), *self._object_layers())
        job.leave()
        notes = (*self._plan.notes, *_notes_on(replaced))
        return LayoutResult(request.width, request.height, request.seed, layers, notes, job.seconds)

    def _joint_sampling(self, places: Sequence[DrawingPlace | None]) -> RegionSampling | None:
        """All that is sampled together: perhaps the background, and the objects that fit.

        There is no whole-image entry: the starter was trained with and without it, and nothing
        of it would be shown. None = nothing is sampled together.
        """
        together = self._model.joint_background
        seed = self._request.seed
        boxes: list[Box | None] = [None, self._canvas.box if together else None]
        keys = [None, NoiseKey(seed, BACKGROUND_ID) if together else None]
        for item, place in zip(self._plan.objects, places, strict=True):
            boxes.append(place.native if place else None)
            keys.append(NoiseKey(seed, item.layer_id, item.attempt) if place else None)
        if not any(boxes):
            return None
        options = self._request.sampling
        return self._model.sampling(self._canvas.box, boxes, keys, self._plan.caption, options)

    def _phases(self) -> list[PlannedPhase]:
        options = self._request.sampling
        tokens = self._joint.layout.token_count if self._joint else 0
        work = denoising_work(self._joint.layout, options) if self._joint else 0.0
        return [
            PlannedPhase(Phase.DENOISE, work),
            PlannedPhase(Phase.DECODE, float(tokens)),
            PlannedPhase(Phase.CHECK, float(len(self._drawings))),
            PlannedPhase(Phase.FINISH, float(self._request.width * self._request.height)),
        ]

    def _denoise(self) -> None:
        """Samples and decodes everything once."""
        runs = (not self._model.joint_background) + (self._joint is not None)
        background = (background_id(self._request.seed), BACKGROUND_NAME, self._whole)
        previews = ScenePreviews(
            self._model, self._job, background, self._drawings, runs * self._request.sampling.steps
        )
        if not self._model.joint_background:
            self._background = self._background_alone(previews.on_step)
        if self._joint is None:
            return
        transformer = self._model.checkpoint.transformer
        latents = sample_regions(transformer, self._joint, previews.on_step, self._job.cancelled)
        self._job.enter(Phase.DECODE)
        self._decode(self._joint, latents)

    def _decode(self, sampling: RegionSampling, latents: list[Tensor | None]) -> None:
        """Gives drawings and background their pixels."""
        entries = {index for index, box in enumerate(sampling.layout.boxes) if box is not None}
        codec = self._model.checkpoint.codec
        decoded = codec.decode(latents, sampling.layout.boxes, entries)
        for index, drawing in enumerate(self._drawings, FIRST_OBJECT):
            if index in decoded:
                drawing.pixels, drawing.sampling = decoded[index], sampling
        if BACKGROUND_ENTRY in decoded:
            pixels, caption = decoded[BACKGROUND_ENTRY], self._plan.caption
            self._background = _Background(pixels, self._canvas, sampling, caption, TOGETHER)

    def _background_alone(self, on_step: OnStep) -> _Background:
        request, plan = self._request, self._plan
        canvas = NativeCanvas.fit(request.width, request.height)
        caption = background_caption(plan.background, plan.style)
        made = sample_background(
            self._model,
            request,
            canvas,
            caption=caption,
            attempt=0,
            job=self._job,
            on_step=on_step,
        )
        return _Background(made.decode(self._model), canvas, made.sampling, caption, ALONE)

    def _background_layer(self, background: _Background) -> GeneratedLayer:
        record = make_record(
            self._model,
            self._request,
            background.sampling,
            effective_prompt=background.caption,
            concept=self._plan.background,
            style=self._plan.style,
            box=self._whole,
            z_index=0,
            attempt=0,
            route=background.route,
            context_layers=self._context(background.route),
        )
        return GeneratedLayer(
            background_id(self._request.seed),
            BACKGROUND_NAME,
            LayerKind.BACKGROUND,
            self._whole,
            background_pixels(background.pixels, background.canvas),
            record,
        )

    def _object_layers(self) -> list[GeneratedLayer]:
        layers = []
        for z_index, drawing in enumerate(self._drawings, 1):
            item = drawing.item
            pixels, sampling = drawing.finished()
            alone = object_caption(item.caption, self._plan.style)
            record = make_record(
                self._model,
                self._request,
                sampling,
                effective_prompt=self._plan.caption if drawing.route == TOGETHER else alone,
                concept=item.concept.label,
                style=self._plan.style,
                box=item.box,
                z_index=z_index,
                attempt=item.attempt,
                route=drawing.route,
                context_layers=self._context(drawing.route),
            )
            layers.append(
                GeneratedLayer(
                    item.layer_id,
                    item.name,
                    LayerKind.OBJECT,
                    item.box,
                    object_pixels(pixels, item.box, drawing.rect),
                    record,
                )
            )
        return layers

    def _context(self, route: str) -> tuple[str, ...]:
        """Ids of the layers that were sampled together."""
        if route != TOGETHER:
            return ()
        background = (background_id(self._request.seed),) * self._model.joint_background
        return (*background, *(item.layer_id for item in self._plan.objects))


def _notes_on(replaced: Sequence[Drawing]) -> list[str]:
    if not replaced:
        return []
    names = ", ".join(drawing.item.name for drawing in replaced[:_NAMED_IN_NOTE])
    more = len(replaced) - _NAMED_IN_NOTE
    if more > 0:
        note = sentence(
            "Drawn separately for a clearer result: {names}, {count} more.",
            names=names,
            count=more,
        )
    else:
        note = sentence("Drawn separately for a clearer result: {names}.", names=names)
    return [note]
