"""The colour that is said of a thing is drawn, that of a person is what is worn."""

from __future__ import annotations

import pytest

from engine.prompts.planning.asked_colour import caption_and_shade
from engine.prompts.vocabulary.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("phrase", "caption", "shade"),
    [
        ("blue car", "blue car", ""),
        ("teal car", "blue car", "blue #0f8285"),
        ("blue superhero", "superhero", "blue"),
        ("teal superhero", "superhero", "blue #0f8285"),
        ("superhero", "superhero", ""),
        ("blue smiley", "blue smiley", ""),  # a face is not dressed
    ],
)
def test_people_are_drawn_without_a_color_and_turned(
    words: Vocabulary, phrase: str, caption: str, shade: str
) -> None:
    match = words.concepts.nearest(phrase)
    assert caption_and_shade(phrase, match) == (caption, shade)
