"""What cleaning (`engine.pipelines.clean_drawing`) does to real art and to generated drawings.

Run: `python -m engine.training.evaluation.cleaning -o DIR [--count 60]`. Prints a row per style and
group, as decoded, cleaned without curves for borders and with them: PSNR of real art that went
through the codec, unrest of fills, bend of outlines, and how the judge ranks generated drawings.
Writes a sheet: without curves, with them, real art.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.starter import STARTER_FOLDER, load_starter, load_starter_feature_net
from engine.models.starter_codec import to_colour_form
from engine.pipelines.clean_drawing import clean_drawing
from engine.pipelines.drawing_fit import CLEAN_STYLES
from engine.prompts.captions import object_caption
from engine.training.codec.score import held_out_drawings, over_grey
from engine.training.evaluation.concepts import judged_concepts
from engine.training.evaluation.edge_metrics import bend, unrest
from engine.training.evaluation.objects import as_bytes, draw, enlarged_art
from engine.training.judge.gallery import Gallery, as_drawing, decode_object, encoded, shares
from engine.training.recipe import Concept

_SIDE = 256
_SHOWN = 12
_SHOWN_PX = 512


def psnr(drawings: Sequence[Tensor], truths: Sequence[Tensor]) -> dict[str, float]:
    """In dB over all of them, on white and of alpha."""
    errors = []
    for drawing, truth in zip(drawings, truths, strict=True):
        a, b = to_colour_form(drawing[None]), to_colour_form(truth[None])
        white = float((over_grey(a, 1.0) - over_grey(b, 1.0)).pow(2).mean() / 4)
        errors.append((white, float((a[:, 3] - b[:, 3]).pow(2).mean() / 4)))
    white, alpha = -10 * np.log10(np.mean(errors, 0))
    return {"white": round(float(white), 2), "alpha": round(float(alpha), 2)}


def looks(drawings: Sequence[Tensor]) -> dict[str, float]:
    """Unrest of fills in levels, bend of outlines in degrees per pixel; means."""
    pixels = [as_bytes(drawing) for drawing in drawings]
    return {
        "unrest": round(float(np.nanmean([unrest(each) for each in pixels])), 2),
        "bend": round(float(np.nanmean([bend(each[..., 3]) for each in pixels])), 2),
    }


def through_codec(checkpoint: Checkpoint, truth: Tensor) -> Tensor:
    """Real art `4 256 256` as it comes back from the latents of half its size."""
    colour = torch.nn.functional.avg_pool2d(truth[None] * _weights(truth), 2)[0]
    small = torch.cat([colour[:3] / colour[3:].clamp(min=1e-3), colour[3:]])
    return decode_object(checkpoint, encoded(checkpoint, small))


def _weights(rgba: Tensor) -> Tensor:
    """Alpha for the colours, 1 for itself."""
    return torch.cat([rgba[3:].expand(3, -1, -1), torch.ones_like(rgba[3:])])


def report_real(checkpoint: Checkpoint, name: str, truths: Sequence[Tensor]) -> None:
    """Prints what the codec and cleaning leave of real art."""
    coded = [through_codec(checkpoint, truth) for truth in truths]
    print(f"{name}: real", looks(truths), flush=True)
    for kind, drawings in _versions(coded):
        print(f"{name}: {kind}", psnr(drawings, truths) | looks(drawings), flush=True)


def report_generated(
    checkpoint: Checkpoint, gallery: Gallery, style: str, asked: Sequence[Concept]
) -> tuple[list[Tensor], list[Tensor]]:
    """Prints looks and ranks of generated drawings; gives them without curves and with them."""
    made = draw(checkpoint, [object_caption(concept.label, style) for concept in asked])
    places = [gallery.concepts.index(concept) for concept in asked]
    versions = _versions(made)
    for kind, drawings in versions:
        row = looks(drawings) | shares(gallery.ranks(drawings, places))
        print(f"{style}: generated, {kind}", row, flush=True)
    return versions[1][1], versions[2][1]


def _versions(decoded: list[Tensor]) -> list[tuple[str, list[Tensor]]]:
    blurred = [clean_drawing(drawing, curves=False) for drawing in decoded]
    curved = [clean_drawing(drawing) for drawing in decoded]
    return [("decoded", decoded), ("cleaned without curves", blurred), ("cleaned", curved)]


def sheet(columns: Sequence[Sequence[Tensor]]) -> npt.NDArray[np.uint8]:
    """A row per drawing, on white, at the size of a document."""
    rows = [
        np.hstack([
            cv2.resize(_on_white(drawing), (_SHOWN_PX, _SHOWN_PX), interpolation=cv2.INTER_CUBIC)
            for drawing in row
        ])
        for row in zip(*columns, strict=True)
    ]  # fmt: skip
    return np.asarray(np.vstack(rows[:_SHOWN]), np.uint8)


def _on_white(rgba: Tensor) -> npt.NDArray[np.uint8]:
    laid = rgba[:3] * rgba[3:] + 1 - rgba[3:]
    return np.asarray(np.rint(laid.permute(1, 2, 0).numpy() * 255), np.uint8)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=STARTER_FOLDER, help="a starter's folder")
    parser.add_argument("--count", type=int, default=60, help="concepts per style")
    options = parser.parse_args()
    torch.set_num_threads(1)
    checkpoint, asked = load_starter(options.model), judged_concepts(options.count)
    gallery = Gallery(load_starter_feature_net()[0], judged_concepts(0))
    options.output.mkdir(parents=True, exist_ok=True)
    held_out = [as_drawing(picture) for picture in held_out_drawings(options.count)[::2]]
    report_real(checkpoint, "flat, held out", held_out)
    for style in CLEAN_STYLES:
        real = [as_drawing(enlarged_art(style, concept, _SIDE)) for concept in asked]
        report_real(checkpoint, style, real)
        before, after = report_generated(checkpoint, gallery, style, asked)
        picture = cv2.cvtColor(sheet((before, after, real)), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(options.output / f"{style}.png"), picture)


if __name__ == "__main__":
    main()
