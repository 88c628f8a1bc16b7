"""What the user orders: settings for jobs, and what a job is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from editor import generation
from editor.document.state import DocumentState
from editor.jobs.queue import JobKind
from editor.model_runs import ModelRun
from editor.session.places import user_places
from engine.requests import AdapterChoice, GenerationMode, GenerationRequest
from engine.requests.run_options import Attention, RunOptions


@dataclass(frozen=True, slots=True)
class Order:
    """What a queued job is made from; see `QueuedJob`."""

    kind: JobKind
    title: str
    make_request: Callable[[DocumentState], GenerationRequest]
    layer_id: str = ""
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """How to make all layers of a sentence.

    Attributes:
        prompt: Empty = the prompts of the boxes.
        per_box: Each box is drawn by itself from its own sentence; `prompt` is the background's.
        negative: What to leave out.
        guidance: None = the default.
        steps: 1 to 100.
        replaces: The new layers take the place of the unlocked ones that were generated.
        model: The starter, or the name of one that the user has brought.
        run: How a brought one is to be run; does not count for the starter.
    """

    prompt: str
    style: str
    seed: int
    steps: int
    replaces: bool = False
    per_box: bool = False
    negative: str = ""
    guidance: float | None = None
    model: str = generation.STARTER
    run: ModelRun = field(default_factory=ModelRun)


@dataclass(frozen=True, slots=True)
class LayerSettings:
    """How to make a layer again; what is wished for the layer counts beside it.

    Attributes:
        steps: None = as it was made.
        count: Variations wanted.
        same_noise: As the layer was made, so that only the words make the difference.
        strength: How far from its present pixels, 0.05 to 1; None = from noise only.
        in_context: Beside the other visible layers, so that it matches them.
        negative: What to leave out; None = as it was made.
        model: The starter, or the name of a brought one; None = the one that made the layer.
        run: As in `PictureSettings`.
    """

    layer_id: str
    prompt: str
    steps: int | None = None
    count: int = 1
    same_noise: bool = False
    strength: float | None = None
    in_context: bool = False
    negative: str | None = None
    model: str | None = None
    run: ModelRun = field(default_factory=ModelRun)


def picture_request(document: DocumentState, settings: PictureSettings) -> GenerationRequest:
    """A request for all layers, in the document's boxes."""
    options = generation.PictureOptions(
        style=settings.style,
        seed=settings.seed,
        steps=settings.steps,
        guidance=settings.guidance,
        mode=GenerationMode.MULTILAYER if settings.per_box else GenerationMode.ART,
        negative_prompt=settings.negative,
        background_prompt=settings.prompt if settings.per_box else "",
        model=model_use(settings.run, settings.model),
    )
    prompt = "" if settings.per_box else settings.prompt
    return generation.layout_request(document, prompt, options)


def model_use(run: ModelRun, model: str | None) -> generation.ModelUse:
    """A model and the wishes for it as requests take them; the starter takes none."""
    shelf = user_places().models
    if model in (None, generation.STARTER):
        return generation.ModelUse(model, shelf)
    known = run.attention in set(Attention)
    kernel = Attention(run.attention) if known else Attention.AUTO
    return generation.ModelUse(
        model,
        shelf,
        tuple(AdapterChoice(lora.path, lora.weight) for lora in run.loras),
        RunOptions(kernel, run.first_block_cache, run.measure_cache),
    )


def layer_request(document: DocumentState, settings: LayerSettings) -> GenerationRequest:
    """A request for one layer, with what is wished for it."""
    options = generation.LayerOptions(
        steps=settings.steps,
        count=settings.count,
        same_noise=settings.same_noise,
        strength=settings.strength,
        in_context=settings.in_context,
        negative_prompt=settings.negative,
        model=model_use(settings.run, settings.model),
    )
    return generation.layer_request(document, settings.layer_id, settings.prompt, options)
