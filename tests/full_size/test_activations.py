"""The factors of the plan against what evaluations of the networks hold on the meta device."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor

from engine.checkpoints.architectures import PUBLISHED, Network
from engine.checkpoints.catalogue import Feature
from engine.memory.estimate import (
    TEXT_TOKENS,
    Work,
    decoder_working,
    transformer_working,
    vae_working,
)
from engine.models.geometry import Box, RegionLayout, make_layout
from engine.models.region_transformer import RegionTransformer
from engine.models.tiled_decoder import with_tiles
from engine.models.transparent_decoder import TransparentDecoder
from tests.full_size.activations import peak_bytes
from tests.full_size.tiled_activations import tiles_wait_outside

TOLERANCE = 0.1


def empty(*shape: int, dtype: torch.dtype = torch.bfloat16) -> Tensor:
    return torch.empty(*shape, device="meta", dtype=dtype)


def layout(size: int, boxes: int) -> RegionLayout:
    """The plan's own example: every box a sixth of the canvas."""
    canvas = Box(0, 0, size, size)
    side = round((size * size / 6) ** 0.5 / 16) * 16
    return make_layout(size, size, [canvas, canvas] + [Box(0, 0, side, side)] * boxes)


def test_the_tokens_of_the_example() -> None:
    planned = Work(Feature.TEXT_TO_LAYERS).tokens
    assert planned == pytest.approx(layout(1024, 10).token_count, rel=0.01)


@pytest.mark.parametrize(("size", "boxes"), [(1024, 10), (512, 10), (1024, 2)])
def test_the_transformer(size: int, boxes: int) -> None:
    with torch.device("meta"):
        # Blocks come one after the other, so two of each kind hold as much as 19 and 38.
        sizes: Any = PUBLISHED[Network.REGION] | {"num_layers": 2, "num_single_layers": 2}
        network = RegionTransformer(**sizes).bfloat16()
    made = layout(size, boxes)
    positions = network.positions(made, TEXT_TOKENS)
    peak = peak_bytes(
        network,
        lambda: network(
            empty(1, made.token_count, 64),
            positions,
            encoder_hidden_states=empty(1, TEXT_TOKENS, 4096),
            pooled_projections=empty(1, 768),
            timestep=empty(1),
            guidance=empty(1),
        ),
    )
    assert transformer_working(made.token_count) == pytest.approx(peak, rel=TOLERANCE)


@pytest.mark.parametrize("size", [512, 1024])
def test_the_autoencoder(size: int) -> None:
    with torch.device("meta"):
        vae = AutoencoderKL(**PUBLISHED[Network.VAE]).bfloat16()
    peak = peak_bytes(vae, lambda: vae.decode(empty(1, 16, size // 8, size // 8)))
    assert vae_working(size, size) == pytest.approx(peak, rel=TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1280, 1024), (2048, 2048), (4096, 4096), (8192, 1024)])
def test_the_autoencoder_of_large_pictures_stays_within_bounds(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with torch.device("meta"):
        vae = with_tiles(AutoencoderKL(**PUBLISHED[Network.VAE]).bfloat16())
    tiles_wait_outside(monkeypatch)
    width, height = size
    peak = peak_bytes(vae, lambda: vae.decode(empty(1, 16, height // 8, width // 8)))
    assert vae_working(width, height) == pytest.approx(peak, rel=TOLERANCE)


@pytest.mark.parametrize("boxes", [2, 10])
def test_the_transparent_decoder(boxes: int) -> None:
    with torch.device("meta"):
        decoder = TransparentDecoder()
    made = layout(1024, boxes)
    crops = [empty(16, *box.cells(8), dtype=torch.float32) for box in made.boxes if box is not None]
    peak = peak_bytes(decoder, lambda: decoder(crops, made.boxes))
    assert decoder_working(4 * made.token_count) == pytest.approx(peak, rel=TOLERANCE)
