"""The shipped words: each noun is itself, plain words are the common thing, places stay places."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.prompts.planning.layer_plan import plan_object
from engine.prompts.planning.plans import PlannedObject
from engine.prompts.planning.scene_plan import plan_scene
from engine.requests import LayerRequest, LayoutRequest, RegionBox
from engine.training.recipe import load_recipe
from tests.helpers.vocabulary import plan, shipped

CONCEPTS = 1027


def drawn(prompt: str) -> list[str]:
    return [item.caption for item in plan(prompt).objects]


def in_a_box(prompt: str) -> list[PlannedObject]:
    """Of a whole document and of a layer again, but for the words that were typed."""
    box = RegionBox("drawn", 0, 0, 64, 64)
    scene = plan_scene(LayoutRequest(prompt, 64, 64, 1, (box,)), shipped(), lambda _places: [])
    layer = plan_object(LayerRequest(prompt, 64, 64, 1, box), shipped())
    return [replace(item, name="", typed="", phrase="") for item in (*scene.objects, layer.item)]


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("puppy", "dog"),
        ("automobile", "car"),
        ("a red automobile", "red car"),
        ("two ewes", "two sheep"),
        ("ein Hund", "dog"),
    ],
)
def test_a_synonym_in_a_box_is_drawn_from_what_its_concept_is_drawn_from(
    word: str, label: str
) -> None:
    assert in_a_box(word) == in_a_box(label)


def test_an_unknown_symbol_is_not_the_one_that_is_called_so() -> None:
    assert drawn("a symbol") == ["dollar sign"]
    assert drawn("a safety symbol") != ["dollar sign"]


def test_what_is_named_after_the_sky_is_a_thing() -> None:
    assert drawn("two sky lanterns") == ["paper lantern"] * 2
    assert drawn("a sky lantern in a starry sky") == ["paper lantern"]


def test_a_participle_is_no_king() -> None:
    assert drawn("notetaking") != ["king"]


def test_the_table_is_that_of_the_recipe() -> None:
    labels = [concept.label for concept in shipped().concepts.concepts]
    assert labels == [concept.label for concept in load_recipe().concepts]
    assert len(set(labels)) == CONCEPTS


def test_every_noun_is_understood_as_itself() -> None:
    """Also those with "of", "in", "behind" or a number in them, and those that are a background."""
    for concept in shipped().concepts.concepts:
        made = plan(f"a {concept.label}")
        assert ([item.caption for item in made.objects], made.notes) == ([concept.label], ())


@pytest.mark.parametrize(
    ("prompt", "captions"),
    [
        ("a cat", ["cat"]),
        ("a clock", ["alarm clock"]),
        ("a flower", ["rose"]),
        ("a folder", ["file folder"]),
        ("a glass", ["wine glass"]),
        ("a bag", ["handbag"]),
        ("an animal", ["dog"]),
        ("an auto", ["car"]),
        ("dogs and a cat", ["dog", "dog", "cat"]),
        ("two standing dogs", ["standing dog"] * 2),
        ("a dog standing next to a cat", ["dog", "cat"]),
        ("a standing elephant", ["elephant"]),
        ("a galloping zebra", ["zebra"]),
        ("an empty basket", ["basket"]),
        ("a fluffy black cat", ["black cat"]),
        ("a cat, black", ["black cat"]),
        ("a white cat", ["white cat"]),
        ("an old white flower", ["white flower"]),
        ("a navy book", ["blue book"]),
        ("a green apple and a red apple", ["green apple", "red apple"]),
        ("white mice", ["white mouse"] * 2),
        ("a silver medal", ["silver medal"]),
        ("golden retriever", ["dog"]),
        ("a glowing star", ["glowing star"]),
        ("a flat shoe", ["flat shoe"]),
        ("a flying saucer", ["ufo"]),
        ("pinata", ["piñata"]),
        ("T Rex", ["t-rex"]),
        ("a high speed train", ["high-speed train"]),
        ("3 o'clock", ["three o'clock"]),
        ("a dog at 12:00", ["dog", "twelve o'clock"]),
        ("two o’clock and two dogs", ["two o'clock", "dog", "dog"]),
        ("a row of houses", ["row of houses"]),
        ("two bowls of rice", ["bowl of rice"] * 2),
        ("a dog with a bow and arrow", ["dog", "bow and arrow"]),
        ("a cloud with rain", ["rain cloud"]),
        ("a sun behind a cloud", ["sun", "cloud"]),
        ("a dog and a city at night", ["dog", "city at night"]),
    ],
)
def test_which_thing_is_meant(prompt: str, captions: list[str]) -> None:
    assert drawn(prompt) == captions


@pytest.mark.parametrize(
    ("prompt", "captions", "background"),
    [
        ("a dog on a beach", ["dog"], "sandy beach"),
        ("a beach", ["beach"], "plain white"),
        ("a beach with a palm tree", ["palm tree"], "sandy beach"),
        ("a desert and a cactus", ["cactus"], "sandy beach"),
        ("a dog in a garden", ["dog"], "green hills"),
        ("a house in the garden", ["house"], "green hills"),
        ("a bear in a national park", ["bear"], "green hills"),
        ("a cat at night", ["cat"], "starry night sky"),
        ("a rocket in the milky way", ["rocket"], "starry night sky"),
        ("a dog at sunrise", ["dog"], "sunset gradient"),
        ("a dog, sunset", ["dog"], "sunset gradient"),
        ("sunset", [], "sunset gradient"),
        ("a snowman in the snow", ["snowman"], "snowy hills"),
        ("a parrot on a couch", ["sofa", "parrot"], "plain white"),
    ],
)
def test_places_are_backgrounds_beside_things(
    prompt: str, captions: list[str], background: str
) -> None:
    made = plan(prompt)
    assert ([item.caption for item in made.objects], made.background) == (captions, background)


def test_a_relative_is_offered_as_the_nearest_and_not_as_the_thing() -> None:
    (note,) = [note for note in plan("a black theorbo").notes if "theorbo" in note]
    assert note.startswith('Not known, so I took the nearest: "theorbo" as ')
    (item,) = plan("a black moth").objects
    assert (item.caption, item.name) == ("black butterfly", "black moth")


@pytest.mark.parametrize(
    ("prompt", "captions"),
    [
        ("a green cactus plant", ["green cactus"]),
        ("a parrot bird and a shark fish", ["parrot", "shark"]),
        ("a laptop computer", ["laptop"]),
        ("a tangerine", ["orange"]),
        ("a trafficlight", ["traffic light"]),
        ("a lightbulb", ["light bulb"]),
        ("fries", ["french fries"]),
        ("a crow", ["blackbird"]),
    ],
)
def test_what_kind_of_thing_it_is_or_how_it_is_written_changes_nothing(
    prompt: str, captions: list[str]
) -> None:
    made = plan(prompt)
    assert [item.caption for item in made.objects] == captions
    assert not any("Not known" in note for note in made.notes)


@pytest.mark.parametrize(
    ("prompt", "captions"),
    [
        ("a fire alarm", ["siren"]),
        ("an old siege tower", ["castle"]),
        ("two blue lunch pails", ["blue toolbox", "blue toolbox"]),
        ("a sad girl", ["girl"]),
    ],
)
def test_a_name_of_several_words_is_near_to_a_thing_whatever_its_last_word_is(
    prompt: str, captions: list[str]
) -> None:
    assert drawn(prompt) == captions


def test_a_near_thing_that_the_last_word_names_is_a_kind_of_it() -> None:
    assert plan("a rubber duck").notes == ('Understood "rubber duck" as duck.',)


def test_an_unknown_word_that_ends_with_a_noun_is_near_to_it() -> None:
    (note,) = plan("a blue glowfish").notes
    assert note == 'Not known, so I took the nearest: "glowfish" as fish.'


def test_an_ending_is_no_keyword_or_synonym() -> None:
    concepts = shipped().concepts
    for word in ("landmark", "wasteland"):
        assert concepts.related(word) is None
    assert drawn("a toadstool") == ["mushroom"]
    assert drawn("a glowfish") == ["fish"]


def test_a_kind_that_a_noun_is_not_stays_what_it_is() -> None:
    assert drawn("an apple tree") == ["tree"]


@pytest.mark.parametrize(
    ("prompt", "captions"),
    [
        ("two hearts", ["heart"] * 2),
        ("2 hearts", ["heart"] * 2),
        ("2 red hearts and a dog", ["red heart"] * 2 + ["dog"]),
        ("two swords", ["sword"] * 2),
        ("three houses", ["house"] * 3),
        ("3 cats", ["cat"] * 3),
        ("a two hearts", ["two hearts"]),
        ("two hearts emoji", ["two hearts"]),
        ("two hearts icon and a dog", ["two hearts", "dog"]),
        ("a dog \N{TWO HEARTS}", ["dog", "two hearts"]),
        ("two wrestlers", ["wrestlers"]),  # who have no drawing of one of them
        ("88 keys", ["piano"]),
        ("three notes", ["musical notes"]),
        ("two o'clock", ["two o'clock"]),
    ],
)
def test_things_that_are_counted_are_as_many_layers(prompt: str, captions: list[str]) -> None:
    assert drawn(prompt) == captions


def test_two_hearts_in_a_single_layer_are_one_drawing() -> None:
    box = RegionBox("drawn", 0, 0, 64, 64)
    layer = plan_object(LayerRequest("two hearts", 64, 64, 1, box), shipped())
    assert (layer.item.caption, layer.notes) == ("two hearts", ())
    boxed = replace(box, prompt="two hearts")
    scene = plan_scene(LayoutRequest("", 64, 64, 1, (boxed,)), shipped(), lambda _places: [])
    assert [item.caption for item in scene.objects] == ["two hearts"]


@pytest.mark.parametrize(
    ("prompt", "captions"),
    [
        ("a key lime", ["lime"]),  # and no key
        ("two bars of milk chocolate", ["chocolate bar"] * 2),  # and no milk
        ("a red coral", ["red coral"]),  # which is a coral with and without it
        ("a lime key", ["green key"]),
        ("a white tulip", ["white tulip"]),
        ("a peach tree", ["orange tree"]),  # by what the color word is drawn as
    ],
)
def test_a_colour_that_ends_a_name_may_be_part_of_it(prompt: str, captions: list[str]) -> None:
    assert drawn(prompt) == captions


def test_a_name_that_ends_with_several_things_is_not_cut() -> None:
    assert drawn("money with wings and a cat") == ["flying money", "cat"]
