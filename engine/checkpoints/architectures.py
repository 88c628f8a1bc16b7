"""The networks of full-size models, built without memory: names, shapes and sizes of their weights.

Everything stands on the meta device, where a tensor has a shape and no bytes, so twelve billion
weights take a second. What a brought file must hold is compared with these shapes before anything
is allocated, and the plan's bytes come from them (`tests/full_size` holds both against the tables).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
from torch import nn

from engine.errors import CheckpointError
from engine.models.inf_dit import InfDit, InfDitSizes
from engine.models.region_transformer import RegionTransformer
from engine.models.transparent_decoder import TransparentDecoder, TransparentDecoderConfig
from engine.sentences import sentence

Shapes = dict[str, tuple[int, ...]]


class Network(StrEnum):
    """Kinds of networks that full-size models are made of."""

    FLUX1 = "flux1"
    REGION = "region"  # FLUX.1 with the layer embedding of ART
    FLUX2 = "flux2"
    VAE = "vae"
    VAE2 = "vae2"
    CLIP_TEXT = "clip_text"
    T5 = "t5"
    QWEN3 = "qwen3"
    TRANSPARENT_DECODER = "transparent_decoder"
    INF_DIT = "inf_dit"


@dataclass(frozen=True, slots=True)
class Architecture:
    """What the weights of a network must look like.

    Attributes:
        shapes: Of every weight by its published name.
        optional: Names that files may leave out, because they are another weight's second name.
    """

    shapes: Shapes
    optional: frozenset[str] = frozenset()

    @property
    def parameters(self) -> int:
        """Number of values, second names not counted."""
        return sum(math.prod(s) for key, s in self.shapes.items() if key not in self.optional)


def architecture(
    network: Network, config: Mapping[str, Any] | None = None, source: str = ""
) -> Architecture:
    """The weights of a network under a configuration.

    Args:
        config: As in its `config.json`; None = the published full size.
        source: File of the configuration, for error messages.

    Raises:
        CheckpointError: The configuration makes no such network.
    """
    settings = dict(PUBLISHED[network] if config is None else config)
    try:
        with torch.device("meta"):
            model = _BUILDERS[network](_known(settings))
    except CheckpointError:
        raise
    except Exception as error:  # whatever the constructors of three libraries make of it
        raise CheckpointError(
            sentence(
                "The configuration {source} is not understood; get it again from its makers.",
                source=source or network.value,
            ),
            f"{type(error).__name__}: {error}",
        ) from error
    shapes = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    second = frozenset(getattr(model, "all_tied_weights_keys", None) or {})
    return Architecture(shapes, second & shapes.keys())


def _known(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if not key.startswith("_")}


def _flux1(config: dict[str, Any]) -> nn.Module:
    from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel

    model: nn.Module = FluxTransformer2DModel(**config)
    return model


def _region(config: dict[str, Any]) -> nn.Module:
    model: nn.Module = RegionTransformer(**config)
    return model


def _flux2(config: dict[str, Any]) -> nn.Module:
    from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel

    model: nn.Module = Flux2Transformer2DModel(**config)
    return model


def _vae(config: dict[str, Any]) -> nn.Module:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    model: nn.Module = AutoencoderKL(**config)
    return model


def _vae2(config: dict[str, Any]) -> nn.Module:
    from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2

    model: nn.Module = AutoencoderKLFlux2(**config)
    return model


def _clip_text(config: dict[str, Any]) -> nn.Module:
    from transformers import CLIPTextConfig, CLIPTextModel

    return CLIPTextModel(CLIPTextConfig(**config))


def _t5(config: dict[str, Any]) -> nn.Module:
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(T5Config(**config))


def _qwen3(config: dict[str, Any]) -> nn.Module:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    model: nn.Module = Qwen3ForCausalLM(Qwen3Config(**config))
    return model


def _transparent_decoder(config: dict[str, Any]) -> nn.Module:
    axes = tuple(config.pop("axes_dim", (8, 28, 28)))
    return TransparentDecoder(TransparentDecoderConfig(**config, axes_dim=axes))


def _inf_dit(config: dict[str, Any]) -> nn.Module:
    return InfDit(InfDitSizes(**config))


_BUILDERS: dict[Network, Callable[[dict[str, Any]], nn.Module]] = {
    Network.FLUX1: _flux1,
    Network.REGION: _region,
    Network.FLUX2: _flux2,
    Network.VAE: _vae,
    Network.VAE2: _vae2,
    Network.CLIP_TEXT: _clip_text,
    Network.T5: _t5,
    Network.QWEN3: _qwen3,
    Network.TRANSPARENT_DECODER: _transparent_decoder,
    Network.INF_DIT: _inf_dit,
}

_FLUX1_SIZES: dict[str, Any] = {
    "patch_size": 1, "in_channels": 64, "num_layers": 19, "num_single_layers": 38,
    "attention_head_dim": 128, "num_attention_heads": 24, "joint_attention_dim": 4096,
    "pooled_projection_dim": 768, "guidance_embeds": True,
}  # fmt: skip
_VAE_SIZES: dict[str, Any] = {
    "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4,
    "block_out_channels": (128, 256, 512, 512), "layers_per_block": 2, "norm_num_groups": 32,
    "latent_channels": 16, "scaling_factor": 0.3611, "shift_factor": 0.1159,
    "use_quant_conv": False, "use_post_quant_conv": False,
}  # fmt: skip
# The configurations of the published full-size models.
PUBLISHED: dict[Network, dict[str, Any]] = {
    Network.FLUX1: _FLUX1_SIZES,
    Network.REGION: _FLUX1_SIZES | {"max_layer_num": 52},
    Network.FLUX2: {  # klein-4B
        "patch_size": 1, "in_channels": 128, "num_layers": 5, "num_single_layers": 20,
        "attention_head_dim": 128, "num_attention_heads": 24, "joint_attention_dim": 7680,
        "timestep_guidance_channels": 256, "mlp_ratio": 3.0, "axes_dims_rope": (32, 32, 32, 32),
        "rope_theta": 2000, "guidance_embeds": False,
    },
    Network.VAE: _VAE_SIZES,
    Network.VAE2: {"latent_channels": 32},
    Network.CLIP_TEXT: {
        "vocab_size": 49408, "hidden_size": 768, "intermediate_size": 3072,
        "num_hidden_layers": 12, "num_attention_heads": 12, "max_position_embeddings": 77,
        "projection_dim": 768,
    },
    Network.T5: {
        "vocab_size": 32128, "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24,
        "num_heads": 64, "feed_forward_proj": "gated-gelu",
    },
    Network.QWEN3: {
        "vocab_size": 151936, "hidden_size": 2560, "intermediate_size": 9728,
        "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8,
        "head_dim": 128, "tie_word_embeddings": True,
    },
    Network.TRANSPARENT_DECODER: {},
    Network.INF_DIT: {
        "hidden": 1280, "layers": 28, "heads": 16, "head_dim": 80, "mlp": 5120, "patch_px": 4,
        "block_tokens": 32, "lr_patch_px": 2, "lr_block_tokens": 16, "vector": 768, "time": 192,
    },
}  # fmt: skip
