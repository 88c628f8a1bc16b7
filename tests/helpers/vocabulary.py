"""The words of the shipped starter model, without its networks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from engine.prompts.languages.languages import load_languages
from engine.prompts.planning.plans import ScenePlan
from engine.prompts.planning.scene_plan import plan_scene
from engine.prompts.vocabulary.backgrounds import BackgroundTable
from engine.prompts.vocabulary.concepts import ConceptTable, read_concepts, read_further_words
from engine.prompts.vocabulary.matching import SentenceVectors
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import LayoutRequest

STARTER = Path(__file__).parents[2] / "resources" / "starter_model"


def all_apart(phrases: Sequence[str]) -> Tensor:
    """Vectors `b 2` by which no phrase is near to another one."""
    return torch.zeros(len(phrases), 2)


def shipped_vocabulary(vectors: SentenceVectors = all_apart) -> Vocabulary:
    """Every shipped table of words; `vectors` stand in for the sentence encoder."""
    table = ConceptTable(read_concepts(STARTER), vectors, None, read_further_words(STARTER))
    return Vocabulary(table, BackgroundTable(vectors), load_languages(STARTER))


@cache
def shipped() -> Vocabulary:
    """The same, read once."""
    return shipped_vocabulary()


def plan(prompt: str) -> ScenePlan:
    """What the shipped words make of a prompt on a canvas of 64 px."""
    request = LayoutRequest(prompt, 64, 64, 1)
    return plan_scene(request, shipped(), lambda places: [(0, 0, 9, 9)] * len(places))
