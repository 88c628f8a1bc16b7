"""Sentence vectors of everything that the nouns are called, for words that no table has.

Run: `python -m engine.training.words.name_vectors` writes `concepts.safetensors`. Names are the
labels, the words of `recipes/everyday/en.tsv`, and what `recipes/described.tsv` says of the things
without naming them ("striped savanna animal").
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER
from engine.prompts.vocabulary.concepts import VECTORS_FILE
from engine.prompts.vocabulary.matching import SentenceVectors, pack_names
from engine.training.data_source import captions_for
from engine.training.recipe import RECIPES, load_recipe
from engine.training.words.everyday import FOLDER, read_everyday

DESCRIBED = RECIPES / "described.tsv"
_CHUNK = 256


def named(labels: Sequence[str]) -> list[tuple[str, int]]:
    """Names with the number of their label, the labels first."""
    numbers = {label: number for number, label in enumerate(labels)}
    everyday = read_everyday(FOLDER / "en.tsv", labels)
    described = read_everyday(DESCRIBED, labels)
    words = everyday.meant.items() | described.meant.items()
    return [*numbers.items(), *sorted((word, numbers[label]) for word, label in words)]


def name_tensors(labels: Sequence[str], vectors: SentenceVectors) -> dict[str, Tensor]:
    """What `ConceptTable` reads, by name in the file."""
    names = named(labels)
    phrases = [phrase for phrase, _ in names]
    parts = [vectors(phrases[at : at + _CHUNK]) for at in range(0, len(phrases), _CHUNK)]
    return pack_names(torch.cat(parts).float(), torch.tensor([number for _, number in names]))


def write_names(folder: Path) -> None:
    """Writes the folder's `concepts.safetensors`, complete or not at all."""
    labels = [concept.label for concept in load_recipe().concepts]
    tensors = name_tensors(labels, captions_for().encoder.embed)
    path = folder / VECTORS_FILE
    fresh = path.with_suffix(".tmp")
    save_file(tensors, fresh)
    fresh.chmod(0o644)  # readers may have the old file mapped
    fresh.replace(path)


if __name__ == "__main__":
    torch.set_num_threads(1)
    write_names(STARTER_FOLDER)
