"""The notes and errors about how a sentence was read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.composition.groups import Placement
from engine.errors import RequestError
from engine.prompts.planning.layer_plan import plan_object
from engine.prompts.planning.scene_plan import plan_scene
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import Corners, LayerRequest, LayoutRequest, RegionBox

OF_ANOTHER = (
    "No layer was made of what belongs to another object, and the drawing may not show it: "
)


def anywhere(placements: Sequence[Placement]) -> list[Corners]:
    return [(0, 0, 10, 10)] * len(placements)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("a cat without a hat, no dogs", ["As the prompt asks, no layer was made of: hat, dogs."]),
        (
            "a pumpkin that is not orange",
            ["Colors cannot be kept out, so these may still be seen: orange."],
        ),
        (
            "ein Auto ohne Rot und ohne Hund",
            [
                'Read as "a car without red and without dog".',
                "As the prompt asks, no layer was made of: Hund.",
                "Colors cannot be kept out, so these may still be seen: Rot.",
            ],
        ),
        ("a cat or a dog", ["Of a choice the first was drawn, not: dog."]),
        ("a cat, 42, $5", ["Numbers that count nothing were left out: $5, 42."]),
        (
            "100 balloons and a cat",
            ["Left out, because at most 50 objects are drawn at once: 50 × balloon, 1 × cat."],
        ),
        (
            "a house by the sea at sunset",
            ["Left out, because there is only one background: sunset."],
        ),
        (
            "a cat with blue eyes and red ears",
            [OF_ANOTHER + "blue eyes, red ears."],
        ),
        (
            "a red fox and a blue owl in navy",
            ["Left out, because no object was left for the color: navy."],
        ),
        (
            "ein Vogel mit gelben Flügeln",
            [
                'Read as "a bird with yellow wings".',
                OF_ANOTHER + "gelben Flügeln.",
            ],
        ),
        ("3.5 apples", ["Only whole things are drawn: 3.5 became 4."]),
        (
            "eine Katze ohne Hund",
            ['Read as "a cat without dog".', "As the prompt asks, no layer was made of: Hund."],
        ),
    ],
)
def test_notes(text: str, notes: list[str], words: Vocabulary) -> None:
    plan = plan_scene(LayoutRequest(text, 100, 100, 1), words, anywhere)
    assert list(plan.notes) == notes


def test_what_is_not_known_is_told_in_one_note_and_backgrounds_are_offered(
    words: Vocabulary,
) -> None:
    plan = plan_scene(LayoutRequest("a theorbo on a table", 100, 100, 1), words, anywhere)
    (item,) = plan.objects
    unknown, offered = plan.notes
    assert unknown == (
        f'Not known, so I took the nearest: "theorbo" as {item.concept.label}, '
        'the background "table" as plain white.'
    )
    assert offered.startswith("Backgrounds can be plain colors, gradients, ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("without people", "The prompt only says what to leave out (people)"),
        ("not red", "The prompt only says what to leave out (red)"),
        ("42", "The prompt has only numbers that count nothing (42)"),
        ("and on with", "The prompt names nothing to draw"),
    ],
)
def test_errors(text: str, said: str, words: Vocabulary) -> None:
    with pytest.raises(RequestError) as error:
        plan_scene(LayoutRequest(text, 100, 100, 1), words, anywhere)
    assert str(error.value).startswith(said)


def test_a_layer_has_the_notes_too(words: Vocabulary) -> None:
    box = RegionBox("b0", 0, 0, 10, 10)
    request = LayerRequest("a cat without a hat", 100, 100, 1, box=box)
    assert plan_object(request, words).notes == ("As the prompt asks, no layer was made of: hat.",)
