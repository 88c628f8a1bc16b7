"""What is asked of the engine and what comes back: frozen records and NumPy arrays only.

Rule: whatever affects the picture is in the request. Equal requests on equal weights give equal
bytes on one machine. Nothing here imports torch, so the window may use it at start.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from engine.errors import RequestError
from engine.sentences import sentence
from engine.upscale_requests import UpscaleRequest, UpscaleResult, check_pictures

RgbaArray = npt.NDArray[np.uint8]  # h w 4, straight (not premultiplied) alpha

MIN_SIDE_PX = 16
MAX_SIDE_PX = 8192
MAX_BOXES = 50  # ART's 52 entries = whole image + background + 50 foregrounds
TOKEN_PX = 16
MAX_BOX_TOKENS = 2**20  # of all boxes together: 16 layers of 4096 px square, 1 GiB of RGBA
MAX_STEPS = 100
MAX_PROMPT_CHARACTERS = 2000
SEED_LIMIT = 2**63
DEFAULT_STYLE = "flat"
DEFAULT_STEPS = 8
DEFAULT_GUIDANCE = 4.0
DEFAULT_TRIES = 3
MAX_TRIES = 10
MAX_VARIATIONS = 16
MIN_STRENGTH = 0.05  # below, no step of a usual schedule is left to take
MAX_ADAPTER_WEIGHT = 4.0
MIN_LAYER_SIDE_PX = 4  # a layer alone in a smaller box shows nothing


class LayerKind(StrEnum):
    """Role of a generated layer in the stack."""

    BACKGROUND = "background"
    OBJECT = "object"


class GenerationMode(StrEnum):
    """How a whole layout is made."""

    ART = "art"  # one sentence for all layers, which are denoised together
    MULTILAYER = "multilayer"  # a sentence per box, each layer by itself, stacked


class AlphaRoute(StrEnum):
    """How a drawing on a ground becomes a layer with transparency."""

    AUTO = "auto"  # the best of the others by a score
    DECODER = "decoder"  # the model's own transparent decoder
    MATTING = "matting"  # a matting network
    COLOUR = "colour"  # distance from the ground's colour, and a guided filter


@dataclass(frozen=True, slots=True)
class RegionBox:
    """One region of the layout, in document pixels, half-open (x1 and y1 are exclusive).

    Attributes:
        layer_id: Stable identity; the layer's noise derives from (seed, layer_id, attempt).
        name: Shown in the layers panel; empty = taken from the prompt.
        prompt: What this region shows; empty = anonymous (the sentence decides).
        attempt: Counts the tries at this layer, from 0.
        below: How many object layers of the context lie below it; None = all.
    """

    layer_id: str
    x0: int
    y0: int
    x1: int
    y1: int
    name: str = ""
    prompt: str = ""
    attempt: int = 0
    below: int | None = None

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """How to sample.

    Attributes:
        steps: Euler steps, 1 to 100.
        true_guidance: Classifier-free guidance with two evaluations per step; 1 = one evaluation.
        distilled_guidance: Value for the guidance embedding of guidance-distilled checkpoints;
            ignored by checkpoints without that embedding.
        tries: How often at most an object is drawn alone, each time with the next attempt's noise,
            until it shows its noun; the best one counts. 1 repeats a recorded attempt.
    """

    steps: int = DEFAULT_STEPS
    true_guidance: float = DEFAULT_GUIDANCE
    distilled_guidance: float = 4.0
    tries: int = DEFAULT_TRIES


@dataclass(frozen=True, slots=True, eq=False)
class LayerPixels:
    """What a layer of the document looks like now.

    Attributes:
        box: (x0, y0, x1, y1) in document pixels that `pixels` covers; may lie outside the canvas.
        pixels: Straight RGBA.
        pixel_hash: Of the visible pixels, as the document names them; goes into records.
    """

    box: tuple[int, int, int, int]
    pixels: RgbaArray
    pixel_hash: str = ""


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
    box: tuple[int, int, int, int]
    content: LayerPixels


@dataclass(frozen=True, slots=True)
class AdapterChoice:
    """A LoRA file to be merged into a full-size model, and how strongly.

    Attributes:
        weight: -MAX_ADAPTER_WEIGHT to MAX_ADAPTER_WEIGHT; 1 = as it was trained.
    """

    path: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class LayoutRequest:
    """Whole documents: a sentence, or a sentence per box, become a background and object layers.

    Attributes:
        width, height: Document size in pixels.
        boxes: Bottom to top; empty = an automatic layout from the nouns of the prompt.
        layer_count: Wanted number of object layers; None = as many as the prompt names.
        mode: ART+ (all layers together from one sentence) or MultiLayerFLUX (each by itself).
        negative_prompt: What to stay away from; needs true guidance above 1.
        background_prompt: Of the background layer; empty = the sentence says it.
        alpha_route: Where the layers' transparency comes from; None = what the bake-off found best
            for the model.
        matting_model: An ONNX file for the matting route; empty = the shipped one.
        harmony: Also render the whole picture at once and compare the stack with it.
        adapters: Merged after the model's own, in order; full-size models only.
    """

    prompt: str
    width: int
    height: int
    seed: int
    boxes: tuple[RegionBox, ...] = ()
    style: str = DEFAULT_STYLE
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    layer_count: int | None = None
    checkpoint: str = "starter"
    mode: GenerationMode = GenerationMode.ART
    negative_prompt: str = ""
    background_prompt: str = ""
    alpha_route: AlphaRoute | None = None
    matting_model: str = ""
    harmony: bool = False
    adapters: tuple[AdapterChoice, ...] = ()


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
        strength: How far from `start`, `MIN_STRENGTH` to 1; None = from noise only.
        count: Variations wanted, 1 to `MAX_VARIATIONS`; each takes the next attempts' noise.
        alpha_route, matting_model: As in `LayoutRequest`.
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
    checkpoint: str = "starter"
    negative_prompt: str = ""
    context: tuple[ContextLayer, ...] = ()
    beside: tuple[RegionBox, ...] = ()
    start: LayerPixels | None = None
    strength: float | None = None
    count: int = 1
    alpha_route: AlphaRoute | None = None
    matting_model: str = ""
    repeat: LayerRecord | None = None


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A small picture on a model of the list, to see whether it works here."""

    checkpoint: str
    prompt: str = "a red apple"
    seed: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class TrialResult:
    """What the model made.

    Attributes:
        pixels: `h w 4` straight RGBA; layers lie over each other.
        seconds: Wall time with loading.
    """

    pixels: RgbaArray
    seconds: float


GenerationRequest = LayoutRequest | LayerRequest
Request = GenerationRequest | UpscaleRequest | TrialRequest


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
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
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
        context_layers: Ids of the layers sampled in the same job, or held still in it.
        token_count: Image tokens of the job; the sigma schedule depends on it.
        mode: `GenerationMode` of a layout job; empty for one layer.
        alpha_route: The `AlphaRoute` that was used, never AUTO.
        strength: How far from its former pixels; None = from noise only.
        source_hash: `LayerPixels.pixel_hash` of these; empty = none.
        noise_id: What its noise derives from.
        entries: Everything in the job; empty = it was made by itself.
    """

    typed_prompt: str
    effective_prompt: str
    concept: str
    style: str
    box: tuple[int, int, int, int]
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


@dataclass(frozen=True, slots=True)
class GeneratedLayer:
    """A finished layer; `pixels` covers exactly `box` of the document."""

    layer_id: str
    name: str
    kind: LayerKind
    box: tuple[int, int, int, int]
    pixels: RgbaArray
    record: LayerRecord


@dataclass(frozen=True, slots=True)
class LayoutResult:
    """All layers of a job, bottom to top, background first.

    Attributes:
        notes: Sentences for the user, e.g. which concept stood in for an unknown word, or that a
            box was generated alone.
        seconds: Wall time by phase name.
        harmony: How well the stack agrees with a render of the whole; None = there is none.
    """

    width: int
    height: int
    seed: int
    layers: tuple[GeneratedLayer, ...]
    notes: tuple[str, ...]
    seconds: dict[str, float]
    harmony: Harmony | None = None


@dataclass(frozen=True, slots=True)
class Harmony:
    """Agreement of the stacked layers with the same picture rendered at once.

    Attributes:
        psnr: In dB, of all pixels.
        ssim: Mean structural similarity of the luminance, 1 = equal.
        colour: Share of the colours' histogram that both have in common, 0 to 1.
    """

    psnr: float
    ssim: float
    colour: float


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


Result = LayoutResult | LayerResult | UpscaleResult | TrialResult


def derive_layer_id(seed: int, name: str, occurrence: int) -> str:
    """Id of a layer that the user did not draw: equal for equal seed, name and count of that name.

    Adding another object to the sentence leaves the ids, and so the noise, of the rest alone.
    """
    text = f"{seed}/{name}/{occurrence}".encode()
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def check_request(request: Request) -> None:
    """Refuse what can never succeed. Raises RequestError with a sentence naming the field."""
    if not 0 <= request.seed < SEED_LIMIT:
        raise RequestError(sentence("The seed must be a whole number from 0 to 2^63 - 1."))
    if isinstance(request, UpscaleRequest):
        check_pictures(request)
        return
    if isinstance(request, TrialRequest):
        return
    _check_common(request.prompt, request.width, request.height, request.sampling)
    _check_negative(request)
    if isinstance(request, LayerRequest):
        for index, box in enumerate((request.box, *request.beside)):
            _check_box(
                f"beside[{index - 1}]" if index else "box", box, request.width, request.height
            )
            _check_layer_box(box)
        _check_layer(request)
        return
    _check_adapters(request)
    if request.mode is GenerationMode.MULTILAYER and request.boxes:
        _check_prompts(request)
    if len(request.boxes) > MAX_BOXES:
        raise RequestError(
            sentence(
                "The layout has {count} boxes; at most {limit} are possible. Remove some boxes.",
                count=len(request.boxes),
                limit=MAX_BOXES,
            )
        )
    if request.layer_count is not None and not 1 <= request.layer_count <= MAX_BOXES:
        raise RequestError(
            sentence("The number of layers must be between 1 and {limit}.", limit=MAX_BOXES)
        )
    for index, box in enumerate(request.boxes):
        _check_box(f"boxes[{index}]", box, request.width, request.height)
        _check_layer_box(box)
    tokens = sum(_tokens_of(box) for box in request.boxes)
    if tokens > MAX_BOX_TOKENS:
        raise RequestError(
            sentence(
                "The boxes together cover {tokens} tokens of {side} x {side} px; at most "
                "{limit} are possible. Make them smaller or remove some.",
                tokens=tokens,
                side=TOKEN_PX,
                limit=MAX_BOX_TOKENS,
            )
        )
    ids = [box.layer_id for box in request.boxes]
    if len(set(ids)) != len(ids):
        raise RequestError(sentence("Two boxes have the same layer id; give each its own."))


def _check_common(prompt: str, width: int, height: int, sampling: SamplingOptions) -> None:
    if not prompt.strip():
        raise RequestError(sentence("The prompt is empty; write what the picture should show."))
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        raise RequestError(
            sentence(
                "The prompt is longer than {limit} characters.",
                limit=MAX_PROMPT_CHARACTERS,
            )
        )
    for side, value in ((sentence("width"), width), (sentence("height"), height)):
        if not MIN_SIDE_PX <= value <= MAX_SIDE_PX:
            raise RequestError(
                sentence(
                    "The {side} is {value} px; choose between {low} and {high} px.",
                    side=side,
                    value=value,
                    low=MIN_SIDE_PX,
                    high=MAX_SIDE_PX,
                )
            )
    check_sampling(sampling)


def _check_negative(request: GenerationRequest) -> None:
    if len(request.negative_prompt) > MAX_PROMPT_CHARACTERS:
        raise RequestError(
            sentence(
                "The negative prompt is longer than {limit} characters.",
                limit=MAX_PROMPT_CHARACTERS,
            )
        )


def _check_adapters(request: LayoutRequest) -> None:
    if request.adapters and request.checkpoint == "starter":
        raise RequestError(
            sentence("The starter takes no adapters; choose a full-size model for them.")
        )
    for adapter in request.adapters:
        if not abs(adapter.weight) <= MAX_ADAPTER_WEIGHT:
            raise RequestError(
                sentence(
                    "The weight of {path} must be between -{limit:g} and {limit:g}.",
                    path=adapter.path,
                    limit=MAX_ADAPTER_WEIGHT,
                )
            )


def _check_prompts(request: LayoutRequest) -> None:
    """Each box by itself: nothing but its own words can say what it shows."""
    for index, box in enumerate(request.boxes):
        if not (box.prompt.strip() or box.name.strip()):
            raise RequestError(
                sentence(
                    "boxes[{index}] has no prompt; with a sentence per box each needs one.",
                    index=index,
                )
            )


def _check_layer_box(box: RegionBox) -> None:
    if min(box.width, box.height) < MIN_LAYER_SIDE_PX:
        raise RequestError(
            sentence(
                "The box is {width} x {height} px; a layer needs at least {limit} x {limit} px. "
                "Draw a larger box.",
                width=box.width,
                height=box.height,
                limit=MIN_LAYER_SIDE_PX,
            )
        )


def _check_layer(request: LayerRequest) -> None:
    """What one layer needs beyond a box on the canvas."""
    if request.strength is not None:
        if not MIN_STRENGTH <= request.strength <= 1:
            raise RequestError(
                sentence("The strength must be between {low} and 1.", low=MIN_STRENGTH)
            )
        if request.start is None:
            raise RequestError(
                sentence("There are no pixels to refine; give no strength for a new layer.")
            )
    if not 1 <= request.count <= MAX_VARIATIONS:
        raise RequestError(
            sentence(
                "The number of variations must be between 1 and {limit}.", limit=MAX_VARIATIONS
            )
        )


def check_sampling(sampling: SamplingOptions) -> None:
    """Refuses options out of their ranges. Raises RequestError with a sentence."""
    if not 1 <= sampling.steps <= MAX_STEPS:
        raise RequestError(
            sentence("The number of steps must be between 1 and {limit}.", limit=MAX_STEPS)
        )
    if not 1.0 <= sampling.true_guidance <= 30.0:
        raise RequestError(sentence("The guidance must be between 1 and 30."))
    if not 1 <= sampling.tries <= MAX_TRIES:
        raise RequestError(
            sentence("The number of tries must be between 1 and {limit}.", limit=MAX_TRIES)
        )


def _tokens_of(box: RegionBox) -> int:
    """Tokens of the grid that a box touches when its corner lies on it."""
    return -(-box.width // TOKEN_PX) * -(-box.height // TOKEN_PX)


def _check_box(field_name: str, box: RegionBox, width: int, height: int) -> None:
    corners = f"({box.x0}, {box.y0}, {box.x1}, {box.y1})"
    if box.x1 <= box.x0 or box.y1 <= box.y0:
        raise RequestError(
            sentence(
                "{field} {corners} is empty; x1 and y1 must exceed x0 and y0.",
                field=field_name,
                corners=corners,
            )
        )
    if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height:
        raise RequestError(
            sentence(
                "{field} {corners} reaches outside the {width} x {height} px canvas; "
                "move or shrink it.",
                field=field_name,
                corners=corners,
                width=width,
                height=height,
            )
        )
