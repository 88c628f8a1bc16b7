"""Trains the starter's decoder against art rendered at twice the model's resolution.

Run: `python -m engine.training.train_codec --cpu-minutes 12`. The linear encoder stays as it is, so
this runs beside the generator's training. `--refine RUN` is the last stage: it decodes the
generator's own one-step estimates against the true drawings, so the decoder learns to mend what
the generator leaves rough.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.models.starter_codec import StarterCodec, from_colour_form, to_colour_form
from engine.training import artwork_sources as art
from engine.training.icon_data import (
    IconItem,
    as_tensor,
    build_icon_cache,
    drawing,
    fit_in_box,
)
from engine.training.recipe import load_recipe

RESOURCES = Path(__file__).resolve().parents[2] / "resources" / "starter_model"
CROP_PX = 64  # model pixels; targets have twice as many
_HELD_OUT = 2  # widening of the recipe from which on concepts only serve to score the codec
_POOL_SIDES = (160, 224, 288)  # pixels of the doubled drawings: boxes of 5, 7 and 9 tokens


def drawing_pool(items: list[IconItem], extra_style: str, seed: int) -> list[Tensor]:
    """Drawings at double resolution in padded squares, uint8 `4 s s`, a third opaque-backed later.

    The extra style (another permissive set's drawings of the same concepts) widens what the decoder
    sees; it says nothing about content.
    """
    rng = np.random.default_rng(seed)
    originals = [item for item in items if not item.recolour]
    copies = [item for item in items if item.recolour]
    chosen = originals + [copies[i] for i in rng.choice(len(copies), len(originals), False)]
    pictures = [drawing(item) for item in chosen]
    codes = dict.fromkeys(item.hexcode for item in originals)
    pictures += [art.tight_render(extra_style, c) for c in codes if art.has_icon(extra_style, c)]
    pool = []
    for picture in pictures:
        side = int(rng.choice(_POOL_SIDES))
        boxed = fit_in_box(picture, side, side, rng.uniform(0.85, 1), (0.5, 0.5))
        pool.append(torch.from_numpy(boxed).permute(2, 0, 1).contiguous())
    return pool


def draw_crops(pool: list[Tensor], rng: np.random.Generator, count: int) -> Tensor:
    """Random crops in colour form at double resolution, `b 4 128 128`; 1 in 6 opaque."""
    size = 2 * CROP_PX
    crops = []
    for _ in range(count):
        picture = pool[int(rng.integers(len(pool)))]
        y, x = (int(rng.integers(0, picture.shape[i] - size + 1)) for i in (1, 2))
        rgba = picture[None, :, y : y + size, x : x + size].float() / 255
        rgba = rgba.flip(3) if rng.random() < 0.5 else rgba
        colour = to_colour_form(rgba)
        if rng.random() < 1 / 6:
            colour = _on_gradient(colour, rng)
        crops.append(colour)
    return torch.cat(crops)


def _on_gradient(colour: Tensor, rng: np.random.Generator) -> Tensor:
    """The drawing on a random opaque gradient: `p + (1 - a) B` in colour form."""
    ends = torch.from_numpy(rng.uniform(-1, 1, (2, 3, 1, 1))).float()
    ramp = torch.linspace(0, 1, colour.shape[2])[None, :, None]
    back = ends[0] * (1 - ramp) + ends[1] * ramp
    alpha = (colour[:, 3:] + 1) / 2
    return torch.cat([colour[:, :3] + (1 - alpha) * back, torch.ones_like(alpha)], 1)


def reconstruction_loss(output: Tensor, target: Tensor, grey: Tensor) -> Tensor:
    """2 MSE + 0.5 L1 + 0.25 L1 of differences, of the composite over a grey `b 1 1 1` and alpha."""
    out = torch.cat([_over(output, grey), output[:, 3:]], 1)
    wanted = torch.cat([_over(target, grey), target[:, 3:]], 1)
    delta = out - wanted
    steps_x = delta[..., 1:] - delta[..., :-1]
    steps_y = delta[..., 1:, :] - delta[..., :-1, :]
    edges = steps_x.abs().mean() + steps_y.abs().mean()
    return 2 * delta.pow(2).mean() + 0.5 * delta.abs().mean() + 0.25 * edges


def _over(colour: Tensor, grey: Tensor | float) -> Tensor:
    """Composite on a grey level in [-1, 1]."""
    return colour[:, :3] + (1 - (colour[:, 3:] + 1) / 2) * grey


class CrudeLatents:
    """Pairs of the generator's one-step estimates and the true drawings, for the last stage."""

    def __init__(self, run: str, items: list[IconItem], codec: StarterCodec) -> None:
        from engine.training.data_source import captions_for
        from engine.training.sampling import ema_transformer

        self.model = ema_transformer(run)
        self.items = [item for item in items if not item.recolour]
        self.codec, self.captions = codec, captions_for()

    @torch.no_grad()
    def draw(self, rng: np.random.Generator, count: int) -> tuple[Tensor, Tensor]:
        """Estimated latents `b 16 16 16` and targets in colour form `b 4 256 256`."""
        from engine.models.geometry import make_layout, pack_latents, unpack_latents
        from engine.training.layer_batches import token_box

        chosen = [self.items[i] for i in rng.integers(len(self.items), size=count)]
        boxed = [fit_in_box(drawing(i), 256, 256, rng.uniform(0.92, 1), (0.5, 0.5)) for i in chosen]
        target = to_colour_form(as_tensor(boxed))
        tokens = pack_latents(self.codec.code.encode(F.avg_pool2d(target, 2)))
        level = torch.from_numpy(rng.uniform(0.15, 0.6, (count, 1, 1))).float()
        noisy = (1 - level) * tokens + level * torch.randn_like(tokens)
        text = self.captions.lookup([item.caption(False) for item in chosen])
        layout = make_layout(128, 128, [None, None, token_box(0, 0, 8, 8)])
        with torch.autocast("cpu", torch.bfloat16):
            velocity = self.model(
                noisy, self.model.positions(layout, text.states.shape[1]),
                encoder_hidden_states=text.states, pooled_projections=text.pooled,
                timestep=level[:, 0, 0],
            )  # fmt: skip
        return unpack_latents(noisy - level * velocity.float(), 8, 8), target


@dataclass(frozen=True, slots=True)
class DecoderPlan:
    """How long and how fast to train.

    Attributes:
        cpu_minutes: Processor time; the rate falls to 0 over it as a cosine.
    """

    cpu_minutes: float
    batch: int = 24
    rate: float = 2e-3


def train(
    plan: DecoderPlan, codec: StarterCodec, pool: list[Tensor], crude: CrudeLatents | None = None
) -> None:
    """Trains `codec.decoder`; leaves its averaged weights in place."""
    rng = np.random.default_rng(1 if crude else 0)
    decoder = codec.decoder
    optimiser = torch.optim.AdamW(decoder.parameters(), plan.rate, (0.9, 0.98), weight_decay=0)
    average = {k: v.detach().clone() for k, v in decoder.state_dict().items()}
    start, last, step = time.process_time(), time.monotonic(), 0
    while (done := (time.process_time() - start) / (plan.cpu_minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * min(1, (step + 1) / 50) * (0.5 + 0.5 * np.cos(np.pi * done))
        source = crude if step % 2 else None
        loss = _step(codec, optimiser, _training_pair(codec, pool, rng, plan.batch, source), rng)
        step += 1
        decay = min(0.995, (1 + step) / (10 + step))
        for key, value in decoder.state_dict().items():
            average[key].lerp_(value, 1 - decay)
        if time.monotonic() - last > 30:
            last = time.monotonic()
            print(f"step {step} loss {loss:.4f} | {100 * done:.0f} %", flush=True)
    decoder.load_state_dict(average)


def _step(
    codec: StarterCodec,
    optimiser: torch.optim.Optimizer,
    pair: tuple[Tensor, Tensor],
    rng: np.random.Generator,
) -> float:
    latents, target = pair
    with torch.autocast("cpu", torch.bfloat16):
        output = codec.decoder(latents, codec.code.decode(latents))
    grey = torch.from_numpy(rng.uniform(-1, 1, (len(target), 1, 1, 1))).float()
    loss = reconstruction_loss(output.float(), target, grey)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(codec.decoder.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _training_pair(codec: StarterCodec, pool: list[Tensor], rng: np.random.Generator, batch: int,
                   crude: CrudeLatents | None) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Latents and the double-size target they stand for."""
    if crude is not None:
        latents, target = crude.draw(rng, max(4, batch // 4))
        return latents.contiguous(memory_format=torch.channels_last), target
    target = draw_crops(pool, rng, batch)
    latents = codec.code.encode(F.avg_pool2d(target, 2))
    strength = torch.from_numpy(rng.uniform(0, 0.2, (batch, 1, 1, 1))).float()
    strength *= torch.from_numpy(rng.random((batch, 1, 1, 1)) < 0.6)
    latents = latents + (strength + 0.02) * torch.randn_like(latents)
    return latents.contiguous(memory_format=torch.channels_last), target


@torch.no_grad()
def score(codec: StarterCodec, pictures: list[art.ByteImage]) -> dict[str, float]:
    """PSNR in dB of drawings at double and at model resolution: on white, on black, alpha.

    Args:
        pictures: Straight RGBA at double resolution, sides multiples of 32.
    """
    errors: dict[str, list[float]] = {}
    for picture in pictures:
        target = to_colour_form(as_tensor([picture]))
        output = codec.decode_colour(codec.code.encode(F.avg_pool2d(target, 2)))
        output = to_colour_form(from_colour_form(output))
        for name, factor in (("2x", 1), ("1x", 2)):
            a, b = F.avg_pool2d(output, factor), F.avg_pool2d(target, factor)
            for ground, level in (("white", 1.0), ("black", -1.0)):
                value = float((_over(a, level) - _over(b, level)).pow(2).mean() / 4)
                errors.setdefault(f"{ground} {name}", []).append(value)
            value = float((a[:, 3] - b[:, 3]).pow(2).mean() / 4)
            errors.setdefault(f"alpha {name}", []).append(value)
    return {key: -10 * float(np.log10(np.mean(value))) for key, value in errors.items()}


def trained_codes() -> set[str]:
    """Code points that the codec trains on.

    The widest concepts stay out: they are what it is scored with, and few others are left.
    """
    return {concept.hexcode for concept in load_recipe().concepts if concept.widening < _HELD_OUT}


def held_out_drawings(
    count: int = 60, side: int = 256, known: Set[str] | None = None
) -> list[art.ByteImage]:
    """Flat and glossy drawings of unknown concepts, chosen by hash of the code point.

    Args:
        count: At most; fewer when fewer are left.
        known: Code points to leave out; None = those that the codec trains on.
    """
    known = trained_codes() if known is None else known
    codes = [
        code for code, entry in art.emoji_labels().items()
        if entry.get("group") in (3, 4, 5, 6, 7) and code not in known
        and art.has_icon("flat", code) and art.has_icon("glossy", code)
    ]  # fmt: skip
    codes = sorted(codes, key=lambda code: art.data_hash([code], "held-out"))[:count]
    styles = ("flat", "glossy")
    return [
        fit_in_box(art.tight_render(styles[i % 2], code), side, side, 0.96, (0.5, 0.5))
        for i, code in enumerate(codes)
    ]


def main() -> None:
    """Trains, writes `codec.safetensors` and prints its scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu-minutes", type=float, default=12)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--refine", metavar="RUN", default="")
    parser.add_argument("--threads", type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    cache: dict[str, Any] = build_icon_cache(load_recipe())
    codec = StarterCodec()
    path = RESOURCES / "codec.safetensors"
    if path.exists():
        codec.load_state_dict({k: v.float() for k, v in load_file(path).items()})
    codec.code.load_state_dict(cache["code"])
    known = trained_codes()
    items = [item for item in cache["items"] if item.hexcode in known]
    crude = CrudeLatents(a.refine, items, codec) if a.refine else None
    pool = drawing_pool(items, "cartoon", 0)
    train(DecoderPlan(a.cpu_minutes, rate=a.rate), codec, pool, crude)
    state = {
        # The PCA stays in float32: cached latents must mean the same thing after loading.
        key: (value if key.startswith("code.") else value.half()).contiguous()
        for key, value in codec.state_dict().items()
    }
    save_file(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)
    print(score(codec, held_out_drawings()))


if __name__ == "__main__":
    main()
