"""Every concept in every style before the judge, relative to real art; sheets before and after.

Run: `python -m engine.training.evaluation.concepts -o DIR [--model FOLDER] [--before DIR]`. Prints
a table, writes `concepts.json`, one sheet of all drawings and one of failures. A directory that an
earlier call wrote for other weights, given as `--before`, puts its drawings above the new ones and
its scores beside them. The gallery holds all concepts, drawn in a set that nothing was trained on.
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
from torch import Tensor

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.starter import STARTER_FOLDER, load_starter, load_starter_feature_net
from engine.prompts.captions import object_caption
from engine.training.art import sources as art
from engine.training.judge.gallery import JUDGE_SET, Gallery, boxed_art, decode_object
from engine.training.recipe import Concept, load_recipe
from engine.training.sampling import on_checkerboard, sample_alone

CELL_PX = 80
PER_ROW = 20
FAILURES = 40  # of each sheet, chosen at random among all that are not in the first five
GROUPS = (  # by widening of the recipe
    "first concepts", "added concepts", "wider concepts", "signs and figures",
)  # fmt: skip
_DRAWINGS, _SCORES = "drawings.npz", "concepts.json"

Cells = npt.NDArray[np.uint8]  # n h w 3
Scores = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Judged:
    """Drawings of one style.

    Attributes:
        cells: Small pictures over a checkerboard, in the order of the prompts.
        ranks: How many other concepts each drawing is nearer to.
        real: The same for real art of this style.
    """

    cells: Cells
    ranks: npt.NDArray[np.int64]
    real: npt.NDArray[np.int64]


def judged_concepts(count: int) -> list[Concept]:
    """Concepts that the judge's set draws, by hash of the code point, as many of each group.

    Args:
        count: 0 for all of them.
    """
    usable = [c for c in load_recipe().concepts if art.has_icon(JUDGE_SET, c.hexcode)]
    if not count:
        return usable
    usable.sort(key=lambda concept: art.data_hash([concept.hexcode], "gallery"))
    return [
        concept
        for widening in range(len(GROUPS))
        for concept in [c for c in usable if c.widening == widening][: count // len(GROUPS)]
    ]


def judge_style(
    checkpoint: Checkpoint, gallery: Gallery, style: str, asked: Sequence[Concept]
) -> Judged:
    """Samples each concept by itself, as the product does, and ranks it in the gallery."""
    captions = [object_caption(concept.label, style) for concept in asked]
    latents = sample_alone(
        checkpoint.transformer, checkpoint.text, captions, steps=checkpoint.sampling.steps,
        guidance=checkpoint.sampling.true_guidance,
    )  # fmt: skip
    drawings = [decode_object(checkpoint, entry) for entry in latents]
    places = [gallery.concepts.index(concept) for concept in asked]
    real = gallery.ranks([boxed_art(style, concept) for concept in asked], places)
    cells = np.stack([small_cell(drawing) for drawing in drawings])
    return Judged(cells, np.array(gallery.ranks(drawings, places)), np.array(real))


def small_cell(drawing: Tensor) -> Cells:
    """RGBA `4 h w` over a checkerboard, `80 80 3`."""
    pixels = on_checkerboard(drawing).permute(1, 2, 0).clamp(0, 1).mul(255).round().byte().numpy()
    size = (CELL_PX, CELL_PX)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def score_table(judged: dict[str, Judged], asked: Sequence[Concept]) -> Scores:
    """Top-1 and top-5 shares per style and group, those of real art, and their ratio."""
    widenings = np.array([concept.widening for concept in asked])
    table: Scores = {}
    for style, found in judged.items():
        for widening, name in enumerate(GROUPS):
            chosen = widenings == widening
            if chosen.any():
                table[f"{style}, {name}"] = relative(found.ranks[chosen], found.real[chosen])
    every = [np.concatenate([getattr(f, kind) for f in judged.values()]) for kind in _KINDS]
    table["all"] = relative(*every)
    return table


_KINDS = ("ranks", "real")


def relative(ranks: npt.NDArray[np.int64], real: npt.NDArray[np.int64]) -> dict[str, float]:
    """Shares of generated drawings, and of them relative to real art."""
    row: dict[str, float] = {"prompts": float(len(ranks))}
    for name, limit in (("top1", 1), ("top5", 5)):
        made, drawn = float((ranks < limit).mean()), float((real < limit).mean())
        row |= {name: round(made, 3), f"real {name}": round(drawn, 3)}
        row[f"{name} of real"] = round(made / drawn, 3) if drawn else 0.0
    return row


def sheet(cells: dict[str, Cells], before: dict[str, Cells] | None) -> art.ByteImage:
    """Rows of 20 concepts; under each other: before, after, style by style."""
    count = len(next(iter(cells.values())))
    rows = []
    for start in range(0, count, PER_ROW):
        for style, after in cells.items():
            versions = [before[style]] if before and style in before else []
            rows += [_row(version[start : start + PER_ROW]) for version in (*versions, after)]
        rows.append(np.full((6, PER_ROW * CELL_PX, 3), 255, np.uint8))
    return np.concatenate(rows)


def _row(cells: Cells) -> art.ByteImage:
    out = np.full((CELL_PX, PER_ROW * CELL_PX, 3), 255, np.uint8)
    for index, cell in enumerate(cells):
        out[:, index * CELL_PX : (index + 1) * CELL_PX] = cell
    return out


def random_failures(judged: dict[str, Judged], asked: Sequence[Concept]) -> tuple[Cells, list[str]]:
    """Up to 40 drawings that are not in the first five, drawn by chance, with what was asked."""
    failed = [
        (style, int(index))
        for style, found in judged.items()
        for index in np.flatnonzero(found.ranks >= 5)
    ]
    order = np.random.default_rng(0).permutation(len(failed))[:FAILURES]
    chosen = [failed[i] for i in order]
    names = [f"{asked[index].label} ({style})" for style, index in chosen]
    cells = [judged[style].cells[index] for style, index in chosen]
    return np.stack(cells) if cells else np.zeros((0, CELL_PX, CELL_PX, 3), np.uint8), names


def evaluate(model: Path, count: int, folder: Path, before: Path | None) -> Scores:
    """Judges the weights in `model` and writes everything into `folder`."""
    checkpoint = load_starter(model)
    asked = judged_concepts(count)
    gallery = Gallery(load_starter_feature_net()[0], judged_concepts(0))
    styles = load_recipe().styles
    judged = {style: judge_style(checkpoint, gallery, style, asked) for style in styles}
    scores = score_table(judged, asked)
    folder.mkdir(parents=True, exist_ok=True)
    cells = {style: found.cells for style, found in judged.items()}
    np.savez(folder / _DRAWINGS, **cells)  # type: ignore[arg-type]  # styles are no option names
    earlier = dict(np.load(before / _DRAWINGS)) if before else None
    _write_picture(folder / "concepts.png", sheet(cells, earlier))
    failures, names = random_failures(judged, asked)
    _write_picture(folder / "failures.png", sheet({"": failures}, None))
    report = {
        "weights": checkpoint.weights_hash, "scores": scores, "failures": names,
        "concepts": [concept.label for concept in asked],
    }  # fmt: skip
    (folder / _SCORES).write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    return scores


def _write_picture(path: Path, picture: art.ByteImage) -> None:
    cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=art.cache_folder() / "concepts")
    parser.add_argument("--model", type=Path, default=STARTER_FOLDER, help="a starter's folder")
    parser.add_argument("--before", type=Path, help="what an earlier call wrote, to compare with")
    parser.add_argument("--count", type=int, default=0, help="prompts per style; 0 for all")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    before: Path | None = arguments.before
    scores = evaluate(arguments.model, arguments.count, arguments.output, before)
    earlier = json.loads((before / _SCORES).read_text("utf-8"))["scores"] if before else {}
    for name, values in scores.items():
        print(f"{name:26s}", "  ".join(f"{key} {value:g}" for key, value in values.items()))
        if name in earlier:
            print(f"{'    before':26s}", *(f"{k} {v:g} " for k, v in earlier[name].items()))
    print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
