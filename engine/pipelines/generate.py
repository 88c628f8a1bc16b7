"""From a sentence and boxes to a background and one transparent layer per object.

The layers are denoised together, as far as the checkpoint can hold them apart; then each object is
checked, what is not clearly its noun is drawn by itself as well, and the best drawing stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from engine.models.geometry import TOKEN_PX
from engine.pipelines.alpha_of_drawings import with_route
from engine.pipelines.automatic_boxes import AutomaticBoxes
from engine.pipelines.background_shades import in_shades
from engine.pipelines.document_pixels import background_pixels
from engine.pipelines.drawing_fit import fit_of, placed_pixels, softened_by
from engine.pipelines.drawings import (
    AloneSteps,
    Drawing,
    alone_work,
    check_drawings,
    colour_notes,
    draw_better,
    poor_drawings,
)
from engine.pipelines.harmony import compare, stacked_on_white
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import (
    ALONE,
    BACKGROUND_ENTRY,
    FIRST_OBJECT,
    TOGETHER,
    AloneJob,
    make_record,
    sample_background,
)
from engine.pipelines.layer_model import LayerModel, denoising_work, sampler_work
from engine.pipelines.layout_to_layers import OnStep, RegionSampling, sample_regions
from engine.pipelines.native_canvas import NativeCanvas
from engine.pipelines.scene_previews import ScenePreviews
from engine.pipelines.scene_run import ScenePart, SceneRun, plan_run
from engine.pipelines.whole_image import draw_whole, plan_whole
from engine.progress import Phase, PlannedPhase
from engine.prompts.captions import background_caption
from engine.prompts.planning.layer_plan import plan_background
from engine.prompts.planning.plans import ScenePlan
from engine.prompts.planning.scene_plan import plan_scene
from engine.requests import (
    GeneratedLayer,
    GenerationMode,
    Harmony,
    LayerKind,
    LayerRequest,
    LayoutRequest,
    LayoutResult,
    RecordEntry,
    RegionBox,
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
    plan = plan_scene(request, model.words, AutomaticBoxes(request))
    if request.background_prompt.strip():
        plan = _with_background(plan, request, model)
    return _LayoutJob(model, request, plan, job).run()


def background_id(seed: int) -> str:
    """Layer id of the background of a seed."""
    return derive_layer_id(seed, BACKGROUND_NAME, 0)


def _with_background(plan: ScenePlan, request: LayoutRequest, model: LayerModel) -> ScenePlan:
    """The plan with the background that has a prompt of its own."""
    whole = RegionBox(background_id(request.seed), 0, 0, request.width, request.height)
    asked = LayerRequest(
        request.background_prompt, request.width, request.height, request.seed, whole,
        LayerKind.BACKGROUND, request.style,
    )  # fmt: skip
    behind = plan_background(asked, model.words)
    notes = (*plan.notes, *behind.notes)
    return replace(plan, background=behind.background, notes=notes, shades=behind.shades)


@dataclass(frozen=True, slots=True, eq=False)
class _Background:
    """The background on its way to a layer.

    Attributes:
        pixels: RGBA in [0, 1], `4 H W`, of the whole canvas.
        shades: What its colours were moved to; empty = they are as drawn.
    """

    pixels: Tensor
    canvas: NativeCanvas
    sampling: RegionSampling
    caption: str
    route: str
    shades: str = ""


class _LayoutJob:
    """One job, from an understood sentence to its layers."""

    def __init__(
        self, model: LayerModel, request: LayoutRequest, plan: ScenePlan, job: JobReporter
    ) -> None:
        self._model, self._request, self._plan, self._job = model, request, plan, job
        self._whole = (0, 0, request.width, request.height)
        self._run = self._joint_run() if request.mode is GenerationMode.ART else None
        places = self._run.places if self._run else (None,) * len(plan.objects)
        self._drawings = [
            Drawing(item, place.rect if place else item.box, plan.style)
            for item, place in zip(plan.objects, places, strict=True)
        ]
        self._background: _Background | None = None
        self._previews = self._make_previews()

    def run(self) -> LayoutResult:
        job, request = self._job, self._request
        job.plan(self._phases())
        job.enter(Phase.DENOISE)
        self._denoise()
        job.enter(Phase.CHECK)
        labels = [drawing.item.concept.label for drawing in self._drawings]
        check_drawings(self._model, self._drawings, labels)
        background = self._in_shades(self._draw_better())
        job.enter(Phase.FINISH)
        layers = (self._background_layer(background), *self._object_layers())
        harmony = self._harmony(layers) if request.harmony else None
        job.leave()
        missed = [BACKGROUND_NAME] if background.shades != self._plan.shades else []
        colours = colour_notes(self._drawings, missed)
        notes = (*self._plan.notes, *_notes_on(self._drawings), *colours)
        return LayoutResult(
            request.width, request.height, request.seed, layers, notes, job.seconds, harmony
        )

    def _draw_better(self) -> _Background:
        """Draws alone what is not good enough; the background too where it has to be."""
        model, request, job = self._model, self._request, self._job
        poor = poor_drawings(request, self._drawings)
        steps = AloneSteps(job, request.sampling, len(poor), int(self._joint_background))
        if poor:
            job.enter(Phase.ALONE, alone_work(request.sampling, len(poor)))
        mended = draw_better(
            model, request, self._drawings, poor=poor, style=self._plan.style, steps=steps,
            show=self._previews.replaced,
        )  # fmt: skip
        background = self._background
        if background is None or (mended and background.route == TOGETHER):
            # Where nouns were mixed up, the background has usually caught some of them as well.
            return self._background_alone(steps)
        return background

    def _joint_run(self) -> SceneRun | None:
        """All that is sampled together: perhaps the background, and the objects that fit."""
        request = self._request
        return plan_run(
            self._model,
            (request.width, request.height),
            self._parts(self._model.joint_background),
            seed=request.seed,
            caption=self._plan.caption,
            options=request.sampling,
            negative_prompt=request.negative_prompt,
        )

    def _parts(self, with_background: bool) -> list[ScenePart | None]:
        behind = RecordEntry(background_id(self._request.seed), BACKGROUND_ID, 0, self._whole)
        parts = [ScenePart(behind) if with_background else None]
        for item in self._plan.objects:
            entry = RecordEntry(item.layer_id, item.layer_id, item.attempt, item.box)
            parts.append(ScenePart(entry))
        return parts

    def _phases(self) -> list[PlannedPhase]:
        options, run = self._request.sampling, self._run
        tokens = run.sampling.layout.token_count if run else 0
        work = denoising_work(run.sampling.layout, options) if run else 0.0
        if not self._joint_background:
            canvas = NativeCanvas.fit(self._request.width, self._request.height)
            work += sampler_work(canvas.width * canvas.height // TOKEN_PX**2, options)
        return [
            PlannedPhase(Phase.DENOISE, work),
            PlannedPhase(Phase.DECODE, float(tokens)),
            PlannedPhase(Phase.CHECK, float(len(self._drawings))),
            PlannedPhase(Phase.ALONE, alone_work(options, len(self._drawings))),
            PlannedPhase(Phase.FINISH, float(self._request.width * self._request.height)),
        ]

    @property
    def _joint_background(self) -> bool:
        return self._run is not None and self._run.parts[0] is not None

    def _make_previews(self) -> ScenePreviews:
        runs = (not self._joint_background) + (self._run is not None)
        background = (background_id(self._request.seed), BACKGROUND_NAME, self._whole)
        return ScenePreviews(
            self._model, self._job, background, self._drawings, runs * self._request.sampling.steps
        )

    def _denoise(self) -> None:
        """Samples and decodes everything once."""
        previews = self._previews
        if not self._joint_background:
            self._background = self._background_alone(previews.on_step)
        if self._run is None:
            return
        transformer, sampling = self._model.checkpoint.transformer, self._run.sampling
        latents = sample_regions(transformer, sampling, previews.on_step, self._job.cancelled)
        self._job.enter(Phase.DECODE)
        self._decode(self._run, latents)

    def _decode(self, run: SceneRun, latents: list[Tensor | None]) -> None:
        """Gives drawings and background their pixels."""
        sampling, caption = run.sampling, self._plan.caption
        entries = {index for index, box in enumerate(sampling.layout.boxes) if box is not None}
        codec = self._model.checkpoint.codec
        decoded = codec.decode(latents, sampling.layout.boxes, entries)
        for index, drawing in enumerate(self._drawings, FIRST_OBJECT):
            if index in decoded:
                drawing.pixels, drawing.alpha_route = with_route(decoded[index], self._request)
                drawing.sampling, drawing.caption = sampling, caption
                drawing.entries = run.entries
        if BACKGROUND_ENTRY in decoded:
            pixels = decoded[BACKGROUND_ENTRY]
            self._background = _Background(pixels, run.canvas, sampling, caption, TOGETHER)

    def _background_alone(self, on_step: OnStep) -> _Background:
        request, plan = self._request, self._plan
        canvas = NativeCanvas.fit(request.width, request.height)
        caption = background_caption(plan.background, plan.style)
        key = NoiseKey(request.seed, BACKGROUND_ID)
        alone = AloneJob(key, caption, request.sampling, request.negative_prompt)
        made = sample_background(self._model, canvas, alone, self._job, on_step)
        return _Background(made.decode(self._model), canvas, made.sampling, caption, ALONE)

    def _in_shades(self, background: _Background) -> _Background:
        """The background in the shades of the prompt, where that can be done."""
        shades = self._plan.shades
        pixels = in_shades(background.pixels, background.canvas, shades)
        done = pixels is not background.pixels
        return replace(background, pixels=pixels, shades=shades if done else "")

    def _background_layer(self, background: _Background) -> GeneratedLayer:
        run = self._run if background.route == TOGETHER else None
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
            noise_id=BACKGROUND_ID,
            route=background.route,
            context_layers=self._context(background.route),
            entries=run.entries if run else (),
            recolour=background.shades,
        )
        return GeneratedLayer(
            background_id(self._request.seed),
            BACKGROUND_NAME,
            LayerKind.BACKGROUND,
            self._whole,
            background_pixels(background.pixels, background.canvas),
            replace(record, typed_prompt=self._request.typed_prompt_of(None)),
        )

    def _object_layers(self) -> list[GeneratedLayer]:
        layers = []
        fit = fit_of(self._request, self._plan.style)
        for z_index, drawing in enumerate(self._drawings, 1):
            item = drawing.item
            pixels, sampling = drawing.finished()
            softened = softened_by(fit, item.effect, drawn=drawing.has_effect)
            record = make_record(
                self._model,
                self._request,
                sampling,
                effective_prompt=drawing.caption,
                concept=item.concept.label,
                style=self._plan.style,
                box=item.box,
                z_index=z_index,
                attempt=item.attempt,
                next_attempt=drawing.next_attempt,
                recolour=drawing.recolour,
                noise_id=item.layer_id,
                route=drawing.route,
                alpha_route=drawing.alpha_route,
                context_layers=self._context(drawing.route),
                entries=drawing.entries,
                fit=fit,
                softened=softened,
            )
            layers.append(
                GeneratedLayer(
                    item.layer_id,
                    item.name,
                    LayerKind.OBJECT,
                    item.box,
                    placed_pixels(pixels, item.box, drawing.rect, fit, softened),
                    replace(record, typed_prompt=self._request.typed_prompt_of(item.layer_id)),
                )
            )
        return layers

    def _context(self, route: str) -> tuple[str, ...]:
        """Ids of the layers that were sampled together."""
        if route != TOGETHER:
            return ()
        background = (background_id(self._request.seed),) * self._joint_background
        return (*background, *(item.layer_id for item in self._plan.objects))

    def _harmony(self, layers: Sequence[GeneratedLayer]) -> Harmony:
        """The stack against the whole image, which is made beside the finished layers."""
        request = self._request
        run = plan_whole(
            self._model, layers, (request.width, request.height), seed=request.seed,
            caption=self._plan.caption, options=request.sampling,
        )  # fmt: skip
        whole = draw_whole(self._model, run, self._job.cancelled)
        return compare(stacked_on_white(layers, request.width, request.height), whole)


def _notes_on(drawings: Sequence[Drawing]) -> list[str]:
    """Which objects a person may not recognise, though the best of all tries stayed."""
    doubtful = [drawing for drawing in drawings if drawing.verdict.doubtful]
    if not doubtful:
        return []
    names = ", ".join(drawing.item.name for drawing in doubtful[:_NAMED_IN_NOTE])
    more = len(doubtful) - _NAMED_IN_NOTE
    if more > 0:
        note = sentence(
            "Hard to recognize: {names}, {count} more. Another try at a layer may do better.",
            names=names,
            count=more,
        )
    else:
        note = sentence(
            "Hard to recognize: {names}. Another try at the layer may do better.", names=names
        )
    return [note]
