"""What the user orders: settings for jobs, and what a job is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from editor import generation
from editor.document.state import DocumentState
from editor.jobs.queue import JobKind
from engine.requests import GenerationRequest


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
        steps: 1 to 100.
        replaces: The new layers take the place of the unlocked ones that were generated.
    """

    prompt: str
    style: str
    seed: int
    steps: int
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class LayerSettings:
    """How to make a layer again; what is wished for the layer counts beside it.

    Attributes:
        steps: None = as it was made.
        count: Variations wanted.
        same_noise: As the layer was made, so that only the words make the difference.
    """

    layer_id: str
    prompt: str
    steps: int | None = None
    count: int = 1
    same_noise: bool = False


def picture_request(document: DocumentState, settings: PictureSettings) -> GenerationRequest:
    """A request for all layers, in the document's boxes."""
    return generation.layout_request(
        document,
        settings.prompt,
        style=settings.style,
        seed=settings.seed,
        steps=settings.steps,
    )


def layer_request(document: DocumentState, settings: LayerSettings) -> GenerationRequest:
    """A request for one layer, with what is wished for it."""
    return generation.layer_request(
        document,
        settings.layer_id,
        settings.prompt,
        steps=settings.steps,
        count=settings.count,
        same_noise=settings.same_noise,
    )
