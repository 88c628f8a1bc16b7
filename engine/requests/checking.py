"""Refuses requests that can never succeed, with a sentence naming the field."""

from __future__ import annotations

from engine.errors import RequestError
from engine.requests.kinds import GenerationRequest, Request
from engine.requests.layer import LayerRequest
from engine.requests.layout import GenerationMode, LayoutRequest
from engine.requests.parts import (
    MAX_ADAPTER_WEIGHT,
    MAX_BOX_TOKENS,
    MAX_BOXES,
    MAX_PROMPT_CHARACTERS,
    MAX_SIDE_PX,
    MAX_STEPS,
    MAX_TRIES,
    MAX_VARIATIONS,
    MIN_LAYER_SIDE_PX,
    MIN_SIDE_PX,
    MIN_STRENGTH,
    SEED_LIMIT,
    STARTER_NAME,
    TOKEN_PX,
    RegionBox,
    SamplingOptions,
)
from engine.requests.run_options import check_run_options
from engine.requests.trial import TrialRequest
from engine.requests.upscale import UpscaleRequest, check_pictures
from engine.sentences import sentence


def check_request(request: Request) -> None:
    """Refuse what can never succeed. Raises RequestError with a sentence naming the field."""
    if not 0 <= request.seed < SEED_LIMIT:
        raise RequestError(sentence("The seed must be a whole number from 0 to 2^63 - 1."))
    if isinstance(request, UpscaleRequest):
        check_pictures(request)
        return
    _check_adapters(request)
    if isinstance(request, TrialRequest):
        check_run_options(request.run)
        return
    _check_common(request.prompt, request.width, request.height, request.sampling)
    _check_negative(request)
    _check_run(request)
    if isinstance(request, LayerRequest):
        for index, box in enumerate((request.box, *request.beside)):
            _check_box(
                f"beside[{index - 1}]" if index else "box", box, request.width, request.height
            )
            _check_layer_box(box)
        _check_layer(request)
        return
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


def _check_run(request: GenerationRequest) -> None:
    if not request.run.is_usual and request.checkpoint == STARTER_NAME:
        raise RequestError(
            sentence(
                "First-block caching and the kernel of attention are for full-size models; the "
                "starter is small enough without."
            )
        )
    check_run_options(request.run)


def _check_adapters(request: GenerationRequest | TrialRequest) -> None:
    if request.adapters and request.checkpoint == STARTER_NAME:
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
        if request.beside:
            raise RequestError(
                sentence("One layer is refined at a time; give no strength for several.")
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
