"""A layer once more exactly as its record says: nothing is read, chosen, checked or tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from engine import __version__
from engine.errors import RequestError
from engine.pipelines.alpha_of_drawings import route_of, with_route
from engine.pipelines.background_shades import in_shades
from engine.pipelines.document_pixels import background_pixels
from engine.pipelines.drawing_fit import Fit, fit_named, placed_pixels, softened_named
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import (
    ALONE,
    CONTEXT,
    TOGETHER,
    AloneJob,
    sample_alone,
    sample_background,
)
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import RegionStep, sample_regions
from engine.pipelines.native_canvas import NativeCanvas
from engine.pipelines.part_colours import in_colour
from engine.pipelines.scene_run import ScenePart, SceneRun, plan_run
from engine.progress import Phase, PlannedPhase
from engine.requests import (
    ContextLayer,
    GeneratedLayer,
    LayerKind,
    LayerPixels,
    LayerRecord,
    LayerRequest,
    LayerResult,
    RecordEntry,
    RgbaArray,
    SamplingOptions,
)
from engine.requests.run_options import options_again
from engine.sampling.noise import NoiseKey
from engine.sentences import sentence


@dataclass(slots=True)
class RunCache:
    """The last run that was repeated: the other layers of the same job need no run of their own."""

    key: object = None
    latents: list[Tensor | None] | None = None

    def latents_of(
        self, model: str, record: LayerRecord, sample: Callable[[], list[Tensor | None]]
    ) -> list[Tensor | None]:
        """The latents of a record's job; `sample` makes them when they are not those of before.

        Args:
            model: Hash of the weights that are in memory.
        """
        key = (
            model, record.seed, record.effective_prompt, record.negative_prompt, record.entries,
            options_of(record), record.strength, record.canvas_size, record.source_hash,
            options_again(record.run),
        )  # fmt: skip
        if self.key != key or self.latents is None:
            self.key = None
            self.latents = sample()
            self.key = key
        return self.latents


def repeat_layer(
    model: LayerModel, request: LayerRequest, job: JobReporter, cache: RunCache
) -> LayerResult:
    """Does what `request.repeat` says; the result's record names the present weights.

    Raises:
        RequestError: The record is of a kind this model does not make, or what it was made beside
            or refined from is not there.
        JobCancelled: The job was cancelled; asked at every step.
    """
    record = request.repeat
    if record is None:
        raise ValueError("there is no record to repeat")
    job.enter(Phase.UNDERSTAND)
    job.plan([PlannedPhase(Phase.DENOISE, float(record.token_count * record.steps))])
    job.enter(Phase.DENOISE)
    asked = replace(request, sampling=options_of(record), alpha_route=route_of(record.alpha_route))
    if record.strength is not None and request.start is None:
        raise RequestError(sentence("The pixels that the layer was refined from are not kept."))
    if record.route == ALONE:
        pixels = _alone(model, asked, record, job)
    elif record.route in (TOGETHER, CONTEXT) and record.entries:
        pixels = _in_company(model, asked, record, job, cache)
    else:
        raise RequestError(sentence("The record does not say enough to make the layer again."))
    job.enter(Phase.FINISH)
    job.leave()
    now = replace(record, weights_hash=model.checkpoint.weights_hash, engine_version=__version__)
    layer = GeneratedLayer(
        request.box.layer_id, request.box.name, request.kind, record.box, pixels, now
    )
    return LayerResult(layer, (), job.seconds)


def options_of(record: LayerRecord) -> SamplingOptions:
    """How the record's job was sampled."""
    options = SamplingOptions(record.steps, record.true_guidance, tries=1)
    if record.distilled_guidance is None:
        return options
    return replace(options, distilled_guidance=record.distilled_guidance)


def _alone(
    model: LayerModel, request: LayerRequest, record: LayerRecord, job: JobReporter
) -> RgbaArray:
    softened = softened_named(record.softened)
    alone = AloneJob(
        NoiseKey(record.seed, record.noise_id, record.attempt),
        record.effective_prompt,
        request.sampling,
        record.negative_prompt,
        request.start,
        record.strength,
        fit_named(record.fit),
    )

    def on_step(step: RegionStep) -> None:
        job.step(step.index + 1, step.steps)

    if request.kind is LayerKind.BACKGROUND:
        canvas = NativeCanvas.fit(*record.canvas_size)
        made = sample_background(model, canvas, alone, job, on_step)
        decoded = in_shades(made.decode(model), canvas, record.recolour)
        return background_pixels(decoded, canvas)
    made = sample_alone(model, record.box, alone, job, on_step)
    decoded, _ = with_route(made.decode(model), request)
    decoded = in_colour(decoded, record.recolour)
    return placed_pixels(decoded, record.box, made.rect, alone.fit, softened)


def _in_company(
    model: LayerModel,
    request: LayerRequest,
    record: LayerRecord,
    job: JobReporter,
    cache: RunCache,
) -> RgbaArray:
    softened, fit = softened_named(record.softened), fit_named(record.fit)
    run = _run(model, request, record)
    place = place_of(record)

    def on_step(step: RegionStep) -> None:
        job.step(step.index + 1, step.steps)

    transformer = model.checkpoint.transformer
    latents = cache.latents_of(
        model.checkpoint.weights_hash,
        record,
        lambda: sample_regions(transformer, run.sampling, on_step, job.cancelled),
    )
    decoded = run.decode(model, latents, place)
    if place == 0:
        again = in_shades(decoded, run.canvas, record.recolour)
        return background_pixels(again, run.canvas)
    routed, _ = with_route(decoded, request)
    turned = in_colour(routed, record.recolour)
    box = record.entries[place].box
    return placed_pixels(turned, box, run.rect(place), fit, softened)


def _run(model: LayerModel, request: LayerRequest, record: LayerRecord) -> SceneRun:
    """The run of the record, with the layers that were held still as they are now."""
    now = {layer.layer_id: layer for layer in request.context}
    place = place_of(record)
    parts: list[ScenePart | None] = []
    for index, entry in enumerate(record.entries):
        if not entry.noise_id:
            parts.append(None)
            continue
        held = now.get(entry.layer_id) if entry.pixel_hash else None
        if entry.pixel_hash and held is None:
            raise RequestError(
                sentence("A layer that it was made beside is not in the document any more.")
            )
        start = request.start if index == place and record.strength is not None else None
        parts.append(ScenePart(entry, where_it_was(held, entry) if held else None, start))
    run = plan_run(
        model,
        record.canvas_size,
        parts,
        seed=record.seed,
        caption=record.effective_prompt,
        options=request.sampling,
        negative_prompt=record.negative_prompt,
        strength=record.strength,
        whole_contents=fit_named(record.fit) is not Fit.CONTAINED,
    )
    if run is None:
        raise RequestError(sentence("The record does not say enough to make the layer again."))
    return run


def where_it_was(layer: ContextLayer, entry: RecordEntry) -> LayerPixels:
    """The layer's pixels, moved back if it was moved since."""
    x, y = entry.box[0] - layer.box[0], entry.box[1] - layer.box[1]
    x0, y0, x1, y1 = layer.content.box
    return replace(layer.content, box=(x0 + x, y0 + y, x1 + x, y1 + y))


def place_of(record: LayerRecord) -> int:
    """Which entry the layer is. RequestError when the record does not say."""
    for index, entry in enumerate(record.entries):
        made = not entry.pixel_hash and entry.noise_id == record.noise_id
        if made and entry.attempt == record.attempt:
            return index
    raise RequestError(sentence("The record does not say enough to make the layer again."))
