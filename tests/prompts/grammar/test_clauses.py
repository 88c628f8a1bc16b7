"""Sentences with verbs, similes, choices and headings: none of it becomes a thing to draw."""

from __future__ import annotations

import pytest

from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.grammar.parsed import ParsedPrompt

KNOWN = {
    "dog", "cat", "tree", "wolf", "pig", "house", "horse", "galloping horse", "owl", "clock",
    "robot", "balloon", "book", "sofa", "spider", "web", "monkey", "banana", "elephant", "ball",
    "bird", "egg", "dragon", "flower", "apple", "playing card", "gift", "ribbon", "heart", "bee",
    "building", "wave", "honey pot", "cake", "leaf", "star", "the bird",
    "fly", "bee fly",
}  # fmt: skip


def parse(text: str) -> ParsedPrompt:
    return parse_prompt(text, KNOWN.__contains__, {"retriever", "golden retriever"}.__contains__)


def objects(text: str) -> list[str]:
    return [item.phrase for item in parse(text).objects for _ in range(item.count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a dog sitting proudly on a sofa", ["dog", "sofa"]),
        ("a golden retriever sitting proudly next to a cat", ["golden retriever", "cat"]),
        ("a beautifully wrapped gift", ["wrapped gift"]),
        ("three pigs building a house while a wolf is watching from behind a tree",
         ["pig", "pig", "pig", "house", "wolf", "tree"]),
        ("an owl, perched on a clock", ["owl", "clock"]),
        ("a white horse galloping", ["white horse galloping"]),
        ("a playing card", ["playing card"]),
        ("a spider hanging from a web", ["spider", "web"]),
        ("a cat watching the bird", ["cat", "bird"]),
        ("a bee flies over a flower", ["bee", "flower"]),
        ("birds fly over a tree", ["bird", "bird", "tree"]),
        ("two big flies and a bee fly", ["big fly", "big fly", "bee fly"]),
        ("green flies", ["green fly"] * 2),
        ("a swarm of flies", ["swarm of flies"]),
        ("a cat vs. a dog", ["cat", "dog"]),
        ("fluffy cats", ["fluffy cat"] * 2),
        ("a monkey hanging from a tree eating a banana", ["monkey", "tree", "banana"]),
        ("a balloon tied to a blue house", ["balloon", "blue house"]),
        ("a dragon hatching from an egg", ["dragon", "egg"]),
        ("a house full of flowers", ["house", "flower", "flower"]),
        ("a robot holding a book in one hand and a balloon in the other hand",
         ["robot", "book", "balloon"]),
        ("an elephant with a bird on its head and a monkey holding its tail",
         ["elephant", "bird", "monkey"]),
        ("a dog and a cat are best friends. They sit together on a green sofa.",
         ["dog", "cat", "green sofa"]),
        ("there's a cat on a sofa", ["cat", "sofa"]),
        ("Draw on a sofa a cat", ["sofa", "cat"]),
        ("Sure! Here is a dog", ["dog"]),
        ("maybe a few bees flying around", ["bee"] * 3),
        ("a cat, one with a heart", ["cat", "heart"]),
        ("a red apple, on top of it a bird, to the left of the apple a leaf",
         ["red apple", "bird", "leaf"]),
        ("Characters: a dog and a cat\nProps: a ball", ["dog", "cat", "ball"]),
        ("a dog that chases a cat that chases a wolf", ["dog", "cat", "wolf"]),
        ("red, blue and light green balloons",
         ["red balloon", "blue balloon", "light green balloon"]),
        ("a blue and a green and a red ball", ["blue ball", "green ball", "red ball"]),
        ("at the bottom flowers", ["flower", "flower"]),
        ("a star and put a heart beside it", ["star", "heart"]),
        ("a bottle of water and a dog", ["bottle of water", "dog"]),
        ("a coffee table", ["coffee table"]),
        ("dog cat bird", ["dog", "cat", "bird"]),
        ("three red balloons", ["red balloon"] * 3),
        ("six colorful balloons and a dog", ["colorful balloon"] * 6 + ["dog"]),
        ("five blue fish", ["blue fish"] * 5),
        ("vector, flat, 2d, a dog", ["dog"]),
        ("Once upon a time there was a pig", ["pig"]),
        ("a monkey walking to house", ["monkey", "house"]),
        ("a dog. Thank you so much!", ["dog"]),
        ("a dog, shot on Canon EOS R5, 85mm lens, shallow depth of field", ["dog"]),
    ],
)  # fmt: skip
def test_things(text: str, expected: list[str]) -> None:
    assert sorted(objects(text)) == sorted(expected)
    assert (parse(text).background, parse(text).about) == ("", ())


@pytest.mark.parametrize(
    ("text", "expected", "about"),
    [
        ("a cat as an astronaut", ["cat"], ("as an astronaut",)),
        ("a house shaped like a heart", ["house"], ("shaped like a heart",)),
        ("a cat dressed as a wolf", ["cat"], ("dressed as a wolf",)),
        ("make it look like a comic, a dog", ["dog"], ("look like a comic",)),
        ("an owl by Greg Rutkowski", ["owl"], ("by greg rutkowski",)),
        ("a dog, white outline", ["dog"], ("white outline",)),
        ("a dog. Use a warm color palette", ["dog"], ("warm color palette",)),
        ("a dog, golden hour lighting", ["dog"], ("golden hour lighting",)),
        ("Act as an illustrator. Draw a dog", ["dog"], ("act as an illustrator",)),
        ("left: a cat, right: a dog", ["cat", "dog"], ("left", "right")),
        ("Happy Birthday with a cake", ["cake"], ("happy birthday",)),
        ("a dog, lighting: soft and warm", ["dog"], ("lighting soft and warm",)),
    ],
)
def test_looks_and_similes_are_kept_for_a_note(
    text: str, expected: list[str], about: tuple[str, ...]
) -> None:
    assert objects(text) == expected
    assert parse(text).about == about


@pytest.mark.parametrize(
    ("text", "expected", "unchosen"),
    [
        ("a cat or a dog", ["cat"], ("dog",)),
        ("either a cat or a dog", ["cat"], ("dog",)),
        ("a red or blue cat", ["red cat"], ()),
        ("red or blue cats", ["red cat"] * 2, ()),
        ("black or white", ["black"], ()),
        ("two or three cats", ["cat"] * 3, ()),
    ],
)
def test_of_a_choice_the_first_is_taken(
    text: str, expected: list[str], unchosen: tuple[str, ...]
) -> None:
    assert objects(text) == expected
    assert (parse(text).unchosen, parse(text).excluded) == (unchosen, ())


@pytest.mark.parametrize(
    ("text", "background"),
    [
        ("a dog, stormy sea in the background", "stormy sea"),
        ("a dog on the ocean waves", "ocean waves"),
        ("a balloon over a tree during sunset", "sunset"),
        ("gradient from blue to pink", "gradient from blue to pink"),
    ],
)
def test_backgrounds(text: str, background: str) -> None:
    assert parse(text).background == background


def test_a_heading_may_be_color() -> None:
    assert objects("Draw: cat. Color: red.") == ["red cat"]
