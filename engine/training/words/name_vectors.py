"""Sentence vectors of everything that the nouns are called, for words that no table has.

Run: `python -m engine.training.words.name_vectors` writes `concepts.safetensors`. Names are the
labels, the words of `recipes/everyday/en.tsv`, and what `recipes/described.tsv` says of the things
without naming them ("striped savanna animal").
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER
from engine.prompts.vocabulary.concepts import VECTORS_FILE, read_concepts
from engine.prompts.vocabulary.matching import SentenceVectors, pack_names
from engine.training.cached import write_tensors
from engine.training.data_source import captions_for
from engine.training.recipe import RECIPES
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
    """Writes the folder's `concepts.safetensors`, of the concepts that it has."""
    labels = [concept.label for concept in read_concepts(folder)]
    tensors = name_tensors(labels, captions_for().encoder.embed)
    write_tensors(tensors, folder / VECTORS_FILE)


if __name__ == "__main__":
    torch.set_num_threads(1)  # short phrases: more threads only wait for each other
    write_names(STARTER_FOLDER)
