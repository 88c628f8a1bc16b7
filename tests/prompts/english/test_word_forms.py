"""Plurals of English nouns."""

from __future__ import annotations

import pytest

from engine.prompts.english.words import singular


@pytest.mark.parametrize(
    ("plural", "noun"),
    [
        ("roses", "rose"),
        ("houses", "house"),
        ("vases", "vase"),
        ("prizes", "prize"),
        ("glasses", "glass"),
        ("boxes", "box"),
        ("walruses", "walrus"),
        ("lenses", "lens"),
        ("waltzes", "waltz"),
        ("bouquets of roses", "bouquet of roses"),
        ("a glass", "a glass"),
    ],
)
def test_a_plural_has_the_singular_that_people_write(plural: str, noun: str) -> None:
    assert singular(plural) == noun
