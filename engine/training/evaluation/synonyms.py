"""Words that are no labels, drawn through the product beside the concepts that they mean.

Part of the fixed evaluation; by itself: `python -m engine.training.evaluation.synonyms [--model
FOLDER] [--list NAME]`. Each word of `recipes/synonyms.toml`, or of a list of `synonyms_more.toml`,
is typed alone, read, drawn in its box, checked and tried again as the program does it, and so is
the label of the concept that is meant: in the same box and style, with the same seed and tries.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER, load_starter_feature_net
from engine.pipelines.layer_model import LayerModel
from engine.prompts.captions import STYLES
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.runtime import load_layer_model
from engine.training.art import sources as art
from engine.training.evaluation.objects import Drawn, Scores
from engine.training.evaluation.product_drawing import draw_typed
from engine.training.evaluation.words import answer, load_synonyms, word_lists
from engine.training.judge.gallery import JUDGE_SET, Gallery
from engine.training.recipe import load_recipe

ROW = "synonyms through the product"


@dataclass(frozen=True, slots=True)
class Pair:
    """What a word and the label of its concept became.

    Attributes:
        rank: How many concepts the word's drawing is nearer to than to the meant one.
        own_rank: The same of the label's drawing.
        same: Whether both drawings are the same, pixel by pixel.
    """

    word: str
    picture: Tensor
    rank: int
    own_rank: int
    same: bool


def draw_pairs(model: LayerModel, gallery: Gallery, table: Mapping[str, str]) -> list[Pair]:
    """Each word beside its concept; seeds and styles by turns.

    Args:
        table: Word -> label of the concept that is meant, which the gallery has.
    """
    places = {concept.label: place for place, concept in enumerate(gallery.concepts)}
    pairs = []
    for seed, (word, label) in enumerate(table.items()):
        style = STYLES[seed % len(STYLES)]
        both = [draw_typed(model, typed, style, seed) for typed in (word, label)]
        rank, own_rank = gallery.ranks(both, [places[label]] * 2)
        pairs.append(Pair(word, both[0], rank, own_rank, torch.equal(*both)))
    return pairs


def pair_scores(pairs: Sequence[Pair]) -> dict[str, float]:
    """Shares that are right, and how far the words are behind, with its standard error."""
    scores = {"pairs": float(len(pairs))}
    for name, limit in (("top1", 1), ("top5", 5)):
        found = np.array([(pair.rank < limit, pair.own_rank < limit) for pair in pairs], float)
        behind = found[:, 1] - found[:, 0]
        error = behind.std(ddof=1) / len(pairs) ** 0.5 if len(pairs) > 1 else 0.0
        scores |= {
            name: round(float(found[:, 0].mean()), 3),
            f"{name} of their concepts": round(float(found[:, 1].mean()), 3),
            f"{name} behind": round(float(behind.mean()), 3),
            f"{name} error": round(float(error), 3),
        }
    return scores | {"same drawing": round(float(np.mean([pair.same for pair in pairs])), 3)}


def evaluate_synonyms(
    model: LayerModel, gallery: Gallery, count: int | None = None
) -> tuple[Scores, list[Drawn]]:
    """The fixed list before the judge, whose gallery gets the concepts of the list that it lacks.

    Args:
        gallery: Of the evaluation's nouns.
        count: How many words, from the first on; None for all.
    """
    table = dict(list(load_synonyms().items())[:count])
    return evaluate_table(model, gallery, table)


def evaluate_table(
    model: LayerModel, gallery: Gallery, table: Mapping[str, str]
) -> tuple[Scores, list[Drawn]]:
    """`evaluate_synonyms` for another list: word -> label of the concept that is meant."""
    own = {concept.hexcode for concept in gallery.concepts}
    meant = [c for c in load_recipe().concepts if c.label in set(table.values())]
    added = [c for c in meant if c.hexcode not in own and art.has_icon(JUDGE_SET, c.hexcode)]
    wider = Gallery(gallery.net, [*gallery.concepts, *added])
    judged = {concept.label for concept in wider.concepts}
    pairs = draw_pairs(model, wider, {w: label for w, label in table.items() if label in judged})
    return {ROW: pair_scores(pairs)}, [Drawn(p.word, p.picture, p.rank < 1) for p in pairs]


def meant_labels(name: str, vocabulary: Vocabulary) -> dict[str, str]:
    """A list of `synonyms_more.toml` with one label for each word: of those that answer it well
    the one that the program reads it as, else the first."""
    table = word_lists()[f"words, {name} list"]
    read = {word: answer(word, good, vocabulary) for word, good in table.items()}
    return {w: read[w].label if read[w].good else good[0] for w, good in table.items()}


def main() -> None:
    """Prints the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=STARTER_FOLDER, help="a starter's folder")
    parser.add_argument("--list", default="fixed", help='"fixed", "seventh", "eighth", ...')
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    gallery = Gallery(load_starter_feature_net()[0])
    model = load_layer_model(arguments.model)
    if arguments.list == "fixed":
        scores, drawn = evaluate_synonyms(model, gallery)
    else:
        table = meant_labels(arguments.list, model.words)
        scores, drawn = evaluate_table(model, gallery, table)
    for name, values in scores.items():
        print(f"{name:42s}", "  ".join(f"{key} {value:g}" for key, value in values.items()))
    print("not the meant one:", ", ".join(one.asked for one in drawn if not one.good))


if __name__ == "__main__":
    main()
