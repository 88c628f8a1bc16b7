"""Writes a run's averaged weights and the concept table into the shipped starter model.

Run: `python -m engine.training.export RUN [-o FOLDER]`. With a folder that holds the other files of
a starter, the result can be evaluated before it is shipped. `--tags` instead of a run renews the
keywords of the concept table only.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER, load_starter_feature_net
from engine.models.feature_net import centre_drawing
from engine.prompts.vocabulary.matching import SentenceVectors
from engine.training.art import sources as art
from engine.training.cached import write_tensors
from engine.training.data_source import captions_for
from engine.training.icon_data import list_items
from engine.training.judge.clear_bars import write_bars
from engine.training.judge.gallery import boxed_art
from engine.training.judge.train import prototypes, training_drawings
from engine.training.loop.run_state import load_run
from engine.training.recipe import Concept, load_recipe
from engine.training.train_layers import STARTER_CONFIG
from engine.training.words.name_vectors import write_names

SAMPLING = {"steps": 8, "true_guidance": 3.0}
TAG_COSINE = 0.4  # keywords further from the label ("strong" for lion) would mislead


def export_transformer(
    run: str, folder: Path, before: Path | None = None, share: float = 1.0
) -> int:
    """EMA weights in half precision; returns the step they are from.

    Args:
        before: Weights that the run began with, to take the mean with.
        share: Of the run in that mean; 1 leaves the others out.
    """
    state = load_run(art.cache_folder() / "runs" / run)
    if state is None:
        raise SystemExit(f"The run '{run}' has no saved state.")
    weights = weighted_mean(state.ema, load_file(before), share) if before else state.ema
    half = {key: value.half().contiguous() for key, value in weights.items()}
    write_tensors(half, folder / "transformer.safetensors")
    config = {
        "transformer": STARTER_CONFIG, "sampling": SAMPLING, "trained_steps": state.step,
        "styles": load_recipe().styles,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    return state.step


def weighted_mean(
    weights: dict[str, Tensor], others: dict[str, Tensor], share: float
) -> dict[str, Tensor]:
    """`share` of the first, the rest of the others; both of one architecture."""
    return {
        key: share * value.float() + (1 - share) * others[key].float()
        for key, value in weights.items()
    }


def export_concepts(folder: Path) -> None:
    """`concepts.json` and the sentence vectors of what the concepts are called."""
    recipe = load_recipe()
    colours = {i.label: i.own_colour for i in list_items(recipe) if i.style == recipe.styles[0]}
    encoder = captions_for().encoder
    rows = []
    names = {concept.label for concept in recipe.concepts}
    for concept in recipe.concepts:
        height, width = art.tight_render(recipe.styles[0], concept.hexcode).shape[:2]
        tags = keywords(concept, art.emoji_labels()[concept.hexcode], names, encoder.embed)
        rows.append({
            "label": concept.label, "hexcode": concept.hexcode, "tags": tags,
            "aspect": round(width / height, 3), "colour": colours[concept.label],
        })  # fmt: skip
    _write_rows(rows, folder)
    write_names(folder)


def renew_tags(folder: Path) -> None:
    """The keywords in `concepts.json` as `export_concepts` would write them, the rest as it is."""
    rows = json.loads((folder / "concepts.json").read_text("utf-8"))
    concepts = {concept.label: concept for concept in load_recipe().concepts}
    vectors = captions_for().encoder.embed
    for row in rows:
        concept = concepts[row["label"]]
        entry = art.emoji_labels()[concept.hexcode]
        row["tags"] = keywords(concept, entry, set(concepts), vectors)
    _write_rows(rows, folder)


def keywords(
    concept: Concept, entry: Mapping[str, Any], names: Set[str], vectors: SentenceVectors
) -> list[str]:
    """Other words for a concept: emojibase's label, unless it is one of ours, and those of its
    keywords that are near to our label in meaning. Of figures the label only: their keywords are
    what they feel, and "the cat is angry" asks for no face.

    Args:
        entry: Of emojibase.
        names: Labels of all concepts.
    """
    title = entry["label"].lower()
    if concept.figure:
        return [title] if title not in names else []
    words = sorted({*entry.get("tags", []), title} - {concept.label})
    close = vectors([concept.label, *words])
    near = close[1:] @ close[0]
    return [
        word
        for word, cosine in zip(words, near, strict=True)
        if cosine > TAG_COSINE or (word == title and word not in names)
    ]


def _write_rows(rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    text = json.dumps(rows, indent=0, ensure_ascii=False) + "\n"
    (folder / "concepts.json").write_text(text, "utf-8")


def export_prototypes(folder: Path) -> float:
    """The judge as it is, with a prototype for each concept of the table.

    Returns:
        Share of the added concepts whose drawing in the first style has its own prototype nearest.
    """
    net, _ = load_starter_feature_net()
    images, labels, _ = training_drawings(0)
    state = {key: value.half().contiguous() for key, value in net.state_dict().items()}
    recipe = load_recipe()
    found = prototypes(net, images, labels, len(recipe.concepts))
    write_tensors(
        state | {"prototypes": found.half().contiguous()}, folder / "feature_net.safetensors"
    )
    added = [index for index, concept in enumerate(recipe.concepts) if concept.widening]
    if not added:
        return 1.0
    drawn = [centre_drawing(boxed_art(recipe.styles[0], recipe.concepts[i])) for i in added]
    nearest = (net.embed(torch.stack(drawn)) @ found.T).argmax(1)
    return float((nearest == torch.tensor(added)).float().mean())


def main() -> None:
    """Writes `transformer.safetensors`, `config.json`, the concept table and the prototypes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", nargs="?")
    parser.add_argument("--tags", action="store_true", help="renew the keywords, nothing else")
    parser.add_argument("-o", "--output", type=Path, default=STARTER_FOLDER)
    parser.add_argument("--before", type=Path, help="weights to take the mean with")
    parser.add_argument("--share", type=float, default=0.8, help="of the run in that mean")
    arguments = parser.parse_args()
    folder: Path = arguments.output
    torch.set_num_threads(1)  # one phrase at a time: more threads only wait for each other
    if bool(arguments.run) == arguments.tags:
        parser.error("Name a run, or say --tags without one.")
    if arguments.tags:
        renew_tags(folder)
        return
    step = export_transformer(arguments.run, folder, arguments.before, arguments.share)
    export_concepts(folder)
    share = export_prototypes(folder)
    write_bars(folder)
    print(f"exported step {step}; {share:.0%} of the added concepts have their prototype nearest")


if __name__ == "__main__":
    main()
