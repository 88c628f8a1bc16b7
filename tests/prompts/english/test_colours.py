"""Colour words are split off from what they are said of."""

from __future__ import annotations

import pytest

from engine.prompts.english.colours import split_colours


@pytest.mark.parametrize(
    ("phrase", "colours", "rest"),
    [
        ("a dark navy car", ["blue"], "a car"),
        ("blue to pink gradient", ["blue", "pink"], "to gradient"),
        ("red and dark blue car", ["red", "blue"], "car"),
        ("red apple and dog", ["red"], "apple and dog"),
        ("apple", [], "apple"),
        ("red-coloured apple", ["red"], "apple"),
        ("wine-red car", ["red"], "car"),
        ("blue-green bird", ["blue", "green"], "bird"),
        ("green-haired woman", [], "woman"),
        ("ice-cream cone", [], "ice cream cone"),
    ],
)
def test_colour_words_are_split_off(phrase: str, colours: list[str], rest: str) -> None:
    assert split_colours(phrase) == (colours, rest)
