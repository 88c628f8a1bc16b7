"""Captions, colour words, concepts and backgrounds."""

from __future__ import annotations

import pytest
import torch

from engine.prompts.backgrounds import BACKGROUND_KINDS, BackgroundTable
from engine.prompts.captions import object_caption, scene_caption
from engine.prompts.colours import split_colours
from engine.prompts.concepts import Concept, ConceptTable
from engine.training.art.backgrounds import draw_background


def _letter_vectors(phrases: object) -> torch.Tensor:
    """Unit vectors from letter counts: enough to tell phrases apart without a model."""
    rows = torch.zeros(len(list(phrases)), 26)  # type: ignore[call-overload]
    for row, phrase in zip(rows, phrases, strict=True):  # type: ignore[call-overload]
        for letter in phrase:
            if letter.isalpha():
                row[ord(letter) - 97] += 1
    return torch.nn.functional.normalize(rows, dim=1)


@pytest.fixture
def table() -> ConceptTable:
    rows = [
        ("apple", ("fruit",)), ("orange", ("fruit",)), ("dog", ("puppy",)), ("scissors", ()),
        ("leaf", ()), ("ice cream cone", ()),
    ]  # fmt: skip
    concepts = [Concept(label, "0", tags, 1.0, "red") for label, tags in rows]
    return ConceptTable(concepts, _letter_vectors)


def test_objects_are_named_in_layer_order_then_background_then_style() -> None:
    caption = scene_caption(["red apple", "orange", "dog"], "sunset gradient", "flat")
    assert caption == "a red apple, an orange and a dog on a sunset gradient background, flat style"


def test_scene_without_background_or_objects() -> None:
    assert scene_caption(["dog"], "", "glossy") == object_caption("dog", "glossy")
    assert scene_caption([], "plain blue", "flat") == "plain blue background, flat style"


@pytest.mark.parametrize(
    ("phrase", "colours", "rest"),
    [
        ("a dark navy car", ["blue"], "a car"),
        ("blue to pink gradient", ["blue", "pink"], "to gradient"),
        ("apple", [], "apple"),
        ("red-coloured apple", ["red"], "apple"),
        ("wine-red car", ["red"], "car"),
        ("blue-green bird", ["blue", "green"], "bird"),
        ("green-haired woman", [], "woman"),
        ("ice-cream cone", [], "ice cream cone"),
    ],
)
def test_colour_words_are_split_off(phrase: str, colours: list[str], rest: str) -> None:
    assert split_colours(phrase) == (colours, rest)


@pytest.mark.parametrize(
    ("phrase", "label", "colour", "exact"),
    [
        ("a red apple", "apple", "red", True),
        ("two dogs", "dog", "", False),
        ("dogs", "dog", "", True),
        ("leaves", "leaf", "", True),
        ("an orange", "orange", "", True),
        ("a green orange", "orange", "green", True),
        ("the puppy", "dog", "", False),
        ("scissor", "scissors", "", True),
    ],
)
def test_phrases_find_their_concept(
    table: ConceptTable, phrase: str, label: str, colour: str, exact: bool
) -> None:
    match = table.nearest(phrase)
    assert (match.concept.label, match.colour, match.exact) == (label, colour, exact)


def test_a_keyword_of_two_concepts_decides_nothing(table: ConceptTable) -> None:
    assert not table.nearest("fruit").exact
    assert table.nearest("fruit").similarity < 1


def test_every_drawn_background_is_understood_as_itself() -> None:
    import numpy as np

    backgrounds = BackgroundTable(_letter_vectors)
    rng = np.random.default_rng(0)
    phrases = {draw_background(16, 16, rng).phrase for _ in range(150)}
    assert len(phrases) > len(BACKGROUND_KINDS)
    for phrase in phrases:
        match = backgrounds.nearest(f"a {phrase} background")
        assert (match.phrase, match.exact) == (phrase, True)
