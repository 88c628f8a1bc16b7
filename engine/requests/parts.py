"""What requests and results are made of: limits, boxes, pixels, options, adapters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

RgbaArray = npt.NDArray[np.uint8]  # h w 4, straight (not premultiplied) alpha
Corners = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels; x1 and y1 are exclusive

STARTER_NAME = "starter"  # the model that comes with the program, in `checkpoint`
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
DEFAULT_GUIDANCE = 3.0
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
            until it clearly shows its noun; the best one counts. 1 repeats a recorded attempt.
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

    box: Corners
    pixels: RgbaArray
    pixel_hash: str = ""


@dataclass(frozen=True, slots=True)
class AdapterChoice:
    """A LoRA file to be merged into a full-size model, and how strongly.

    Attributes:
        weight: -MAX_ADAPTER_WEIGHT to MAX_ADAPTER_WEIGHT; 1 = as it was trained.
    """

    path: str
    weight: float = 1.0
