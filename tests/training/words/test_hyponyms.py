"""Which words name a kind of a noun, so that its drawing shows less than was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.prompts.vocabulary.concepts import read_further_words
from engine.prompts.vocabulary.understanding import SubstituteKind, understand_object
from engine.training.recipe import Concept, load_recipe
from engine.training.words.hyponyms import KINDS_FILE, Kinds, find_hyponyms, read_kinds
from engine.training.words.word_meanings import map_concepts
from engine.training.words.wordnet import read_nouns
from tests.helpers.vocabulary import STARTER, shipped_vocabulary

INDEX = [
    "dog n 1 1 ~ 1 1 00000001",
    "doggy n 1 1 ~ 1 1 00000001",
    "hound n 1 1 @ 1 1 00000002",
    "bull-dog n 1 1 @ 1 1 00000002",
    "canine n 1 1 ~ 1 1 00000003",
    "whelp n 1 1 @ 1 1 00000004",
    "chair n 1 1 ~ 1 1 00000005",
]
DATA = [
    "00000001 05 n 02 dog 0 doggy 0 002 @ 00000003 n 0000 ~ 00000002 n 0000 | a dog",
    "00000002 05 n 02 hound 0 bull-dog 0 001 @ 00000001 n 0000 | a hunting dog",
    "00000003 05 n 01 canine 0 001 ~ 00000001 n 0000 | a mammal with claws",
    "00000004 05 n 01 whelp 0 000 | a young dog",
    "00000005 06 n 01 chair 0 000 | a seat",
]


def hyponyms(words: str, own: Kinds | None = None) -> set[str]:
    """Those of "word: label, ..." that are kinds; the keywords are "pet" and "seat"."""
    nouns = read_nouns(INDEX, DATA)
    places = [[("00000001", 0)], [("00000005", 0)]]
    spread = map_concepts(nouns, [Concept("dog", "1f436"), Concept("chair", "1fa91")], places)
    found = find_hyponyms(
        dict(pair.split(": ") for pair in words.split(", ")),
        nouns,
        places=places,
        spread=spread,
        tags={"dog": ["pet", "puppy"], "chair": ["seat"]},
        own=own or Kinds({}, {}),
    )
    return set(found)


def test_what_wordnet_has_below_a_noun_is_a_kind_and_what_it_has_beside_or_above_is_not() -> None:
    assert hyponyms("hound: dog, doggy: dog, canine: dog, whelp: dog") == {"hound", "whelp"}
    assert hyponyms("bull dog: dog") == {"bull dog"}, "WordNet writes it with a hyphen"


def test_of_other_words_those_that_end_with_the_noun_are_kinds() -> None:
    said = "gaming chair: chair, armchair: chair, bow wow: dog, pooch: dog, throne: chair"
    assert hyponyms(said) == {"gaming chair", "armchair"}
    assert hyponyms("pet dog: dog, pair of chairs: chair, hotdog: dog") == set()


def test_a_keyword_of_the_drawing_is_no_kind_and_the_hand_has_the_last_word() -> None:
    assert hyponyms("puppy: dog, pup py: dog") == set()
    own = Kinds({"puppy": "dog", "throne": "chair", "doggy": "chair"}, {"hound": "dog"})
    said = "puppy: dog, throne: chair, doggy: dog, hound: dog"
    assert hyponyms(said, own) == {"puppy", "throne"}


def test_the_table_by_hand_has_words_that_the_nouns_answer() -> None:
    labels = {concept.label for concept in load_recipe().concepts}
    own = read_kinds(labels, KINDS_FILE)
    assert set(own.more.values()) | set(own.same.values()) <= labels
    shipped = read_further_words(STARTER)
    assert set(own.more) <= shipped.hyponyms
    assert not set(own.same) & shipped.hyponyms


def test_a_folder_without_the_table_has_all_among_its_synonyms(tmp_path: Path) -> None:
    for name in ("synonyms", "relatives", "kinds", "usual_words"):
        (tmp_path / f"{name}.json").write_text('{"dog": "labrador, pooch"}', "utf-8")
    words = read_further_words(tmp_path)
    assert words.synonyms == {"labrador": "dog", "pooch": "dog"}
    assert not words.hyponyms


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("automobile, doggy, bike, couch, airplanes, tv, pooch, phone", SubstituteKind.SYNONYM),
        ("hot dogs, slice of pizza, light bulbs, cat animal, brolly", SubstituteKind.SYNONYM),
        ("seagull, labrador, armchair, kitten, puppy, spaniel", SubstituteKind.BROADER),
        (
            "electric guitar, double-decker bus, oak, salmon, fluffy cat, wooden chair",
            SubstituteKind.BROADER,
        ),
        ("hockey puck, tortoise, labradors, mojito, rubber duck", SubstituteKind.BROADER),
        ("daffodil, xylophone, moth", SubstituteKind.NEAREST),
    ],
)
def test_the_shipped_tables_tell_what_is_lost(words: str, kind: SubstituteKind) -> None:
    concepts = shipped_vocabulary(lambda phrases: torch.zeros(len(phrases), 2)).concepts
    for word in words.split(", "):
        match, substitute = understand_object(word, concepts)
        told = substitute.kind if substitute else SubstituteKind.SYNONYM
        assert told is kind, (word, match.concept.label)
