"""One layer again, or some, on an ART model at full size: beside the others, or by itself.

All layers of the run are denoised together with the whole image and the background, as the model
was trained; those that are to stay walk along the noise path and come back bit for bit (art-plus,
section 4, editing). The same run, planned from a record, repeats a layer exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from engine import __version__
from engine.checkpoints.bundle import Checkpoint
from engine.errors import RequestError
from engine.models.attention import usable_here
from engine.models.latent_preview import PreviewMatrix
from engine.pipelines.alpha_of_drawings import route_of, with_route
from engine.pipelines.art_run import ArtPart, ArtRun, plan_art_run
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import ALONE, CONTEXT
from engine.pipelines.layout_to_layers import RegionStep, sample_regions
from engine.pipelines.neighbours import held_entry, place_among
from engine.pipelines.repetition import RunCache, options_of, place_of, where_it_was
from engine.progress import LayerPreview, Phase
from engine.prompts.captions import whole_caption
from engine.requests import (
    ContextLayer,
    GeneratedLayer,
    LayerKind,
    LayerPixels,
    LayerRecord,
    LayerRequest,
    LayerResult,
    RecordEntry,
    RegionBox,
)
from engine.requests.run_options import RunOptions, cache_notes, options_again
from engine.sampling.noise import BACKGROUND_ID
from engine.sentences import sentence


def regenerate_on_art(
    checkpoint: Checkpoint,
    request: LayerRequest,
    job: JobReporter,
    *,
    preview: PreviewMatrix | None = None,
    cache: RunCache | None = None,
) -> LayerResult:
    """Does a job for one layer, or for some in the same run, once or in several variations.

    Args:
        preview: Makes rough pictures on the way; None = there are none.
        cache: Keeps the last run that a record asked for.

    Raises:
        RequestError: There are more layers than the model has places for, or what a record needs is
            not there.
        CheckpointError: The matting model that the alpha route needs cannot be used.
        JobCancelled: The job was cancelled; asked at every step.
    """
    job.enter(Phase.UNDERSTAND)
    if request.repeat is not None:
        return _repeated(checkpoint, request, request.repeat, job, cache or RunCache())
    made: list[list[GeneratedLayer]] = []
    notes: list[str] = []
    for number in range(request.count):
        scene = _Scene.of(request, number)
        run = scene.run(checkpoint)
        if not number:
            job.enter(Phase.DENOISE, run.work * request.count)
        steps = _Steps(scene, run, job, preview, number)
        latents = sample_regions(checkpoint.transformer, run.sampling, steps, job.cancelled)
        made.append(_finished(checkpoint, scene, run, latents))
        notes += [n for n in cache_notes(run.record(checkpoint)) if n not in notes]
    job.enter(Phase.FINISH)
    job.leave()
    later = tuple(layers[0] for layers in made[1:])
    return LayerResult(made[0][0], tuple(notes), job.seconds, later, tuple(made[0][1:]))


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """What stands in a run, bottom to top.

    Attributes:
        wanted: The boxes that are made: the request's own, then those beside it.
        places: Index in `parts` of each of them.
        parts: The background, then the objects.
    """

    request: LayerRequest
    wanted: tuple[RegionBox, ...]
    places: tuple[int, ...]
    parts: tuple[ArtPart, ...]
    caption: str

    @classmethod
    def of(cls, request: LayerRequest, later: int) -> _Scene:
        """The scene of the variation of this number."""
        boxes = [replace(b, attempt=b.attempt + later) for b in (request.box, *request.beside)]
        behind = next((each for each in request.context if each.kind is LayerKind.BACKGROUND), None)
        objects = [each for each in request.context if _stands(each, request)]
        parts, prompts = [_held(each) for each in objects], [each.prompt for each in objects]
        start = request.start if request.strength is not None else None
        if request.kind is LayerKind.BACKGROUND:
            own = ArtPart(_entry(boxes[0], BACKGROUND_ID), start=start)
            caption = whole_caption(prompts, request.prompt)
            return cls(request, (boxes[0],), (0,), (own, *parts), caption)
        count = len(objects)
        order = sorted(enumerate(boxes), key=lambda pair: (place_among(pair[1], count), pair[0]))
        for index, box in reversed(order):  # from the top, so that the places below stay
            place, entry = place_among(box, count), _entry(box, box.layer_id)
            parts.insert(place, ArtPart(entry, start=None if index else start))
            prompts.insert(place, box.prompt or request.prompt)
        whole = RegionBox("", 0, 0, request.width, request.height)
        ground = _held(behind) if behind else ArtPart(_entry(whole, BACKGROUND_ID))
        ids = [part.entry.layer_id for part in parts]
        places = tuple(1 + ids.index(box.layer_id) for box in boxes)
        caption = whole_caption(prompts, behind.prompt if behind else "")
        return cls(request, tuple(boxes), places, (ground, *parts), caption)

    @property
    def held_ids(self) -> tuple[str, ...]:
        """Layers that stay as they are."""
        return tuple(part.entry.layer_id for part in self.parts if part.held is not None)

    def run(self, checkpoint: Checkpoint) -> ArtRun:
        """The scene, ready for the sampler."""
        request = self.request
        return plan_art_run(
            checkpoint, (request.width, request.height), self.parts, seed=request.seed,
            caption=self.caption, options=request.sampling,
            negative_prompt=request.negative_prompt, strength=request.strength,
            run=request.run,
        )  # fmt: skip


def _stands(layer: ContextLayer, request: LayerRequest) -> bool:
    """Whether it is an object of which anything lies on the canvas."""
    x0, y0, x1, y1 = layer.box
    on_canvas = max(x0, 0) < min(x1, request.width) and max(y0, 0) < min(y1, request.height)
    return layer.kind is LayerKind.OBJECT and on_canvas


def _held(layer: ContextLayer) -> ArtPart:
    return ArtPart(held_entry(layer), held=layer.content)


def _entry(box: RegionBox, noise_id: str) -> RecordEntry:
    return RecordEntry(box.layer_id, noise_id, box.attempt, (box.x0, box.y0, box.x1, box.y1))


def _finished(
    checkpoint: Checkpoint, scene: _Scene, run: ArtRun, latents: Sequence[Tensor | None]
) -> list[GeneratedLayer]:
    """The layers that were wanted, in their order."""
    request, layers = scene.request, []
    decoded = run.decode(checkpoint, latents, scene.places)
    for box, place in zip(scene.wanted, scene.places, strict=True):
        pixels, route = decoded[place], ""
        if place:
            pixels, route = with_route(pixels, request)
        prompt = box.prompt or request.prompt
        record = _record(checkpoint, scene, run, place, prompt=prompt, alpha_route=route)
        name = box.name or (prompt if place else "background")
        kind = LayerKind.OBJECT if place else LayerKind.BACKGROUND
        layers.append(
            GeneratedLayer(box.layer_id, name, kind, record.box, run.cut(pixels, place), record)
        )
    return layers


def _record(
    checkpoint: Checkpoint, scene: _Scene, run: ArtRun, place: int, *, prompt: str, alpha_route: str
) -> LayerRecord:
    request, part, options = scene.request, run.parts[place], scene.request.sampling
    return LayerRecord(
        typed_prompt=prompt, effective_prompt=scene.caption, concept="", style=request.style,
        box=part.entry.box, z_index=place, canvas_size=(request.width, request.height),
        seed=request.seed, attempt=part.entry.attempt, steps=options.steps,
        true_guidance=options.true_guidance, distilled_guidance=run.sampling.distilled_guidance,
        route=CONTEXT if scene.held_ids else ALONE, token_count=run.sampling.layout.token_count,
        checkpoint=checkpoint.name, weights_hash=checkpoint.weights_hash,
        engine_version=__version__, context_layers=scene.held_ids,
        negative_prompt=request.negative_prompt, alpha_route=alpha_route,
        strength=request.strength if part.start else None,
        source_hash=part.start.pixel_hash if part.start else "",
        noise_id=part.entry.noise_id, entries=run.entries, run=run.record(checkpoint),
    )  # fmt: skip


@dataclass(slots=True)
class _Steps:
    """Reports steps with a rough picture of the layers that are made, now and then.

    Attributes:
        number: Of the variation, from 0.
    """

    scene: _Scene
    run: ArtRun
    job: JobReporter
    preview: PreviewMatrix | None
    number: int

    def __call__(self, step: RegionStep) -> None:
        shown: tuple[LayerPreview, ...] = ()
        if self.preview is not None and self.job.preview_due():
            pairs = zip(self.scene.places, self.scene.wanted, strict=True)
            names = {place: box.name for place, box in pairs}
            shown = self.run.previews(step.clean_estimate(), self.preview, names)
        done = self.number * step.steps + step.index + 1
        self.job.step(done, self.scene.request.count * step.steps, shown)


# A record, done again


def _repeated(
    checkpoint: Checkpoint,
    request: LayerRequest,
    record: LayerRecord,
    job: JobReporter,
    cache: RunCache,
) -> LayerResult:
    if not record.entries:
        raise RequestError(sentence("The record does not say enough to make the layer again."))
    if record.strength is not None and request.start is None:
        raise RequestError(sentence("The pixels that the layer was refined from are not kept."))
    place = place_of(record)
    run = _recorded_run(checkpoint, request, record, place)
    job.enter(Phase.DENOISE, run.work)
    latents = cache.latents_of(
        checkpoint.weights_hash,
        record,
        lambda: sample_regions(
            checkpoint.transformer,
            run.sampling,
            lambda step: job.step(step.index + 1, step.steps),
            job.cancelled,
        ),
    )
    pixels = run.decode(checkpoint, latents, (place,))[place]
    if place:
        routed = replace(request, alpha_route=route_of(record.alpha_route), repeat=record)
        pixels, _ = with_route(pixels, routed)
    job.enter(Phase.FINISH)
    job.leave()
    now = replace(record, weights_hash=checkpoint.weights_hash, engine_version=__version__)
    box, cut = request.box, run.cut(pixels, place)
    layer = GeneratedLayer(box.layer_id, box.name, request.kind, record.box, cut, now)
    return LayerResult(layer, (), job.seconds)


def _recorded_run(
    checkpoint: Checkpoint, request: LayerRequest, record: LayerRecord, place: int
) -> ArtRun:
    """The run of the record, with the layers that were held still as they are now."""
    now = {layer.layer_id: layer for layer in request.context}
    parts = []
    for index, entry in enumerate(record.entries):
        held: LayerPixels | None = None
        if entry.pixel_hash:
            layer = now.get(entry.layer_id)
            if layer is None:
                raise RequestError(
                    sentence("A layer that it was made beside is not in the document any more.")
                )
            held = where_it_was(layer, entry)
        refined = index == place and record.strength is not None
        parts.append(ArtPart(entry, held, request.start if refined else None))
    return plan_art_run(
        checkpoint, record.canvas_size, parts, seed=record.seed, caption=record.effective_prompt,
        options=options_of(record), negative_prompt=record.negative_prompt,
        strength=record.strength, run=_run_again(checkpoint, record),
    )  # fmt: skip


def _run_again(checkpoint: Checkpoint, record: LayerRecord) -> RunOptions:
    """As it was run, but for a kernel that this machine does not have."""
    network = checkpoint.transformer
    heads = int(network.config["attention_head_dim"])
    return usable_here(options_again(record.run), network.device, network.dtype, heads)
