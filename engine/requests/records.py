"""How a layer was generated, and the layer with its record."""

from __future__ import annotations

from dataclasses import dataclass

from engine.requests.parts import AlphaRoute, Corners, LayerKind, RgbaArray
from engine.requests.run_options import RunRecord


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One place of the job that a layer was made in: the background first, then the objects.

    Attributes:
        layer_id: In the document; empty = this place was not used.
        noise_id: What its noise derives from.
        attempt: Of its noise.
        box: (x0, y0, x1, y1) in document pixels.
        pixel_hash: Of the pixels it was held still with; empty = it was made in this job.
    """

    layer_id: str = ""
    noise_id: str = ""
    attempt: int = 0
    box: Corners = (0, 0, 0, 0)
    pixel_hash: str = ""


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """How a layer was generated; enough to generate it again on the same weights.

    Attributes:
        typed_prompt: What the user wrote for the job.
        effective_prompt: What the text encoder received.
        box: (x0, y0, x1, y1) in document pixels as asked, before rounding to the token grid.
        route: "together" (all layers at once), "alone" (this box by itself), "context" (the others
            held still beside it) or "cutout" (a flat picture, cut out of its ground).
        next_attempt: The first that its job drew nothing of, so the next drawing is a new one.
        recolour: What the drawing was recoloured to afterwards, as `pipelines.part_colours` and, of
            a background, `pipelines.background_shades` read it; empty = it is as drawn.
        softened: Shadow or glow that was made smooth afterwards, one of
            `engine.prompts.captions.EFFECTS`, or made for a drawing without one, such a word with
            " added"; empty = it is as drawn.
        context_layers: Ids of the layers sampled in the same job, or held still in it.
        token_count: Image tokens of the job; the sigma schedule depends on it.
        mode: `GenerationMode` of a layout job; empty for one layer.
        alpha_route: The `AlphaRoute` that was used, never AUTO.
        strength: How far from its former pixels; None = from noise only.
        source_hash: `LayerPixels.pixel_hash` of these; empty = none.
        noise_id: What its noise derives from.
        entries: Everything in the job; empty = it was made by itself.
        fit: Where the drawing lies in its box, one of `engine.pipelines.drawing_fit.Fit`; empty =
            contained as it was decoded, as all were in older versions.
        run: How a full-size model was run; None = the starter.
    """

    typed_prompt: str
    effective_prompt: str
    concept: str
    style: str
    box: Corners
    z_index: int
    canvas_size: tuple[int, int]
    seed: int
    attempt: int
    steps: int
    true_guidance: float
    distilled_guidance: float | None
    route: str
    token_count: int
    checkpoint: str
    weights_hash: str
    engine_version: str
    context_layers: tuple[str, ...] = ()
    negative_prompt: str = ""
    mode: str = ""
    alpha_route: str = AlphaRoute.DECODER.value
    strength: float | None = None
    source_hash: str = ""
    noise_id: str = ""
    entries: tuple[RecordEntry, ...] = ()
    fit: str = ""
    run: RunRecord | None = None
    next_attempt: int = 0
    recolour: str = ""
    softened: str = ""


@dataclass(frozen=True, slots=True)
class GeneratedLayer:
    """A finished layer; `pixels` covers exactly `box` of the document."""

    layer_id: str
    name: str
    kind: LayerKind
    box: Corners
    pixels: RgbaArray
    record: LayerRecord
