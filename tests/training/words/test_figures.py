"""Faces, hands and people: what names them, and that the shipped names are those of the tables."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER
from engine.prompts.vocabulary.concepts import VECTORS_FILE, read_concepts
from engine.training.export import keywords
from engine.training.recipe import Concept, load_recipe
from engine.training.words.build_synonyms import _but_of_figures
from engine.training.words.name_vectors import named

SAD = {"label": "Frowning face", "tags": ["sad", "frown"]}


def all_alike(phrases: Sequence[str]) -> Tensor:
    return torch.ones(len(phrases), 1)


def test_what_a_face_feels_is_no_keyword_of_it() -> None:
    face = Concept("sad face", "2639", 3, figure=True)
    assert keywords(face, SAD, {"sad face"}, all_alike) == ["frowning face"]
    assert keywords(face, SAD, {"sad face", "frowning face"}, all_alike) == []
    sign = Concept("sad sign", "2639", 3)
    assert keywords(sign, SAD, {"sad sign"}, all_alike) == ["frown", "frowning face", "sad"]


def test_wordnet_has_no_say_in_people() -> None:
    concepts = (Concept("boy", "1f466", 3, figure=True), Concept("bear", "1f43b"))
    assert _but_of_figures([[("cub", 0)], [("cub", 0)]], concepts) == [[], [("cub", 0)]]


def test_the_shipped_names_are_those_of_the_tables() -> None:
    labels = [concept.label for concept in read_concepts(STARTER_FOLDER)]
    assert labels == [concept.label for concept in load_recipe().concepts]
    owners = load_file(STARTER_FOLDER / VECTORS_FILE)["name_owners"].tolist()
    assert owners == [number for _, number in named(labels)]
