"""Trains the feature net: which concept is drawn, across the permissive sets.

Run: `python -m engine.training.judge.train --cpu-minutes 6`. Concepts of all groups that a
designer asks for take part, more than the generator knows; the evaluation's own sets never do.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor, nn

from engine.checkpoints.starter import STARTER_FOLDER
from engine.models.feature_net import INPUT_PX, FeatureNet
from engine.models.starter_codec import to_colour_form
from engine.training.art import sources as art
from engine.training.cached import write_tensors
from engine.training.icon_data import as_tensor, fit_in_box
from engine.training.recipe import load_recipe

GROUPS = (3, 4, 5, 6, 7)  # animals, food, travel, activities, objects
_TEMPERATURE = 14.0
_RENDER_PX = 144


def training_drawings(count: int) -> tuple[list[Tensor], list[int], list[str]]:
    """Drawings as colour form `4 96 96`, their class, and the code point of each class.

    Args:
        count: Concepts besides the recipe's, chosen by hash of the code point.
    """
    known = [concept.hexcode for concept in load_recipe().concepts]
    others = [
        code for code, entry in art.emoji_labels().items()
        if entry.get("group") in GROUPS and code not in known and art.has_icon("cartoon", code)
    ]  # fmt: skip
    codes = known + sorted(others, key=lambda code: art.data_hash([code], "features"))[:count]
    images, labels = [], []
    for label, code in enumerate(codes):
        for style, source in art.SETS.items():
            if source.trained_on and art.has_icon(style, code):
                images.append(centred(style, code))
                labels.append(label)
    return images, labels, codes


def centred(style: str, code: str) -> Tensor:
    """A drawing as the net sees it, colour form `4 96 96`."""
    tight = art.tight_render(style, code, _RENDER_PX)
    boxed = fit_in_box(tight, INPUT_PX, INPUT_PX, (INPUT_PX - 8) / (INPUT_PX - 4), (0.5, 0.5))
    return to_colour_form(as_tensor([boxed]))[0]


def augmented(batch: Tensor, rng: np.random.Generator) -> Tensor:
    """Random affine map per sample, colour shifts, blur and noise; colour form `b 4 96 96`."""
    count = len(batch)
    angle = torch.from_numpy(rng.normal(0, 0.16, count)).float()
    scale = torch.from_numpy(rng.uniform(0.85, 1.25, (count, 2))).float()
    flip = torch.from_numpy(rng.choice([-1.0, 1.0], count)).float()
    shift = torch.from_numpy(rng.normal(0, 0.06, (count, 2))).float()
    shear = torch.from_numpy(rng.normal(0, 0.1, count)).float()
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta = torch.stack(
        [
            torch.stack([cos * scale[:, 0] * flip, -sin + shear, shift[:, 0]], 1),
            torch.stack([sin * flip, cos * scale[:, 1], shift[:, 1]], 1),
        ],
        1,
    )
    grid = F.affine_grid(theta, list(batch.shape), align_corners=False)
    raised = batch + torch.tensor([0, 0, 0, 1.0])[:, None, None]  # outside becomes transparent
    moved = F.grid_sample(raised, grid, align_corners=False)
    moved = moved - torch.tensor([0, 0, 0, 1.0])[:, None, None]
    alpha = (moved[:, 3:] + 1) / 2
    mix = torch.eye(3) + 0.12 * torch.from_numpy(rng.normal(size=(count, 3, 3))).float()
    tint = torch.from_numpy(rng.normal(0, 0.12, (count, 3, 1, 1))).float()
    rgb = torch.einsum("bij,bjhw->bihw", mix, moved[:, :3]) + tint * alpha
    out = torch.cat([rgb, moved[:, 3:]], 1)
    if rng.random() < 0.4:  # a generated drawing is soft
        out = F.interpolate(F.avg_pool2d(out, 2), scale_factor=2.0, mode="bilinear")
    return out + 0.06 * torch.randn_like(out) * float(rng.random() < 0.5)


def train(minutes: float, seed: int = 0) -> tuple[FeatureNet, list[str], list[Tensor], list[int]]:
    """Cosine classification of the concepts for some processor time (the machine is shared)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    images, labels, codes = training_drawings(86)
    print(f"{len(images)} drawings of {len(codes)} concepts", flush=True)
    net, table = FeatureNet(), nn.Parameter(torch.randn(len(codes), 128))
    optimiser = torch.optim.AdamW([*net.parameters(), table], 2e-3, weight_decay=0.02)
    start = time.process_time()
    last = time.monotonic()
    hits = total = 0
    while (done := (time.process_time() - start) / (minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * (0.5 + 0.5 * np.cos(np.pi * done))
        picked = rng.integers(len(images), size=64)
        batch = augmented(torch.stack([images[i] for i in picked]), rng)
        truth = torch.tensor([labels[i] for i in picked])
        with torch.autocast("cpu", torch.bfloat16):
            vectors = net(batch.contiguous(memory_format=torch.channels_last))
        scores = vectors.float() @ F.normalize(table, dim=1).T * _TEMPERATURE
        loss = F.cross_entropy(scores, truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        hits += int((scores.argmax(1) == truth).sum())
        total += len(truth)
        if time.monotonic() - last > 20:
            last = time.monotonic()
            print(f"{total} samples, top-1 {hits / total:.2f}, loss {float(loss.detach()):.2f}",
                  flush=True)  # fmt: skip
            hits = total = 0
    return net.eval(), codes, images, labels


@torch.no_grad()
def prototypes(net: FeatureNet, images: list[Tensor], labels: list[int], count: int) -> Tensor:
    """Mean unit vector of each class, unit again: `count d`."""
    vectors = torch.cat([net(torch.stack(images[i : i + 64])) for i in range(0, len(images), 64)])
    truth = torch.tensor(labels)
    means = [vectors[truth == label].mean(0) for label in range(count)]
    return F.normalize(torch.stack(means), dim=1)


def main() -> None:
    """Trains and writes `feature_net.safetensors`, with one prototype per concept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu-minutes", type=float, default=6)
    minutes = parser.parse_args().cpu_minutes
    torch.set_num_threads(1)
    net, _, images, labels = train(minutes)
    concepts = len(load_recipe().concepts)  # the recipe's concepts come first
    state = {key: value.half().contiguous() for key, value in net.state_dict().items()}
    state["prototypes"] = prototypes(net, images, labels, concepts).half().contiguous()
    write_tensors(state, STARTER_FOLDER / "feature_net.safetensors")


if __name__ == "__main__":
    main()
