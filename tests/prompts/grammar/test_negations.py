"""What a sentence does not want is never drawn, and kept for a note."""

from __future__ import annotations

import pytest

from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.grammar.parsed import ParsedPrompt

KNOWN = {"dog", "cat", "hat", "beach", "sofa", "no entry sign", "bow and arrow", "apple"}


def parse(text: str) -> ParsedPrompt:
    return parse_prompt(text, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("text", "objects", "excluded"),
    [
        ("cat not dog", ["cat"], ("dog",)),
        ("not a dog but a cat", ["cat"], ("dog",)),
        ("a cat without a hat", ["cat"], ("hat",)),
        ("a cat without a hat on a sofa", ["sofa", "cat"], ("hat",)),
        ("a cat without hat or dog", ["cat"], ("hat", "dog")),
        ("a cat without hat and dog", ["cat"], ("hat", "dog")),
        ("a cat without a hat and a dog", ["cat", "dog"], ("hat",)),
        ("a cat but no dog", ["cat"], ("dog",)),
        ("a cat instead of a dog", ["cat"], ("dog",)),
        ("neither a dog nor a hat, just a cat", ["cat"], ("dog", "hat")),
        ("don't draw a dog and a hat, draw a cat", ["cat"], ("dog", "hat")),
        ("I don't want a dog, I want a cat", ["cat"], ("dog",)),
        ("a cat, no dogs on the sofa", ["cat"], ("dogs on the sofa",)),
        ("a cat, avoid text and people", ["cat"], ("text", "people")),
        ("the image should not contain people, a cat", ["cat"], ("people",)),
        ("a beach (no people)", ["beach"], ("people",)),
        ("no people on a sofa", ["sofa"], ("people",)),
        ("no people", [], ("people",)),
        ("0 apples and a dog", ["dog"], ("apples",)),
        ("negative prompt: dog", [], ("dog",)),
        ("a cat. Negative prompt: blurry, dog\nSteps: 20, Seed: 1", ["cat"], ("blurry", "dog")),
        ("avoid: text, no people", [], ("text", "people")),
        ("a cat\nDo not include: dog\nBackground: blue", ["cat"], ("dog",)),
        ("a cat --no text, dog --v 6", ["cat"], ("text", "dog")),
        ("cat::2 dog::-1", ["cat"], ("dog",)),
        ("no bow and arrow, a cat", ["cat"], ("bow and arrow",)),
        ("a cat, but no small dog", ["cat"], ("small dog",)),
    ],
)
def test_what_is_left_out(text: str, objects: list[str], excluded: tuple[str, ...]) -> None:
    parsed = parse(text)
    assert [item.phrase for item in parsed.objects] == objects
    assert parsed.excluded == excluded


@pytest.mark.parametrize(
    ("text", "colours"),
    [
        ("a dog that is not red", ("red",)),
        ("a dog that is not orange", ("orange",)),
        ("a dog, not orange", ("orange",)),
        ("a dog that isn't mint", ("mint",)),
        ("a dog, it should not be mint", ("mint",)),
        ("a dog, no dark green", ("dark green",)),
        ("a dog without orange color", ("orange color",)),
        ("a dog, not black or white", ("black", "white")),
        ("a dog, anything but red", ("red",)),
    ],
)
def test_refused_colours_are_no_things(text: str, colours: tuple[str, ...]) -> None:
    parsed = parse(text)
    assert [item.phrase for item in parsed.objects] == ["dog"]
    assert (parsed.refused_colours, parsed.excluded) == (colours, ())


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("not an orange, a dog", "orange"),
        ("a dog, not salmon", "salmon"),
        ("a thing that is not an orange, a dog", "orange"),
        ("a dog without orange", "orange"),
        ("a dog without mint", "mint"),
        ("a dog, no red hat", "red hat"),
    ],
)
def test_things_that_have_or_share_a_colour_are_no_colours(text: str, excluded: str) -> None:
    parsed = parse(text)
    assert (parsed.refused_colours, parsed.excluded) == ((), (excluded,))


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("a no entry sign", ["no entry sign"]),
        ("don't forget the hat", ["the hat"]),
        ("not only a dog but also a cat", ["dog", "cat"]),
        ("a not so big dog", ["dog"]),
        ("nothing but a dog", ["dog"]),
        ("not just a dog, a cat too", ["dog", "cat"]),
        ("nothing else than a dog", ["dog"]),
        ("not too many dogs", ["dog"]),
        ("no more than three dogs", ["dog"]),
        ("a no smoking sign", ["no smoking sign"]),
        ("a small but mighty dog", ["small mighty dog"]),
        ("two big but cute dogs and a cat", ["big cute dog", "cat"]),
        ("a red dog but a blue cat", ["red dog", "blue cat"]),
    ],
)
def test_words_that_only_look_like_a_no(text: str, objects: list[str]) -> None:
    parsed = parse(text)
    assert [item.phrase for item in parsed.objects] == [
        name.removeprefix("the ") for name in objects
    ]
    assert not parsed.excluded


def test_no_background_is_about_the_background() -> None:
    parsed = parse("no background, a cat")
    assert (parsed.background, parsed.excluded) == ("no", ())
