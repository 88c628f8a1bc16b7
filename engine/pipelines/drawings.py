"""Objects on their way from latents to layers: checked, and drawn again alone where that is better.

This is MultiLayerFLUX's way (art-plus 7.3): each box by itself from its own noun, then stacked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from torch import Tensor

from engine.pipelines.alpha_of_drawings import with_route
from engine.pipelines.binding import Verdict, judge_drawings
from engine.pipelines.drawing_fit import fit_of
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import ALONE, TOGETHER, AloneJob, sample_alone
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import OnStep, RegionSampling, RegionStep
from engine.pipelines.native_canvas import Corners
from engine.progress import Phase
from engine.prompts.captions import scene_caption
from engine.prompts.scene_plan import PlannedObject
from engine.requests import AlphaRoute, LayerRequest, LayoutRequest, RecordEntry
from engine.sampling.noise import NoiseKey


@dataclass(slots=True)
class Drawing:
    """One object of a job.

    Attributes:
        rect: Part of its box that it covers, in document pixels.
        pixels: Straight RGBA in [0, 1], `4 H W`; None = not drawn yet.
        sampling: How it was sampled.
        route: TOGETHER, ALONE or CONTEXT.
        alpha_route: How its transparency was found.
        entries: All of the run it was made in, when that held more than itself.
        caption: What the text encoder received.
    """

    item: PlannedObject
    rect: Corners
    pixels: Tensor | None = None
    sampling: RegionSampling | None = None
    verdict: Verdict = field(default_factory=Verdict)
    route: str = TOGETHER
    alpha_route: str = AlphaRoute.DECODER.value
    entries: tuple[RecordEntry, ...] = ()
    caption: str = ""

    def finished(self) -> tuple[Tensor, RegionSampling]:
        """Its pixels and how they were sampled; every drawing has them after `redraw_failed`."""
        if self.pixels is None or self.sampling is None:
            raise ValueError(f"{self.item.name} was not drawn")
        return self.pixels, self.sampling


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


def draw_alone(
    model: LayerModel,
    request: LayoutRequest | LayerRequest,
    item: PlannedObject,
    *,
    style: str,
    labels: Sequence[str],
    job: JobReporter,
    on_step: OnStep,
) -> Drawing:
    """Draws an object by itself until it passes the check, `sampling.tries` times at most.

    Args:
        labels: Concepts of the whole sentence.

    Returns:
        The best try; the attempt of its item is the one that was used.
    """
    best: Drawing | None = None
    for number in range(request.sampling.tries):
        tried = replace(item, attempt=item.attempt + number)
        alone = alone_job(request, tried, style)
        made = sample_alone(model, tried.box, alone, job, on_step)
        pixels, alpha_route = with_route(made.decode(model), request)
        drawing = Drawing(
            tried, made.rect, pixels, made.sampling, route=ALONE, alpha_route=alpha_route,
            caption=alone.caption,
        )  # fmt: skip
        check_drawings(model, [drawing], labels)
        if best is None or drawing.verdict.better_than(best.verdict):
            best = drawing
        if best.verdict.passes:
            break
    if best is None:
        raise ValueError("a request has at least one try")
    return best


def alone_job(request: LayoutRequest | LayerRequest, item: PlannedObject, style: str) -> AloneJob:
    """An object by itself, as the request wants it."""
    return AloneJob(
        NoiseKey(request.seed, item.layer_id, item.attempt),
        scene_caption([item.caption], "", style, item.effect),
        request.sampling,
        request.negative_prompt,
        request.start if isinstance(request, LayerRequest) else None,
        request.strength if isinstance(request, LayerRequest) else None,
        fit_of(request),
    )


def redraw_failed(
    model: LayerModel,
    request: LayoutRequest,
    style: str,
    drawings: list[Drawing],
    job: JobReporter,
) -> list[Drawing]:
    """Draws alone what failed the check, puts the better of both into `drawings`.

    Returns:
        The new ones.

    Raises:
        JobCancelled: The job was cancelled; asked at every step.
    """
    failed = [index for index, drawing in enumerate(drawings) if not drawing.verdict.passes]
    if not failed:
        return []
    job.enter(Phase.ALONE, float(len(failed)))
    labels = [drawing.item.concept.label for drawing in drawings]
    replaced = []
    for number, index in enumerate(failed):
        on_step = AloneSteps(job, number, len(failed) + 1, request.sampling.steps)
        before = drawings[index]
        alone = draw_alone(
            model, request, before.item, style=style, labels=labels, job=job, on_step=on_step
        )
        if before.pixels is None or alone.verdict.better_than(before.verdict):
            drawings[index] = alone
            replaced.append(alone)
    return replaced


@dataclass(slots=True)
class AloneSteps:
    """Reports steps of several layers drawn alone; another try at one makes the job longer.

    Attributes:
        number: Of the present layer, from 0.
        count: Of all layers: the objects that failed, and the background.
        steps: Of one try.
        taken: Steps of this layer so far.
    """

    job: JobReporter
    number: int
    count: int
    steps: int
    taken: int = 0

    def __call__(self, _step: RegionStep) -> None:
        self.taken += 1
        tries = -(-self.taken // self.steps)
        total = (self.count + tries - 1) * self.steps
        self.job.step(self.number * self.steps + self.taken, total)
