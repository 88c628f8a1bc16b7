"""Parts of the fixed evaluation beyond nouns: colours, words, edges, documents; their sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from engine.pipelines.layer_model import LayerModel
from engine.prompts.captions import STYLES
from engine.training.evaluation.coloured import COUNT, evaluate_coloured
from engine.training.evaluation.documents import evaluate_documents
from engine.training.evaluation.objects import (
    Drawn,
    Scores,
    evaluate_colours,
    evaluate_edges,
    evaluate_effects,
)
from engine.training.evaluation.sheets import GROUNDS, Cell, on_ground, write_sheet
from engine.training.evaluation.synonyms import evaluate_synonyms
from engine.training.evaluation.words import evaluate_words
from engine.training.judge.gallery import Gallery

_SHOWN_FAILURES, _SHOWN_ALPHA = 32, 8
_SEED = 12


def evaluate_beyond_nouns(
    model: LayerModel,
    gallery: Gallery,
    drawings: Mapping[str, Sequence[Tensor]],
    folder: Path,
    *,
    quick: bool = False,
) -> Scores:
    """Scores by name; writes `coloured.png`, `documents.png`, `alpha.png` and `failures.png`.

    Args:
        drawings: By style, the generated drawings of the gallery's first concepts, in order.
        quick: A quarter of everything.
    """
    checkpoint = model.checkpoint
    scores: Scores = evaluate_words(model.words)
    everything = _nouns(gallery, drawings)
    parts = (
        evaluate_colours(model, 16 if quick else 64),
        evaluate_synonyms(model, gallery, 16 if quick else None),
        evaluate_effects(checkpoint, 4 if quick else 16),
    )
    for found, drawn in parts:
        scores |= found
        everything += drawn
    scores |= evaluate_coloured(model, folder, COUNT // 8 if quick else COUNT)
    generated = [drawing for style in drawings.values() for drawing in style]
    scores |= evaluate_edges(generated, gallery.concepts[: len(generated) // len(STYLES)])
    found, pictures, drawn = evaluate_documents(model, gallery, 1 if quick else 2)
    scores |= found
    everything += drawn
    folder.mkdir(parents=True, exist_ok=True)
    write_sheet(folder / "documents.png", [Cell(p) for p in pictures], 6, 256)
    _write_alpha(folder / "alpha.png", generated)
    _write_failures(folder / "failures.png", everything)
    return scores


def _nouns(gallery: Gallery, drawings: Mapping[str, Sequence[Tensor]]) -> list[Drawn]:
    """Drawings of single nouns; good ones are nearest to their own drawing in the gallery."""
    drawn = []
    for style, pictures in drawings.items():
        ranks = gallery.ranks(pictures, range(len(pictures)))
        for concept, picture, rank in zip(gallery.concepts, pictures, ranks, strict=False):
            drawn.append(Drawn(f"{concept.label}, {style}", picture, rank < 1))
    return drawn


def _write_alpha(path: Path, drawings: Sequence[Tensor]) -> None:
    """Drawings chosen at random on black, white and pink, each at its own size."""
    chosen = np.random.default_rng(_SEED).permutation(len(drawings))[:_SHOWN_ALPHA]
    cells = [
        Cell(on_ground(drawings[index], ground), ground) for ground in GROUNDS for index in chosen
    ]
    write_sheet(path, cells, len(chosen), drawings[0].shape[1])


def _write_failures(path: Path, drawn: Sequence[Drawn]) -> None:
    """What is not as asked, chosen at random."""
    failures = [one for one in drawn if not one.good]
    chosen = np.random.default_rng(_SEED).permutation(len(failures))[:_SHOWN_FAILURES]
    cells = [Cell(on_ground(failures[i].rgba), failures[i].asked) for i in chosen]
    if cells:
        write_sheet(path, cells, 8)
