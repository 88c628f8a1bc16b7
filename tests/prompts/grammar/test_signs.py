"""Signs that forbid something are drawn, while what a picture is to leave out is not."""

from __future__ import annotations

import pytest

from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.grammar.parsed import ParsedPrompt
from tests.helpers.vocabulary import plan

KNOWN = {"prohibition sign", "stop sign", "dog", "cat", "beach", "wall"}


def parse(text: str) -> ParsedPrompt:
    return parse_prompt(text, KNOWN.__contains__)


@pytest.mark.parametrize(
    "sign",
    [
        "no smoking sign", "no smoking", "no bicycles", "no dogs allowed", "no dogs allowed sign",
        "no food or drinks", "smoking prohibited", "dogs not allowed", "parking forbidden sign",
        "do not touch", "don't walk sign", "no smoking icon",
    ],
)  # fmt: skip
def test_a_sign_that_is_all_that_was_typed_is_the_object(sign: str) -> None:
    parsed = parse(sign)
    assert [(item.phrase, item.count) for item in parsed.objects] == [(sign, 1)]
    assert (parsed.excluded, parsed.about) == ((), ())


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("a dog and a no smoking sign", ["dog", "no smoking sign"]),
        ("a no dogs allowed sign next to a cat", ["no dogs allowed sign", "cat"]),
        ("a big red no smoking sign, a dog", ["big red no smoking sign", "dog"]),
        ("please do not touch", ["do not touch"]),
        ("a cat, dogs prohibited", ["cat", "dogs prohibited"]),
    ],
)
def test_a_sign_beside_other_things(text: str, phrases: list[str]) -> None:
    assert [item.phrase for item in parse(text).objects] == phrases


def test_signs_are_counted() -> None:
    (item,) = parse("two no smoking signs").objects
    assert (item.phrase, item.count) == ("no smoking sign", 2)


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("a beach, no people", ("people",)),
        ("no people on a beach", ("people",)),
        ("a cat with no stop signs", ("stop signs",)),
        ("a cat, no stop sign", ("stop sign",)),
        ("a cat but no dog icons", ("dog icons",)),
        ("no people, no text", ("people", "text")),
        ("do not draw a dog", ("dog",)),
        ("without people", ("people",)),
    ],
)
def test_what_is_not_wanted_stays_unwanted(text: str, excluded: tuple[str, ...]) -> None:
    assert parse(text).excluded == excluded


def test_without_a_drawing_of_such_signs_nothing_is_one() -> None:
    assert parse_prompt("no people", {"dog"}.__contains__).excluded == ("people",)


PLAIN = "Drawn as a plain sign, without a picture of what it forbids: {}."


@pytest.mark.parametrize(
    ("prompt", "caption", "note"),
    [
        ("no entry", "no entry sign", 'Understood "no entry" as no entry sign.'),
        ("do not enter", "no entry sign", 'Understood "do not enter" as no entry sign.'),
        ("entry prohibited", "no entry sign", 'Understood "entry prohibited" as no entry sign.'),
        ("a no entry sign", "no entry sign", None),
        ("no smoking sign", "prohibition sign", PLAIN),
        ("no littering sign", "prohibition sign", PLAIN),
        ("no bicycles", "prohibition sign", PLAIN),
        ("a purple no phones sign", "purple prohibition sign", PLAIN),
        ("do not disturb sign", "prohibition sign", PLAIN),
        ("\N{NO SMOKING SYMBOL}", "prohibition sign", PLAIN),
    ],
)
def test_the_layer_has_the_words_of_the_sign(prompt: str, caption: str, note: str | None) -> None:
    made = plan(prompt)
    (item,) = made.objects
    assert item.caption == caption
    if prompt.isascii():
        assert item.name == prompt.removeprefix("a ")
    said = item.name.removeprefix("purple ")
    assert list(made.notes) == ([note.format(said)] if note else [])


def test_models_that_know_more_words_are_asked_for_a_sign() -> None:
    assert [item.phrase for item in plan("no bicycles").objects] == ["a no bicycles sign"]
