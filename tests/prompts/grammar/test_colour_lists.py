"""Colours that stand behind the objects they are meant for."""

from __future__ import annotations

import pytest

from engine.composition.relations import Relation
from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.grammar.parsed import Ignored, ParsedPrompt, Reason

KNOWN = {"fox", "owl", "cat", "star", "hat", "shoe", "skateboard", "orange", "apple", "balloon"}


def parse(text: str) -> ParsedPrompt:
    return parse_prompt(text, KNOWN.__contains__)


def phrases(text: str) -> list[str]:
    return [item.phrase for item in parse(text).objects for _ in range(item.count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox and an owl in dusty pink and forest green", ["dusty pink fox", "forest-green owl"]),
        ("a fox and an owl in navy", ["navy fox", "navy owl"]),
        ("a fox and an owl in shades of orange", ["orange fox", "orange owl"]),
        ("a fox and an owl in pastel pink", ["pastel pink fox", "pastel pink owl"]),
        ("a fox, an owl, all in navy", ["navy fox", "navy owl"]),
        ("a fox and an owl, everything in navy", ["navy fox", "navy owl"]),
        (
            "a fox, an owl and a cat with a palette of coral, mint and lavender",
            ["coral fox", "mint owl", "lavender cat"],
        ),
        ("a fox, an owl, pastel pink and gold tones", ["pastel pink fox", "gold owl"]),
        ("Colors: coral and mint. A fox, an owl.", ["coral fox", "mint owl"]),
        ("two cats, one red and one blue", ["red cat", "blue cat"]),
        ("three stars in red and blue", ["red star", "blue star", "red star"]),
        ("a fox, an owl and a cat in red and blue", ["red fox", "blue owl", "red cat"]),
        ("a fox and an owl in #ff8800 and #123456", ["#ff8800 fox", "#123456 owl"]),
        ("a red fox and an owl in navy", ["red fox", "navy owl"]),
        ("a fox in red and an owl in blue", ["red fox", "blue owl"]),
        ("a fox and an owl in red next to a cat", ["fox", "red owl", "cat"]),
        ("an orange and an apple in teal", ["teal orange", "teal apple"]),
        ("a hat in red and blue", ["red and blue hat"]),
        ("a fox and an owl in blush pink and sage green, elegant", ["pink fox", "sage-green owl"]),
        ("a fox and an owl in rose and green", ["pink fox", "green owl"]),
    ],
)
def test_colours_at_the_end_go_to_the_objects(text: str, expected: list[str]) -> None:
    assert phrases(text) == expected
    assert not parse(text).background


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cat in a red hat", ["red hat", "cat"]),
        ("a cat in a red hat and pink shoes", ["red hat", "cat", "pink shoe", "pink shoe"]),
    ],
)
def test_the_colours_of_what_is_worn_are_its_own(text: str, expected: list[str]) -> None:
    assert phrases(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "background"),
    [
        ("a fox and an owl on dusty pink", ["fox", "owl"], "dusty pink"),
        ("a fox against navy and teal", ["fox"], "navy and teal"),
        ("a fox on a gradient in pink and blue", ["fox"], "pink and blue gradient"),
        ("a fox on a blue gradient in navy", ["navy fox"], "blue gradient"),
        ("a fox on green hills in navy", ["navy fox"], "green hills"),
        ("a fox in navy on a white background", ["navy fox"], "white"),
        ("a sunset in pink and orange", [], "pink and orange sunset"),
        ("in pink", [], "pink"),
    ],
)
def test_a_background_keeps_its_own_words(text: str, expected: list[str], background: str) -> None:
    assert phrases(text) == expected
    assert parse(text).background == background


def test_only_several_colours_are_a_guess() -> None:
    assert parse("a fox and an owl in navy").in_turn == ()
    assert parse("a fox in navy and white").in_turn == ()
    assert parse("a fox and an owl in navy and teal").in_turn == ("navy fox", "teal owl")


def test_colours_that_are_left_are_told() -> None:
    white, navy = Ignored("white", Reason.COLOUR), Ignored("navy", Reason.COLOUR)
    assert parse("a fox and an owl in navy, teal and white").ignored == (white,)
    assert parse("a red fox and a blue owl in navy").ignored == (navy,)


def test_objects_in_several_colours_keep_their_order_and_relations() -> None:
    found = parse("a fox on two skateboards in red, green and blue").objects
    assert [item.phrase for item in found] == ["green skateboard", "blue skateboard", "red fox"]
    assert found[2].relation is Relation.ON
    assert found[2].target == 0
