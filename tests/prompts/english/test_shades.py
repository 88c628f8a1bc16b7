"""Shades of colours in prompts: which are read, what the models draw for them, what is said."""

from __future__ import annotations

import pytest

from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.english.colours import said_shade, split_shades
from engine.prompts.english.shades import PLAIN_COLOURS, Colour, known_colour, rgb_of, shade
from engine.prompts.vocabulary.backgrounds import BackgroundMatch, BackgroundTable
from tests.helpers.vocabulary import all_apart, plan

ONE_BACKGROUND = "Left out, because there is only one background"


def asked(phrase: str) -> list[str]:
    return [str(colour) for colour in split_shades(phrase)[0]]


def behind(words: str) -> BackgroundMatch:
    return BackgroundTable(all_apart).nearest(words)


@pytest.mark.parametrize(
    ("phrase", "colours"),
    [
        ("navy car", ["blue #1b2a57"]),
        ("blue car", ["blue"]),
        ("bright red car", ["red"]),
        ("sky-blue car", ["blue #87c9f0"]),
        ("#FF8800 balloon", ["orange #ff8800"]),
        ("#f80 balloon", ["orange #ff8800"]),
        ("beige and mint", ["brown #ecdfc3", "green #a6e6c8"]),
        ("dark red and white", ["red #771e1e", "white"]),
        ("dark-red car", ["red #771e1e"]),
        ("pale white car", ["white"]),
        ("dusty pink rose", ["pink #de9fb8"]),
        ("muted blue and vivid red", ["blue #6696d0", "red"]),
        ("light bulb", []),
        ("dusty book", []),
    ],
)
def test_a_shade_is_the_nearest_colour_that_the_models_know_and_its_number(
    phrase: str, colours: list[str]
) -> None:
    assert asked(phrase) == colours
    assert [Colour.read(text) for text in colours] == split_shades(phrase)[0]


def test_a_light_colour_is_lighter_and_a_dark_one_darker() -> None:
    for word in set(COLOUR_WORDS) - {"white", "black"}:
        light, plain, dark = (sum(shade(word, said).rgb) for said in (["light"], [], ["dark"]))
        assert light > plain > dark


def test_every_plain_colour_is_nearest_to_itself() -> None:
    assert [known_colour(PLAIN_COLOURS[word]) for word in COLOUR_WORDS] == list(COLOUR_WORDS)


def test_what_is_no_colour_says_none() -> None:
    assert not known_colour("#12")
    assert not known_colour("#12345g")
    with pytest.raises(ValueError, match="no colour"):
        shade("table")
    assert Colour.read("blue; rm").number == ""


def test_the_shade_of_an_object_is_that_of_its_caption() -> None:
    assert said_shade("navy car", "blue") == "blue #1b2a57"
    assert said_shade("blue car", "blue") == ""
    assert said_shade("black cat", "") == ""
    assert said_shade("navy book", "", "blue book") == "blue #1b2a57", "a thing of that color"
    assert said_shade("blue book", "", "blue book") == ""
    assert said_shade("peach", "", "peach") == ""


@pytest.mark.parametrize(
    ("words", "phrase", "shades"),
    [
        ("navy", "plain blue", "blue #1b2a57"),
        ("teal gradient", "blue gradient", "blue #0f8285"),
        ("beige and mint gradient", "brown to green gradient", "brown #ecdfc3 to green #a6e6c8"),
        ("gradient from beige to red", "brown to red gradient", "brown #ecdfc3 to red"),
        ("navy to light blue gradient", "blue to white gradient", "blue #1b2a57 to white #86b5ed"),
        ("navy polka dots", "blue polka dots", "blue #1b2a57"),
        ("beige stripes", "yellow stripes", "brown #ecdfc3"),
        ("red and white stripes", "red stripes", "red #d93636 on white #ffffff"),
        ("white and navy polka dots", "blue polka dots", "white #ffffff on blue #1b2a57"),
        ("white polka dots on navy", "blue polka dots", "white #ffffff on blue #1b2a57"),
        ("polka dots on navy", "blue polka dots", "white #ffffff on blue #1b2a57"),
        ("stripes on cream", "blue stripes", "blue #2f7fe0 on white #fbf1d8"),
        ("blue and green gradient", "blue to green gradient", ""),
        ("red polka dots", "red polka dots", ""),
        ("teal sky", "blue sky with clouds", "blue #0f8285"),
        ("green hills", "green hills", ""),
        ("dark", "plain black", ""),
    ],
)
def test_a_background_is_drawn_in_known_colours_and_knows_its_shades(
    words: str, phrase: str, shades: str
) -> None:
    found = behind(words)
    assert (found.phrase, found.shades, found.exact, found.missed) == (phrase, shades, True, ())


@pytest.mark.parametrize(
    "words", ["red, white and blue gradient", "purple hills", "pink night sky", "navy sunset"]
)
def test_a_colour_that_a_background_cannot_have_is_told(words: str) -> None:
    assert behind(words).missed
    notes = plan(f"a dog on a {words}").notes
    assert any(note.startswith("Not in the color that was asked for: ") for note in notes)


@pytest.mark.parametrize(
    ("prompt", "note"),
    [
        ("a dog in a forest", 'nearest: the background "forest" as green hills'),
        ("ein Hund im Wald", 'nearest: the background "Wald" as green hills'),
        ("a dog at the lake", 'nearest: the background "lake" as blue waves'),
    ],
)
def test_a_background_that_is_only_near_is_told_in_the_words_of_the_user(
    prompt: str, note: str
) -> None:
    assert any(note in said for said in plan(prompt).notes)
    assert not any("nearest" in said for said in plan("a dog on a meadow").notes)


@pytest.mark.parametrize(
    ("prompt", "names", "shades", "background"),
    [
        ("a navy car", ["navy car"], ["blue #1b2a57"], ""),
        ("a car in navy", ["navy car"], ["blue #1b2a57"], ""),
        ("a sky blue car", ["sky-blue car"], ["blue #87c9f0"], ""),
        ("a #ff8800 balloon on teal", ["#ff8800 balloon"], ["orange #ff8800"], "blue #0f8285"),
        ("a balloon, #FF8800", ["#ff8800 balloon"], ["orange #ff8800"], ""),
        ("a cat on a background in #abc", ["cat"], [""], "grey #aabbcc"),
        ("a peach, a coral and an olive", ["peach", "coral", "olive"], ["", "", ""], ""),
        ("a peach and apple pie", ["peach", "apple pie"], ["", ""], ""),
        ("a mint ice cream", ["mint ice cream"], ["green #a6e6c8"], ""),
        ("a gold medal", ["gold medal"], [""], ""),
        ("a chocolate cake", ["chocolate cake"], [""], ""),
        ("ein Ball auf #1a2b3c Hintergrund", ["Ball"], [""], "black #1a2b3c"),
        ("ein marineblaues Auto auf himmelblauem Hintergrund", ["marineblaues Auto"],
         ["blue #1b2a57"], "blue #87c9f0"),
        ("une voiture bleu marine sur fond turquoise", ["voiture bleu marine"],
         ["blue #1b2a57"], "blue #3cccc4"),
        ("un coche azul marino sobre fondo beis", ["coche azul marino"],
         ["blue #1b2a57"], "brown #ecdfc3"),
    ],
)  # fmt: skip
def test_shades_in_sentences(
    prompt: str, names: list[str], shades: list[str], background: str
) -> None:
    made = plan(prompt)
    assert [item.name for item in made.objects] == names
    assert [item.shade for item in made.objects] == shades
    assert made.shades == background


@pytest.mark.parametrize(
    ("prompt", "background"),
    [
        ("a dog on white polka dots on navy", "white #ffffff on blue #1b2a57"),
        ("a dog, white polka dots on a navy background", "white #ffffff on blue #1b2a57"),
        ("a dog on navy with white polka dots", "white #ffffff on blue #1b2a57"),
        ("ein Hund auf weißen Punkten auf Marineblau", "white #ffffff on blue #1b2a57"),
        ("a cat with white spots on navy", "blue #1b2a57"),
    ],
)
def test_a_pattern_on_a_ground_is_one_background(prompt: str, background: str) -> None:
    made = plan(prompt)
    assert (len(made.objects), made.shades) == (1, background)
    assert not any(ONE_BACKGROUND in note for note in made.notes)


def test_another_place_after_a_pattern_is_left_out() -> None:
    made = plan("a dog on stripes on a red carpet")
    assert f"{ONE_BACKGROUND}: red carpet." in made.notes
    assert f"{ONE_BACKGROUND}: white." in plan("a dog on a beach on white").notes


def test_numbers_of_colours() -> None:
    assert rgb_of("#ff0080") == pytest.approx((1, 0, 0.502), abs=1e-3)
    assert rgb_of("#f08") == pytest.approx((1, 0, 0.533), abs=1e-3)
