"""Phrases that no table has are told apart by everything that things are called."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER, load_starter, load_starter_concepts
from engine.models.text_encoders import SentenceEncoder
from engine.prompts.languages.languages import load_languages
from engine.prompts.planning.scene_plan import plan_scene
from engine.prompts.vocabulary.backgrounds import BackgroundTable
from engine.prompts.vocabulary.concepts import Concept, ConceptTable, FurtherWords
from engine.prompts.vocabulary.matching import NameTable, pack_names, unpack_names
from engine.prompts.vocabulary.understanding import SubstituteKind, understand_object
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import LayoutRequest
from tests.helpers.letter_vectors import letter_vectors
from tests.helpers.vocabulary import all_apart


def of_letters(names: dict[str, int]) -> NameTable:
    owners = torch.tensor(list(names.values()))
    return NameTable(letter_vectors(list(names)), owners, letter_vectors)


def test_the_nearest_of_all_names_counts() -> None:
    table = of_letters({"ab": 0, "cd": 1, "ef": 0})
    assert table.nearness("ef").tolist() == pytest.approx([1, 0])
    assert table.nearness("cd").tolist() == pytest.approx([0, 1])


@pytest.fixture
def packed() -> tuple[Tensor, dict[str, Tensor]]:
    """Names of 300 things, three of each, in fewer directions than are kept; and packed."""
    generator = torch.Generator().manual_seed(0)
    directions = torch.randn(150, 384, generator=generator)
    names = torch.nn.functional.normalize(
        torch.randn(900, 150, generator=generator) @ directions, dim=1
    )
    return names, pack_names(names, torch.arange(300).repeat(3))


def test_packed_names_have_the_cosines_that_they_had(
    packed: tuple[Tensor, dict[str, Tensor]],
) -> None:
    names, tensors = packed
    assert tensors["names"].dtype == torch.int8
    assert tensors["names"].shape == (900, 192)
    scale = 3.0  # a phrase's vector need not be a unit vector
    found = unpack_names(tensors, lambda numbers: scale * names[[int(n) for n in numbers]])
    for number in range(0, 900, 90):
        exact = (names @ names[number]).reshape(3, 300).amax(0)
        torch.testing.assert_close(found.nearness(str(number)), exact, atol=0.01, rtol=0)


@pytest.mark.parametrize("name", ["name_scales", "name_owners", "name_basis"])
def test_names_that_do_not_fit_together_are_refused(
    packed: tuple[Tensor, dict[str, Tensor]], name: str
) -> None:
    tensors = packed[1]
    rest = tensors[name].T[:-1].T if name == "name_basis" else tensors[name][:-1]
    with pytest.raises(ValueError, match="900 names"):
        unpack_names(tensors | {name: rest}, letter_vectors)


def test_a_table_wants_names_of_all_its_concepts() -> None:
    with pytest.raises(ValueError, match="names of 2 for 1 concepts"):
        ConceptTable(
            [Concept("ab", "0", (), 1.0, "")], letter_vectors, of_letters({"a": 0, "b": 1})
        )


def test_folders_from_before_have_one_name_of_each() -> None:
    table = unpack_names({"labels": letter_vectors(["ab", "cd"]).half()}, letter_vectors)
    assert table.nearness("cd").tolist() == pytest.approx([0, 1], abs=1e-3)


@pytest.mark.parametrize(
    ("phrase", "label", "kind"),
    [
        ("humming insect", "cricket", SubstituteKind.BROADER),  # plainly another thing
        ("humming insects", "cricket", SubstituteKind.BROADER),
        ("humming pet", "ant", SubstituteKind.BROADER),  # too few are pets to say a kind
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
    kinds = {name: frozenset({"insect", "ant"}) for name in ("ant", "red ant")}
    kinds["cricket"] = frozenset({"insect", "ant", "pet"})
    further = FurtherWords(synonyms={"insect": "ant", "pet": "ant"}, kinds=kinds)
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


@pytest.mark.parametrize(
    ("prompt", "captions", "notes"),
    [
        (
            "a chirping insect", ["cricket"],
            ['Understood "chirping insect" as cricket.'],
        ),
        ("three chirping insects", ["cricket"] * 3, None),
        ("a pink chirping insect", ["pink cricket"], None),
        (
            "eight-armed sea creature", ["octopus"],
            ['Not known, so I took the nearest: "eight armed sea creature" as octopus.'],
        ),
        ("a grey-haired woman", ["old woman"], ['Understood "grey-haired woman" as old woman.']),
    ],
)  # fmt: skip
def test_what_is_meant_is_told_and_nothing_is_called_unknown(
    shipped: ConceptTable, prompt: str, captions: list[str], notes: list[str] | None
) -> None:
    words = Vocabulary(shipped, BackgroundTable(all_apart), load_languages(STARTER_FOLDER))
    request = LayoutRequest(prompt, 64, 64, 1)
    made = plan_scene(request, words, lambda places: [(0, 0, 9, 9)] * len(places))
    assert [item.caption for item in made.objects] == captions
    if notes is not None:
        assert list(made.notes) == notes


@pytest.mark.parametrize("kind", ["shiny", "vintage", "giant", "sad"])
@pytest.mark.parametrize("label", ["dog", "apple", "house", "girl", "cup", "toy"])
def test_what_is_said_of_a_thing_leaves_it_what_it_is(
    shipped: ConceptTable, kind: str, label: str
) -> None:
    match, _ = understand_object(f"{kind} {label}", shipped)
    alone, _ = understand_object(label, shipped)
    assert match.concept == alone.concept
