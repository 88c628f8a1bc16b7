"""How badly a model knows each drawing, so that training can take the hard ones more often."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.models.geometry import make_layout, pack_latents
from engine.models.region_transformer import RegionTransformer
from engine.training.art import sources as art
from engine.training.cached import built_once
from engine.training.icon_data import TOKEN_PX, IconItem
from engine.training.layer_batches import CANVAS_TOKENS, CaptionTable, token_box

_LEVELS = (0.5, 0.8)  # noise levels: parts and layout
_SHAPE = (8, 8)
_CHUNK = 32
LEAST, MOST = 0.4, 2.0  # of the mean share; simple drawings need reminding, hard ones are not all


def drawing_weights(
    model: RegionTransformer, weights: Path, cache: dict[str, Any], captions: CaptionTable
) -> npt.NDArray[np.float64]:
    """How often to take each drawing of an icon cache, about 1; copies as their original.

    In proportion to the clean estimate's error, relative to the mean at its noise level.

    Args:
        model: Any model of the weights' shape; its own weights are replaced.
        weights: Safetensors file of the model that is asked.
    """
    name = hashlib.blake2b(weights.read_bytes(), digest_size=8).hexdigest()
    path = art.cache_folder() / f"errors-{cache['hash']}-{name}.pt"

    def build() -> dict[str, Any]:
        model.load_state_dict(load_file(weights))
        return {"errors": clean_errors(model, cache, captions)}

    errors = built_once(path, build)["errors"].double()
    each = (errors / errors.mean(0)).mean(1).clamp(LEAST, MOST).numpy()
    items: list[IconItem] = cache["items"]
    known = {
        (item.hexcode, item.style): float(weight)
        for item, weight in zip(items[: cache["originals"]], each, strict=True)
    }
    return np.array([known[item.hexcode, item.style] for item in items])


@torch.no_grad()
def clean_errors(model: RegionTransformer, cache: dict[str, Any], captions: CaptionTable) -> Tensor:
    """Mean squared error of the clean latents as estimated from noisy ones: `originals levels`."""
    items: list[IconItem] = cache["items"][: cache["originals"]]
    side = CANVAS_TOKENS * TOKEN_PX
    layout = make_layout(side, side, [None, None, token_box(0, 0, *_SHAPE)])
    generator = torch.Generator().manual_seed(0)
    errors = torch.zeros(len(items), len(_LEVELS))
    for start in range(0, len(items), _CHUNK):
        part = slice(start, start + _CHUNK)
        data = pack_latents(cache["latents"][_SHAPE][part, 0].float())
        text = captions.lookup([item.caption(name_colour=False) for item in items[part]])
        positions = model.positions(layout, text.states.shape[1])
        for column, level in enumerate(_LEVELS):
            noise = torch.randn(data.shape, generator=generator)
            velocity = model(
                (1 - level) * data + level * noise, positions,
                encoder_hidden_states=text.states, pooled_projections=text.pooled,
                timestep=torch.full((len(data),), level),
            )  # fmt: skip
            errors[part, column] = (level * (velocity - (noise - data))).pow(2).mean((1, 2))
    return errors
