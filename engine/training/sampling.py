"""Small helpers to look at a run while it trains: its EMA as a model, samples of single objects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.models.geometry import RegionLayout, make_layout
from engine.models.region_transformer import RegionTransformer
from engine.models.text_encoders import TextEncoder
from engine.pipelines.layout_to_layers import RegionSampling, sample_regions
from engine.sampling.noise import NoiseKey
from engine.training.art import sources as art
from engine.training.layer_batches import token_box
from engine.training.loop.run_state import load_run


def ema_transformer(run: str) -> RegionTransformer:
    """The averaged weights of a run in the training cache, ready to sample.

    Raises:
        FileNotFoundError: The run has no saved state yet.
    """
    from engine.training.train_layers import STARTER_CONFIG

    state = load_run(art.cache_folder() / "runs" / run)
    if state is None:
        raise FileNotFoundError(f"The run '{run}' has no saved state yet.")
    model: RegionTransformer = RegionTransformer.from_state_dict(STARTER_CONFIG, state.ema, run)
    return model


def stored_transformer(path: Path) -> RegionTransformer:
    """The weights of a `transformer.safetensors` of the starter, in float32."""
    from engine.training.train_layers import STARTER_CONFIG

    weights = {key: value.float() for key, value in load_file(path).items()}
    model: RegionTransformer = RegionTransformer.from_state_dict(STARTER_CONFIG, weights, str(path))
    return model


def alone_layout(rows: int, columns: int, entry: int = 2) -> RegionLayout:
    """One object by itself: its box in the corner of a canvas of the same size."""
    box = token_box(0, 0, rows, columns)
    return make_layout(box.width, box.height, [None] * entry + [box])


def sample_alone(
    transformer: RegionTransformer,
    text: TextEncoder,
    captions: Sequence[str],
    *,
    steps: int = 8,
    guidance: float = 3.0,
    seed: int = 0,
    shape: tuple[int, int] = (8, 8),
) -> list[Tensor]:
    """Latents `16 2r 2c` of each caption by itself, through the product's sampling loop."""
    layout = alone_layout(*shape)
    negative = text.encode([""])
    results = []
    for index, caption in enumerate(captions):
        key = NoiseKey(seed, f"sample-{index}")
        request = RegionSampling(
            layout, (None, None, key), text.encode([caption]), negative, steps, guidance
        )
        latents = sample_regions(transformer, request)[2]
        if latents is not None:
            results.append(latents)
    return results


def on_checkerboard(rgba: Tensor, cell: int = 16) -> Tensor:
    """RGBA `4 h w` in [0, 1] over a grey checkerboard: `3 h w`."""
    height, width = rgba.shape[1:]
    rows, columns = torch.arange(height)[:, None] // cell, torch.arange(width)[None] // cell
    board = 0.75 + 0.15 * ((rows + columns) % 2).float()
    return rgba[:3] * rgba[3:] + board * (1 - rgba[3:])
