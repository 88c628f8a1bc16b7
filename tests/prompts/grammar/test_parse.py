"""Reading sentences: objects, counts, background, style, order of layers."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.composition.relations import Relation
from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.grammar.parsed import Ignored, ParsedPrompt, Reason
from engine.requests import MAX_BOXES, MAX_PROMPT_CHARACTERS

KNOWN = {
    "apple", "dog", "cat", "skateboard", "house", "tree", "grapes", "glasses", "cloud", "star",
    "bed", "moon", "orange", "umbrella", "guitar", "hat", "ice cream cone", "red", "gloves",
    "three o'clock", "alarm clock", "shoe",
}  # fmt: skip
PHRASES = ["a red apple", "two dogs", "cats", "a pair of glasses", "the moon", "spaceships"]
CONNECTORS = [" and ", ", ", " next to ", " on ", " in front of ", " over ", " with ", " of "]


def parse(text: str) -> ParsedPrompt:
    return parse_prompt(text, KNOWN.__contains__)


def objects(text: str) -> list[tuple[str, int]]:
    return [(item.phrase, item.count) for item in parse(text).objects]


@pytest.mark.parametrize(
    ("text", "expected", "background"),
    [
        (
            "a red apple and a brown dog on a sunset gradient",
            [("red apple", 1), ("brown dog", 1)],
            "sunset gradient",
        ),
        ("two cats", [("cat", 2)], ""),
        ("3 apples, 2 dogs; a cat", [("apple", 3), ("dog", 2), ("cat", 1)], ""),
        ("cats and dogs", [("cat", 2), ("dog", 2)], ""),
        ("a couple of clouds with a star", [("cloud", 2), ("star", 1)], ""),
        ("a bunch of grapes", [("grapes", 1)], ""),
        ("a pair of glasses", [("glasses", 1)], ""),
        ("two pairs of glasses", [("glasses", 2)], ""),
        ("one pair of gloves", [("gloves", 1)], ""),
        ("a pair of winter gloves", [("winter gloves", 1)], ""),
        ("two pairs of red gloves", [("red gloves", 2)], ""),
        ("a pair of trousers", [("trousers", 1)], ""),
        ("two pairs of trousers", [("trousers", 2)], ""),
        ("a pair of old dogs", [("old dog", 2)], ""),
        ("two pairs of shoes", [("shoe", 4)], ""),
        ("a clock at three o'clock", [("three o'clock", 1)], ""),
        ("two red clocks at 3:00 and a dog", [("red three o'clock", 2), ("dog", 1)], ""),
        ("an alarm clock at three o'clock", [("alarm clock", 1)], ""),
        ("a clock at six o'clock", [("clock", 1)], ""),
        (
            "a clock and a dog at three o'clock",
            [("clock", 1), ("dog", 1), ("three o'clock", 1)],
            "",
        ),
        ("a clock, three o'clock", [("clock", 1), ("three o'clock", 1)], ""),
        ("a dozen stars", [("star", 12)], ""),
        ("an orange", [("orange", 1)], ""),
        ("an orange and a lime", [("orange", 1), ("lime", 1)], ""),
        ("a black and white cat", [("black and white cat", 1)], ""),
        ("a dog on a blue and pink gradient", [("dog", 1)], "blue and pink gradient"),
        ("a dog with a blue background", [("dog", 1)], "blue"),
        ("a dog, blue to pink gradient background", [("dog", 1)], "blue to pink gradient"),
        ("a background of green hills and a tree", [("tree", 1)], "green hills"),
        ("sunset gradient background", [], "sunset gradient"),
        ("a dog on a blue sky with clouds", [("dog", 1)], "blue sky with clouds"),
        (
            "a dog in a night sky with stars and a cat",
            [("dog", 1), ("cat", 1)],
            "night sky with stars",
        ),
        ("a dog on green", [("dog", 1)], "green"),
        ("a spaceship flying over the ocean", [("spaceship", 1)], "ocean"),
        ("Draw me a picture of a puppy at night", [("puppy", 1)], "night"),
        ("There are two dogs in space", [("dog", 2)], "space"),
        ("A DOG\nA CAT", [("dog", 1), ("cat", 1)], ""),
        ("a dog playing guitar", [("dog", 1), ("guitar", 1)], ""),
        ("a red and a blue hat", [("red hat", 1), ("blue hat", 1)], ""),
        ("two red and three blue stars", [("red star", 2), ("blue star", 3)], ""),
        ("a big and a small dog", [("big dog", 1), ("small dog", 1)], ""),
        ("a red, a dog", [("red", 1), ("dog", 1)], ""),
        ("red red", [("red red", 1)], ""),
        ("red and blue", [("red and blue", 1)], ""),
        ("a maroon and a dog", [("maroon", 1), ("dog", 1)], ""),
        ("a green light and a red dog", [("green light", 1), ("red dog", 1)], ""),
        (
            "a house. The house is red. A tree next to the house",
            [("red house", 1), ("tree", 1)],
            "",
        ),
        ("two cats and a hat. The cats are black", [("black cat", 2), ("hat", 1)], ""),
        ("the moon and the star", [("moon", 1), ("star", 1)], ""),
        ("a lot of stars", [("star", 5)], ""),
        ("a dog and a cat, top view", [("dog", 1), ("cat", 1)], ""),
        ("two playing dogs", [("playing dog", 2)], ""),
        ("a dog, carrying a hat", [("dog", 1), ("hat", 1)], ""),
        ("a dog waiting for a cat", [("dog", 1), ("cat", 1)], ""),
        (
            "an ice cream cone & a hat + a star",
            [("ice cream cone", 1), ("hat", 1), ("star", 1)],
            "",
        ),
        ("a slice of pizza", [("slice of pizza", 1)], ""),
        ("\U0001f436 and \U0001f319", [("dog face", 1), ("crescent moon", 1)], ""),
        ("日本語の犬", [("日本語の犬", 1)], ""),
        ("собака и кошка", [("собака и кошка", 1)], ""),
        ("größer, Bär", [("größer", 1), ("bär", 1)], ""),
        ("a red-coloured apple", [("red apple", 1)], ""),
        ("a coloured hat", [("coloured hat", 1)], ""),
        ("a cat in an empty room", [("cat", 1)], "empty room"),
        ("a cat wearing a red hat on the beach", [("cat", 1), ("red hat", 1)], "beach"),
        ("A BIG RED APPLE, A DOG AND A HAT", [("big red apple", 1), ("dog", 1), ("hat", 1)], ""),
        ("a house red and blue", [("red and blue house", 1)], ""),
        ("an apple that is red", [("red apple", 1)], ""),
        ("a house, red, on a road", [("red house", 1)], "road"),
        ("a hat (red) and a bed (blue)", [("red hat", 1), ("blue bed", 1)], ""),
        ("a dog in red", [("red dog", 1)], ""),
        ("a dog on red and blue", [("dog", 1)], "red and blue"),
        ("apple, orange, lime", [("apple", 1), ("orange", 1), ("lime", 1)], ""),
        ("a glass of red", [("glass of red", 1)], ""),
        ("five red and blue stars", [("red and blue star", 5)], ""),
        ("a blue-and-white umbrella", [("blue and white umbrella", 1)], ""),
        ("2x cat", [("cat", 2)], ""),
        ("a rocket flying to the moon", [("rocket", 1), ("moon", 1)], ""),
        ("a cat between two dogs", [("cat", 1), ("dog", 2)], ""),
        ("a crown made of gold", [("crown", 1)], ""),
        ("a cat holding an apple in its hand", [("cat", 1), ("apple", 1)], ""),
        ("a house with a tree in front of it", [("house", 1), ("tree", 1)], ""),
        ("a house with stars on top", [("house", 1), ("star", 2)], ""),
        ("two cats sleeping under a big tree", [("cat", 2), ("big tree", 1)], ""),
        ("a cat under an umbrella in the rain", [("cat", 1), ("umbrella", 1)], "rain"),
        ("a dog without a background", [("dog", 1)], "no"),
        ("a dog without a hat", [("dog", 1)], ""),
        ("a dog from the side", [("dog", 1)], ""),
        ("a close-up of a dog", [("dog", 1)], ""),
        ("vector art of a dog", [("dog", 1)], ""),
        ("a logo of two dogs", [("dog", 2)], ""),
        ("a dog portrait with a hat", [("dog", 1), ("hat", 1)], ""),
    ],
)
def test_sentences(text: str, expected: list[tuple[str, int]], background: str) -> None:
    assert objects(text) == expected
    assert parse(text).background == background


@pytest.mark.parametrize("text", ["", " \n\t", "!!!", "and on with", "the of a", "\x00\ud800", "—"])
def test_texts_without_a_noun(text: str) -> None:
    assert parse(text) == ParsedPrompt()


@pytest.mark.parametrize(
    ("text", "bottom", "top", "relation"),
    [
        ("a cat on a skateboard", "skateboard", "cat", Relation.ON),
        ("a tree in front of a house", "house", "tree", Relation.IN_FRONT_OF),
        ("a tree behind a house", "tree", "house", Relation.BEHIND),
        ("a moon over a house", "moon", "house", Relation.ABOVE),
        ("a dog under the umbrella", "dog", "umbrella", Relation.BELOW),
        ("a dog to the left of a cat", "dog", "cat", Relation.LEFT_OF),
        ("a dog next to a cat", "dog", "cat", Relation.BESIDE),
    ],
)
def test_relations_and_layer_order(text: str, bottom: str, top: str, relation: Relation) -> None:
    found = parse(text).objects
    assert [item.phrase for item in found] == [bottom, top]
    related = [item for item in found if item.relation]
    assert [item.relation for item in related] == [relation]
    assert related[0].target is not None
    assert found[related[0].target] is not related[0]


def test_parts_that_are_also_nouns_stay_with_their_thing() -> None:
    known = KNOWN | {"window", "wheel", "car"}
    found = parse_prompt("a house with blue windows and a car with wheels", known.__contains__)
    assert [item.phrase for item in found.objects] == ["house", "car"]
    alone = parse_prompt("a wheel next to a window", known.__contains__)
    assert sorted(item.phrase for item in alone.objects) == ["wheel", "window"]


@pytest.mark.parametrize(
    ("text", "style", "unknown"),
    [
        ("a dog, flat style", "flat", ""),
        ("a dog in glossy style", "glossy", ""),
        ("a 3d dog", "3d", ""),
        ("an outlined dog", "outlined", ""),
        ("a cartoon dog", "outlined", ""),
        ("a dog in comic style", "outlined", ""),
        ("flat-style dog", "flat", ""),
        ("a dog in watercolor style", "", "watercolor"),
        ("a dog", "", ""),
    ],
)
def test_styles(text: str, style: str, unknown: str) -> None:
    parsed = parse(text)
    assert (parsed.style, parsed.unknown_style) == (style, unknown)
    assert objects(text) == [("dog", 1)]


def test_a_misspelled_style_is_the_one_it_is_near_to() -> None:
    parsed = parse("a dog, glosy style")
    assert (parsed.style, parsed.unknown_style) == ("glossy", "glosy")


def test_what_stands_under_a_thing_that_was_heard_of_is_no_background() -> None:
    parsed = parse_prompt("a dog under a parasol", {"dog"}.__contains__, {"parasol"}.__contains__)
    assert [item.phrase for item in parsed.objects] == ["dog", "parasol"]
    assert not parsed.background
    assert parse_prompt("a dog under a parasol", {"dog"}.__contains__).background == "parasol"


def test_too_many_objects_and_a_second_background_are_reported() -> None:
    many = parse("60 cats and a dog")
    assert many.object_count == MAX_BOXES
    assert many.ignored == (
        Ignored("cat", Reason.TOO_MANY, 10),
        Ignored("dog", Reason.TOO_MANY, 1),
    )
    sunset = Ignored("sunset", Reason.BACKGROUND)
    assert parse("a house by the sea at sunset").ignored == (sunset,)


def test_features_of_an_object_are_no_layers_and_are_reported() -> None:
    parsed = parse("a dog with blue eyes and red ears next to a cat")
    assert [item.phrase for item in parsed.objects] == ["dog", "cat"]
    assert parsed.ignored == (
        Ignored("blue eyes", Reason.FEATURE),
        Ignored("red ears", Reason.FEATURE),
    )


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
@example("on " * 200)
@example("style " * 50)
@example("dog " * 500)
@example("a" * MAX_PROMPT_CHARACTERS)
@example("9999 cats")
@example("background on white")
@example("a dog on a background against blue")
@example("٣ cats")
def test_any_text_can_be_read(text: str) -> None:
    check(parse(text))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CONNECTORS), st.sampled_from(PHRASES)), max_size=12))
def test_any_combination_of_pieces_can_be_read(pieces: list[tuple[str, str]]) -> None:
    parsed = parse("a house" + "".join(connector + phrase for connector, phrase in pieces))
    check(parsed)
    assert parsed.objects


def check(parsed: ParsedPrompt) -> None:
    assert parsed.object_count <= MAX_BOXES
    for index, item in enumerate(parsed.objects):
        assert item.phrase.strip() == item.phrase != ""
        assert item.count >= 1
        assert len(item.phrase) <= 60
        assert (item.relation is None) == (item.target is None)
        assert item.target is None or (
            0 <= item.target < len(parsed.objects) and item.target != index
        )
