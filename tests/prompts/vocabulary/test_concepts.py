"""Phrases find the concept that is nearest to them."""

from __future__ import annotations

import pytest

from engine.prompts.vocabulary.concepts import Concept, ConceptTable, FurtherWords
from tests.helpers.letter_vectors import letter_vectors


@pytest.fixture
def table() -> ConceptTable:
    rows = [
        ("apple", ("fruit",)), ("orange", ("fruit",)), ("dog", ("puppy",)), ("scissors", ()),
        ("leaf", ()), ("ice cream cone", ()),
    ]  # fmt: skip
    concepts = [Concept(label, "0", tags, 1.0, "red") for label, tags in rows]
    return ConceptTable(concepts, letter_vectors)


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


@pytest.mark.parametrize(
    ("phrase", "label"),
    [
        ("toy bear", "teddy bear"),
        ("a red toy bear", "teddy bear"),
        ("school books", "book"),
        ("brown bear", None),  # the colour is none of its names
        ("school bear", None),
        ("stuffed animal", "teddy bear"),  # a kind of
        ("party hat", None),  # two concepts are
        ("big old toy bear", None),
    ],
)
def test_two_words_name_one_concept_together(phrase: str, label: str | None) -> None:
    rows = [
        ("bear", ("animal",)), ("teddy bear", ("stuffed", "toy")), ("book", ("school",)),
        ("top hat", ("party",)), ("cone hat", ("party",)),
    ]  # fmt: skip
    concepts = [Concept(name, "0", tags, 1.0, "red") for name, tags in rows]
    further = FurtherWords(kinds={"teddy bear": frozenset({"animal"})})
    match = ConceptTable(concepts, letter_vectors, further=further).named_by_two_words(phrase)
    assert (match.concept.label if match else None) == label
    if "red" in phrase:
        assert match is not None
        assert match.colour == "red"
