"""How near generated drawings are to the drawings the model was trained on.

Run: `python -m engine.training.evaluation.neighbours [--count N] [--model FOLDER] [--guidance X]
-o DIR`. Prints the table, writes `neighbours.json` and `neighbours.png` (pairs chosen at random).
Distances are taken twice: root mean square of premultiplied RGBA at 32 px after cropping to the
visible box, and 1 - cosine of the features of the judge. What counts as near is read off real
drawings, see `Yardstick`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.starter import STARTER_FOLDER, load_starter, load_starter_feature_net
from engine.models.feature_net import FeatureNet, centre_drawing
from engine.prompts.captions import object_caption
from engine.training.art import sources as art
from engine.training.codec.score import held_out_drawings
from engine.training.evaluation.objects import as_bytes, draw
from engine.training.evaluation.sheets import Cell, on_ground, write_sheet
from engine.training.icon_data import IconItem, drawing, jittered, list_items
from engine.training.judge.gallery import as_drawing, decode_object, encoded
from engine.training.recipe import load_recipe

SIDE_PX = 32
COUNT = 120
SEED = 90
_WORK_PX = 96  # training drawings are compared from this size
_SHOWN = 28
_VISIBLE = 64

Vectors = npt.NDArray[np.float32]  # n d


@dataclass(frozen=True, slots=True)
class Space:
    """Vectors of drawings, compared by root mean square or by the angle."""

    pixels: Vectors
    features: Vectors

    def nearest(self, others: Space) -> tuple[Vectors, npt.NDArray[np.intp], Vectors]:
        """For each of these: pixel distance of the nearest other one, which that is, and the
        feature distance of the nearest in features."""
        pixels = _distances(self.pixels, others.pixels)
        features = 1 - self.features @ others.features.T
        return pixels.min(1), pixels.argmin(1), features.min(1)

    def beside(self, others: Space) -> tuple[Vectors, Vectors]:
        """Pixel and feature distances to the other of the same number."""
        pixels = np.sqrt(np.square(self.pixels - others.pixels).mean(1))
        return pixels, 1 - (self.features * others.features).sum(1)


def _distances(a: Vectors, b: Vectors) -> Vectors:
    squared = np.square(a).sum(1)[:, None] + np.square(b).sum(1) - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squared, 0) / a.shape[1]), np.float32)


def describe(pictures: Sequence[art.ByteImage], net: FeatureNet) -> Space:
    """Both kinds of vectors of straight RGBA drawings."""
    pixels = np.stack([aligned(picture).ravel() for picture in pictures])
    features = []
    for start in range(0, len(pictures), 64):
        part = [centre_drawing(as_drawing(p)) for p in pictures[start : start + 64]]
        features.append(net.embed(torch.stack(part)).numpy())
    return Space(pixels, np.concatenate(features))


def aligned(rgba: art.ByteImage, side: int = SIDE_PX) -> npt.NDArray[np.float32]:
    """Premultiplied RGBA `side side 4` of the visible part, contained and centred."""
    tight = art.crop_to_alpha(rgba, _VISIBLE).astype(np.float32) / 255
    tight[..., :3] *= tight[..., 3:]
    scale = side / max(tight.shape[:2])
    height, width = (max(1, round(length * scale)) for length in tight.shape[:2])
    small = cv2.resize(tight, (width, height), interpolation=cv2.INTER_AREA)
    out = np.zeros((side, side, 4), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    out[top : top + height, left : left + width] = small
    return out


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Distances between real drawings that say what near means, as (pixels, features).

    Attributes:
        same: 95 % of pairs of one training drawing and another training copy of it, scaled and
            moved as in training and put through the codec, are nearer than this. A generated
            drawing within it in both is as good as that drawing: a copy.
        style: Median between the two styles' drawings of one concept, which share their outline.
        stranger: 5 % of the drawings of concepts never trained on are nearer than this to their
            nearest training drawing. Above it, nothing can be said to be taken over.
    """

    same: tuple[float, float]
    style: tuple[float, float]
    stranger: tuple[float, float]


def measure(
    items: Sequence[IconItem], training: Space, net: FeatureNet, checkpoint: Checkpoint
) -> Yardstick:
    """The yardstick for a set of training drawings; `items` are the originals, in their order."""
    rng = np.random.default_rng(SEED)
    chosen = [int(i) for i in rng.choice(len(items), min(100, len(items)), replace=False)]
    copies = [through_codec(checkpoint, jittered(items[i], (8, 8), rng)) for i in chosen]
    own = Space(training.pixels[chosen], training.features[chosen])
    same = describe(copies, net).beside(own)
    first, second = _style_pairs(items)
    style = Space(training.pixels[first], training.features[first]).beside(
        Space(training.pixels[second], training.features[second])
    )
    known = {concept.hexcode for concept in load_recipe().concepts}
    strangers = describe(held_out_drawings(100, known=known), net).nearest(training)
    return Yardstick(
        (_quantile(same[0], 0.95), _quantile(same[1], 0.95)),
        (_quantile(style[0], 0.5), _quantile(style[1], 0.5)),
        (_quantile(strangers[0], 0.05), _quantile(strangers[2], 0.05)),
    )


def through_codec(checkpoint: Checkpoint, picture: art.ByteImage) -> art.ByteImage:
    """A straight RGBA picture encoded and decoded, at the codec's output size."""
    return as_bytes(decode_object(checkpoint, encoded(checkpoint, as_drawing(picture))))


def _style_pairs(items: Sequence[IconItem]) -> tuple[list[int], list[int]]:
    """Numbers of the same concepts' drawings in the first two styles."""
    styles = list(dict.fromkeys(item.style for item in items))[:2]
    place = {(item.hexcode, item.style): index for index, item in enumerate(items)}
    codes = dict.fromkeys(item.hexcode for item in items)
    both = [c for c in codes if all((c, style) in place for style in styles)]
    return [place[c, styles[0]] for c in both], [place[c, styles[-1]] for c in both]


def _quantile(values: Vectors, share: float) -> float:
    return round(float(np.quantile(values, share)), 4)


def audit(
    count: int, folder: Path, checkpoint: Checkpoint | None = None
) -> dict[str, dict[str, float]]:
    """Generates, compares, writes the files; the table by name.

    Args:
        checkpoint: None = the starter that comes with the program.
    """
    checkpoint = checkpoint or load_starter()
    net, _ = load_starter_feature_net()
    recipe = load_recipe()
    items = list_items(recipe)
    originals = [item for item in items if not item.recolour]
    training = describe([drawing(item, _WORK_PX) for item in items], net)
    yardstick = measure(originals, training, net, checkpoint)
    rng = np.random.default_rng(SEED)
    asked = [originals[int(i)] for i in rng.integers(len(originals), size=count)]
    captions = [object_caption(item.label, item.style) for item in asked]
    made = [as_bytes(picture) for picture in draw(checkpoint, captions, seed=SEED)]
    pixels, which, features = describe(made, net).nearest(training)
    table = {
        "yardstick: training copy (95 %)": _pair(yardstick.same),
        "yardstick: other style (median)": _pair(yardstick.style),
        "yardstick: unknown concept (5 %)": _pair(yardstick.stranger),
        "generated (median)": _pair((_quantile(pixels, 0.5), _quantile(features, 0.5))),
        "share of generated": {
            "as near as a copy": _share((pixels <= yardstick.same[0])
                                        & (features <= yardstick.same[1])),
            "nearer than the other style": _share(pixels <= yardstick.style[0]),
            "nearer than unknown concepts": _share(pixels <= yardstick.stranger[0]),
            "nearest is the asked concept": _share(
                np.array([items[n].label == i.label for n, i in zip(which, asked, strict=True)])
            ),
        },
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "neighbours.json").write_text(json.dumps(table, indent=2) + "\n", "utf-8")
    cells = []
    for index in rng.permutation(count)[:_SHOWN]:
        near = items[which[index]]
        cells.append(Cell(on_ground(_tensor(made[index])), captions[index]))
        title = f"{near.recolour} {near.label}, {near.style} {pixels[index]:.3f}".strip()
        cells.append(Cell(on_ground(_tensor(drawing(near, 256))), title))
    write_sheet(folder / "neighbours.png", cells, per_row=8)
    return table


def _pair(values: tuple[float, float]) -> dict[str, float]:
    return {"pixels": values[0], "features": values[1]}


def _share(which: npt.NDArray[np.bool_]) -> float:
    return round(float(which.mean()), 3)


def _tensor(picture: art.ByteImage) -> Tensor:
    return as_drawing(picture)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="drawings to generate")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=STARTER_FOLDER, help="a starter's folder")
    parser.add_argument("--guidance", type=float, help="instead of the model's own")
    options = parser.parse_args()
    torch.set_num_threads(1)
    checkpoint = load_starter(options.model)
    if options.guidance:
        sampling = replace(checkpoint.sampling, true_guidance=options.guidance)
        checkpoint = replace(checkpoint, sampling=sampling)
    for name, row in audit(options.count, options.output, checkpoint).items():
        print(f"{name:34}", "  ".join(f"{key} {value:g}" for key, value in row.items()))


if __name__ == "__main__":
    main()
