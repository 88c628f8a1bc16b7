"""Counts are kept, in figures and words; numbers that count nothing are told and never drawn."""

from __future__ import annotations

import pytest

from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.grammar.parsed import Ignored, ParsedPrompt, Reason
from engine.requests import MAX_BOXES

KNOWN = {
    "apple", "dog", "cat", "star", "egg", "shoe", "pair of shoes", "bus", "one o'clock", "calendar",
    "shirt", "7 eleven", "rose", "7", "10", "3 pm", "euro note",
    "formula one",
}  # fmt: skip


def parse(text: str) -> ParsedPrompt:
    return parse_prompt(text, KNOWN.__contains__)


def counts(text: str) -> list[tuple[str, int]]:
    return [(item.phrase, item.count) for item in parse(text).objects]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two dozen eggs", [("egg", 24)]),
        ("half a dozen eggs", [("egg", 6)]),
        ("at least two cats", [("cat", 2)]),
        ("up to three cats", [("cat", 3)]),
        ("a dozen roses", [("rose", 12)]),
        ("dozens of roses", [("rose", 24)]),
        ("several stars", [("star", 3)]),
        ("a pair of shoes", [("shoe", 2)]),
        ("thirteen cats", [("cat", 13)]),
        ("twenty-one cats", [("cat", 21)]),
        ("twenty one cats", [("cat", 21)]),
        ("2-3 dogs", [("dog", 3)]),
        ("2 to 3 dogs", [("dog", 3)]),
        ("dogs x3", [("dog", 3)]),
        ("red dogs x 3 and a cat", [("red dog", 3), ("cat", 1)]),
        ("dogs: 3, cats: 2", [("dog", 3), ("cat", 2)]),
        ("1dog, 2cats", [("dog", 1), ("cat", 2)]),
        ("٣ cats", [("cat", 3)]),
        ("13:00", [("one o'clock", 1)]),
        ("1 pm", [("one o'clock", 1)]),
        ("1 o clock", [("one o'clock", 1)]),
        ("one oclock", [("one o'clock", 1)]),
        ("formula one and a cat", [("formula one", 1), ("cat", 1)]),
        ("at 1:00 p.m.", [("one o'clock", 1)]),
        ("a 2024 calendar", [("calendar", 1)]),
        ("a 7-eleven", [("7-eleven", 1)]),
    ],
)
def test_counts(text: str, expected: list[tuple[str, int]]) -> None:
    assert counts(text) == expected
    assert not parse(text).numbers
    assert not parse(text).background


@pytest.mark.parametrize(
    ("text", "left", "phrase"),
    [
        ("1,000 apples", 950, "apple"),
        ("1.000 apples", 950, "apple"),
        ("1 000 apples", 950, "apple"),
        ("a hundred stars", 50, "star"),
        ("two hundred and fifty stars", 200, "star"),
        ("9999999 stars", 9999949, "star"),
    ],
)
def test_as_many_as_there_is_place_for(text: str, left: int, phrase: str) -> None:
    assert [count for _, count in counts(text)] == [MAX_BOXES]
    assert parse(text).ignored == (Ignored(phrase, Reason.TOO_MANY, left),)


@pytest.mark.parametrize(
    ("text", "count", "rounded"),
    [
        ("3.5 apples", 4, (("3.5", "4"),)),
        ("3,5 apples", 4, (("3,5", "4"),)),
        ("½ apple", 1, (("½", "1"),)),
        ("1½ apples", 2, (("1½", "2"),)),
        ("1/2 apple", 1, (("1/2", "1"),)),
    ],
)
def test_only_whole_things_are_drawn(
    text: str, count: int, rounded: tuple[tuple[str, str], ...]
) -> None:
    assert counts(text) == [("apple", count)]
    assert parse(text).rounded == rounded


@pytest.mark.parametrize(
    ("text", "objects", "numbers"),
    [
        ("42", [], ("42",)),
        ("1 2 3 4 5", [], ("1 2 3 4 5",)),
        ("10:30", [], ("10:30",)),
        ("$5", [], ("$5",)),
        ("10 € and a dog", [("dog", 1)], ("10 €",)),
        ("a 100% cotton shirt", [("cotton shirt", 1)], ("100%",)),
        ("a dozen", [], ("dozen",)),
        ("a bus number 42", [("bus", 1)], ("42",)),
        ("a bus 42 and a dog", [("bus", 1), ("dog", 1)], ("42",)),
        ("10 kg apples", [("apple", 2)], ("10 kg",)),
        ("a bus number 7", [("bus", 1)], ("7",)),
        ("a 10 inch apple", [("apple", 1)], ("10 inch",)),
        ("a cat at 3 pm", [("cat", 1)], ("3 pm",)),
        ("a 10 euro note", [("euro note", 1)], ("10",)),
        ("a dog at 10:30", [("dog", 1)], ("10:30",)),
        ("two, a dog", [("dog", 1)], ("two",)),
    ],
)
def test_other_numbers_are_never_drawn(
    text: str, objects: list[tuple[str, int]], numbers: tuple[str, ...]
) -> None:
    assert counts(text) == objects
    assert parse(text).numbers == numbers
    assert not parse(text).background
