"""People: what they wear is no layer of its own, and what they do is the drawing that shows it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.composition.groups import Placement
from engine.composition.relations import Relation
from engine.prompts.planning.layer_plan import plan_object
from engine.prompts.planning.scene_plan import plan_scene
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import Corners, LayerRequest, LayoutRequest, RegionBox
from tests.helpers.vocabulary import plan, shipped

ONLY_HEADS = "Left out, because only the heads of such people are drawn: "
NOT_SHOWN = "No layer was made of what belongs to another object, and the drawing may not show it: "


@pytest.mark.parametrize(
    ("text", "names", "captions", "notes"),
    [
        (
            "a boy in a blue shirt",
            ["boy in a blue shirt"],
            ["boy"],
            [ONLY_HEADS + "blue shirt."],
        ),
        (
            "a girl wearing a red cap and a green scarf, and a dog",
            ["girl wearing a red cap and a green scarf", "dog"],
            ["girl", "dog"],
            [ONLY_HEADS + "red cap, green scarf."],
        ),
        (
            "two boys in red shirts",
            ["boy in red shirt", "boy in red shirt 2"],
            ["boy", "boy"],
            [ONLY_HEADS + "red shirt."],
        ),
        (
            "a woman in sunglasses on a beach",
            ["woman in sunglasses"],
            ["woman"],
            [ONLY_HEADS + "sunglasses."],
        ),
        (
            "a man in black and a cat",
            ["man in black", "cat"],
            ["man", "cat"],
            [ONLY_HEADS + "black clothes."],
        ),
        (
            "a girl with blue eyes and a red hat",
            ["girl with a red hat"],
            ["girl"],
            [NOT_SHOWN + "blue eyes.", ONLY_HEADS + "red hat."],
        ),
        ("a doctor in a blue coat", ["doctor in a blue coat"], ["doctor"], []),
        (
            "a firefighter with a yellow helmet",
            ["firefighter with a yellow helmet"],
            ["firefighter"],
            [NOT_SHOWN + "yellow helmet."],
        ),
        ("a woman with a handbag", ["woman", "handbag"], ["woman", "handbag"], []),
    ],
)
def test_what_a_person_wears_is_no_layer(
    text: str, names: list[str], captions: list[str], notes: list[str]
) -> None:
    made = plan(text)
    assert [item.name for item in made.objects] == names
    assert [item.caption for item in made.objects] == captions
    assert list(made.notes) == notes


@pytest.mark.parametrize(
    ("text", "shade"),
    [
        ("a doctor in a blue coat", "blue"),
        ("a doctor wearing a hat and a navy coat", "blue #1f2f66"),
        ("a doctor with a blue hat", ""),
        ("a man in a red suit", "red"),  # the office worker
        ("a boy in a blue shirt", ""),  # whose hair it would be
    ],
)
def test_the_color_of_clothes_goes_to_those_that_are_drawn(text: str, shade: str) -> None:
    (item,) = plan(text).objects
    assert item.shade.partition(" ")[0] == shade.partition(" ")[0]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("a woman with a headscarf", "woman with headscarf"),
        ("a boy in a tuxedo", "groom"),
        ("a face with sunglasses", "cool face"),
        ("a woman in a spacesuit", "astronaut"),
        ("a man with a headscarf", "man with turban"),
    ],
)
def test_a_drawing_of_who_wears_it_is_taken(text: str, label: str) -> None:
    assert [item.concept.label for item in plan(text).objects] == [label]


def test_the_layer_made_again_keeps_what_is_worn(words: Vocabulary) -> None:
    request = LayerRequest("doctor in a blue coat", 64, 64, 1, box=RegionBox("a", 0, 0, 40, 40))
    made = plan_object(request, words)
    assert (made.item.caption, made.item.shade, made.notes) == ("doctor", "blue", ())


@pytest.mark.parametrize("text", ["a dog in a red hat", "a cat wearing a crown"])
def test_a_hat_is_on_the_head_of_an_animal(words: Vocabulary, text: str) -> None:
    parsed, _ = words.read(text)
    wearer, hat = parsed.objects
    assert (hat.relation, hat.target, wearer.relation) == (Relation.ON, 0, None)


def test_who_is_in_a_box_wears_the_hat(words: Vocabulary) -> None:
    objects = words.read("a cat in a box wearing a hat")[0].objects
    (hat,) = (item for item in objects if item.phrase == "hat")
    assert hat.target is not None
    assert objects[hat.target].phrase == "cat"
    assert [item.name for item in plan("a boy on a sofa wearing a hat").objects] == [
        "sofa", "boy wearing a hat",
    ]  # fmt: skip


def test_a_rabbit_stays_in_its_hat(words: Vocabulary) -> None:
    parsed, _ = words.read("a rabbit in a top hat")
    assert {item.phrase: item.relation for item in parsed.objects} == {
        "rabbit": Relation.IN,
        "top hat": None,
    }


@pytest.mark.parametrize(
    ("text", "name", "label"),
    [
        ("a boy riding a bicycle", "boy riding a bicycle", "cyclist"),
        ("a girl on a red bike", "girl on a red bike", "cyclist"),
        ("a happy little girl rides a bike", "happy little girl rides a bike", "cyclist"),
        ("a girl in a red dress riding a bike", "girl riding a bike in a red dress", "cyclist"),
        ("a woman riding a horse", "woman riding a horse", "jockey"),
        ("a man surfing", "man surfing", "surfer"),
        ("a girl swims in the sea", "girl swims", "swimmer"),
        ("a boy skiing", "boy skiing", "skier"),
        ("a woman running", "woman running", "running person"),
        ("an old man walking", "old man walking", "walking person"),
        ("an old man dancing", "old man dancing", "dancing man"),
        ("a girl playing golf", "girl playing golf", "golfer"),
        ("a boy playing basketball", "boy playing basketball", "basketball player"),
        ("a man lifting weights", "man lifting weights", "weightlifter"),
        ("a man rowing a boat", "man rowing a boat", "rower"),
        ("a boy meditating", "boy meditating", "meditating person"),
        ("a man sitting in a wheelchair", "man in a wheelchair", "person in wheelchair"),
        ("a child in the bath", "child in the bath", "person in bath"),
        ("a woman holding a baby", "woman holding a baby", "mother with baby"),
        ("a mother", "mother", "woman"),
    ],
)
def test_who_does_something_is_the_drawing_of_it(text: str, name: str, label: str) -> None:
    made = plan(text)
    assert [(item.name, item.concept.label) for item in made.objects] == [(name, label)]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("a man and a bicycle", ["man", "bicycle"]),
        ("a doctor riding a bicycle", ["bicycle", "doctor"]),  # who looks like no other person
        ("a girl sleeping on a sofa", ["sofa", "girl"]),  # there is no bed
        ("a boy with a sword", ["boy", "sword"]),  # not every one of them is a fencer
        ("a man walking a dog", ["walking person", "dog"]),
        ("a woman cooking pasta", ["cook", "spaghetti"]),
        ("two girls swimming", ["swimmer", "swimmer"]),
        ("kids swimming and a dog", ["swimmer", "swimmer", "dog"]),
        ("three men running", ["running person"] * 3),
        ("a boy and a girl riding bicycles", ["cyclist", "cyclist"]),
        ("a boy and a girl swimming", ["swimmer", "swimmer"]),
        ("a boy and a doctor riding bicycles", ["bicycle", "boy", "bicycle", "doctor"]),
        ("a kid on a skateboard", ["skateboard", "standing person"]),
    ],
)
def test_other_things_stay_things(text: str, labels: list[str]) -> None:
    assert [item.concept.label for item in plan(text).objects] == labels


def test_the_note_says_what_was_written() -> None:
    assert plan("a boy riding a bicycle").notes == (
        'Understood "boy riding a bicycle" as cyclist.',
    )


@pytest.mark.parametrize(
    "text",
    [
        "a girl holding a balloon",
        "a girl, holding a red balloon",
        "a dog carries a bone",
        "a boy eating an ice cream",
        "a woman reading a book",
        "a doctor in a blue coat holding a syringe",
    ],
)
def test_what_is_held_is_tied_to_its_holder(words: Vocabulary, text: str) -> None:
    holder, held = words.read(text)[0].objects
    assert (held.relation, held.target, holder.relation) == (Relation.HELD_BY, 0, None)


@pytest.mark.parametrize(
    ("text", "who", "what", "relations"),
    [
        ("a dog in a red hat on a sofa", "dog", "red hat", (Relation.ON, Relation.ON)),
        ("a girl reading a book under a tree", "girl", "book", (Relation.BELOW, Relation.HELD_BY)),
        ("a dog carrying a bone in a basket", "dog", "bone", (Relation.IN, Relation.HELD_BY)),
    ],
)
def test_a_place_behind_what_is_held_or_worn_is_that_of_who_has_it(
    words: Vocabulary, text: str, who: str, what: str, relations: tuple[Relation, Relation]
) -> None:
    objects = words.read(text)[0].objects
    places = {item.phrase: place for place, item in enumerate(objects)}
    holder, held = objects[places[who]], objects[places[what]]
    assert (holder.relation, held.relation) == relations
    assert held.target == places[who]
    assert holder.target not in (None, places[what])


def test_what_is_held_lies_over_its_holder() -> None:
    made = plan("a house, a girl holding a balloon and a cat")
    names = [item.name for item in made.objects]
    assert names.index("balloon") > names.index("girl")


@pytest.mark.parametrize(
    ("text", "labels", "note"),
    [
        ("a family", ["man", "woman", "child"], 'Understood "family" as man, woman, child.'),
        ("a couple", ["man", "woman"], 'Understood "couple" as man, woman.'),
        (
            "grandparents",
            ["old man", "old woman"],
            'Understood "grandparents" as old man, old woman.',
        ),
        ("three friends", ["man", "woman", "man"], 'Understood "friend" as man, woman.'),
        (
            "two families",
            ["man", "woman", "child"] * 2,
            'Understood "family" as man, woman, child.',
        ),
        ("a family of four", ["man", "woman", "child", "child"], None),
        ("a team of five", ["man", "woman", *["person"] * 3], None),
        ("best friends", ["man", "woman"], None),
        ("a family of ducks", ["duck"], None),
        ("a mother", ["woman"], 'Understood "mother" as woman.'),
        ("a crowd", ["man", "woman", "person", "old man", "girl"], None),
        ("a mother holding a baby", ["mother with baby"], None),
        ("a couple of dogs", ["dog", "dog"], None),
        ("a family tree", ["tanabata tree"], None),
    ],
)
def test_several_people_are_drawn_one_by_one(
    text: str, labels: list[str], note: str | None
) -> None:
    made = plan(text)
    assert [item.concept.label for item in made.objects] == labels
    assert note is None or made.notes == (note,)


def test_all_of_a_family_are_under_the_tree() -> None:
    asked: list[Placement] = []
    request = LayoutRequest("a family under a tree", 64, 64, 1)

    def places(placements: Sequence[Placement]) -> list[Corners]:
        asked.extend(placements)
        return [(0, 0, 9, 9)] * len(placements)

    plan_scene(request, shipped(), places)
    assert [item.relation for item in asked].count(Relation.BELOW) == 3


def test_a_model_that_knows_every_word_draws_a_family_as_one() -> None:
    request = LayoutRequest("a happy family in red shirts", 64, 64, 1)
    made = plan_scene(request, shipped(), lambda places: [(0, 0, 9, 9)], any_word=True)
    assert [item.phrase for item in made.objects] == ["a happy family in red shirts"]
    assert made.notes == ()


def test_one_layer_shows_the_first_of_a_family(words: Vocabulary) -> None:
    request = LayerRequest("a family", 64, 64, 1, box=RegionBox("a", 0, 0, 40, 40))
    made = plan_object(request, words)
    assert made.item.concept.label == "man"
    assert "A layer holds one object; only man was drawn." in made.notes


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("zwei Freunde mit einem Hund", ["man", "woman", "dog"]),
        ("eine Familie", ["man", "woman", "child"]),
        ("une famille", ["man", "woman", "child"]),
        ("una familia", ["man", "woman", "child"]),
        ("due amici", ["man", "woman"]),
    ],
)
def test_people_of_other_languages_are_drawn_one_by_one(text: str, labels: list[str]) -> None:
    assert sorted(item.concept.label for item in plan(text).objects) == sorted(labels)


def test_a_french_dress_is_blue_and_no_blueberries() -> None:
    assert [item.concept.label for item in plan("une femme en robe bleue").objects] == ["woman"]
