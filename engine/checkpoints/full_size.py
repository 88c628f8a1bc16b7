"""Puts full-size models together from the shelf: ART on FLUX.1, and FLUX's own pictures."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.checkpoints.architectures import Network
from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.catalogue import Component, known_model
from engine.checkpoints.check import component_config
from engine.checkpoints.decoders import decoder_place, read_decoder
from engine.checkpoints.flux_files import (
    LoraChoice,
    adapter_hash,
    adapter_uses,
    flux_transformer,
    gguf_transformer,
    merge_adapters,
    read_transformer,
    read_weights,
)
from engine.checkpoints.klein_text import KleinTextEncoder
from engine.checkpoints.prompt_cache import CachedTextEncoder
from engine.checkpoints.recognise import ART_CKPT, LORA_FILE, Layout
from engine.checkpoints.shelf import Shelf, ShelfModel
from engine.checkpoints.weight_files import WeightFiles, weight_files
from engine.errors import CheckpointError
from engine.models.latent_codec import FluxCodec
from engine.models.region_transformer import LAYER_EMBEDDING_KEY, RegionTransformer
from engine.models.text_encoders import FluxTextEncoder
from engine.models.tiled_decoder import with_tiles
from engine.models.transparent_decoder import TransparentDecoder
from engine.requests import SamplingOptions
from engine.sentences import sentence

# ART's published settings (art-plus, section 4).
ART_SAMPLING = SamplingOptions(steps=28, true_guidance=3.5, distilled_guidance=4.0)
EXTRA_WEIGHT = 0.5
_CPU = torch.device("cpu")
PlaceText = Callable[[nn.Module], object]
_FUSED_ORDER = {
    Layout.ART_SPLIT: (
        (f"pre_fuse_lora/{LORA_FILE}", 1.0),
        (f"{ART_CKPT}/{LORA_FILE}", 1.0),
        (f"extra_lora/{LORA_FILE}", EXTRA_WEIGHT),
    ),
    Layout.CLD_LORA: (
        (f"pre_trained_LoRA/{LORA_FILE}", 1.0),
        (f"prism_ft_LoRA/{LORA_FILE}", 1.0),
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class FluxParts:
    """What makes pictures beside the transformer."""

    vae: Any
    text: CachedTextEncoder
    scheduler: Any


def load_art(
    shelf: Shelf,
    name: str,
    dtype: torch.dtype,
    adapters: Sequence[LoraChoice] = (),
    *,
    device: torch.device = _CPU,
    place_text: PlaceText = lambda _network: None,
) -> Checkpoint:
    """ART or ART+ on FLUX.1, split, fused or CLD's; the transparent decoder stays float32.

    The transformer stays on the CPU, for whoever places it. The text encoders are loaded when a
    prompt is new, and leave again.

    Args:
        adapters: The user's own, merged after the model's, in order.
        device: For the autoencoder and the transparent decoder.
        place_text: Puts a text encoder where it computes.

    Raises:
        CheckpointError: A part is missing on the shelf, has changed, or does not fit.
    """
    model = unchanged(shelf.get(name))
    layout = Layout(model.layout)
    if layout is Layout.ART_FUSED:
        config, weights = read_transformer(model, dtype)
        decoder = _decoder(model)
    elif layout in _FUSED_ORDER:
        config, weights = _assembled(shelf, model, layout, dtype)
        decoder = _decoder(model)
    else:
        raise CheckpointError(
            sentence(
                "{title} makes pictures and no layers; choose an ART model.", title=model.title
            )
        )
    weights = merge_adapters(weights, adapters)
    transformer: RegionTransformer = RegionTransformer.from_state_dict(config, weights, model.path)
    transformer.requires_grad_(requires_grad=False)
    parts = _with_parts(shelf)
    return Checkpoint(
        name=name,
        weights_hash=hash_of(model, adapters),
        transformer=transformer,
        codec=FluxCodec(_vae(Path(parts.path), dtype).to(device), decoder.to(device)),
        text=_cached_text(shelf, parts, dtype, place_text),
        max_entries=int(config["max_layer_num"]),
        sampling=ART_SAMPLING,
        adapters=adapter_uses(adapters),
    )


def load_flux(
    shelf: Shelf,
    name: str,
    dtype: torch.dtype,
    adapters: Sequence[LoraChoice] = (),
    place_text: PlaceText = lambda _network: None,
) -> tuple[Any, FluxParts]:
    """(transformer, the other parts) of FLUX.1 as folder, single file or GGUF.

    Args:
        place_text: As in `load_art`.

    Raises:
        CheckpointError: As `load_art`; or adapters are wanted on a GGUF file.
    """
    model = unchanged(shelf.get(name))
    if Layout(model.layout) is Layout.FLUX1_GGUF:
        if adapters:
            raise CheckpointError(
                sentence(
                    "Adapters cannot be merged into {path}, which is already rounded; choose the "
                    "model as safetensors.",
                    path=model.path,
                )
            )
        transformer = gguf_transformer(Path(model.path), dtype)
    else:
        config, weights = read_transformer(model, dtype)
        transformer = flux_transformer(config, merge_adapters(weights, adapters), model.path)
    own = model if Layout(model.layout) is Layout.FLUX1_FOLDER else None
    return transformer, load_parts(shelf, dtype, own, place_text)


def load_parts(
    shelf: Shelf,
    dtype: torch.dtype,
    own: ShelfModel | None = None,
    place_text: PlaceText = lambda _network: None,
) -> FluxParts:
    """Autoencoder, text encoders and schedule: of the model itself, or of another FLUX.1 folder.

    Raises:
        CheckpointError: There is no FLUX.1 folder on the shelf.
    """
    parts = own or _with_parts(shelf)
    place = Path(parts.path)
    from diffusers import FlowMatchEulerDiscreteScheduler

    make: Any = FlowMatchEulerDiscreteScheduler
    return FluxParts(
        _vae(place, dtype),
        _cached_text(shelf, parts, dtype, place_text),
        make.from_pretrained(place / "scheduler", local_files_only=True),
    )


def _vae(place: Path, dtype: torch.dtype) -> Any:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    config = component_config(place / "vae", Network.VAE)
    with torch.device("meta"):
        vae: Any = AutoencoderKL(**{k: v for k, v in config.items() if k[0] != "_"})
    vae.load_state_dict(read_weights(place / "vae", dtype), assign=True)
    return with_tiles(vae.eval().requires_grad_(requires_grad=False))


def _cached_text(
    shelf: Shelf,
    parts: ShelfModel,
    dtype: torch.dtype,
    place_text: PlaceText,
) -> CachedTextEncoder:
    def load() -> FluxTextEncoder:
        encoder = FluxTextEncoder.from_folder(parts.path, dtype)
        place_text(encoder.t5)
        place_text(encoder.clip)
        return encoder

    identity = f"{hash_of(parts, ())}/{dtype}"
    return CachedTextEncoder(shelf.folder / "prompts", identity, load, _empty_card)


def klein_text(
    shelf: Shelf, model: ShelfModel, dtype: torch.dtype, place_text: PlaceText
) -> CachedTextEncoder:
    """The text encoder of FLUX.2 klein, loaded for new prompts only."""

    def load() -> KleinTextEncoder:
        encoder = KleinTextEncoder.from_folder(Path(model.path), dtype)
        place_text(encoder.model)
        return encoder

    identity = f"{hash_of(model, ())}/{dtype}"
    return CachedTextEncoder(shelf.folder / "prompts", identity, load, _empty_card)


def _empty_card() -> None:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _with_parts(shelf: Shelf) -> ShelfModel:
    for model in shelf.models():
        if Layout(model.layout) in (Layout.FLUX1_FOLDER, Layout.FLUX1_PARTS):
            return unchanged(model)
    raise CheckpointError(
        sentence(
            "The text encoders and the autoencoder of FLUX.1 are missing; bring a FLUX.1 folder, "
            'or fetch "{model_id}".',
            model_id=known_model("flux1-text-encoders").model_id,
        )
    )


def _assembled(
    shelf: Shelf, model: ShelfModel, layout: Layout, dtype: torch.dtype
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """FLUX.1 dev with the model's adapters, in their published order, and the layer embedding."""
    base = shelf.adapter_base()
    if base is None:
        raise CheckpointError(
            sentence(
                "{title} needs FLUX.1 dev, which is missing; bring or fetch it first.",
                title=model.title,
            )
        )
    config, weights = read_transformer(unchanged(base), dtype)
    order = [
        LoraChoice(Path(model.path) / file, weight)
        for file, weight in _FUSED_ORDER[layout]
        if (Path(model.path) / file).is_file()
    ]
    weights = merge_adapters(weights, order)
    embedding = load_file(model.converted["layer_pe"])[LAYER_EMBEDDING_KEY].to(dtype)
    weights[LAYER_EMBEDDING_KEY] = embedding
    return config | {"max_layer_num": int(embedding.shape[1])}, weights


def _decoder(model: ShelfModel) -> TransparentDecoder:
    place = decoder_place(model)
    if place is None:
        raise ValueError(f"a folder of the layout {model.layout} has a decoder")
    return read_decoder(place)


def unchanged(model: ShelfModel) -> ShelfModel:
    """Raises CheckpointError when files are gone or are not those that were checked."""
    gone = [path for path in model.changed if not Path(path).is_file()]
    if gone:
        raise CheckpointError(
            sentence(
                '{name} is incomplete: {path} is missing; bring it again with "layerloom models '
                'add".',
                name=model.name,
                path=gone[0],
            )
        )
    if model.changed:
        raise CheckpointError(
            sentence(
                '{path} has changed since it was checked; run "layerloom models check".',
                path=model.changed[0],
            )
        )
    return model


def hash_of(model: ShelfModel, adapters: Sequence[LoraChoice]) -> str:
    """Over the files' own hashes and the adapters; part of every generation record.

    Raises:
        CheckpointError: An adapter cannot be read.
    """
    digest = hashlib.blake2b(digest_size=8)
    for file in model.files:
        digest.update(f"{Path(file.path).name}/{file.sha256}/".encode())
    for each in adapters:
        digest.update(f"{adapter_hash(each.path)}/{each.weight}/".encode())
    return digest.hexdigest()


def components_of(shelf: Shelf, model: ShelfModel) -> tuple[Component, ...]:
    """The networks of an ART model as they lie on the disk, for the plan."""
    place = Path(model.path)
    fused = Layout(model.layout) is Layout.ART_FUSED
    base = model if fused else shelf.adapter_base()
    if base is None:
        return known_model(model.model_id).components
    parts = Path(_with_parts(shelf).path)
    folder = Path(base.path)
    where = {
        "transformer": folder / "transformer" if folder.is_dir() else folder,
        "text_encoder": parts / "text_encoder",
        "text_encoder_2": parts / "text_encoder_2",
        "vae": parts / "vae",
        "transparent_decoder": place / "transp_vae"
        if fused
        else Path(model.converted["transparent_decoder"]),
    }
    return tuple(
        replace(each, parameters=_count(weight_files(where[each.part])))
        for each in known_model(model.model_id).components
    )


def picture_components(shelf: Shelf, model: ShelfModel) -> tuple[Component, ...]:
    """The networks of FLUX's own pictures as they lie on the disk, for the plan."""
    own = Path(model.path)
    parts = own if own.is_dir() else Path(_with_parts(shelf).path)
    made = []
    for each in known_model(model.model_id).components:
        where = own if each.part == "transformer" and not own.is_dir() else parts / each.part
        packed = where.suffix == ".gguf"  # the plan is for the weights as they are computed with
        made.append(each if packed else replace(each, parameters=_count(weight_files(where))))
    return tuple(made)


def _count(files: WeightFiles) -> int:
    return sum(math.prod(shape) for shape in files.shapes.values())
