"""How alike to its concept's prototype a drawing has to be to be clearly its noun, style by style.

Run: `python -m engine.training.judge.clear_bars [FOLDER] [--write]`. The judge is one net for
all styles, and each concept has one prototype, the mean of its real drawings; those of one style
lie nearer to it than those of another. So each style has its own bar, which `REACHED_BY` of its
real drawings reach. `export` writes them as well.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from engine.checkpoints.starter import STARTER_FOLDER, load_starter_feature_net
from engine.models.feature_net import centre_drawing
from engine.pipelines.binding import CLEAR_LIKENESS
from engine.training.judge.gallery import boxed_art
from engine.training.recipe import load_recipe

REACHED_BY = 0.85  # of a style's real drawings
_BATCH = 64

Cosines = npt.NDArray[np.float32]


def real_likeness(folder: Path) -> dict[str, Cosines]:
    """By style, the cosine of each concept's real drawing to its prototype."""
    net, prototypes = load_starter_feature_net(folder)
    recipe = load_recipe()
    if len(prototypes) != len(recipe.concepts):
        raise SystemExit(f"{folder} has prototypes of other concepts than the recipe's.")
    found = {}
    for style in recipe.styles:
        cosines: list[float] = []
        for begin in range(0, len(prototypes), _BATCH):
            part = recipe.concepts[begin : begin + _BATCH]
            drawn = torch.stack([centre_drawing(boxed_art(style, concept)) for concept in part])
            own = prototypes[begin : begin + _BATCH]
            cosines += (net.embed(drawn) * own).sum(1).tolist()
        found[style] = np.array(cosines, np.float32)
    return found


def bars(likeness: Mapping[str, Sequence[float] | Cosines]) -> dict[str, float]:
    """By style, the cosine that `REACHED_BY` of the drawings reach, down to two digits."""
    quantiles = {style: float(np.quantile(own, 1 - REACHED_BY)) for style, own in likeness.items()}
    return {style: math.floor(quantile * 100) / 100 for style, quantile in quantiles.items()}


def write_bars(folder: Path) -> dict[str, float]:
    """Measures the bars and puts them into the folder's `config.json`."""
    measured = bars(real_likeness(folder))
    put_bars(measured, folder)
    return measured


def put_bars(measured: Mapping[str, float], folder: Path) -> None:
    """Puts bars into the folder's `config.json`, complete or not at all; all else stays."""
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8")) | {"clear_likeness": dict(measured)}
    fresh = path.with_suffix(".tmp")
    fresh.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    fresh.replace(path)


def main() -> None:
    """Prints how many real drawings reach the general bar, and each style's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=STARTER_FOLDER)
    parser.add_argument("--write", action="store_true", help="into the folder's config.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    likeness = real_likeness(arguments.folder)
    measured = bars(likeness)
    print(
        f"| style | drawings | reach {CLEAR_LIKENESS} | own bar | reach it |\n|---|---|---|---|---|"
    )
    for style, own in likeness.items():
        bar = measured[style]
        general, reached = (own >= CLEAR_LIKENESS).mean(), (own >= bar).mean()
        print(f"| {style} | {len(own)} | {general:.0%} | {bar:.2f} | {reached:.0%} |")
    if arguments.write:
        put_bars(measured, arguments.folder)


if __name__ == "__main__":
    main()
