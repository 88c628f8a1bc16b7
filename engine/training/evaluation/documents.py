"""Whole documents with drawn boxes, made as the product makes them: part of the fixed evaluation.

Run by itself: `python -m engine.training.evaluation.documents -o DIR`. One sentence, 1 to 6 boxes,
all checks and further tries included. Two documents of each number of boxes: one whose boxes have
about the shape of their nouns, one with square boxes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER, load_starter_feature_net
from engine.pipelines.generate import generate_layout
from engine.pipelines.harmony import stacked_on_white
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_model import LayerModel
from engine.progress import PhaseRates
from engine.prompts.captions import STYLES, scene_caption
from engine.requests import (
    Corners,
    GeneratedLayer,
    LayerKind,
    LayoutRequest,
    LayoutResult,
    RegionBox,
)
from engine.runtime import load_layer_model
from engine.training.evaluation.objects import Drawn, Scores, style_of
from engine.training.evaluation.sheets import Cell, write_sheet
from engine.training.evaluation.whole_image import agreement_rows, whole_agreements
from engine.training.judge.gallery import Gallery, boxed_art
from engine.training.recipe import Concept

SIDE_PX = 512
COUNTS = range(1, 7)
BACKGROUNDS = ("sunset gradient", "plain blue", "green hills", "starry night sky", "plain white")
WANTED_IOU = 0.7
# Long side of the boxes in pixels, by number of boxes.
_SIDES = {1: (220, 330), 2: (180, 250), 3: (150, 220), 4: (140, 190), 5: (120, 170), 6: (110, 160)}
_MARGIN_PX = 12  # between boxes
_VISIBLE = 64


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the evaluation, to be made.

    Attributes:
        nouns: Indices into the gallery, bottom to top.
        square: Whether its boxes are square.
    """

    nouns: tuple[int, ...]
    boxes: tuple[Corners, ...]
    background: str
    style: str
    square: bool


def fixed_documents(gallery: Gallery, aspects: Sequence[float], repeats: int) -> list[Document]:
    """`repeats` documents per number of boxes; nouns, places and order drawn with a fixed seed.

    Args:
        aspects: Width over height of each noun of the gallery.
    """
    rng = np.random.default_rng(416)
    documents: list[Document] = []
    for repeat in range(repeats):
        for count in COUNTS:
            nouns = tuple(int(n) for n in rng.choice(len(gallery.concepts), count, replace=False))
            square = bool(repeat % 2)
            shapes = [1.0 if square else aspects[n] * rng.uniform(0.87, 1.15) for n in nouns]
            documents.append(
                Document(
                    nouns, _place(shapes, _SIDES[count], rng),
                    BACKGROUNDS[len(documents) % len(BACKGROUNDS)],
                    STYLES[(count + repeat) % len(STYLES)], square,
                )
            )  # fmt: skip
    return documents


def _place(
    aspects: Sequence[float], sides: tuple[int, int], rng: np.random.Generator
) -> tuple[Corners, ...]:
    """Boxes of these shapes that do not touch; starts anew when one finds no room."""
    while True:
        boxes: list[Corners] = []
        for aspect in aspects:
            long = rng.uniform(*sides)
            width, height = (long, long / aspect) if aspect > 1 else (long * aspect, long)
            for _ in range(50):
                x, y = (int(rng.integers(0, SIDE_PX - round(side))) for side in (width, height))
                box = (x, y, x + round(width), y + round(height))
                if not any(_touch(box, other) for other in boxes):
                    boxes.append(box)
                    break
        if len(boxes) == len(aspects):
            return tuple(boxes)


def _touch(a: Corners, b: Corners) -> bool:
    apart_x = a[2] + _MARGIN_PX <= b[0] or b[2] + _MARGIN_PX <= a[0]
    apart_y = a[3] + _MARGIN_PX <= b[1] or b[3] + _MARGIN_PX <= a[1]
    return not (apart_x or apart_y)


def make_document(
    model: LayerModel, document: Document, labels: Sequence[str], seed: int
) -> LayoutResult:
    """Generates it through the product's pipeline."""
    prompt = _sentence(document, labels)
    boxes = tuple(RegionBox(f"box-{i}", *box) for i, box in enumerate(document.boxes))
    request = LayoutRequest(
        prompt, SIDE_PX, SIDE_PX, seed, boxes=boxes, sampling=model.checkpoint.sampling
    )
    reporter = JobReporter(lambda _progress: None, lambda: False, PhaseRates())
    return generate_layout(model, request, reporter)


def _sentence(document: Document, labels: Sequence[str]) -> str:
    nouns = [labels[n] for n in document.nouns]
    return scene_caption(nouns, document.background, document.style)


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """What became of one box.

    Attributes:
        overlap: IoU of the box of the visible pixels with the drawn box.
        repeats: Whether it looks more like the noun of another box of its document.
        art_repeats: Whether real art of its noun does so too: then the judge is to blame.
        style_right: Whether it has the style that was asked for.
    """

    square: bool
    overlap: float
    repeats: bool
    art_repeats: bool
    style_right: bool


def evaluate_documents(
    model: LayerModel, gallery: Gallery, repeats: int
) -> tuple[Scores, list[Tensor], list[Drawn]]:
    """Scores, each document as a picture `3 512 512`, and every object as a drawing."""
    labels = [concept.label for concept in gallery.concepts]
    known = [model.words.concepts.by_label(label) for label in labels]
    aspects = [concept.aspect if concept else 1.0 for concept in known]
    found: list[ObjectResult] = []
    pictures: list[Tensor] = []
    drawn: list[Drawn] = []
    agreements: list[dict[str, float]] = []
    for seed, document in enumerate(fixed_documents(gallery, aspects, repeats)):
        made = make_document(model, document, labels, seed)
        objects = [layer for layer in made.layers if layer.kind is LayerKind.OBJECT]
        results = judge_objects(gallery, document, objects)
        found += results
        drawn += [
            Drawn(f"{labels[noun]}, {document.style}", _rgba(layer), result.overlap >= WANTED_IOU
                  and not result.repeats)
            for noun, layer, result in zip(document.nouns, objects, results, strict=True)
        ]  # fmt: skip
        pictures.append(
            torch.from_numpy(stacked_on_white(made.layers, SIDE_PX, SIDE_PX)).permute(2, 0, 1)
        )
        caption = _sentence(document, labels)
        agreements.append(whole_agreements(model, made, caption, model.checkpoint.sampling))
    scores = {
        "documents, boxes of the noun's shape": _summary([r for r in found if not r.square]),
        "documents, square boxes": _summary([r for r in found if r.square]),
        "documents, real art in the boxes": {
            "repeats another box": round(float(np.mean([r.art_repeats for r in found])), 3)
        },
    } | agreement_rows(agreements)
    return {name: row for name, row in scores.items() if row}, pictures, drawn


def judge_objects(
    gallery: Gallery, document: Document, layers: Sequence[GeneratedLayer]
) -> list[ObjectResult]:
    """One result per box, in order."""
    drawings = [_rgba(layer) for layer in layers]
    art = [boxed_art(document.style, gallery.concepts[noun]) for noun in document.nouns]
    both = zip(_repeats(gallery, document, drawings), _repeats(gallery, document, art), strict=True)
    results = []
    for noun, drawing, (repeated, of_art) in zip(document.nouns, drawings, both, strict=True):
        concept: Concept = gallery.concepts[noun]
        results.append(
            ObjectResult(
                document.square,
                visible_share(drawing),
                repeated,
                of_art,
                style_of(drawing, concept) == document.style,
            )
        )
    return results


def _repeats(gallery: Gallery, document: Document, drawings: Sequence[Tensor]) -> list[bool]:
    """Whether each drawing looks more like the noun of another box than like its own."""
    likeness = gallery.embed(drawings) @ gallery.vectors[list(document.nouns)].T  # n n
    return [int(row.argmax()) != index for index, row in enumerate(likeness)]


def visible_share(drawing: Tensor) -> float:
    """Area of the box of all pixels with alpha over a quarter, of the area of the drawing."""
    rows, columns = np.nonzero(drawing[3].numpy() * 255 > _VISIBLE)
    if not len(rows):
        return 0.0
    seen = (rows.max() + 1 - rows.min()) * (columns.max() + 1 - columns.min())
    return float(seen) / (drawing.shape[1] * drawing.shape[2])


def _rgba(layer: GeneratedLayer) -> Tensor:
    return torch.from_numpy(layer.pixels.copy()).permute(2, 0, 1).float() / 255


def _summary(results: Sequence[ObjectResult]) -> dict[str, float]:
    if not results:
        return {}
    return {
        "objects": float(len(results)),
        "box IoU": round(float(np.mean([r.overlap for r in results])), 3),
        "IoU at least 0.7": round(float(np.mean([r.overlap >= WANTED_IOU for r in results])), 3),
        "repeats another box": round(float(np.mean([r.repeats for r in results])), 3),
        "repeats where real art does not": round(
            float(np.mean([r.repeats and not r.art_repeats for r in results])), 3
        ),
        "style as asked": round(float(np.mean([r.style_right for r in results])), 3),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=STARTER_FOLDER, help="a starter's folder")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the sheet")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_layer_model(arguments.model)
    gallery = Gallery(load_starter_feature_net()[0])
    scores, pictures, _ = evaluate_documents(model, gallery, 2)
    arguments.output.mkdir(parents=True, exist_ok=True)
    cells = [Cell(picture) for picture in pictures]
    write_sheet(arguments.output / "documents.png", cells, len(COUNTS), SIDE_PX // 2)
    for name, values in scores.items():
        print(f"{name:68s}", "  ".join(f"{key} {value:g}" for key, value in values.items()))


if __name__ == "__main__":
    main()
