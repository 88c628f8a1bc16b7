"""Ties the whole image of a run to the layers beside it: what it must show is known from them.

A projection as in DDNM and ILVR (samplers for inverse problems): at each noisy step the whole's
clean estimate is replaced by the encoded stack of the layers' clean estimates. Below a noise level
it is free again, so what comes out is still the network's answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

from engine.models.geometry import Box, RegionLayout, pack_latents, unpack_regions
from engine.models.latent_codec import LatentCodec
from engine.models.starter_codec import StarterCodec, to_colour_form
from engine.sampling.samplers import Denoiser

_WHOLE, _BACKGROUND = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class WholeCoupling:
    """How long the whole image is tied to the layers.

    Attributes:
        codec: The checkpoint's own.
        down_to: Noise level from 0 to 1. Steps above it are tied, those at it and below are free.
            At 0 the result is the encoded stack, by construction, and says nothing of the model.
    """

    codec: LatentCodec
    down_to: float


def coupled(denoiser: Denoiser, layout: RegionLayout, coupling: WholeCoupling) -> Denoiser:
    """The denoiser, with the whole image of a step led to where the layers are going.

    The layers' own answers stay as they are.

    Raises:
        ValueError: The layout has no whole image or no background.
    """
    if layout.boxes[_WHOLE] is None or layout.boxes[_BACKGROUND] is None:
        raise ValueError("only a whole image beside a background can be tied to the layers")
    count = layout.token_counts[_WHOLE]

    def velocity(tokens: Tensor, sigma: float) -> Tensor:
        answer = denoiser(tokens, sigma)
        if sigma <= coupling.down_to:
            return answer
        tied = answer.float().clone()
        entries = unpack_regions(tokens - sigma * tied, layout)
        clean = [None if entry is None else entry[0] for entry in entries]
        stack = stacked_latents(coupling.codec, clean, layout.boxes)
        whole = tokens[:, :count]
        tied[:, :count] = (whole - pack_latents(stack[None]).to(whole.device)) / sigma
        return tied

    return velocity


@torch.no_grad()
def stacked_latents(
    codec: LatentCodec, latents: Sequence[Tensor | None], boxes: Sequence[Box | None]
) -> Tensor:
    """Latents `16 h w` of the picture that the background and the objects over it make.

    The starter's linear half costs nothing beside the network; other codecs decode and encode in
    full.

    Args:
        latents: Per entry scaled latents `16 h w`; those of the whole image are not looked at.
    """
    colours = _colour_forms(codec, latents, boxes)
    picture = colours[_BACKGROUND][:3].clone()
    for index, box in enumerate(boxes):
        if box is None or index <= _BACKGROUND:
            continue
        colour = colours[index]
        clear = (1 - colour[3:]) / 2
        place = picture[:, box.y0 : box.y1, box.x0 : box.x1]
        place.mul_(clear).add_(colour[:3]).clamp_(-1, 1)
    rgba = torch.cat([(picture + 1) / 2, torch.ones_like(picture[:1])])
    return codec.encode(rgba[None])[0].float()


def _colour_forms(
    codec: LatentCodec, latents: Sequence[Tensor | None], boxes: Sequence[Box | None]
) -> dict[int, Tensor]:
    """Per layer the colour form `4 h w`, clamped, at one pixel per model pixel."""
    layers = {index: box for index, box in enumerate(boxes) if box is not None and index != _WHOLE}
    if isinstance(codec, StarterCodec):
        return {index: _linear(codec, latents[index]) for index in layers}
    decoded = codec.decode(latents, boxes, layers)
    return {
        index: F.interpolate(
            to_colour_form(decoded[index][None].float()), (box.height, box.width), mode="area"
        )[0]
        for index, box in layers.items()
    }


def _linear(codec: StarterCodec, latents: Tensor | None) -> Tensor:
    if latents is None:
        raise ValueError("an entry with a box needs latents")
    return codec.code.decode(latents[None].float())[0].clamp(-1, 1)
