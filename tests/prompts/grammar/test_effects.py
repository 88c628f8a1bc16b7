"""Shadows and glows go to what they were said of."""

from __future__ import annotations

import pytest

from engine.prompts.grammar.parse import parse_prompt

KNOWN = {"dog", "cat", "star", "moon", "glowing star"}
SHADOW, GLOW = "soft shadows", "glow"


def effects(text: str) -> list[tuple[str, str]]:
    parsed = parse_prompt(text, KNOWN.__contains__)
    return [(item.phrase, item.effect or parsed.effect) for item in parsed.objects]


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("a dog with soft shadows", SHADOW),
        ("a dog, drop shadow", SHADOW),
        ("a dog casting a shadow", SHADOW),
        ("a glowing dog", GLOW),
        ("a dog with a glow", GLOW),
        ("a dog with a glow effect", GLOW),
        ("a dog that glows", GLOW),
        ("a dog", ""),
        ("a dog without a shadow", ""),
        ("a dog, no shadows", ""),
        ("a dog with glowing eyes", ""),
        ("a dog on a glowing background", ""),
    ],
)
def test_effects(text: str, effect: str) -> None:
    assert effects(text) == [("dog", effect)]


@pytest.mark.parametrize(
    ("text", "of_dog", "of_cat"),
    [
        ("a glowing dog and a cat", GLOW, ""),
        ("a dog with a soft shadow and a cat", SHADOW, ""),
        ("a dog with soft shadows and a cat", SHADOW, ""),
        ("a dog, glowing, and a cat", GLOW, ""),
        ("a dog that glows and a cat", GLOW, ""),
        ("a dog and a cat with a glow", "", GLOW),
        ("a glowing dog and a cat with a drop shadow", GLOW, SHADOW),
    ],
)
def test_an_effect_goes_to_the_object_it_was_said_of(text: str, of_dog: str, of_cat: str) -> None:
    assert effects(text) == [("dog", of_dog), ("cat", of_cat)]


@pytest.mark.parametrize(
    "text",
    [
        "a dog and a cat with soft shadows",
        "a dog and a cat, soft shadow",
        "a dog and a cat on green hills with soft shadows",
        "a dog and a cat, each with a soft shadow",
        "a dog, a cat, everything has soft shadows",
        "soft shadows, a dog and a cat",
    ],
)
def test_an_effect_of_all(text: str) -> None:
    assert effects(text) == [("dog", SHADOW), ("cat", SHADOW)]


def test_a_noun_may_glow_by_itself() -> None:
    assert effects("a glowing star and a moon") == [("glowing star", ""), ("moon", "")]


def test_all_of_a_counted_object_get_the_effect() -> None:
    assert effects("two dogs in red and blue with a glow and a cat") == [
        ("red dog", GLOW),
        ("blue dog", GLOW),
        ("cat", ""),
    ]
