"""An emoji is the drawing of its code point, in any language and with what stands before it."""

from __future__ import annotations

import pytest

from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.vocabulary.understanding import understand_object
from engine.prompts.vocabulary.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 🐶 and a 🍎", ["dog", "apple"]),
        ("two 🐶", ["dog", "dog"]),
        ("🐶🐶🍎", ["dog", "dog", "apple"]),
        ("a red 🚗", ["red car"]),
        ("a cat🐶", ["cat", "dog"]),
        ("🐈\u200d⬛", ["black cat"]),
        ("❤️ ☀️", ["heart", "sun"]),
        ("✅ a dog\n✅ a cat", ["dog", "cat"]),
        ("eine 🐶 und ein Apfel", ["dog", "apple"]),
        ("🐶と猫", ["dog", "cat"]),
    ],
)
def test_emoji(text: str, expected: list[str], words: Vocabulary) -> None:
    parsed, _ = words.read(text)
    found = [
        understand_object(item.phrase, words.concepts)[0].phrase
        for item in parsed.objects
        for _ in range(item.count)
    ]
    assert found == expected


def test_an_emoji_without_a_drawing_is_one_thing_by_its_name() -> None:
    assert [item.phrase for item in parse_prompt("👩🏽\u200d🚀 ⭐").objects] == [
        "woman rocket",
        "star",
    ]
