"""ART+ at full size: a sentence and boxes become a background and a transparent layer per box.

All entries are denoised together, the whole image included (art-plus, section 4): the regions are
anonymous, so the one sentence decides what each shows. Content cannot leave its box.
"""

from __future__ import annotations

from torch import Tensor

from engine import __version__
from engine.checkpoints.bundle import Checkpoint
from engine.errors import RequestError
from engine.models.latent_preview import PreviewMatrix
from engine.pipelines.alpha_of_drawings import with_route
from engine.pipelines.art_run import ArtPart, ArtRun, plan_art_run
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import TOGETHER
from engine.pipelines.layout_to_layers import RegionStep, sample_regions
from engine.progress import Phase
from engine.requests import (
    GeneratedLayer,
    LayerKind,
    LayerRecord,
    LayoutRequest,
    LayoutResult,
    RecordEntry,
    derive_layer_id,
)
from engine.requests.run_options import cache_notes
from engine.sampling.noise import BACKGROUND_ID
from engine.sentences import sentence

_BACKGROUND = "background"


def generate_full_size(
    checkpoint: Checkpoint,
    request: LayoutRequest,
    job: JobReporter,
    preview: PreviewMatrix | None = None,
) -> LayoutResult:
    """Does a layout job on an ART checkpoint.

    Args:
        preview: Makes rough pictures of the layers on the way; None = there are none.

    Raises:
        RequestError: There are no boxes, or more than the checkpoint has places for.
        CheckpointError: The matting model that the alpha route needs cannot be used.
        JobCancelled: The job was cancelled; asked at every step.
    """
    run = _run(checkpoint, request)
    names = dict(enumerate((_BACKGROUND, *(box.name for box in request.boxes))))
    job.enter(Phase.DENOISE, run.work)

    def on_step(step: RegionStep) -> None:
        due = preview is not None and job.preview_due()
        shown = run.previews(step.clean_estimate(), preview, names) if preview and due else ()
        job.step(step.index + 1, step.steps, shown)

    latents = sample_regions(checkpoint.transformer, run.sampling, on_step, job.cancelled)
    job.enter(Phase.DECODE)
    decoded = run.decode(checkpoint, latents, range(len(run.parts)))
    job.enter(Phase.FINISH)
    layers = _layers(checkpoint, request, run, decoded)
    job.leave()
    return LayoutResult(
        width=request.width, height=request.height, seed=request.seed, layers=layers,
        notes=cache_notes(run.record(checkpoint)),
        seconds=job.seconds,
    )  # fmt: skip


def _run(checkpoint: Checkpoint, request: LayoutRequest) -> ArtRun:
    if not request.boxes:
        raise RequestError(
            sentence("This model makes one layer for each box; draw at least one box.")
        )
    whole = (0, 0, request.width, request.height)
    ground = derive_layer_id(request.seed, _BACKGROUND, 0)
    entries = [RecordEntry(ground, BACKGROUND_ID, 0, whole)]
    for box in request.boxes:
        corners = (box.x0, box.y0, box.x1, box.y1)
        entries.append(RecordEntry(box.layer_id, box.layer_id, box.attempt, corners))
    return plan_art_run(
        checkpoint, (request.width, request.height), [ArtPart(entry) for entry in entries],
        seed=request.seed, caption=request.prompt, options=request.sampling,
        negative_prompt=request.negative_prompt, run=request.run,
    )  # fmt: skip


def _layers(
    checkpoint: Checkpoint, request: LayoutRequest, run: ArtRun, decoded: dict[int, Tensor]
) -> tuple[GeneratedLayer, ...]:
    layers = []
    for place, entry in enumerate(run.entries):
        pixels, route = decoded[place], ""
        name, kind = _BACKGROUND, LayerKind.BACKGROUND
        if place:
            pixels, route = with_route(pixels, request)
            number = sentence("Layer {number}", number=place)
            name, kind = request.boxes[place - 1].name or number, LayerKind.OBJECT
        record = _record(checkpoint, request, run, place, route)
        layers.append(
            GeneratedLayer(entry.layer_id, name, kind, entry.box, run.cut(pixels, place), record)
        )
    return tuple(layers)


def _record(
    checkpoint: Checkpoint, request: LayoutRequest, run: ArtRun, place: int, alpha_route: str
) -> LayerRecord:
    entry, options = run.entries[place], request.sampling
    return LayerRecord(
        typed_prompt=request.prompt, effective_prompt=request.prompt, concept="",
        style=request.style, box=entry.box, z_index=place,
        canvas_size=(request.width, request.height), seed=request.seed, attempt=entry.attempt,
        steps=options.steps, true_guidance=options.true_guidance,
        distilled_guidance=run.sampling.distilled_guidance, route=TOGETHER,
        token_count=run.sampling.layout.token_count, checkpoint=checkpoint.name,
        weights_hash=checkpoint.weights_hash, engine_version=__version__,
        context_layers=tuple(each.layer_id for each in run.entries),
        negative_prompt=request.negative_prompt, mode=request.mode.value, alpha_route=alpha_route,
        noise_id=entry.noise_id, entries=run.entries, run=run.record(checkpoint),
    )  # fmt: skip
