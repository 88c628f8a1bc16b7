"""Tiny random full-size models in the exact layouts on disk of the published ones."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import Tensor, nn
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5EncoderModel,
)

from engine.models.transparent_decoder import TransparentDecoder, TransparentDecoderConfig
from tests.engine.small_models import VAE, randomise

WORDS = ("a", "red", "apple", "brown", "dog", "on", "sunset")
FLUX: dict[str, Any] = {
    "patch_size": 1, "in_channels": 64, "num_layers": 2, "num_single_layers": 2,
    "attention_head_dim": 16, "num_attention_heads": 2, "joint_attention_dim": 24,
    "pooled_projection_dim": 32, "guidance_embeds": True, "axes_dims_rope": (4, 6, 6),
}  # fmt: skip
LORA_MODULES = ("transformer_blocks.0.attn.to_q", "single_transformer_blocks.1.proj_out")
APACHE = "Apache License\nVersion 2.0, January 2004\n"
DEV = "FLUX.1 [dev] Non-Commercial License v1.1.1\n"


def flux1_folder(place: Path, *, guided: bool = True, seed: int = 0) -> Path:
    """FLUX.1 as diffusers keeps it; the transformer in shards with an index."""
    torch.manual_seed(seed)
    transformer = FluxTransformer2DModel(**FLUX | {"guidance_embeds": guided})
    randomise(transformer, seed)
    transformer.save_pretrained(place / "transformer", max_shard_size="60KB")
    flux1_parts(place, seed=seed)
    _model_index(place, transformer="FluxTransformer2DModel")
    (place / "LICENSE.md").write_text(DEV if guided else APACHE)
    return place


def plain_flux(place: Path) -> tuple[Path, ...]:
    """FLUX in every form; first the folder of dev, which adapters and single files lean on."""
    dev = flux1_folder(place / "dev")
    weights = transformer_weights(dev)
    return (
        dev,
        flux1_folder(place / "schnell", guided=False),
        flux2_folder(place / "klein"),
        flux1_file(place / "file.safetensors", weights),
        flux1_gguf(place / "packed.gguf", weights),
    )


def flux1_parts(place: Path, *, seed: int = 0) -> Path:
    """Everything of FLUX.1 but the transformer."""
    torch.manual_seed(seed)
    vae = AutoencoderKL(**VAE)
    randomise(vae, seed + 1)
    vae.save_pretrained(place / "vae")
    clip = CLIPTextConfig(
        vocab_size=16, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=12, projection_dim=32,
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    t5 = T5Config(
        vocab_size=16, d_model=24, d_kv=6, d_ff=32, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu", pad_token_id=0, eos_token_id=10,
    )  # fmt: skip
    CLIPTextModel(clip).save_pretrained(place / "text_encoder")
    T5EncoderModel(t5).save_pretrained(place / "text_encoder_2")
    _tokenizer(12, begin="<start>", end="<end>", padding="<pad>").save_pretrained(
        place / "tokenizer"
    )
    _tokenizer(512, begin=None, end="</s>", padding="<pad>").save_pretrained(place / "tokenizer_2")
    _scheduler(place)
    _model_index(place, transformer="FluxTransformer2DModel")
    (place / "LICENSE.md").write_text(APACHE)
    return place


def flux2_folder(place: Path) -> Path:
    """FLUX.2 klein as diffusers keeps it."""
    torch.manual_seed(0)
    transformer = Flux2Transformer2DModel(
        patch_size=1, in_channels=32, num_layers=1, num_single_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=96, timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False,
    )  # fmt: skip
    randomise(transformer)
    transformer.save_pretrained(place / "transformer", max_shard_size="40KB")
    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 8, 8, 8), layers_per_block=1, norm_num_groups=4, latent_channels=8,
    )  # fmt: skip
    randomise(vae, 1)
    vae.save_pretrained(place / "vae")
    text = Qwen3Config(
        vocab_size=32, hidden_size=32, intermediate_size=48, num_hidden_layers=28,
        num_attention_heads=2, num_key_value_heads=1, head_dim=16, tie_word_embeddings=True,
        max_position_embeddings=512, bos_token_id=None, eos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    Qwen3ForCausalLM(text).save_pretrained(place / "text_encoder")
    words = _tokenizer(512, begin=None, end="<end>", padding="<pad>")
    words.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    words.save_pretrained(place / "tokenizer")
    _scheduler(place)
    index = {
        "_class_name": "Flux2KleinPipeline", "is_distilled": True,
        "transformer": ["diffusers", "Flux2Transformer2DModel"],
        "vae": ["diffusers", "AutoencoderKLFlux2"],
        "text_encoder": ["transformers", "Qwen3ForCausalLM"],
        "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    }  # fmt: skip
    (place / "model_index.json").write_text(json.dumps(index))
    (place / "LICENSE.md").write_text(APACHE)
    return place


def art_split(place: Path, entries: int = 8) -> Path:
    """ART as its authors split it: adapters, layer embedding and decoder."""
    folder = place / "anonymous_region_transformer_ckpt"
    for number, name in enumerate(("pre_fuse_lora", folder.name, "extra_lora")):
        lora(place / name / "pytorch_lora_weights.safetensors", seed=number + 10)
    _save_layer_embedding(folder / "layer_pe.pth", entries)
    decoder_pickle(place / "transparent_decoder_ckpt.pt")
    return place


def cld_folder(place: Path, entries: int = 8) -> Path:
    """CLD's folder of adapters."""
    names = ("pre_trained_LoRA", "prism_ft_LoRA", "decouple_LoRA/transformer")
    for number, name in enumerate((*names, "decouple_LoRA/adapter")):
        lora(place / name / "pytorch_lora_weights.safetensors", seed=number + 20)
    _save_layer_embedding(place / "decouple_LoRA" / "layer_pe.pth", entries)
    decoder_pickle(place / "trans_vae" / "0008000.pt")
    return place


def art_fused(place: Path, entries: int = 8) -> Path:
    """ART merged into FLUX: `transformer` in shards with `layer_pe`, and `transp_vae`."""
    from engine.models.region_transformer import RegionTransformer

    model: Any = RegionTransformer(**FLUX, max_layer_num=entries)
    randomise(model)
    model.save_pretrained(place / "transformer", max_shard_size="60KB")
    config = json.loads((place / "transformer" / "config.json").read_text())
    config["_class_name"] = "CustomFluxTransformer2DModel"
    (place / "transformer" / "config.json").write_text(json.dumps(config))
    decoder = _decoder()
    (place / "transp_vae").mkdir()
    save_file(decoder.state_dict(), place / "transp_vae" / "diffusion_pytorch_model.safetensors")
    sizes = {
        "hidden_dim": 64, "num_layers": 1, "num_heads": 1, "mlp_dim": 128, "in_channels": 16,
        "out_dim": 256, "patch_size": 8, "axes_dim": [8, 28, 28],
    }  # fmt: skip
    (place / "transp_vae" / "config.json").write_text(json.dumps(sizes))
    return place


def decoder_pickle(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model": _decoder().state_dict(), "epoch": 3}, path)
    return path


def lora(path: Path, *, seed: int = 0, rank: int = 2, modules: Any = LORA_MODULES) -> Path:
    """An adapter of diffusers' form for `FLUX`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(seed)
    shapes = {k: v.shape for k, v in FluxTransformer2DModel(**FLUX).state_dict().items()}
    tensors = {}
    for module in modules:
        out, width = shapes[f"{module}.weight"]
        a, b = f"transformer.{module}.lora_A.weight", f"transformer.{module}.lora_B.weight"
        tensors[a] = torch.randn(rank, width, generator=generator) * 0.2
        tensors[b] = torch.randn(out, rank, generator=generator) * 0.2
    save_file(tensors, path)
    return path


def flux1_file(path: Path, weights: Mapping[str, Tensor]) -> Path:
    """A transformer's weights in FLUX's original names."""
    save_file({k: v.contiguous() for k, v in original_names(weights).items()}, path)
    return path


def original_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """diffusers' names back to the original ones, written down independently of the engine."""
    left = dict(weights)
    made: dict[str, Tensor] = {}

    def take(target: str, *sources: str, swap: bool = False) -> None:
        for ending in ("weight", "bias"):
            if f"{sources[0]}.{ending}" not in left:
                continue
            parts = [left.pop(f"{source}.{ending}") for source in sources]
            joined = torch.cat(parts)
            if swap:
                first, second = joined.chunk(2)
                joined = torch.cat([second, first])
            norm = ".norm." in target
            made[f"{target}.{'scale' if norm else ending}"] = joined

    time = "time_text_embed."
    for theirs, ours in (
        ("img_in", "x_embedder"), ("txt_in", "context_embedder"),
        ("final_layer.linear", "proj_out"),
        ("time_in.in_layer", f"{time}timestep_embedder.linear_1"),
        ("time_in.out_layer", f"{time}timestep_embedder.linear_2"),
        ("guidance_in.in_layer", f"{time}guidance_embedder.linear_1"),
        ("guidance_in.out_layer", f"{time}guidance_embedder.linear_2"),
        ("vector_in.in_layer", f"{time}text_embedder.linear_1"),
        ("vector_in.out_layer", f"{time}text_embedder.linear_2"),
    ):  # fmt: skip
        take(theirs, ours)
    take("final_layer.adaLN_modulation.1", "norm_out.linear", swap=True)
    for number in range(FLUX["num_layers"]):
        old, new = f"double_blocks.{number}.", f"transformer_blocks.{number}."
        take(f"{old}img_mod.lin", f"{new}norm1.linear")
        take(f"{old}txt_mod.lin", f"{new}norm1_context.linear")
        take(f"{old}img_attn.qkv", *(f"{new}attn.to_{x}" for x in "qkv"))
        take(f"{old}txt_attn.qkv", *(f"{new}attn.add_{x}_proj" for x in "qkv"))
        take(f"{old}img_attn.proj", f"{new}attn.to_out.0")
        take(f"{old}txt_attn.proj", f"{new}attn.to_add_out")
        for stream, added in (("img", ""), ("txt", "added_")):
            take(f"{old}{stream}_attn.norm.query_norm", f"{new}attn.norm_{added}q")
            take(f"{old}{stream}_attn.norm.key_norm", f"{new}attn.norm_{added}k")
        for stream, ff in (("img", "ff"), ("txt", "ff_context")):
            take(f"{old}{stream}_mlp.0", f"{new}{ff}.net.0.proj")
            take(f"{old}{stream}_mlp.2", f"{new}{ff}.net.2")
    for number in range(FLUX["num_single_layers"]):
        old, new = f"single_blocks.{number}.", f"single_transformer_blocks.{number}."
        take(f"{old}modulation.lin", f"{new}norm.linear")
        take(f"{old}linear1", *(f"{new}attn.to_{x}" for x in "qkv"), f"{new}proj_mlp")
        take(f"{old}linear2", f"{new}proj_out")
        take(f"{old}norm.query_norm", f"{new}attn.norm_q")
        take(f"{old}norm.key_norm", f"{new}attn.norm_k")
    assert not left, sorted(left)
    return made


def flux1_gguf(path: Path, weights: Mapping[str, Tensor]) -> Path:
    """The same as GGUF: matrices whose rows are whole blocks in Q8_0, the rest in float32."""
    tensors, data, offset = b"", b"", 0
    named = original_names(weights)
    for key, tensor in named.items():
        values = tensor.float().numpy()
        packed = values.ndim == 2 and values.shape[1] % 32 == 0
        body = _q8_0(values) if packed else values.astype("<f4").tobytes()
        axes = tuple(reversed(values.shape))
        tensors += _gguf_text(key) + struct.pack(f"<I{len(axes)}Q", len(axes), *axes)
        tensors += struct.pack("<IQ", 8 if packed else 0, offset)
        body += b"\0" * (-len(body) % 32)
        data, offset = data + body, offset + len(body)
    pairs = _gguf_text("general.architecture") + struct.pack("<I", 8) + _gguf_text("flux")
    head = b"GGUF" + struct.pack("<IQQ", 3, len(named), 1) + pairs + tensors
    path.write_bytes(head + b"\0" * (-len(head) % 32) + data)
    return path


def transformer_weights(folder: Path) -> dict[str, Tensor]:
    """Of a diffusers folder, by diffusers itself."""
    model: Any = FluxTransformer2DModel.from_pretrained(folder / "transformer")
    weights: dict[str, Tensor] = model.state_dict()
    return weights


def _q8_0(values: np.ndarray) -> bytes:
    blocks = values.reshape(-1, 32)
    scale = (np.abs(blocks).max(1, keepdims=True) / 127).astype(np.float16)
    safe = np.where(scale == 0, 1, scale).astype(np.float32)
    numbers = np.clip(np.round(blocks / safe), -127, 127).astype(np.int8)
    return b"".join(s.tobytes() + n.tobytes() for s, n in zip(scale, numbers, strict=True))


def _gguf_text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _save_layer_embedding(path: Path, entries: int) -> None:
    generator = torch.Generator().manual_seed(5)
    width = FLUX["attention_head_dim"] * FLUX["num_attention_heads"]
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"layer_pe": torch.randn(1, entries, 1, 1, width, generator=generator)}, path)


def _scheduler(place: Path) -> None:
    make: Any = FlowMatchEulerDiscreteScheduler  # not annotated
    make(use_dynamic_shifting=True).save_pretrained(place / "scheduler")


def _decoder() -> nn.Module:
    decoder = TransparentDecoder(
        TransparentDecoderConfig(hidden_dim=64, num_layers=1, num_heads=1, mlp_dim=128)
    )
    randomise(decoder, 2)
    return decoder


def _model_index(place: Path, *, transformer: str) -> None:
    index = {
        "_class_name": "FluxPipeline",
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "T5EncoderModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "T5TokenizerFast"],
        "transformer": ["diffusers", transformer],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (place / "model_index.json").write_text(json.dumps(index))


def _tokenizer(length: int, *, begin: str | None, end: str, padding: str) -> Any:
    """Words to numbers, with the marks that CLIP or T5 puts around them."""
    special = [word for word in (padding, begin, "<unk>") if word]
    names = {name: index for index, name in enumerate((*special, *WORDS, end))}
    made = Tokenizer(models.WordLevel(names, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    marks = [(name, names[name]) for name in (begin, end) if name]
    template = " ".join(name for name in (begin, "$A", end) if name)
    made.post_processor = processors.TemplateProcessing(single=template, special_tokens=marks)
    make: Any = PreTrainedTokenizerFast  # half of its signature is annotated
    return make(
        tokenizer_object=made, pad_token=padding, eos_token=end, unk_token="<unk>",
        model_max_length=length,
    )  # fmt: skip
