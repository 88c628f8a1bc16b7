"""Objects on their way from latents to layers: checked, and drawn again alone where that is better.

This is MultiLayerFLUX's way (art-plus 7.3): each box by itself from its own noun, then stacked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from engine.pipelines.binding import Verdict, judge_drawings
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import ALONE, TOGETHER, sample_alone
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import RegionSampling, RegionStep
from engine.pipelines.native_canvas import Corners
from engine.progress import Phase
from engine.prompts.scene_plan import PlannedObject
from engine.requests import LayoutRequest


@dataclass(slots=True)
class Drawing:
    """One object of a job.

    Attributes:
        rect: Part of its box that it covers, in document pixels.
        pixels: Straight RGBA in [0, 1], `4 H W`; None = not drawn yet.
        sampling: How it was sampled.
        route: TOGETHER or ALONE.
    """

    item: PlannedObject
    rect: Corners
    pixels: Tensor | None = None
    sampling: RegionSampling | None = None
    verdict: Verdict = field(default_factory=Verdict)
    route: str = TOGETHER


def check_drawings(model: LayerModel, drawings: Sequence[Drawing], labels: Sequence[str]) -> None:
    """Gives every drawing its verdict; one without pixels keeps that of an empty one.

    Args:
        labels: Concepts of the whole sentence, which may have changed places.
    """
    made = [drawing for drawing in drawings if drawing.pixels is not None]
    verdicts = judge_drawings(
        [drawing.pixels for drawing in made if drawing.pixels is not None],
        [drawing.item.concept.label for drawing in made],
        model.judge,
        labels,
    )
    for drawing, verdict in zip(made, verdicts, strict=True):
        drawing.verdict = verdict


def redraw_failed(
    model: LayerModel,
    request: LayoutRequest,
    style: str,
    drawings: Sequence[Drawing],
    job: JobReporter,
) -> list[Drawing]:
    """Draws alone what failed the check and keeps the better of both; returns the replaced ones.

    Raises:
        JobCancelled: The job was cancelled; asked at every step.
    """
    failed = [drawing for drawing in drawings if not drawing.verdict.passes]
    if not failed:
        return []
    job.enter(Phase.ALONE, float(len(failed)))
    labels = [drawing.item.concept.label for drawing in drawings]
    steps = request.sampling.steps
    replaced = []
    for number, drawing in enumerate(failed):

        def on_step(step: RegionStep, done: int = number * steps) -> None:
            job.step(done + step.index + 1, len(failed) * steps)

        made = sample_alone(model, request, drawing.item, style=style, job=job, on_step=on_step)
        alone = Drawing(drawing.item, made.rect, made.decode(model), made.sampling, route=ALONE)
        check_drawings(model, [alone], labels)
        if drawing.pixels is None or alone.verdict.better_than(drawing.verdict):
            drawing.rect, drawing.pixels = alone.rect, alone.pixels
            drawing.sampling, drawing.verdict = alone.sampling, alone.verdict
            drawing.route = ALONE
            replaced.append(drawing)
    return replaced
