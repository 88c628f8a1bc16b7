"""The table of sizes and places: complete, without strangers, and sensible."""

from __future__ import annotations

import json
import tomllib

import pytest

from engine.checkpoints.starter import STARTER_FOLDER
from engine.composition.traits import FILE, Place, Size, Traits, all_traits, traits_of


def words_of(text: str) -> list[str]:
    return [" ".join(label.split()) for label in text.split(",")]


def labels() -> set[str]:
    rows = json.loads((STARTER_FOLDER / "concepts.json").read_text("utf-8"))
    return {row["label"] for row in rows}


def test_every_concept_of_the_starter_has_one_size_and_no_other_word_has() -> None:
    table = tomllib.loads(FILE.read_text("utf-8"))
    listed = [label for text in table["sizes"].values() for label in words_of(text)]
    assert len(listed) == len(set(listed))
    assert set(listed) == labels()


def test_other_lists_name_concepts_only() -> None:
    table = tomllib.loads(FILE.read_text("utf-8"))
    lists = [*table["places"].values(), *table["others"].values()]
    for text in lists:
        assert len(words_of(text)) == len(set(words_of(text)))
        assert set(words_of(text)) <= labels()


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("mouse", Traits(Size.TINY)),
        ("elephant", Traits(Size.HUGE, seat=True)),
        ("tree", Traits(Size.HUGE, shelter=True)),
        ("sun", Traits(Size.MEDIUM, Place.SKY, far=True)),
        ("heart", Traits(Size.SMALL, Place.FREE)),
        ("what is this", Traits()),
    ],
)
def test_statures(label: str, expected: Traits) -> None:
    assert traits_of(label) == expected


def test_places_do_not_contradict() -> None:
    assert all(item.place is Place.SKY for item in all_traits().values() if item.far)
