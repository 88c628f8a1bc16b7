"""Jobs for one layer again, or some in one run, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.requests.parts import (
    DEFAULT_STYLE,
    STARTER_NAME,
    AdapterChoice,
    AlphaRoute,
    Corners,
    LayerKind,
    LayerPixels,
    RegionBox,
    SamplingOptions,
)
from engine.requests.records import GeneratedLayer, LayerRecord
from engine.requests.run_options import RunOptions


@dataclass(frozen=True, slots=True)
class ContextLayer:
    """A layer that is held still while another one is made again beside it.

    Attributes:
        layer_id: In the document.
        prompt: What it shows, for the caption of the whole.
        box: (x0, y0, x1, y1) that it was or could be drawn in, around what it shows.
    """

    layer_id: str
    prompt: str
    kind: LayerKind
    box: Corners
    content: LayerPixels


@dataclass(frozen=True, slots=True)
class LayerRequest:
    """One layer again: an object in its box, or the background of the whole canvas.

    Attributes:
        negative_prompt: What to stay away from; needs true guidance above 1.
        context: The other layers of the document, bottom to top, held still while this one is made
            beside them so that it matches; empty = it is made by itself.
        beside: Further object layers to make again in the same run, each with its own prompt;
            needs a context or is made in one of their own.
        start: Its present pixels, which `strength` refines.
        strength: How far from `start`, `MIN_STRENGTH` to 1; None = from noise only. Not for several
            layers: those beside would begin with noise alone at a lower level than noise has.
        count: Variations wanted, 1 to `MAX_VARIATIONS`; each takes the next attempts' noise.
        alpha_route, matting_model, adapters, run: As in `LayoutRequest`.
        repeat: Do exactly what this record says instead of reading the prompt; box, seed, context
            and start must be those of the record.
    """

    prompt: str
    width: int
    height: int
    seed: int
    box: RegionBox
    kind: LayerKind = LayerKind.OBJECT
    style: str = DEFAULT_STYLE
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    checkpoint: str = STARTER_NAME
    negative_prompt: str = ""
    context: tuple[ContextLayer, ...] = ()
    beside: tuple[RegionBox, ...] = ()
    start: LayerPixels | None = None
    strength: float | None = None
    count: int = 1
    alpha_route: AlphaRoute | None = None
    matting_model: str = ""
    adapters: tuple[AdapterChoice, ...] = ()
    run: RunOptions = field(default_factory=RunOptions)
    repeat: LayerRecord | None = None


@dataclass(frozen=True, slots=True)
class LayerResult:
    """The regenerated layer.

    Attributes:
        variations: The further ones when more than one was asked for, in the order of attempts.
        beside: The layers that the request names beside the first.
    """

    layer: GeneratedLayer
    notes: tuple[str, ...]
    seconds: dict[str, float]
    variations: tuple[GeneratedLayer, ...] = ()
    beside: tuple[GeneratedLayer, ...] = ()
