"""Jobs for whole documents: a sentence, or a sentence per box, and what comes back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from engine.requests.parts import (
    DEFAULT_STYLE,
    STARTER_NAME,
    AdapterChoice,
    AlphaRoute,
    RegionBox,
    SamplingOptions,
)
from engine.requests.records import GeneratedLayer
from engine.requests.run_options import RunOptions


class GenerationMode(StrEnum):
    """How a whole layout is made."""

    ART = "art"  # one sentence for all layers, which are denoised together
    MULTILAYER = "multilayer"  # a sentence per box, each layer by itself, stacked


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
        run: Attention's kernel and first-block caching; full-size models only.
    """

    prompt: str
    width: int
    height: int
    seed: int
    boxes: tuple[RegionBox, ...] = ()
    style: str = DEFAULT_STYLE
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    layer_count: int | None = None
    checkpoint: str = STARTER_NAME
    mode: GenerationMode = GenerationMode.ART
    negative_prompt: str = ""
    background_prompt: str = ""
    alpha_route: AlphaRoute | None = None
    matting_model: str = ""
    harmony: bool = False
    adapters: tuple[AdapterChoice, ...] = ()
    run: RunOptions = field(default_factory=RunOptions)

    def typed_prompt_of(self, layer_id: str | None) -> str:
        """What was typed for one layer: with a sentence per box its own words, if it has any.

        Args:
            layer_id: Of an object; None = the background.
        """
        own = self.background_prompt
        if layer_id is not None:
            own = next((b.prompt or b.name for b in self.boxes if b.layer_id == layer_id), "")
        per_box = self.mode is GenerationMode.MULTILAYER
        return own.strip() if per_box and own.strip() else self.prompt


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


def derive_layer_id(seed: int, name: str, occurrence: int) -> str:
    """Id of a layer that the user did not draw: equal for equal seed, name and count of that name.

    Adding another object to the sentence leaves the ids, and so the noise, of the rest alone.
    """
    text = f"{seed}/{name}/{occurrence}".encode()
    return hashlib.blake2b(text, digest_size=8).hexdigest()
