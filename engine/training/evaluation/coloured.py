"""Things in colours that they do not usually have: is the drawing still as good?

Run: `python -m engine.training.evaluation.coloured [--count N] [--model FOLDER] -o DIR`. Prints the
table, writes `coloured.json` and `coloured.png`. Part of the fixed evaluation (`evaluate.py`).

What a coloured drawing should be is known: the copy of the real drawing in that colour, made as for
the training. `evaluate_colours` asks for the hue only, which a dog without eyes has as well.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from engine.checkpoints.starter import STARTER_FOLDER, load_starter_feature_net
from engine.models.feature_net import FeatureNet
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.part_colours import in_colour, recorded
from engine.prompts.captions import object_caption, object_phrase
from engine.runtime import load_layer_model
from engine.training.art import sources as art
from engine.training.evaluation.neighbours import aligned, describe, through_codec
from engine.training.evaluation.objects import Scores, as_bytes, draw
from engine.training.evaluation.product_drawing import draw_typed
from engine.training.evaluation.sheets import Cell, on_ground, write_sheet
from engine.training.icon_data import IconItem, drawing, fit_in_box, list_items
from engine.training.judge.gallery import as_drawing
from engine.training.recipe import load_recipe

COUNT = 96
SEED = 47
DETAIL_PX = 64
_BLUR_PX = 2.0  # what is finer than this is detail: eyes, windows, seeds
_LOST = 0.5  # a drawing with less of its copy's detail has lost parts
_SHOWN = 32

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of each drawing's copy is in it.

    Attributes:
        away: Root mean square of premultiplied RGBA at 32 px, as in `neighbours`.
        likeness: Cosine of the judge's features.
        detail: Correlation of what is finer than 2 px of 64 in the lightness, -1 to 1.
    """

    away: Values
    likeness: Values
    detail: Values

    def row(self) -> dict[str, float]:
        """Of the table."""
        return {
            "away": round(float(np.median(self.away)), 4),
            "likeness": round(float(self.likeness.mean()), 3),
            "detail": round(float(self.detail.mean()), 3),
            "parts lost": round(float((self.detail < _LOST).mean()), 3),
        }


def asked_items(count: int) -> list[IconItem]:
    """Colour copies drawn by a seed: another concept each, styles in turn."""
    copies = [item for item in list_items(load_recipe()) if item.recolour]
    rng = np.random.default_rng(SEED)
    styles = list(dict.fromkeys(item.style for item in copies))
    chosen: dict[str, IconItem] = {}
    for index in rng.permutation(len(copies)):
        item = copies[int(index)]
        if item.hexcode not in chosen and item.style == styles[len(chosen) % len(styles)]:
            chosen[item.hexcode] = item
        if len(chosen) == count:
            break
    return list(chosen.values())


def compare(
    made: Sequence[art.ByteImage], copies: Sequence[art.ByteImage], net: FeatureNet
) -> Kept:
    """Drawings beside the copies of the same number, straight RGBA."""
    away, features = describe(made, net).beside(describe(copies, net))
    detail = [detail_kept(*pair) for pair in zip(made, copies, strict=True)]
    return Kept(np.asarray(away, float), 1 - np.asarray(features, float), np.array(detail))


def detail_kept(made: art.ByteImage, copy: art.ByteImage) -> float:
    """Correlation of the fine parts of two straight RGBA drawings on grey, -1 to 1.

    The best of nine shifts by at most a pixel counts, so that a drawing that lies half a pixel
    beside its copy has not lost anything.
    """
    fine, wanted = _detail(made), _detail(copy)
    side = DETAIL_PX
    padded = np.pad(fine, 1)
    moves = [padded[y : y + side, x : x + side] for y in range(3) for x in range(3)]
    power = float(np.sqrt(np.square(fine).sum() * np.square(wanted).sum()))
    return max(float((move * wanted).sum()) for move in moves) / power if power else 0.0


def _detail(rgba: art.ByteImage) -> npt.NDArray[np.float32]:
    """Lightness on middle grey less its blur, inside the drawing: its own edge would outweigh."""
    small = aligned(rgba, DETAIL_PX)
    lightness = small[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    lightness += 0.5 * (1 - small[..., 3])
    fine = lightness - cv2.GaussianBlur(lightness, (0, 0), _BLUR_PX)
    solid = cv2.erode((small[..., 3] > 0.9).astype(np.float32), np.ones((5, 5), np.uint8))
    return np.asarray(fine * solid, np.float32)


def evaluate_coloured(model: LayerModel, folder: Path, count: int = COUNT) -> Scores:
    """Scores by name; writes `coloured.png`: the copy, the network's, the program's, in turn.

    The rows: as the network draws it when asked for the colour; as it draws the plain noun, turned
    by the program; as the program makes it; and the copy through the codec, the best there can be.
    """
    checkpoint, net = model.checkpoint, load_starter_feature_net()[0]
    items = asked_items(count)
    copies = [drawing(item) for item in items]
    phrases = [object_phrase(item.label, item.recolour) for item in items]
    coloured = [object_caption(p, i.style) for p, i in zip(phrases, items, strict=True)]
    plain = [object_caption(item.label, item.style) for item in items]
    by_network = [as_bytes(picture) for picture in draw(checkpoint, coloured, SEED)]
    turned = [
        as_bytes(in_colour(picture, recorded(item.recolour)))
        for picture, item in zip(draw(checkpoint, plain, SEED), items, strict=True)
    ]
    by_program = [
        as_bytes(draw_typed(model, phrase, item.style, index))
        for index, (phrase, item) in enumerate(zip(phrases, items, strict=True))
    ]
    boxed = [fit_in_box(copy, 128, 128, 0.96, (0.5, 0.5)) for copy in copies]
    coded = [through_codec(checkpoint, copy) for copy in boxed]
    ways = {
        "generated": by_network, "plain noun, turned": turned,
        "through the product": by_program, "the copy through the codec": coded,
    }  # fmt: skip
    kept = {name: compare(made, copies, net) for name, made in ways.items()}
    folder.mkdir(parents=True, exist_ok=True)
    cells = []
    for index in range(min(count, _SHOWN)):
        title = f"{phrases[index]}, {items[index].style}"
        cells.append(Cell(on_ground(as_drawing(copies[index])), title))
        for name in ("generated", "plain noun, turned", "through the product"):
            cell = on_ground(as_drawing(ways[name][index]))
            cells.append(Cell(cell, f"{name} {kept[name].detail[index]:.2f}"))
    write_sheet(folder / "coloured.png", cells, per_row=8)
    return {f"in other colours, {name}": scored.row() for name, scored in kept.items()}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="drawings of each way")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=STARTER_FOLDER, help="a starter's folder")
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = evaluate_coloured(load_layer_model(options.model), options.output, options.count)
    (options.output / "coloured.json").write_text(json.dumps(table, indent=2) + "\n", "utf-8")
    for name, row in table.items():
        print(f"{name:46}", "  ".join(f"{key} {value:g}" for key, value in row.items()))


if __name__ == "__main__":
    main()
