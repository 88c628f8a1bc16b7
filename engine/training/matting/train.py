"""Trains the small matting net on composites of the training art and writes it as ONNX.

    python -m engine.training.matting.train --cpu-minutes 15 -o resources/matting_model

Needs the packages of the extra `train`. One process on one core; the drawings are those of the
starter's recipe without the concepts that the bake-off holds out.
"""

from __future__ import annotations

import argparse
import hashlib
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

from engine.training.art import sources as art
from engine.training.matting.net import STRIDE_PX, MattingNet
from engine.training.matting.scenes import (
    Ground,
    Scene,
    lay_over,
    make_ground,
    make_scene,
    random_kind,
)
from engine.training.recipe import load_recipe

MODEL_FILE = "matting.onnx"
HELD_OUT_SHARE = 10  # every tenth concept is never seen
STYLES = ("flat", "glossy", "cartoon")
SIDES_PX = (128, 192)
BATCH = {128: 12, 192: 6}
KIND_SHARES = (0.3, 0.2, 0.18, 0.16, 0.16)
RATE, WARM_STEPS = 2e-3, 40
AVERAGE = 0.995
OPSET = 17


def is_held_out(hexcode: str) -> bool:
    """Whether a concept's drawings are kept from training, in every style."""
    return hashlib.blake2b(hexcode.encode(), digest_size=2).digest()[0] % HELD_OUT_SHARE == 0


def training_art() -> list[art.ByteImage]:
    """Tight drawings of all trained concepts in the styles whose licence allows it."""
    codes = [concept.hexcode for concept in load_recipe("starter").concepts]
    return [
        art.tight_render(style, code)
        for style in STYLES
        for code in codes
        if not is_held_out(code) and art.has_icon(style, code)
    ]


def random_scene(drawings: list[art.ByteImage], side: int, rng: np.random.Generator) -> Scene:
    """A picture of any kind; now and then with two drawings, or shown much too small or large."""
    ground = list(Ground)[int(rng.choice(3, p=(0.5, 0.2, 0.3)))]
    kind = random_kind(rng, KIND_SHARES)
    drawing = drawings[int(rng.integers(len(drawings)))]
    if rng.random() < 0.4:  # other colours: the channels change places
        drawing = drawing[..., [*rng.permutation(3), 3]]
    scene = make_scene(drawing, kind, ground, side, rng)
    if ground is Ground.GREY and rng.random() < 0.2:  # other plain grounds
        plain = rng.uniform(0, 1, 3).astype(np.float32)
        below = make_ground(Ground.GREY, side, rng) - 0.5 + plain
        scene = replace(scene, picture=lay_over(scene.truth, np.clip(below, 0, 1)))
    return scene


def batch(drawings: list[art.ByteImage], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Pictures `b 3 h w` and alphas `b 1 h w`."""
    side = SIDES_PX[int(rng.integers(len(SIDES_PX)))]
    scenes = [random_scene(drawings, side, rng) for _ in range(BATCH[side])]
    pictures = torch.from_numpy(np.stack([scene.picture for scene in scenes]))
    alphas = torch.from_numpy(np.stack([scene.truth[..., 3:] for scene in scenes]))
    return pictures.permute(0, 3, 1, 2).contiguous(), alphas.permute(0, 3, 1, 2).contiguous()


def loss_of(net: MattingNet, pictures: Tensor, truth: Tensor) -> Tensor:
    """Absolute error of alpha and its slopes, and cross entropy against certain mistakes."""
    logits = net.logits(pictures)
    alpha = torch.sigmoid(logits)
    slopes = (alpha.diff(dim=2) - truth.diff(dim=2)).abs().mean() + (
        alpha.diff(dim=3) - truth.diff(dim=3)
    ).abs().mean()
    cross = F.binary_cross_entropy_with_logits(logits, truth)
    out: Tensor = (alpha - truth).abs().mean() + slopes + 0.2 * cross
    return out


def train(cpu_minutes: float, seed: int = 0) -> MattingNet:
    """A net with averaged weights after that much processor time of this process."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    drawings = training_art()
    net, average = MattingNet(), MattingNet()
    average.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-3)
    begin, step, seen = time.process_time(), 0, 0.0
    while (spent := (time.process_time() - begin) / (60 * cpu_minutes)) < 1:
        rate = RATE * min(1, (step + 1) / WARM_STEPS) * (1 - spent) ** 0.5
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = loss_of(net, *batch(drawings, rng))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        _follow(average, net, min(AVERAGE, (step + 1) / (step + 10)))
        step, seen = step + 1, 0.98 * seen + 0.02 * float(loss.detach())
        if step % 100 == 0:
            print(f"step {step}, {spent:.0%}, loss {seen:.4f}", flush=True)
    return average.eval()


@torch.no_grad()
def _follow(average: MattingNet, net: MattingNet, keep: float) -> None:
    for slow, fast in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if slow.is_floating_point():
            slow.lerp_(fast, 1 - keep)
        else:
            slow.copy_(fast)


def export(net: MattingNet, path: Path) -> None:
    """Writes the net with free height and width (multiples of `STRIDE_PX`)."""
    free = {2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter announces its successor, which needs more
        torch.onnx.export(
            net.eval(), (torch.zeros(1, 3, 4 * STRIDE_PX, 4 * STRIDE_PX),), str(path),
            dynamo=False, opset_version=OPSET, input_names=["image"], output_names=["alpha"],
            dynamic_axes={"image": free, "alpha": free},
        )  # fmt: skip


def main() -> None:
    """Trains and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu-minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args()
    net = train(options.cpu_minutes, options.seed)
    options.output.mkdir(parents=True, exist_ok=True)
    export(net, options.output / MODEL_FILE)
    print(f"{sum(p.numel() for p in net.parameters())} weights")


if __name__ == "__main__":
    main()
