"""What it saves to compute only inside the boxes: one layout of 10 boxes at random weights.

Both sides run the same networks in the same process on the same latents. The full-canvas side gives
every entry the whole canvas: all tokens pass the transformer, the VAE decodes every entry (grey
outside the box, 16 at a time) and the transparent decoder the boxes, as the published pipeline
does. Our side keeps the tokens in the boxes and decodes what the layer stack uses: the background
by the VAE, the objects by the transparent decoder; a second row adds the whole image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor, nn

from engine.models.geometry import Box, RegionLayout, crop_latents, make_layout, pack_regions
from engine.models.latent_codec import FluxCodec
from engine.models.region_transformer import RegionTransformer
from engine.models.transparent_decoder import TransparentDecoder, TransparentDecoderConfig
from tests.benchmarks.report import Report, median_ratio, processor_seconds

CANVAS_PX = 256
ROUNDS = 5
TEXT_TOKENS = 24
MAX_PIXEL_DIFFERENCE = 1e-4  # a hundredth of a level of 8 bits; float32 rounding gives 1e-6
CANVAS = Box(0, 0, CANVAS_PX, CANVAS_PX)
# Ten objects that cover a sixth of the canvas each on average, as in the published example
# (art-plus, section 1.2: 10 entries of 512 px keep 3346 tokens).
OBJECTS = (
    Box(0, 144, 112, 256),
    Box(16, 16, 112, 112),
    Box(128, 16, 240, 112),
    Box(144, 128, 256, 256),
    Box(80, 80, 176, 176),
    Box(64, 176, 192, 256),
    Box(96, 0, 176, 96),
    Box(0, 80, 96, 176),
    Box(176, 80, 256, 192),
    Box(32, 112, 128, 208),
)
# The starter's transformer.
TRANSFORMER = {
    "num_layers": 1,
    "num_single_layers": 8,
    "attention_head_dim": 64,
    "num_attention_heads": 5,
    "joint_attention_dim": 384,
    "pooled_projection_dim": 384,
    "guidance_embeds": False,
    "axes_dims_rope": (8, 28, 28),
}
# FLUX's VAE at an eighth of its widths, the transparent decoder at a sixth of its width and a
# quarter of its depth: thinning alone would leave the decoder too large a share, since its
# attention shrinks only with the width. Decoding all boxes costs 2.5 times the operations of one
# VAE canvas here and 1.8 times at full size; `regions_full_size` shows how the canvas changes this.
VAE = {
    "latent_channels": 16,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "block_out_channels": (16, 32, 64, 64),
    "layers_per_block": 2,
    "norm_num_groups": 16,
    "scaling_factor": 0.3611,
    "shift_factor": 0.1159,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
}
DECODER = TransparentDecoderConfig(hidden_dim=128, num_layers=3, num_heads=2, mlp_dim=512)


@dataclass(frozen=True)
class _Setup:
    layout: RegionLayout
    full: RegionLayout
    canvases: Tensor  # 1 l 16 H/8 W/8
    transformer: RegionTransformer
    codec: FluxCodec

    def crops(self) -> list[Tensor | None]:
        batched = crop_latents(self.canvases, self.layout)
        return [None if entry is None else entry[0] for entry in batched]


@torch.no_grad()
def run() -> Report:
    """About half a minute on two busy cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _run(_set_up())
    finally:
        torch.set_num_threads(threads)


def _run(setup: _Setup) -> Report:
    forward = processor_seconds(_forwards(setup), ROUNDS)
    decode = processor_seconds(_decodes(setup), ROUNDS)
    boxes, full = forward["boxes"], forward["full"]
    rows = [
        ("transformer, one evaluation", boxes, full),
        ("decode the layer stack", decode["stack"], decode["everything"]),
        ("decode it and the whole image", decode["with whole"], decode["everything"]),
    ]
    ratios = [median_ratio(theirs, ours) for _, ours, theirs in rows]
    named = dict(zip(("transformer", "decode", "decode_with_whole_image"), ratios, strict=True))
    return Report(
        name="regions",
        columns=("what", "boxes [s]", "full canvas [s]", "ratio"),
        rows=[
            (name, median(ours), median(theirs), ratio)
            for (name, ours, theirs), ratio in zip(rows, ratios, strict=True)
        ],
        ratios=named | {"pixel_difference": _largest_difference(setup)},
        required={"transformer": 4.0, "decode": 3.0, "decode_with_whole_image": 3.0},
        allowed={"pixel_difference": MAX_PIXEL_DIFFERENCE},
        notes=_notes(setup),
    )


def _set_up() -> _Setup:
    torch.manual_seed(0)
    boxes = [CANVAS, CANVAS, *OBJECTS]
    vae = AutoencoderKL(**VAE)
    networks: list[nn.Module] = [RegionTransformer(**TRANSFORMER), vae, TransparentDecoder(DECODER)]
    for network in networks:
        network.eval()
    transformer, _, decoder = networks
    assert isinstance(transformer, RegionTransformer)
    assert isinstance(decoder, TransparentDecoder)
    cells = CANVAS_PX // 8
    return _Setup(
        layout=make_layout(CANVAS_PX, CANVAS_PX, boxes),
        full=make_layout(CANVAS_PX, CANVAS_PX, [CANVAS] * len(boxes)),
        canvases=torch.randn(1, len(boxes), 16, cells, cells),
        transformer=transformer,
        codec=FluxCodec(vae, decoder),
    )


def _forwards(setup: _Setup) -> dict[str, Callable[[], Tensor]]:
    states, pooled = torch.randn(1, TEXT_TOKENS, 384), torch.randn(1, 384)

    def evaluate(layout: RegionLayout) -> Tensor:
        answer: Tensor = setup.transformer(
            pack_regions(crop_latents(setup.canvases, layout)),
            setup.transformer.positions(layout, TEXT_TOKENS),
            encoder_hidden_states=states,
            pooled_projections=pooled,
            timestep=torch.tensor([0.7]),
        )
        return answer

    return {"boxes": lambda: evaluate(setup.layout), "full": lambda: evaluate(setup.full)}


def _decodes(setup: _Setup) -> dict[str, Callable[[], object]]:
    boxes, crops = setup.layout.boxes, setup.crops()
    return {
        "stack": lambda: setup.codec.decode(crops, boxes, range(1, len(boxes))),
        "with whole": lambda: setup.codec.decode(crops, boxes, range(len(boxes))),
        "everything": lambda: _decode_everything(setup),
    }


def _decode_everything(setup: _Setup) -> tuple[Tensor, dict[int, Tensor]]:
    """(RGB of every entry on the full canvas, RGBA of every box), as the published pipeline."""
    raw = setup.codec.unscale(setup.codec.fill_grey(setup.crops(), setup.layout))
    crops = [None if e is None else e[0] for e in crop_latents(raw[None], setup.layout)]
    return setup.codec.decode_rgb(raw), setup.codec.decoder(crops, setup.layout.boxes)


def _largest_difference(setup: _Setup) -> float:
    """Over all pixels of all boxes, in [0, 1]: 0 and 1 from the VAE, objects from the decoder."""
    rgb, rgba = _decode_everything(setup)
    boxes = setup.layout.boxes
    differences = []
    for index, pixels in setup.codec.decode(setup.crops(), boxes, range(len(boxes))).items():
        theirs = rgb[index] if index < 2 else ((rgba[index] + 1) / 2).clamp(0, 1)
        differences.append((pixels[: len(theirs)] - theirs).abs().max())
    return float(torch.stack(differences).max())


def _notes(setup: _Setup) -> list[str]:
    layout, full = setup.layout, setup.full
    tokens = f"{layout.token_count} tokens in the boxes, {full.token_count} on full canvases"
    return [
        f"{len(OBJECTS)} boxes on {CANVAS_PX} x {CANVAS_PX} px: {tokens}.",
        f"Processor seconds of one thread, medians of {ROUNDS} rounds taken in turns.",
        "pixel_difference: largest one of the used pixels, on a scale of 0 to 1.",
    ]
