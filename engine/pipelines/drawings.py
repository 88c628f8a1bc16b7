"""Objects on their way from latents to layers: checked, and drawn alone until one is clearly good.

This is MultiLayerFLUX's way (art-plus 7.3): each box by itself from its own noun, then stacked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from torch import Tensor

from engine.composition.traits import traits_of
from engine.pipelines.alpha_of_drawings import with_route
from engine.pipelines.asked_colours import PARTLY, colour_share, has_enough
from engine.pipelines.binding import CLEAR_LIKENESS, Verdict, judge_drawings
from engine.pipelines.drawing_fit import fit_of
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import ALONE, TOGETHER, AloneJob, sample_alone
from engine.pipelines.layer_model import LayerModel, sampler_work
from engine.pipelines.layout_to_layers import OnStep, RegionSampling, RegionStep
from engine.pipelines.native_canvas import ALONE_TOKENS
from engine.pipelines.part_colours import clothes_of, in_colour, recorded
from engine.progress import LayerPreview
from engine.prompts.captions import scene_caption
from engine.prompts.english.colours import split_colours
from engine.prompts.english.shades import Colour
from engine.prompts.planning.plans import PlannedObject
from engine.requests import (
    AlphaRoute,
    Corners,
    LayerRequest,
    LayoutRequest,
    RecordEntry,
    SamplingOptions,
)
from engine.sampling.noise import NoiseKey
from engine.sentences import sentence

# Likeness from which a drawing made together with others is kept without one made alone. Hardly
# any has it: small and among others, objects are coarse and lose eyes, and the judge lets it pass.
WHOLE_LIKENESS = 0.99


@dataclass(slots=True)
class Drawing:
    """One object of a job.

    Attributes:
        rect: Part of its box that it covers, in document pixels.
        style: Of the job; says how much like its noun it has to be.
        pixels: Straight RGBA in [0, 1], `4 H W`; None = not drawn yet.
        sampling: How it was sampled.
        route: TOGETHER, ALONE or CONTEXT.
        alpha_route: How its transparency was found.
        entries: All of the run it was made in, when that held more than itself.
        caption: What the text encoder received.
        next_attempt: The first that nothing was drawn of, chosen or not.
        recolour: What the pixels were recoloured to, as `part_colours.in_colour` reads it; empty =
            they are as drawn.
        other_colour: Whether the model had drawn another colour than that.
    """

    item: PlannedObject
    rect: Corners
    style: str
    pixels: Tensor | None = None
    sampling: RegionSampling | None = None
    verdict: Verdict = field(default_factory=Verdict)
    route: str = TOGETHER
    alpha_route: str = AlphaRoute.DECODER.value
    entries: tuple[RecordEntry, ...] = ()
    caption: str = ""
    next_attempt: int = 0
    recolour: str = ""
    other_colour: bool = False

    def __post_init__(self) -> None:
        self.next_attempt = max(self.next_attempt, self.item.attempt + 1)

    @property
    def colour(self) -> str:
        """The colour word that was asked for, without that of the concept's own name."""
        before = self.item.caption.removesuffix(self.item.concept.label)
        return next(iter(split_colours(before)[0]), "") if before != self.item.caption else ""

    @property
    def has_effect(self) -> bool:
        """Whether the shadow or glow that was asked for was drawn with it."""
        return bool(self.item.effect) and self.caption.endswith(self.item.effect)

    def finished(self) -> tuple[Tensor, RegionSampling]:
        """Its pixels and how they were sampled; every drawing has them after `draw_better`."""
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
        [drawing.colour for drawing in made],
    )
    for drawing, verdict in zip(made, verdicts, strict=True):
        bar = model.clear_likeness.get(drawing.style, CLEAR_LIKENESS)
        drawing.verdict = replace(verdict, clear_from=bar)


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
    """Draws an object by itself until it is good enough, `sampling.tries` times at most.

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
            tried, made.rect, style, pixels, made.sampling, route=ALONE, alpha_route=alpha_route,
            caption=alone.caption,
        )  # fmt: skip
        check_drawings(model, [drawing], labels)
        enough = is_enough(request, drawing.verdict)
        drawing = in_asked_colour(request, drawing)
        enough = enough and (is_refining(request) or not drawing.verdict.off_colour)
        if best is None or enough or drawing.verdict.better_than(best.verdict):
            best = drawing
        best.next_attempt = tried.attempt + 1
        if enough:  # what had to be recoloured is not: another try may be drawn in the colour
            break
    if best is None:
        raise ValueError("a request has at least one try")
    return best


def in_asked_colour(request: LayoutRequest | LayerRequest, drawing: Drawing) -> Drawing:
    """The drawing, recoloured when it has not the colour that was asked for.

    Its shape is as before, and so is what the judge found, who does not know teapots in navy; only
    whether it has the colour is looked at again. What is refined keeps the colours of its pixels:
    someone may have painted them.
    """
    if drawing.pixels is None or drawing.recolour:
        return drawing
    missed = drawing.verdict.off_colour
    asked = drawing.item.shade or (drawing.colour if missed else "")
    if not asked:
        return drawing
    dressed = traits_of(drawing.item.concept.label).dressed
    record, pixels = recorded(asked, clothes=dressed), drawing.pixels
    if not is_refining(request):
        pixels = in_colour(pixels, record)
    share = colour_share(clothes_of(pixels) if dressed else pixels, Colour.read(asked))
    off = not has_enough(share, Colour.read(asked))
    verdict = replace(drawing.verdict, off_colour=off, partly=off and share >= PARTLY)
    if pixels is drawing.pixels:
        return replace(drawing, verdict=verdict)
    return replace(
        drawing, pixels=pixels, verdict=verdict, recolour=record, other_colour=missed and not off
    )


def colour_notes(drawings: Sequence[Drawing], others: Sequence[str] = ()) -> list[str]:
    """Sentences on what was recoloured, and on what has not the colour that was asked for.

    A shade of the colour that the model drew needs none; the record has it.

    Args:
        others: Names of further layers that have not the colour that was asked for.
    """
    turned = [drawing.item.name for drawing in drawings if drawing.other_colour]
    off = [drawing for drawing in drawings if drawing.verdict.off_colour]
    partly = [drawing.item.name for drawing in off if drawing.verdict.partly]
    missed = [drawing.item.name for drawing in off if not drawing.verdict.partly]
    missed += others
    notes: list[str] = []
    if turned:
        notes.append(
            sentence(
                "The model drew another color; recolored to match the prompt: {names}.",
                names=", ".join(turned),
            )
        )
    if partly:
        notes.append(
            sentence(
                "Only partly in the color that was asked for: {names}.", names=", ".join(partly)
            )
        )
    if missed:
        notes.append(
            sentence("Not in the color that was asked for: {names}.", names=", ".join(missed))
        )
    return notes


def is_refining(request: LayoutRequest | LayerRequest) -> bool:
    """Whether the layer begins with its present pixels."""
    return isinstance(request, LayerRequest) and request.strength is not None


def is_enough(request: LayoutRequest | LayerRequest, verdict: Verdict) -> bool:
    """Whether no other try is made.

    What is refined looks as its pixels say: another noise would not make another drawing of it, so
    it has to pass only.
    """
    return verdict.passes if is_refining(request) else verdict.clear


def alone_job(request: LayoutRequest | LayerRequest, item: PlannedObject, style: str) -> AloneJob:
    """An object by itself, as the request wants it.

    Without its shadow or glow, which is added later: beside one, drawings are smaller and coarse.
    What is refined has it already.
    """
    effect = item.effect if is_refining(request) else ""
    return AloneJob(
        NoiseKey(request.seed, item.layer_id, item.attempt),
        scene_caption([item.caption], "", style, effect),
        request.sampling,
        request.negative_prompt,
        request.start if isinstance(request, LayerRequest) else None,
        request.strength if isinstance(request, LayerRequest) else None,
        fit_of(request, style),
    )


def poor_drawings(request: LayoutRequest, drawings: Sequence[Drawing]) -> list[int]:
    """Indices of those that are to be drawn alone as well."""
    return [
        index
        for index, drawing in enumerate(drawings)
        if not is_enough(request, drawing.verdict) or _may_lack_details(drawing.verdict)
    ]


def _may_lack_details(verdict: Verdict) -> bool:
    """Whether a drawing made together with others may be coarse, though clearly its noun."""
    return verdict.judged and verdict.likeness < WHOLE_LIKENESS


def draw_better(
    model: LayerModel,
    request: LayoutRequest,
    drawings: list[Drawing],
    *,
    poor: Sequence[int],
    style: str,
    steps: AloneSteps,
    show: Callable[[int, Drawing], tuple[LayerPreview, ...]],
) -> list[Drawing]:
    """Draws alone what is not good enough, puts the better of both into `drawings`.

    A clear one drawn alone wins even if the other is more alike: the judge does not see eyes. So
    does one in an asked colour that passes: the judge knows no blue vans.

    Args:
        poor: Indices of what is to be drawn.
        show: Gives the previews with the drawing of this index replaced.

    Returns:
        The new ones in the place of such that failed the check.

    Raises:
        JobCancelled: The job was cancelled; asked at every step.
    """
    labels = [drawing.item.concept.label for drawing in drawings]
    mended = []
    for index in poor:
        before = in_asked_colour(request, drawings[index])
        alone = draw_alone(
            model, request, before.item, style=style, labels=labels, job=steps.job, on_step=steps
        )
        previews: tuple[LayerPreview, ...] = ()
        if before.pixels is None or _wins(alone, before):
            drawings[index] = alone
            mended += [] if before.verdict.passes else [alone]
            previews = show(index, alone)
        else:
            drawings[index] = before
        drawings[index].next_attempt = alone.next_attempt
        steps.skip_tries(previews)
    for index in set(range(len(drawings))) - set(poor):  # good, but perhaps in another shade
        drawings[index] = in_asked_colour(request, drawings[index])
    return mended


def _wins(alone: Drawing, together: Drawing) -> bool:
    """Whether the drawing made alone is taken."""
    verdict, other = alone.verdict, together.verdict
    if verdict.clear or verdict.better_than(other):
        return True
    coloured = bool(alone.item.shade or alone.colour)
    return coloured and verdict.passes and (other.off_colour or not verdict.off_colour)


def alone_work(options: SamplingOptions, objects: int) -> float:
    """Of drawing objects alone, if every try is needed."""
    return objects * options.tries * sampler_work(ALONE_TOKENS, options)


@dataclass(slots=True)
class AloneSteps:
    """Reports the steps of layers drawn alone, of those that all their tries together would take.

    Attributes:
        objects: How many are drawn.
        backgrounds: Runs for the background after them; they have one try each.
        taken: Steps so far, those of tries that were not needed included.
    """

    job: JobReporter
    options: SamplingOptions
    objects: int
    backgrounds: int
    taken: int = 0

    def __call__(self, _step: RegionStep) -> None:
        self.taken += 1
        self._report()

    def skip_tries(self, previews: tuple[LayerPreview, ...]) -> None:
        """An object is finished; the tries that are left of it are not needed."""
        of_one = self.options.tries * self.options.steps
        self.taken = -(-self.taken // of_one) * of_one
        self._report(previews)

    def _report(self, previews: tuple[LayerPreview, ...] = ()) -> None:
        runs = self.objects * self.options.tries + self.backgrounds
        self.job.step(self.taken, runs * self.options.steps, previews)
