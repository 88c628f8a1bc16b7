"""What may be wished of a picture or of a layer beside the words: how it is made, and by what."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.requests import DEFAULT_STYLE, AdapterChoice, AlphaRoute, GenerationMode
from engine.requests.run_options import RunOptions


@dataclass(frozen=True, slots=True)
class ModelUse:
    """The model that is to make it, and how a brought one is run.

    Attributes:
        name: The starter, or one that the user has brought; None = the one that made the layer,
            and for a picture the starter.
        shelf: Folder of the list of brought models.
        adapters: LoRA files for a brought model.
        run: Attention's kernel and first-block caching of a brought model.
    """

    name: str | None = None
    shelf: Path | None = None
    adapters: tuple[AdapterChoice, ...] = ()
    run: RunOptions = field(default_factory=RunOptions)


@dataclass(frozen=True, slots=True)
class Transparency:
    """Where the alpha of layers comes from; see `engine.requests.LayoutRequest`."""

    route: AlphaRoute | None = None
    matting_model: str = ""


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """How all layers of a sentence are made.

    Attributes:
        seed: None = the document's.
        steps, guidance: None = as is usual for the model.
        mode: One sentence for all layers together, or a sentence per box and each by itself.
        background_prompt: Of the background layer; empty = the sentence says it.
        harmony: See `engine.requests.LayoutRequest`.
    """

    style: str = DEFAULT_STYLE
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    layer_count: int | None = None
    mode: GenerationMode = GenerationMode.ART
    negative_prompt: str = ""
    background_prompt: str = ""
    harmony: bool = False
    model: ModelUse = field(default_factory=ModelUse)
    transparency: Transparency = field(default_factory=Transparency)


@dataclass(frozen=True, slots=True)
class LayerOptions:
    """How one layer is made again; what is wished for the layer counts beside it.

    Attributes:
        style, steps: None = as wished, as it was made, or as is usual.
        seed: None = the seed it was made with and the next attempt, so the picture differs.
        count: Variations; each takes the next attempt.
        same_noise: The attempt that it was made with.
        negative_prompt: None = as wished or as it was made.
        in_context: Make it beside the other visible layers, held still, so that it matches them.
        strength: How far from its present pixels, 0.05 to 1; None = from noise only.
    """

    style: str | None = None
    seed: int | None = None
    steps: int | None = None
    count: int = 1
    same_noise: bool = False
    negative_prompt: str | None = None
    in_context: bool = False
    strength: float | None = None
    model: ModelUse = field(default_factory=ModelUse)
    transparency: Transparency = field(default_factory=Transparency)
