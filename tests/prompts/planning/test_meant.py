"""What words mean beside others: several of a general kind, and the moon that is stood on."""

from __future__ import annotations

import pytest

from engine.prompts.planning.layer_plan import plan_object
from engine.requests import LayerRequest, RegionBox
from tests.helpers.vocabulary import plan, shipped


@pytest.mark.parametrize(
    ("prompt", "labels", "note"),
    [
        ("animals", ["dog", "monkey"], 'Understood "animal" as dog, monkey.'),
        ("3 fruits", ["apple", "grapes", "watermelon"], None),
        ("farm animals and a tree", ["horse", "cow", "tree"], None),
        ("two red flowers", ["red rose", "red sunflower"], None),
        ("vehicles on a beach", ["car", "bus"], 'Understood "vehicle" as car, bus.'),
        ("an animal", ["dog"], 'Understood "animal" as dog.'),
        ("two birds", ["bird", "bird"], None),
        ("white flowers", ["white flower"] * 2, None),
        ("two puppies", ["dog", "dog"], None),
        ("tools", ["tools"], None),
    ],
)
def test_several_of_a_general_kind_are_different_ones(
    prompt: str, labels: list[str], note: str | None
) -> None:
    made = plan(prompt)
    assert [item.caption for item in made.objects] == labels
    if note:
        assert made.notes == (note,)


def test_the_layers_are_named_so_that_they_are_made_again_as_they_are() -> None:
    box = RegionBox("x", 0, 0, 40, 40)
    for item in plan("animals").objects:
        assert item.name == item.typed == item.concept.label
        again = plan_object(LayerRequest(item.typed, 64, 64, 1, box), shipped())
        assert again.item.caption == item.caption


@pytest.mark.parametrize(
    ("prompt", "labels"),
    [
        ("an astronaut on the moon", ["full moon", "astronaut"]),
        ("ein Astronaut auf dem Mond", ["full moon", "astronaut"]),
        ("a cat on a blue moon", ["blue full moon", "cat"]),
        ("a cat under the moon", ["cat", "moon"]),
        ("a cat and the moon", ["cat", "moon"]),
        ("a cat on a first quarter moon", ["first quarter moon", "cat"]),
    ],
)
def test_what_is_stood_on_is_the_full_moon(prompt: str, labels: list[str]) -> None:
    assert sorted(item.caption for item in plan(prompt).objects) == sorted(labels)
