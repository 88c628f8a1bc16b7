"""Kinds of the ART model: transformer, transparent decoder, merged adapters, whole pipeline.

Outside the boxes the published code returns constants that its pipeline overwrites, so latents are
compared inside the boxes only (art-plus, section 2.2).
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor

from engine.checkpoints.lora import LoraAdapter, assemble_split_checkpoint
from engine.models.geometry import RegionLayout, crop_latents, pack_regions, unpack_regions
from engine.models.latent_codec import FluxCodec
from engine.models.region_transformer import RegionTransformer
from engine.models.text_encoders import TextStates
from engine.models.transparent_decoder import TransparentDecoder
from engine.pipelines.layout_to_layers import RegionSampling, RegionStep, denoise_regions
from tests.reference.cases import Case, Check, entries


def run_transformer(case: Case) -> list[Check]:
    """One forward pass with given weights."""
    model = RegionTransformer.from_state_dict(case.field("config"), case.group("sd"), case.name)
    return [_compare_forward(case, model)]


def run_lora(case: Case) -> list[Check]:
    """One forward pass of a base model with adapters merged in the stated order."""
    adapters = [
        LoraAdapter(case.group(f"lora_{name}"), weight, f"{case.name}/{name}")
        for name, weight in zip(case.field("lora_order"), case.field("lora_weights"), strict=True)
    ]
    layer_embedding = case.tensor("sd_layer_pe/layer_pe")
    weights = assemble_split_checkpoint(case.group("sd_base"), layer_embedding, adapters)
    model = RegionTransformer.from_state_dict(case.field("config"), weights, case.name)
    return [_compare_forward(case, model)]


def _compare_forward(case: Case, model: RegionTransformer) -> Check:
    layout = case.layout(model.config["max_layer_num"])
    text = case.tensor("in/encoder_hidden_states")
    tokens = model(
        pack_regions(crop_latents(case.tensor("in/hidden_states"), layout)),
        model.positions(layout, text.shape[1]),
        encoder_hidden_states=text,
        pooled_projections=case.tensor("in/pooled_projections"),
        timestep=case.tensor("in/timestep"),
        guidance=case.tensors.get("in/guidance"),
    )
    theirs = crop_latents(case.tensor("out/sample"), layout)
    return _compare_entries(case, "sample", unpack_regions(tokens, layout), theirs)


def _compare_entries(
    case: Case,
    name: str,
    ours: list[Tensor | None],
    theirs: list[Tensor | None],
    atol: float | None = None,
) -> Check:
    pairs = list(entries(ours, theirs))
    mine = torch.cat([pair[0].flatten() for pair in pairs])
    reference = torch.cat([pair[1].flatten() for pair in pairs])
    return case.compare(name, mine, reference, atol)


def run_transparent_decoder(case: Case) -> list[Check]:
    """RGBA of all boxes, pasted on the padding of the published code: grey and transparent."""
    decoder = TransparentDecoder.from_state_dict(case.field("config"), case.group("sd"), case.name)
    # No rounding here: the decoder's own grid of 8 px is finer than that of the tokens.
    layout = RegionLayout(case.field("width"), case.field("height"), case.boxes())
    rgba = _paste_rgba(decoder, case.tensor("in/latents"), layout)
    return [
        case.compare("rgb", rgba[:, :3], case.tensor("out/rgb")),
        case.compare("alpha", rgba[:, 3:], case.tensor("out/alpha")),
    ]


def _paste_rgba(decoder: TransparentDecoder, raw: Tensor, layout: RegionLayout) -> Tensor:
    """Unscaled latents `l 16 H/8 W/8` -> `l 4 H W` in [-1, 1], null entries all padding."""
    crops = [None if crop is None else crop[0] for crop in crop_latents(raw[None], layout)]
    canvases = torch.zeros(len(layout.boxes), 4, layout.height, layout.width)
    canvases[:, 3] = -1
    for index, pixels in decoder(crops, layout.boxes).items():
        box = layout.boxes[index]
        if box is not None:
            rows, columns = box.grid(1)
            canvases[index, :, rows, columns] = pixels
    return canvases


def run_pipeline(case: Case) -> list[Check]:
    """From given noise to 8-bit RGBA: schedule, true guidance, grey fill, both decoders."""
    config = case.field("transformer_config")
    weights = case.group("sd_transformer")
    transformer = RegionTransformer.from_state_dict(config, weights, case.name)
    codec = _read_codec(case)
    request = _read_request(case, config["max_layer_num"])
    latents, first = _denoise(case, transformer, request)
    filled = codec.unscale(codec.fill_grey(latents, request.layout))
    return [
        *_compare_schedule(case, request),
        _compare_latents(case, "latents_step0", first, request.layout),
        _compare_latents(case, "latents_final", latents, request.layout),
        case.compare("vae_latents", filled, case.tensor("out/vae_latents")),
        *_compare_pixels(case, codec, filled, request.layout),
    ]


def _read_codec(case: Case) -> FluxCodec:
    vae = AutoencoderKL(**case.field("vae_config"))
    vae.load_state_dict(case.group("sd_vae"))
    vae.eval()
    decoder = TransparentDecoder.from_state_dict(
        case.field("tvae_config"), case.group("sd_tvae"), case.name
    )
    return FluxCodec(vae, decoder)


def _read_request(case: Case, max_entries: int) -> RegionSampling:
    layout = case.layout(max_entries)
    return RegionSampling(
        layout=layout,
        noise_keys=(None,) * len(layout.boxes),  # the case brings its own noise
        text=TextStates(case.tensor("in/prompt_embeds"), case.tensor("in/pooled_prompt_embeds")),
        negative=TextStates(
            case.tensor("in/negative_prompt_embeds"),
            case.tensor("in/negative_pooled_prompt_embeds"),
        ),
        steps=case.field("num_inference_steps"),
        true_guidance=case.field("true_cfg_scale"),
        distilled_guidance=case.field("guidance_scale"),
    )


def _denoise(
    case: Case, transformer: RegionTransformer, request: RegionSampling
) -> tuple[list[Tensor | None], list[Tensor | None]]:
    """(final latents, latents after the first step), per entry cropped."""
    start = crop_latents(case.tensor("in/latents"), request.layout)
    noise = [None if entry is None else entry[0] for entry in start]
    after_first: list[Tensor | None] = []

    def on_step(step: RegionStep) -> None:
        if step.index == 0:
            # On a straight path the next state lies between this one and the clean estimate.
            part = request.sigmas[1] / request.sigmas[0]
            pairs = entries(step.clean_estimate(), noise)
            moved = [torch.lerp(estimate, entry, part) for estimate, entry in pairs]
            boxes = request.layout.boxes
            after_first.extend(moved.pop(0) if box else None for box in boxes)

    return denoise_regions(transformer, request, noise, on_step), after_first


def _compare_schedule(case: Case, request: RegionSampling) -> list[Check]:
    sigmas = torch.tensor(request.sigmas)
    count = torch.tensor([request.layout.token_count])
    return [
        case.compare("image_seq_len", count, torch.tensor([case.field("image_seq_len")]), 0, 0),
        case.compare("sigmas", sigmas, case.tensor("out/sigmas"), 1e-6, 0),
        case.compare("timesteps", sigmas[:-1] * 1000, case.tensor("out/timesteps"), 1e-3, 0),
    ]


def _compare_latents(
    case: Case, name: str, ours: list[Tensor | None], layout: RegionLayout
) -> Check:
    theirs = crop_latents(case.tensor(f"out/{name}"), layout)
    reference = [None if entry is None else entry[0] for entry in theirs]
    return _compare_entries(case, name, ours, reference)


def _compare_pixels(
    case: Case, codec: FluxCodec, filled: Tensor, layout: RegionLayout
) -> list[Check]:
    atol = case.field("image_atol")
    rgb = codec.decode_rgb(filled)
    rgba = _paste_rgba(codec.decoder, filled, layout)
    eight_bit = ((rgba + 1) / 2).clamp(0, 1).mul(255).round()
    levels: dict[str, Any] = {"atol": case.field("uint8_atol"), "rtol": 0}
    return [
        case.compare("rgb_vae", rgb.permute(0, 2, 3, 1), case.tensor("out/rgb_vae"), atol),
        case.compare("rgb", rgba[:, :3], case.tensor("out/rgb"), atol),
        case.compare("alpha", rgba[:, 3:], case.tensor("out/alpha"), atol),
        case.compare(
            "rgba_uint8", eight_bit.permute(0, 2, 3, 1), case.tensor("out/rgba_uint8"), **levels
        ),
    ]
