"""Verbs of other languages are never a part of a thing, and never another thing."""

from __future__ import annotations

import pytest

from engine.prompts.languages.english_order import parted_at_verbs
from engine.prompts.vocabulary.understanding import understand_object
from engine.prompts.vocabulary.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("赤い帽子をかぶった猫が本を読んでいる", {"red sun hat", "cat", "book"}),
        ("犬がりんごを食べている", {"dog", "apple"}),
        ("一只戴着红帽子的猫在吃苹果", {"red sun hat", "cat", "apple"}),
        ("吃苹果的狗", {"apple", "dog"}),
        ("一只狗追一只猫", {"dog", "cat"}),
        ("모자를 쓴 고양이", {"cap", "cat"}),
        ("टोपी पहने हुए बिल्ली", {"cap", "cat"}),
        ("Кот в шляпе ест рыбу", {"cat", "sun hat", "fish"}),
        ("Eine Katze, die auf einem Sofa schläft", {"cat", "sofa"}),
        ("Auf dem Tisch liegen drei Äpfel", {"apple"}),
        ("Un chat noir qui dort sur un canapé rouge", {"black cat", "red sofa"}),
        ("Un perro que lleva un sombrero", {"dog", "top hat"}),
        ("Un gatto che dorme su una sedia", {"cat", "chair"}),
    ],
)
def test_sentences_with_verbs(text: str, expected: set[str], words: Vocabulary) -> None:
    parsed, _ = words.read(text)
    matches = [understand_object(item.phrase, words.concepts)[0] for item in parsed.objects]
    assert {match.phrase for match in matches} == expected
    assert all(match.similarity == 1 for match in matches)


def test_unknown_words_stay_where_nothing_is_known_beside_them() -> None:
    pairs = [("ein", "a"), ("quirl", "quirl"), ("mit", "with"), ("hund", "dog"), ("bellt", "bellt")]
    parted = parted_at_verbs(pairs, {"quirl", "bellt"}, spaced=True)
    assert [english for _, english in parted] == ["a", "quirl", "with", "dog", ""]


def test_an_unknown_word_right_before_a_thing_stays_if_words_have_spaces() -> None:
    pairs = [("stück", "stück"), ("pizza", "pizza")]
    assert parted_at_verbs(pairs, {"stück"}, spaced=True) == pairs
    assert parted_at_verbs(pairs, {"stück"}, spaced=False) == [("stück", ""), ("pizza", "pizza")]
