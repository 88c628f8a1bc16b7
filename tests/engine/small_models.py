"""Random models of a few thousand weights in which every part matters."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor, nn

from engine.models.latent_codec import FluxCodec
from engine.models.region_transformer import RegionTransformer
from engine.models.text_encoders import TextStates
from engine.models.transparent_decoder import TransparentDecoder, TransparentDecoderConfig

TRANSFORMER: dict[str, Any] = {
    "num_layers": 1,
    "num_single_layers": 1,
    "attention_head_dim": 16,
    "num_attention_heads": 2,
    "joint_attention_dim": 24,
    "pooled_projection_dim": 12,
    "guidance_embeds": False,
    "axes_dims_rope": (4, 6, 6),
    "max_layer_num": 8,
}
VAE: dict[str, Any] = {
    "latent_channels": 16,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "block_out_channels": (8, 8, 8, 8),
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "scaling_factor": 0.3611,
    "shift_factor": 0.1159,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
}


def randomise(model: nn.Module, seed: int = 0) -> None:
    """Redraws every weight at a scale at which it changes the result."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.1)
    model.eval()


def small_transformer(**changes: Any) -> RegionTransformer:
    model: RegionTransformer = RegionTransformer(**TRANSFORMER | changes)
    randomise(model)
    return model


def small_codec() -> FluxCodec:
    vae = AutoencoderKL(**VAE)
    decoder = TransparentDecoder(
        TransparentDecoderConfig(hidden_dim=64, num_layers=1, num_heads=1, mlp_dim=128)
    )
    randomise(vae, 1)
    randomise(decoder, 2)
    return FluxCodec(vae, decoder)


def text_states(seed: int, tokens: int = 5) -> TextStates:
    generator = torch.Generator().manual_seed(seed)
    states: Tensor = torch.randn(1, tokens, 24, generator=generator)
    return TextStates(states, torch.randn(1, 12, generator=generator))
