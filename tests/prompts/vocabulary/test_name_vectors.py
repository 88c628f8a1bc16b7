"""Phrases that no table has are told apart by everything that things are called."""

from __future__ import annotations

import pytest
import torch

from engine.checkpoints.starter import load_starter, load_starter_concepts
from engine.models.text_encoders import SentenceEncoder
from engine.prompts.vocabulary.concepts import Concept, ConceptTable, FurtherWords
from engine.prompts.vocabulary.matching import NameTable, pack_names, unpack_names
from engine.prompts.vocabulary.understanding import SubstituteKind, understand_object
from tests.helpers.letter_vectors import letter_vectors


def of_letters(names: dict[str, int]) -> NameTable:
    owners = torch.tensor(list(names.values()))
    return NameTable(letter_vectors(list(names)), owners, letter_vectors)


def test_the_nearest_of_all_names_counts() -> None:
    table = of_letters({"ab": 0, "cd": 1, "ef": 0})
    assert table.nearness("ef").tolist() == pytest.approx([1, 0])
    assert table.nearness("cd").tolist() == pytest.approx([0, 1])


def test_packed_names_find_what_they_found() -> None:
    names = torch.nn.functional.normalize(torch.randn(900, 384), dim=1)
    owners = torch.arange(300).repeat(3)
    packed = pack_names(names, owners)
    assert packed["names"].dtype == torch.int8
    assert packed["names"].shape == (900, 192)
    found = unpack_names(packed, lambda numbers: names[[int(number) for number in numbers]])
    for number in range(0, 900, 90):
        assert int(found.nearness(str(number)).argmax()) == int(owners[number])


def test_folders_from_before_have_one_name_of_each() -> None:
    table = unpack_names({"labels": letter_vectors(["ab", "cd"]).half()}, letter_vectors)
    assert table.nearness("cd").tolist() == pytest.approx([0, 1], abs=1e-3)


@pytest.mark.parametrize(
    ("phrase", "label", "kind"),
    [
        ("humming insect", "cricket", SubstituteKind.NEAREST),  # plainly another thing
        ("red insect", "red ant", SubstituteKind.SYNONYM),
        ("humming ant", "ant", SubstituteKind.BROADER),  # which is an ant and no insect only
        ("clean red ant", "red ant", SubstituteKind.BROADER),  # by its color, which it keeps
    ],
)
def test_a_phrase_may_mean_another_thing_than_its_last_word(
    phrase: str, label: str, kind: SubstituteKind
) -> None:
    concepts = [Concept(name, "0", (), 1.0, "black") for name in ("ant", "red ant", "cricket")]
    names = of_letters({"ant": 0, "red ant": 1, "cricket": 2, "humming insect": 2, "clean": 2})
    kinds = {name: frozenset({"insect"}) for name in ("ant", "red ant", "cricket")}
    further = FurtherWords(synonyms={"insect": "ant"}, kinds=kinds)
    table = ConceptTable(concepts, letter_vectors, names, further)
    match, substitute = understand_object(phrase, table)
    assert match.concept.label == label
    assert substitute is not None
    assert substitute.kind is kind


@pytest.fixture(scope="module")
def shipped() -> ConceptTable:
    text = load_starter().text
    assert isinstance(text, SentenceEncoder)
    return load_starter_concepts(text)


@pytest.mark.parametrize(
    ("phrase", "label"),
    [
        ("an eight-armed sea creature", "octopus"),
        ("a chirping insect", "cricket"),
        ("dairy drink", "milk"),
    ],
)
def test_a_description_finds_the_thing(shipped: ConceptTable, phrase: str, label: str) -> None:
    match, _ = understand_object(phrase, shipped)
    assert match.concept.label == label


@pytest.mark.parametrize("kind", ["shiny", "vintage", "giant", "sad"])
@pytest.mark.parametrize("label", ["dog", "apple", "house", "girl", "cup", "toy"])
def test_what_is_said_of_a_thing_leaves_it_what_it_is(
    shipped: ConceptTable, kind: str, label: str
) -> None:
    match, _ = understand_object(f"{kind} {label}", shipped)
    alone, _ = understand_object(label, shipped)
    assert match.concept == alone.concept
