"""MultiLayerFLUX: a whole document from a plain FLUX model, each layer drawn by itself and stacked.

A sentence is read as for the starter: boxes are found for its nouns, known or not. With a sentence
per box the boxes say it. Each object then comes from LayerFLUX, bottom to top, over a background
that is a drawing of the whole canvas.
"""

from __future__ import annotations

from dataclasses import replace

from engine.models.drawing_size import drawing_size
from engine.pipelines.automatic_boxes import AutomaticBoxes
from engine.pipelines.generate import BACKGROUND_NAME, background_id
from engine.pipelines.harmony import compare, stacked_on_white
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_flux import (
    FluxDrawing,
    FluxLayerModel,
    picture_work,
    usual_notes,
)
from engine.progress import Phase
from engine.prompts.planning.plans import PlannedObject, ScenePlan
from engine.prompts.planning.scene_plan import plan_scene
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import (
    GeneratedLayer,
    GenerationMode,
    Harmony,
    LayerKind,
    LayerRequest,
    LayoutRequest,
    LayoutResult,
    RegionBox,
)
from engine.requests.run_options import cache_notes
from engine.sentences import sentence


def generate_flux_layout(
    model: FluxLayerModel, request: LayoutRequest, words: Vocabulary, job: JobReporter
) -> LayoutResult:
    """Does a layout job in either mode.

    Args:
        words: For the sentence; the model itself draws whatever is named.

    Raises:
        RequestError: Nothing to draw was named, or the alpha route needs a transparent decoder.
        CheckpointError: The matting model cannot be used.
        JobCancelled: The job was cancelled; asked at every step.
    """
    job.enter(Phase.UNDERSTAND)
    plan = plan_scene(request, words, AutomaticBoxes(request), any_word=True)
    asked = [_background(request, plan), *(_object(request, plan, o) for o in plan.objects)]
    job.enter(Phase.DENOISE, sum(map(picture_work, asked)))
    notes = [*plan.notes, *usual_notes(model, request)]
    if request.mode is GenerationMode.ART:
        notes.append(
            sentence(
                "This model makes one picture at a time: each layer was drawn by itself, in a box "
                "found for it."
            )
            if not request.boxes
            else sentence("This model makes one picture at a time: each layer was drawn by itself.")
        )
    pictures = len(asked) + request.harmony
    drawing = FluxDrawing(model, job, notes, planned=pictures, mode=request.mode.value)
    layers = tuple(
        _of_job(drawing.layer(each), request, z_index) for z_index, each in enumerate(asked)
    )
    harmony = _harmony(drawing, request, asked[0], layers) if request.harmony else None
    notes += cache_notes(drawing.outcome.record(request.run))
    job.enter(Phase.FINISH)
    job.leave()
    return LayoutResult(
        request.width, request.height, request.seed, layers, tuple(dict.fromkeys(notes)),
        job.seconds, harmony,
    )  # fmt: skip


def largest_drawing(request: LayoutRequest | LayerRequest) -> tuple[int, int]:
    """Size of the largest picture of a job, for its plan."""
    boxes = [request.box] if isinstance(request, LayerRequest) else list(request.boxes)
    sizes = [(box.width, box.height) for box in boxes]
    if isinstance(request, LayoutRequest):
        sizes.append((request.width, request.height))
    return max((drawing_size(*size) for size in sizes), key=lambda s: s[0] * s[1])


def _background(request: LayoutRequest, plan: ScenePlan) -> LayerRequest:
    whole = RegionBox(background_id(request.seed), 0, 0, request.width, request.height)
    typed = request.background_prompt.strip()
    prompt = typed or f"{plan.background} background"
    return replace(
        _layer_request(request, plan, prompt, replace(whole, name=BACKGROUND_NAME)),
        kind=LayerKind.BACKGROUND,
    )


def _object(request: LayoutRequest, plan: ScenePlan, item: PlannedObject) -> LayerRequest:
    box = RegionBox(item.layer_id, *item.box, name=item.name, attempt=item.attempt)
    return _layer_request(request, plan, item.phrase, box)


def _layer_request(
    request: LayoutRequest, plan: ScenePlan, prompt: str, box: RegionBox
) -> LayerRequest:
    return LayerRequest(
        prompt=prompt, width=request.width, height=request.height, seed=request.seed, box=box,
        style=plan.style, sampling=request.sampling, checkpoint=request.checkpoint,
        negative_prompt=request.negative_prompt, alpha_route=request.alpha_route,
        matting_model=request.matting_model, run=request.run,
    )  # fmt: skip


def _of_job(layer: GeneratedLayer, request: LayoutRequest, z_index: int) -> GeneratedLayer:
    """The layer with what its record owes to the others."""
    typed = request.typed_prompt_of(layer.layer_id if layer.kind is LayerKind.OBJECT else None)
    record = replace(layer.record, typed_prompt=typed, z_index=z_index)
    return replace(layer, record=record)


def _harmony(
    drawing: FluxDrawing,
    request: LayoutRequest,
    background: LayerRequest,
    layers: tuple[GeneratedLayer, ...],
) -> Harmony:
    """The stack against the whole sentence as one picture."""
    whole = drawing.whole(f"{request.prompt}, {background.style} style", background)
    return compare(stacked_on_white(layers, request.width, request.height), whole)
