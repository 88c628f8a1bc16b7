"""Sentences as designers write them: wishes, kinds of work, purposes, lists, praise."""

from __future__ import annotations

import pytest

from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.grammar.parsed import ParsedPrompt

KNOWN = {
    "dog", "cat", "fox", "owl", "cake", "balloon", "house", "star", "rocket", "moon", "croissant",
    "bear", "bicycle", "dragon", "castle", "fly", "card", "credit card", "poster", "painting",
    "label", "phone", "book", "calendar", "birthday", "party", "autumn", "paw print", "frame",
    "watercolor", "watercolor palette", "high top", "playing card", "paint set",
    "picture frame", "sports", "sheet of paper", "snowman", "heart", "sun", "rose", "shoe", "lemon",
}  # fmt: skip

HEARD = {
    "postcard", "sticker", "banner", "dark mode icon", "birthday card", "gnu", "afraid face",
}  # fmt: skip


def parse(text: str) -> ParsedPrompt:
    return parse_prompt(text, KNOWN.__contains__, HEARD.__contains__)


def objects(text: str) -> list[str]:
    return [item.phrase for item in parse(text).objects for _ in range(item.count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Create a poster of a dog", ["dog"]),
        ("I need an illustration with a fox and an owl", ["fox", "owl"]),
        ("please make me a set of icons: house, star", ["house", "star"]),
        ("set of 4 icons: house, star, dog and cat", ["house", "star", "dog", "cat"]),
        ("Hi! Could you please draw a nice picture of a dog? Thanks!", ["dog"]),
        ("I'd like to have a picture of a cat", ["cat"]),
        ("We're looking for a sticker set: a fox, an owl", ["fox", "owl"]),
        ("The picture should contain a house and a dog", ["house", "dog"]),
        ("a logo that combines a bear and a bicycle", ["bear", "bicycle"]),
        ("an app icon with a house in flat style", ["house"]),
        ("a star symbol, a heart glyph and a moon pictogram", ["star", "heart", "moon"]),
        ("a dark mode icon", ["dark mode icon"]),
        ("three dark mode symbols", ["dark mode icon"] * 3),
        ("an afraid emoji", ["afraid face"]),
        ("a flat lay of a book and a phone", ["book", "phone"]),
        ("a scene where a dragon flies over a castle", ["castle", "dragon"]),
        ("a bear rides a bicycle", ["bicycle", "bear"]),
        ("Subject: a cat\nNo text", ["cat"]),
    ],
)
def test_wishes_and_pictures_are_no_objects(text: str, expected: list[str]) -> None:
    parsed = parse(text)
    assert sorted(objects(text)) == sorted(expected)
    assert (parsed.about, parsed.ignored) == ((), ())


@pytest.mark.parametrize(
    ("text", "expected", "about"),
    [
        ("design a birthday card with a cake", ["cake"], ("birthday card",)),
        ("a summer party theme with a cake, a dog", ["cake", "dog"], ("summer party theme",)),
        ("a fox for a bakery logo", ["fox"], ("for a bakery logo",)),
        ("Logo for a shop in Paris: a fox", ["fox"], ("logo for a shop in paris",)),
        ("a post about healthy food with a cake", ["cake"], ("post about healthy food",)),
        ("a cozy autumn scene with a fox", ["fox"], ("cozy autumn scene",)),
        ("Make a vintage label with a bicycle", ["bicycle"], ("vintage label",)),
        ("We are a small bakery. We need a logo with a cake", ["cake"], ("we are a small bakery",)),
        ("Our company sells honey; a bear", ["bear"], ("our company sells honey",)),
        ("Mother's Day! A rose", ["rose"], ("mother's day",)),
        ("a dog - sports theme", ["dog"], ("sports theme",)),
        ("a dog for my daughter's birthday on blue", ["dog"], ("for my daughter's birthday",)),
        ('a poster that says "Big Sale" with a shoe', ["shoe"], ("Big Sale",)),
        ("a dog, format: square", ["dog"], ("format square",)),
    ],
)
def test_what_may_have_meant_something_is_kept(
    text: str, expected: list[str], about: tuple[str, ...]
) -> None:
    assert objects(text) == expected
    assert parse(text).about == about


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox logo", ["fox"]),
        ("three cat stickers", ["cat"] * 3),
        ("a phone icon, a calendar icon and a book icon", ["phone", "calendar", "book"]),
        ("a gnu icon", ["gnu"]),
        ("a lemon pattern", ["lemon"]),
        ("a card", ["card"]),
        ("a birthday card", ["birthday card"]),
        ("a card with a heart", ["card", "heart"]),
        ("a credit card and a book", ["credit card", "book"]),
        ("a postcard and a book", ["postcard", "book"]),
        ("a painting, a book", ["painting", "book"]),
        ("a paw print", ["paw print"]),
        ("a picture frame with a heart", ["picture frame", "heart"]),
        ("a sheet of paper", ["sheet of paper"]),
        ("two flies", ["fly"] * 2),
        ("a watercolor palette", ["watercolor palette"]),
        ("watercolor", ["watercolor"]),
        ("a high top", ["high top"]),
        ("a paint set", ["paint set"]),
        ("a playing card", ["playing card"]),
    ],
)
def test_a_kind_of_work_may_be_a_thing_or_be_named_by_one(text: str, expected: list[str]) -> None:
    assert objects(text) == expected
    assert parse(text).about == ()


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("a dog, high quality, 4k, no text", ()),
        ("a dog, highly detailed, masterpiece, trending on artstation", ()),
        ("a dog, professional, clean, sharp focus", ()),
        ("a dog --ar 16:9", ()),
        ("a dog, 300 dpi, 1024x1024 px", ()),
        ("a dog, vibrant colors, geometric", ("vibrant colors", "geometric")),
        ("a dog in soft pastel colours", ("soft pastel colours",)),
        ("a dog with cinematic lighting", ("cinematic lighting",)),
        ("anything cute with a dog", ("anything cute",)),
    ],
)
def test_praise_is_ignored_and_looks_are_kept(text: str, about: tuple[str, ...]) -> None:
    parsed = parse(text)
    assert objects(text) == ["dog"]
    assert (parsed.about, parsed.ignored, parsed.background) == (about, (), "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a dog\n- a cat", ["dog", "cat"]),
        ("* a dog\n* a cat", ["dog", "cat"]),
        ("1. a rocket\n2. a moon\n3. two stars", ["rocket", "moon", "star", "star"]),
        ("1) a rocket 2) a moon", ["rocket", "moon"]),
        ("\u2764\ufe0f \u2600\ufe0f \u2b50", ["heart", "sun", "star"]),
    ],
)
def test_lists(text: str, expected: list[str]) -> None:
    assert objects(text) == expected


@pytest.mark.parametrize(
    ("text", "background"),
    [
        ("a beach scene with a dog", "beach"),
        ("winter scene with a snowman", "winter"),
        ("a beach scene with a dog on a white background", "white"),
        ("a dog, png, transparent", "transparent"),
        ("Background: navy. Objects: a dog", "navy"),
    ],
)
def test_a_scene_is_a_background(text: str, background: str) -> None:
    assert parse(text).background == background
    assert objects(text) in (["dog"], ["snowman"])


@pytest.mark.parametrize(
    ("text", "style", "unknown"),
    [
        ("Style: glossy. A dog", "glossy", ""),
        ("a dog in the style of an old map", "", "old map"),
        ("children's book style scene with a dog", "", "children's book"),
        ("a glossy logo of a dog", "glossy", ""),
    ],
)
def test_styles_of_a_brief(text: str, style: str, unknown: str) -> None:
    parsed = parse(text)
    assert (parsed.style, parsed.unknown_style) == (style, unknown)
    assert objects(text) == ["dog"]


@pytest.mark.parametrize("text", ["design a logo", "I need a poster", "for a bakery", "a theme"])
def test_something_is_drawn_if_nothing_else_is_named(text: str) -> None:
    assert objects(text)
    assert parse(text).about == ()
