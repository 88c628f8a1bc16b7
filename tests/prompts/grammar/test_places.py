"""Places that are named before what is there, and what is told of things that were named before."""

from __future__ import annotations

import pytest

from engine.composition.relations import Relation
from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.grammar.parsed import ParsedPrompt

KNOWN = {"cat", "dog", "sofa", "apple", "pear", "tree", "box", "plane", "chair", "star", "balloon"}


def parse(text: str) -> ParsedPrompt:
    return parse_prompt(text, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("text", "bottom", "top", "relation"),
    [
        ("on a sofa a cat", "sofa", "cat", Relation.ON),
        ("On a red sofa: two cats", "red sofa", "cat", Relation.ON),
        ("inside a box, a cat", "box", "cat", Relation.IN),
        ("under a tree a dog", "dog", "tree", Relation.BELOW),
        ("behind the tree is a dog", "dog", "tree", Relation.BEHIND),
    ],
)
def test_a_thing_to_sit_on_is_an_object(
    text: str, bottom: str, top: str, relation: Relation
) -> None:
    parsed = parse(text)
    assert not parsed.background
    assert [item.phrase.removeprefix("the ") for item in parsed.objects] == [bottom, top]
    assert [item.relation for item in parsed.objects if item.relation] == [relation]


@pytest.mark.parametrize(
    ("text", "objects", "background"),
    [
        ("on a table: an apple and a pear", ["apple", "pear"], "table"),
        ("on the beach a cat and a dog", ["cat", "dog"], "beach"),
        ("in the sky a plane", ["plane"], "sky"),
        ("on a mezzanine a cat", ["cat"], "mezzanine"),
        ("on a chair", ["chair"], ""),
        ("a star in the top left corner", ["star"], ""),
    ],
)
def test_other_places_are_the_background(text: str, objects: list[str], background: str) -> None:
    parsed = parse(text)
    assert [item.phrase for item in parsed.objects] == objects
    assert parsed.background == background


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("a dog a cat", ["dog", "cat"]),
        ("a dog chases a cat", ["dog", "cat"]),
        ("two cats, a red one and a blue one", ["blue cat", "red cat"]),
        ("three stars, a red one", ["star", "star", "red star"]),
        ("five stars, two red ones and three blue ones", ["blue star"] * 3 + ["red star"] * 2),
        ("two cats, one of them is red", ["cat", "red cat"]),
        ("three cats, two of them red", ["cat", "red cat", "red cat"]),
        ("two cats, one of them sleeping", ["cat", "cat"]),
        ("two cats, each of them on a sofa", ["sofa", "cat", "cat"]),
        ("a black cat and a white one", ["black cat", "white cat"]),
        ("a big dog and a small one", ["big dog", "small dog"]),
        ("a dog and another one", ["dog", "dog"]),
        ("two dogs, one in red, the other in blue", ["red dog", "blue dog"]),
        ("two dogs, the first one in red, the second one in blue", ["red dog", "blue dog"]),
    ],
)
def test_one_is_one_of_those_named_before(text: str, objects: list[str]) -> None:
    found = parse(text).objects
    assert [item.phrase for item in found for _ in range(item.count)] == objects


def test_one_of_nothing_is_nothing() -> None:
    parsed = parse("a red one and a blue one")
    assert not parsed.objects
    assert parsed.about == ("red one", "blue one")


def test_what_follows_a_place_that_was_named_stands_there() -> None:
    text = "A box. Behind the box is a tree. On the box a cat, in front of the box there is a dog."
    found = {item.phrase: item for item in parse(text).objects}
    box = [item.phrase for item in parse(text).objects].index("box")
    assert {phrase: (item.relation, item.target) for phrase, item in found.items()} == {
        "box": (None, None),
        "tree": (Relation.BEHIND, box),
        "cat": (Relation.ON, box),
        "dog": (Relation.IN_FRONT_OF, box),
    }
