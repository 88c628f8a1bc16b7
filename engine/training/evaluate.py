"""The fixed evaluation of the shipped starter model.

Run: `python -m engine.training.evaluate [--quick] [--model FOLDER] [--before DIR] [-o DIR]`. Prints
one table, writes `scores.json` and picture sheets; without `--quick` also the concepts in every
style, and for the shipped model the nearest training drawings, enlarging and the twenty prompts.
A directory that an earlier call wrote for other weights, given as `--before`, puts its scores and
sheets beside the new ones. Seeds, concepts and layouts are fixed; nothing is picked by hand. The
judge is the shipped feature net; what it compares with is a set that nothing was trained on.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.starter import STARTER_FOLDER, load_starter_feature_net
from engine.models.geometry import Box, make_layout
from engine.models.starter_codec import StarterCodec
from engine.pipelines.layout_to_layers import RegionSampling, sample_regions
from engine.prompts.captions import (
    STYLES,
    background_caption,
    object_caption,
    scene_caption,
)
from engine.runtime import load_layer_model
from engine.sampling.noise import BACKGROUND_ID, NoiseKey
from engine.training.art import sources as art
from engine.training.codec.score import held_out_drawings, score
from engine.training.evaluation import concepts
from engine.training.evaluation.backgrounds import background_ranks
from engine.training.evaluation.before import earlier_scores, table_lines, write_beside
from engine.training.evaluation.beyond_nouns import evaluate_beyond_nouns
from engine.training.evaluation.neighbours import COUNT, audit
from engine.training.evaluation.prompts import evaluate_prompts
from engine.training.judge.gallery import (
    GALLERY_SIZE,
    Gallery,
    boxed_art,
    decode_object,
    encoded,
    shares,
)
from engine.training.layer_batches import token_box
from engine.training.sampling import on_checkerboard, sample_alone
from engine.training.upscaler import evaluate as upscaler

SCENE_BACKGROUNDS = ("sunset gradient", "plain blue", "green hills", "plain white")
UPSCALED = 9  # drawings per group
CONCEPTS = 280  # in every style, 70 of each widening
_CELL_PX = 96
_SHEET_SCENES = 7  # one row of the contact sheet per route


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is evaluated."""

    drawings_per_style: int
    scenes: int
    held_out: int
    per_background: int


FULL = Extent(drawings_per_style=60, scenes=16, held_out=60, per_background=4)
QUICK = Extent(drawings_per_style=15, scenes=6, held_out=12, per_background=1)


class Route(StrEnum):
    """How the layers of a scene are sampled."""

    ALL_TOGETHER = "all layers together"
    OBJECTS_TOGETHER = "objects together"
    EACH_ALONE = "each layer alone"


def evaluate_drawings(
    checkpoint: Checkpoint, gallery: Gallery, count: int
) -> tuple[dict[str, dict[str, float]], dict[str, list[Tensor]]]:
    """Scores of single objects per style, real art, decoded real art and random concepts beside.

    Returns:
        Scores by name, and the generated drawings by style.
    """
    scores: dict[str, dict[str, float]] = {}
    made: dict[str, list[Tensor]] = {}
    asked = list(range(count))
    nouns = [concept.label for concept in gallery.concepts[:count]]
    for style in STYLES:
        captions = [object_caption(noun, style) for noun in nouns]
        latents = sample_alone(
            checkpoint.transformer, checkpoint.text, captions, steps=checkpoint.sampling.steps,
            guidance=checkpoint.sampling.true_guidance,
        )  # fmt: skip
        made[style] = [decode_object(checkpoint, entry) for entry in latents]
        scores[f"generated {style}"] = shares(gallery.ranks(made[style], asked))
        real = [boxed_art(style, concept) for concept in gallery.concepts[:count]]
        scores[f"real art {style}"] = shares(gallery.ranks(real, asked))
        coded = [decode_object(checkpoint, encoded(checkpoint, drawing)) for drawing in real]
        scores[f"real art through the codec, {style}"] = shares(gallery.ranks(coded, asked))
    shifted = [(index + GALLERY_SIZE // 2) % GALLERY_SIZE for index in asked]
    everything = made[STYLES[0]] + made[STYLES[1]]
    scores["random concepts"] = shares(gallery.ranks(everything, shifted * 2))
    return scores, made


@dataclass(frozen=True, slots=True)
class EvaluationScene:
    """Two nouns (indices into the gallery) in two boxes on a 256 px canvas."""

    nouns: tuple[int, int]
    boxes: tuple[Box, Box]
    background: str
    style: str


def fixed_scenes(count: int) -> list[EvaluationScene]:
    """The scenes of the evaluation; side by side, 6 to 8 tokens, the order of the two drawn."""
    rng = np.random.default_rng(2024)
    scenes = []
    for index in range(count):
        nouns = rng.choice(GALLERY_SIZE, 2, replace=False)
        sides = rng.integers(6, 9, 2)
        rows = [int(rng.integers(0, 17 - side)) for side in sides]
        left = token_box(rows[0], 0, int(sides[0]), int(sides[0]))
        right = token_box(rows[1], 16 - int(sides[1]), int(sides[1]), int(sides[1]))
        boxes = (left, right) if rng.random() < 0.5 else (right, left)
        scenes.append(
            EvaluationScene(
                (int(nouns[0]), int(nouns[1])), boxes,
                SCENE_BACKGROUNDS[index % len(SCENE_BACKGROUNDS)], STYLES[index % 2],
            )
        )  # fmt: skip
    return scenes


def evaluate_scenes(
    checkpoint: Checkpoint, gallery: Gallery, count: int, route: Route
) -> tuple[dict[str, float], list[Tensor]]:
    """Box IoU and noun-in-the-right-box share of scenes sampled in one way, nothing redrawn.

    Returns:
        Scores, and each scene's stack of layers `3 512 512`.
    """
    overlaps, ranks, right = [], [], []
    stacks = []
    for index, scene in enumerate(fixed_scenes(count)):
        layers = _sample_scene(checkpoint, gallery, scene, index, route)
        for entry, (noun, box) in enumerate(zip(scene.nouns, scene.boxes, strict=True), start=2):
            drawing = layers[entry]
            overlaps.append(box_overlap(drawing, box.width * 2, box.height * 2))
            ranks += gallery.ranks([drawing], [noun])
            right.append(gallery.nearer(drawing, noun, sum(scene.nouns) - noun))
        stacks.append(_stack(layers, scene))
    found = shares(ranks)
    return {
        "box IoU": round(float(np.mean(overlaps)), 3),
        "noun in the right box": round(float(np.mean(right)), 3),
        "top1": found["top1"], "top5": found["top5"],
    }, stacks  # fmt: skip


def _sample_scene(
    checkpoint: Checkpoint, gallery: Gallery, scene: EvaluationScene, seed: int, route: Route
) -> dict[int, Tensor]:
    """Decoded layers by entry: 1 background, 2 and 3 the objects."""
    labels = [gallery.concepts[noun].label for noun in scene.nouns]
    caption = scene_caption(labels, scene.background, scene.style)
    canvas, (first, second) = Box(0, 0, 256, 256), scene.boxes
    if route is Route.ALL_TOGETHER:
        return _sample(checkpoint, [None, canvas, first, second], caption, seed)
    backdrop = background_caption(scene.background, scene.style)
    layers = _sample(checkpoint, [None, canvas], backdrop, seed)
    if route is Route.OBJECTS_TOGETHER:
        return layers | _sample(checkpoint, [None, None, first, second], caption, seed)
    for entry, (label, box) in enumerate(zip(labels, scene.boxes, strict=True), start=2):
        corner = Box(0, 0, box.width, box.height)
        alone = object_caption(label, scene.style)
        layers[entry] = _sample(checkpoint, [None, None, corner], alone, seed + entry)[2]
    return layers


def _sample(
    checkpoint: Checkpoint, boxes: list[Box | None], caption: str, seed: int
) -> dict[int, Tensor]:
    layout = make_layout(256, 256, boxes)
    names = ("", BACKGROUND_ID, "a", "b")
    keys = [NoiseKey(seed, names[i]) if box else None for i, box in enumerate(boxes)]
    request = RegionSampling(
        layout, tuple(keys), checkpoint.text.encode([caption]), checkpoint.text.encode([""]),
        checkpoint.sampling.steps, checkpoint.sampling.true_guidance,
    )  # fmt: skip
    latents = sample_regions(checkpoint.transformer, request)
    entries = [index for index, box in enumerate(boxes) if box]
    return checkpoint.codec.decode(latents, layout.boxes, entries)


def box_overlap(drawing: Tensor, width: int, height: int) -> float:
    """IoU of the bounding box of alpha > 0.25 with the asked box, both in decoded pixels."""
    visible = (drawing[3] > 0.25).nonzero()
    if len(visible) == 0:
        return 0.0
    (y0, x0), (y1, x1) = visible.amin(0).tolist(), visible.amax(0).tolist()
    return float((y1 + 1 - y0) * (x1 + 1 - x0)) / (width * height)


def _stack(layers: dict[int, Tensor], scene: EvaluationScene) -> Tensor:
    picture = layers[1][:3].clone()
    for entry, box in enumerate(scene.boxes, start=2):
        rows, columns = slice(box.y0 * 2, box.y1 * 2), slice(box.x0 * 2, box.x1 * 2)
        alpha = layers[entry][3:]
        picture[:, rows, columns] = layers[entry][:3] * alpha + picture[:, rows, columns] * (
            1 - alpha
        )
    return picture


def contact_sheet(drawings: dict[str, list[Tensor]], scenes: list[Tensor]) -> art.ByteImage:
    """All drawings, style by style in gallery order, then scenes by route; RGB `h w 3`."""
    rows = []
    for style in STYLES:
        cells = [on_checkerboard(drawing) for drawing in drawings[style]]
        rows += _rows(cells, _CELL_PX, 15)
    per_row = min(_SHEET_SCENES, len(scenes) // len(Route))
    rows += _rows(scenes, 2 * _CELL_PX, per_row)
    width = max(row.shape[1] for row in rows)
    padded = [
        np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255)
        for row in rows
    ]
    return np.concatenate(padded)


def _rows(cells: list[Tensor], side: int, per_row: int) -> list[art.ByteImage]:
    small = []
    for cell in cells:
        pixels = (cell.permute(1, 2, 0).clamp(0, 1) * 255).round().byte().numpy()
        small.append(np.asarray(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)))
    starts = range(0, len(small), per_row)
    return [np.concatenate(small[start : start + per_row], 1) for start in starts]


def evaluate(
    extent: Extent, folder: Path, starter: Path = STARTER_FOLDER, before: Path | None = None
) -> dict[str, dict[str, float]]:
    """Runs everything on the weights of a starter's folder and writes the results into `folder`.

    Args:
        before: What an earlier call wrote for other weights; its sheets are put above the new ones.
    """
    model = load_layer_model(starter)
    checkpoint = model.checkpoint
    gallery = Gallery(load_starter_feature_net()[0])
    scores, drawings = evaluate_drawings(checkpoint, gallery, extent.drawings_per_style)
    scenes: list[Tensor] = []
    for route in Route:
        name = f"scenes, {route.value}"
        scores[name], stacks = evaluate_scenes(checkpoint, gallery, extent.scenes, route)
        scenes += stacks[:_SHEET_SCENES]
    made, drawn = background_ranks(checkpoint, extent.per_background)
    scores["generated backgrounds"], scores["drawn backgrounds"] = shares(made), shares(drawn)
    if isinstance(checkpoint.codec, StarterCodec):
        codec = score(checkpoint.codec, held_out_drawings(extent.held_out))
        scores["codec PSNR (dB)"] = {key: round(value, 2) for key, value in codec.items()}
    scores |= evaluate_beyond_nouns(model, gallery, drawings, folder, quick=extent is QUICK)
    if extent is FULL:
        scores |= _concepts(starter, folder / "concepts", before)
    if extent is FULL and starter == STARTER_FOLDER:
        scores |= audit(COUNT, folder)
        scores |= _enlarged(folder / "upscaled")
        evaluate_prompts(folder / "prompts")
    report = {"weights": checkpoint.weights_hash, **scores}
    (folder / "scores.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    sheet = contact_sheet(drawings, scenes)
    cv2.imwrite(str(folder / "contact-sheet.png"), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    if before:
        write_beside(before, folder)
    return scores


def _concepts(starter: Path, folder: Path, before: Path | None) -> dict[str, dict[str, float]]:
    """The concepts in every style, one row per style and group."""
    earlier = before / "concepts" if before else None
    if earlier and not earlier.is_dir():
        earlier = None
    table = concepts.evaluate(starter, CONCEPTS, folder, earlier)
    return {f"concepts, {name}": row for name, row in table.items()}


def _enlarged(folder: Path) -> dict[str, dict[str, float]]:
    """The upscaler's table with one name per row."""
    table = upscaler.evaluate(folder, UPSCALED, "")
    return {
        f"upscaled, {group}, {method}": row
        for group, rows in table.items()
        for method, row in rows.items()
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a quarter of everything")
    parser.add_argument("--model", type=Path, default=STARTER_FOLDER, help="a starter's folder")
    parser.add_argument("--before", type=Path, help="what an earlier call wrote, to compare with")
    parser.add_argument("-o", "--output", type=Path, default=art.cache_folder() / "evaluation")
    arguments = parser.parse_args()
    # Small pictures: on a busy machine two threads mostly wait for each other.
    torch.set_num_threads(1)
    extent = QUICK if arguments.quick else FULL
    before: Path | None = arguments.before
    earlier = earlier_scores(before) if before else {}
    scores = evaluate(extent, arguments.output, arguments.model, before)
    print("\n".join(table_lines(scores, earlier)))
    print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
