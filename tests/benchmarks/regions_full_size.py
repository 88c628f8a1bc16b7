"""The layout of `regions` for networks of full size, counted in operations instead of seconds.

Nothing is computed: the 11.9 billion weights of the transformer, FLUX's VAE and the ViT-B decoder
stand on the meta device and PyTorch counts their multiplications and additions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from engine.models.geometry import Box, RegionLayout, make_layout
from engine.models.region_transformer import RegionTransformer
from engine.models.transparent_decoder import TransparentDecoder
from tests.benchmarks.regions import CANVAS_PX, OBJECTS, VAE
from tests.benchmarks.report import Report

SIZES_PX = (256, 512, 1024)
TEXT_TOKENS = 512  # T5's fixed length in FLUX
_FULL_VAE = VAE | {"block_out_channels": (128, 256, 512, 512), "norm_num_groups": 32}


def run() -> Report:
    """A few seconds."""
    with torch.device("meta"):
        transformer, decoder = RegionTransformer(), TransparentDecoder()
        vae = AutoencoderKL(**_FULL_VAE)
    rows: list[tuple[str, float, float, float]] = []
    ratios: dict[str, float] = {}
    for size in SIZES_PX:
        layout, full = _layouts(size)
        pair = [_count(_forward(transformer, each)) for each in (layout, full)]
        canvas = _count(partial(vae.decode, _empty(1, 16, size // 8, size // 8)))
        boxes = _count(_decode(decoder, layout))
        decode = [canvas + boxes, canvas * len(layout.boxes) + boxes]
        for name, (ours, theirs) in (("transformer", pair), ("decode", decode)):
            rows.append((f"{name}, {size} px", ours, theirs, theirs / ours))
            ratios[f"{name}_{size}"] = theirs / ours
    return Report(
        name="regions_full_size",
        columns=("what", "boxes [TFLOP]", "full canvas [TFLOP]", "ratio"),
        rows=rows,
        ratios=ratios,
        notes=["Decode: the layer stack (background and objects), as in `regions`."],
    )


def _layouts(size: int) -> tuple[RegionLayout, RegionLayout]:
    scale = size // CANVAS_PX
    canvas = Box(0, 0, size, size)
    boxes = [Box(b.x0 * scale, b.y0 * scale, b.x1 * scale, b.y1 * scale) for b in OBJECTS]
    entries = [canvas, canvas, *boxes]
    return make_layout(size, size, entries), make_layout(size, size, [canvas] * len(entries))


def _forward(transformer: RegionTransformer, layout: RegionLayout) -> Callable[[], object]:
    positions = transformer.positions(layout, TEXT_TOKENS)
    tokens = _empty(1, layout.token_count, 64)
    return lambda: transformer(
        tokens,
        positions,
        encoder_hidden_states=_empty(1, TEXT_TOKENS, 4096),
        pooled_projections=_empty(1, 768),
        timestep=_empty(1),
        guidance=_empty(1),
    )


def _decode(decoder: TransparentDecoder, layout: RegionLayout) -> Callable[[], object]:
    crops = [_empty(16, *box.cells(8)) for box in layout.boxes if box is not None]
    return lambda: decoder(crops, layout.boxes)


def _empty(*shape: int) -> Tensor:
    return torch.empty(*shape, device="meta")


def _count(call: Callable[[], object]) -> float:
    """Operations of a call in units of 10^12."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        call()
    return int(counter.get_total_flops()) / 1e12
