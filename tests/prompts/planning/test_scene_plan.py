"""Which noun goes into which box, what stands in for unknown words, and what the user is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.composition.groups import Placement
from engine.composition.relations import Relation
from engine.composition.traits import traits_of
from engine.errors import RequestError
from engine.pipelines.drawings import alone_job
from engine.prompts.planning import style_choice
from engine.prompts.planning.layer_plan import plan_background, plan_object
from engine.prompts.planning.notes import on_substitutes
from engine.prompts.planning.plans import ScenePlan
from engine.prompts.planning.scene_plan import plan_scene
from engine.prompts.vocabulary.backgrounds import BackgroundTable
from engine.prompts.vocabulary.concepts import Concept, ConceptTable, FurtherWords, known_nouns
from engine.prompts.vocabulary.understanding import understand_object
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import Corners, LayerPixels, LayerRequest, LayoutRequest, RegionBox
from tests.helpers.vocabulary import shipped_vocabulary

ROCKET_LIKE = ("rocket", "spaceship")


def letters(phrases: Sequence[str]) -> Tensor:
    """Stands in for sentence vectors: counts of letters, "spaceship" near "rocket"."""
    rows = []
    for phrase in phrases:
        text = "rocket" if phrase in ROCKET_LIKE else phrase
        row = torch.zeros(128)
        for character in text.encode():
            row[character % 128] += 1
        rows.append(row / row.norm().clamp(min=1))
    return torch.stack(rows)


def concept(label: str, *tags: str, aspect: float = 1.0) -> Concept:
    return Concept(label, "0", tags, aspect, "red")


CONCEPTS = ConceptTable(
    [
        concept("dog", "puppy", "puppies", "pet"),
        concept("cat", "kitten", "pet", aspect=1.2),
        concept("apple"),
        concept("pizza"),
        concept("rocket", aspect=0.8),
        concept("house", "cottage"),
        concept("skateboard", aspect=2.0),
        concept("bucket"),
        concept("tree"),
    ],
    letters,
    further=FurtherWords(
        synonyms={"terrier": "dog", "bullterrier": "dog", "tomcat": "cat", "kitty": "cat"},
        kinds={"cat": frozenset({"animal"})},
        hyponyms=frozenset({"terrier", "bullterrier", "tomcat"}),
    ),
)
WORDS = Vocabulary(CONCEPTS, BackgroundTable(letters))


class Places:
    """A layout that only remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Placement] = []

    def __call__(self, placements: Sequence[Placement]) -> list[Corners]:
        self.asked = list(placements)
        return [(i, i, i + 10, i + 10) for i in range(len(placements))]


def plan(prompt: str, places: Places | None = None, **options: object) -> ScenePlan:
    request = LayoutRequest(prompt, 100, 100, 7, **options)  # type: ignore[arg-type]
    return plan_scene(request, WORDS, places or Places())


def boxes(*texts: tuple[str, str]) -> tuple[RegionBox, ...]:
    """Boxes of (name, prompt), with ids b0, b1, .."""
    return tuple(
        RegionBox(f"b{i}", 0, 0, 50, 50, name, prompt) for i, (name, prompt) in enumerate(texts)
    )


def drawn(made: ScenePlan) -> list[tuple[str, str]]:
    return [(item.name, item.caption) for item in made.objects]


@pytest.mark.parametrize(
    ("phrase", "label", "note"),
    [
        ("red apple", "apple", None),
        ("apples", "apple", None),
        ("puppy", "dog", 'Understood "puppy" as dog.'),
        ("terrier", "dog", 'Understood "terrier" as dog.'),
        ("terriers", "dog", 'Understood "terriers" as dog.'),
        ("bull-terrier", "dog", 'Understood "bull terrier" as dog.'),
        ("tomcat animal", "cat", 'Understood "tomcat animal" as cat.'),
        ("kitty animal", "cat", 'Understood "kitty animal" as cat.'),
        (
            "fluffy little dog",
            "dog",
            'Understood "fluffy little dog" as dog.',
        ),
        ("slice of pizza", "pizza", 'Understood "slice of pizza" as pizza.'),
        ("box of pizza", "pizza", 'Understood "box of pizza" as pizza.'),
        ("dog of a cat", "dog", 'Understood "dog of a cat" as dog.'),
        ("spaceship", "rocket", 'Not known, so I took the nearest: "spaceship" as rocket.'),
    ],
)
def test_concepts_for_phrases(phrase: str, label: str, note: str | None) -> None:
    match, substitute = understand_object(phrase, CONCEPTS)
    assert match.concept.label == label
    assert on_substitutes([substitute] if substitute else []) == ([note] if note else [])


@pytest.mark.parametrize(
    ("prompt", "notes"),
    [
        (
            "a red terrier, a blue tomcat and another tomcat",
            ['Understood "terrier" as dog, "tomcat" as cat.'],
        ),
        (
            "a puppy and two kitties",
            ['Understood "puppy" as dog, "kitty" as cat.'],
        ),
        (
            "a puppy, a spaceship and a terrier",
            [
                'Not known, so I took the nearest: "spaceship" as rocket.',
                'Understood "terrier" as dog, "puppy" as dog.',
            ],
        ),
        (
            "a red glimmerwock, a spaceship and a dog",
            ['Not known, so I took the nearest: "glimmerwock" as {}, "spaceship" as {}.'],
        ),
    ],
)
def test_one_note_tells_of_all_objects_with_the_same_loss(prompt: str, notes: list[str]) -> None:
    made = plan(prompt)
    labels = [item.concept.label for item in made.objects]
    assert list(made.notes) == [note.format(*labels) for note in notes]


def test_colours_are_kept_when_words_are_dropped() -> None:
    assert understand_object("blue fluffy dog", CONCEPTS)[0].phrase == "blue dog"


def test_parser_vocabulary_has_no_plural_beside_its_singular() -> None:
    nouns = known_nouns(CONCEPTS.concepts)
    assert {"dog", "puppy", "cottage"} <= nouns
    assert "puppies" not in nouns


def test_the_main_sentence() -> None:
    made = plan("a red apple and a brown dog on a sunset gradient")
    assert drawn(made) == [("red apple", "red apple"), ("brown dog", "brown dog")]
    assert (made.background, made.style, made.notes) == ("sunset gradient", "flat", ())
    assert len({item.layer_id for item in made.objects}) == 2


def test_words_about_the_picture_are_told_once() -> None:
    told = "Not drawn, taken as words about the picture: birthday card, vibrant colors."
    prompt = "a birthday card with a dog, vibrant colors, 4k"
    made = plan(prompt)
    assert (drawn(made), made.notes) == ([("dog", "dog")], (told,))
    request = LayerRequest(prompt, 100, 100, 7, RegionBox("x", 0, 0, 50, 50))
    assert plan_object(request, WORDS).notes == (told,)


def test_colours_given_in_turn_are_told() -> None:
    made = plan("a dog and a cat in dusty pink and navy")
    assert [item.caption for item in made.objects] == ["pink dog", "blue cat"]
    assert made.notes == ("Colors went to the objects in turn: dusty pink dog, navy cat.",)
    assert plan("a dog and a cat in navy").notes == ()


def test_counted_objects_get_their_own_names_and_ids() -> None:
    made = plan("two cats and a dog")
    assert [item.name for item in made.objects] == ["cat", "cat 2", "dog"]
    assert len({item.layer_id for item in made.objects}) == 3


def test_adding_an_object_leaves_the_other_ids_alone() -> None:
    before = {item.name: item.layer_id for item in plan("a dog and a cat").objects}
    after = {item.name: item.layer_id for item in plan("an apple, a dog and a cat").objects}
    assert before.items() <= after.items()


def test_the_automatic_layout_knows_shapes_relations_and_sizes() -> None:
    places = Places()
    plan("a cat on a skateboard", places)
    assert places.asked == [
        Placement(2.0, traits=traits_of("skateboard")),
        Placement(1.2, Relation.ON, 0, traits_of("cat")),
    ]


def relations(prompt: str) -> list[tuple[Relation | None, int | None]]:
    places = Places()
    plan(prompt, places)
    return [(item.relation, item.target) for item in places.asked]


def test_all_of_several_are_on_what_they_are_on() -> None:
    assert relations("two cats on a skateboard") == [
        (None, None),
        (Relation.ON, 0),
        (Relation.ON, 0),
    ]
    assert relations("two cats next to a dog")[1] == (None, None)


@pytest.mark.parametrize(
    ("prompt", "both"),
    [
        ("a dog and a cat on a skateboard", True),
        ("a dog and a cat in front of a house", True),
        ("two dogs and a cat behind a house", True),
        ("a house and a cat on a skateboard", False),  # it is too large
        ("a dog, a cat on a skateboard", False),
        ("an apple, a dog and a cat on a skateboard", False),
        ("a dog and a cat next to a house", False),
        ("a dog and a cat over a house", False),  # it does not fly
    ],
)
def test_a_relation_may_be_meant_of_both(prompt: str, both: bool) -> None:
    found = [(item.name, relation) for item, (relation, _) in
             zip(plan(prompt).objects, relations(prompt), strict=True)]  # fmt: skip
    own = next(relation for name, relation in found if name == "cat")
    others = [relation for name, relation in found if name in ("dog", "dog 2", "house", "apple")]
    assert own is not None
    assert (own in others) == both


def test_what_a_dog_is_in_holds_it_only_if_it_is_hollow() -> None:
    assert (Relation.IN, 1) in relations("a dog in a bucket")
    assert (Relation.IN_FRONT_OF, 0) in relations("a dog in a house")


@pytest.mark.parametrize("prompt", ["a dog between two cats", "a dog between a cat and a rocket"])
def test_what_is_between_two_has_one_on_each_side(prompt: str) -> None:
    assert relations(prompt) == [(Relation.BETWEEN, 1), (None, None), (Relation.BESIDE, 0)]


@pytest.mark.parametrize(
    ("prompt", "order"),
    [
        ("a dog under a house", ["house", "dog"]),
        ("two dogs under a house and a cat", ["house", "dog", "dog 2", "cat"]),
        ("a house, a dog behind the house", ["dog", "house"]),
        ("a dog behind a house", ["dog", "house"]),
        ("a dog in front of a house", ["house", "dog"]),
        ("a dog over a house", ["dog", "house"]),
        ("a dog in a bucket", ["dog", "bucket"]),
        ("a dog in a tree", ["tree", "dog"]),
        ("a dog in a house", ["house", "dog"]),
    ],
)
def test_what_overlaps_lies_over_or_under_as_the_sentence_says(
    prompt: str, order: list[str]
) -> None:
    assert [item.name for item in plan(prompt).objects] == order


def test_drawn_boxes_keep_the_order_of_the_sentence() -> None:
    made = plan("a dog under a house", boxes=boxes(("", ""), ("", "")))
    assert [(item.name, item.layer_id) for item in made.objects] == [("dog", "b0"), ("house", "b1")]


def test_boxes_with_prompts_name_their_objects() -> None:
    made = plan("a dog and a cat", boxes=boxes(("", "a blue cat"), ("", "")))
    assert drawn(made) == [("blue cat", "blue cat"), ("dog", "dog")]
    assert [item.layer_id for item in made.objects] == ["b0", "b1"]
    assert made.notes == ()


def test_a_box_name_picks_its_noun() -> None:
    made = plan("an apple and a dog", boxes=boxes(("Dog", ""), ("", "")))
    assert drawn(made) == [("Dog", "dog"), ("apple", "apple")]


def test_more_boxes_than_nouns() -> None:
    made = plan("a dog", boxes=boxes(("", ""), ("", "")))
    assert drawn(made) == [("dog", "dog"), ("dog 2", "dog")]
    assert "repeated" in made.notes[0]


def test_more_nouns_than_boxes() -> None:
    made = plan("a dog, a cat and an apple", boxes=boxes(("", "")))
    assert drawn(made) == [("dog", "dog")]
    assert made.notes == ("Left out, because no box is left for it: cat, apple.",)


def test_layer_count_adds_boxes_for_the_other_nouns() -> None:
    made = plan("a dog, a cat and an apple", boxes=boxes(("", "")), layer_count=2)
    assert [item.name for item in made.objects] == ["dog", "cat"]
    assert "apple" in made.notes[0]


@pytest.mark.parametrize(
    ("count", "names"), [(1, ["dog"]), (2, ["dog", "cat"]), (3, ["dog", "cat", "dog 2"])]
)
def test_layer_count(count: int, names: list[str]) -> None:
    made = plan("a dog and a cat", layer_count=count)
    assert [item.name for item in made.objects] == names
    assert bool(made.notes) == (count != 2)


def test_only_a_background() -> None:
    made = plan("green hills")
    assert (made.objects, made.background) == ((), "green hills")


def test_an_empty_room_is_a_background() -> None:
    notes = plan("a dog in an empty room").notes
    assert not any("transparency" in note for note in notes)
    assert any('"empty room"' in note for note in notes)


def test_no_background() -> None:
    made = plan("a dog on a transparent background")
    assert (len(made.objects), made.background) == (1, "plain white")
    assert "hide it" in made.notes[0]


@pytest.mark.parametrize("prompt", ["!!!", "the of a", "\U000e0001"])
def test_nothing_to_draw(prompt: str) -> None:
    with pytest.raises(RequestError, match="names nothing"):
        plan(prompt)


def test_a_box_that_nothing_is_said_about() -> None:
    with pytest.raises(RequestError, match=r"boxes\[1\]"):
        plan("green hills", boxes=boxes(("", "a dog"), ("", "")))


def test_a_box_prompt_without_a_noun() -> None:
    with pytest.raises(RequestError, match=r"boxes\[0\]\.prompt names nothing"):
        plan("a dog", boxes=boxes(("", "?!")))


def test_captions_carry_effects_and_transparency() -> None:
    made = plan("a transparent red apple and a dog with soft shadows on green hills")
    assert made.caption == (
        "a translucent red apple and a dog on a green hills background, flat style"
        " with soft shadows"
    )
    assert made.notes == ()
    assert [item.effect for item in made.objects] == ["soft shadows"] * 2


def test_an_object_drawn_alone_is_drawn_without_its_effect() -> None:
    (item,) = plan("a dog with a glow").objects
    assert item.effect == "glow"
    alone = alone_job(LayoutRequest("a dog", 64, 64, 1), item, "flat")
    assert alone.caption == "a dog, flat style"


def test_what_is_refined_is_drawn_with_the_effect_that_its_pixels_have() -> None:
    (item,) = plan("a dog with a glow").objects
    pixels = LayerPixels((0, 0, 64, 64), np.zeros((64, 64, 4), np.uint8))
    box = RegionBox("layer", 0, 0, 64, 64)
    refined = LayerRequest("a dog", 64, 64, 1, box, strength=0.5, start=pixels)
    assert alone_job(refined, item, "flat").caption == "a dog, flat style with glow"


def test_styles() -> None:
    assert plan("a glossy dog").style == "glossy"
    unknown = plan("a dog in watercolor style")
    assert unknown.style == "flat"
    assert "watercolor" in unknown.notes[0]
    with pytest.raises(RequestError, match="flat or glossy"):
        plan("a dog", style="oil")


def test_a_finish_that_the_model_lacks_becomes_the_nearest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(style_choice, "STYLES", ("flat", "glossy"))
    assert plan("a 3d dog").style == "glossy"
    monkeypatch.setattr(style_choice, "STYLES", ("flat", "glossy", "3d"))
    assert plan("a 3d dog").style == "3d"
    monkeypatch.setattr(style_choice, "STYLES", ("flat",))
    assert plan("a 3d dog").style == "flat"
    assert plan("an outlined dog").style == "flat"


def test_a_layer_of_other_weights_gets_the_nearest_style_and_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(style_choice, "STYLES", ("flat", "glossy"))
    again = plan("a dog", style="3d")
    assert again.style == "glossy"
    assert again.notes == ('Not known, so I took the nearest: the style "3d" as glossy.',)
    said = plan("a glossy dog", style="outlined")
    assert said.style == "glossy"
    assert said.notes == ('Not known, so I took the nearest: the style "outlined" as glossy.',)


def test_single_layers() -> None:
    box = RegionBox("x", 0, 0, 50, 50)
    request = LayerRequest("a blue puppy and a cat", 100, 100, 7, box)
    item = plan_object(request, WORDS)
    assert (item.item.caption, item.item.name) == ("blue dog", "blue puppy")
    assert 'Understood "puppy" as dog.' in item.notes
    assert "A layer holds one object; only blue puppy was drawn." in item.notes
    background = plan_background(LayerRequest("a starry night sky", 100, 100, 7, box), WORDS)
    assert background.background == "starry night sky"
    (note,) = plan_background(LayerRequest("a dog", 100, 100, 7, box), WORDS).notes
    assert note.startswith('"dog" is an object, and this layer is a background;')
    with pytest.raises(RequestError):
        plan_object(LayerRequest("?", 100, 100, 7, box), WORDS)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("ein Hund und eine Katze", True),
        ("ein Hund and a cat", False),
        ("a xylophone on a sunset gradient", False),
        ("a dog", False),
    ],
)
def test_a_sentence_without_a_known_word_is_told(sentence: str, told: bool) -> None:
    notes = plan(sentence).notes
    assert any("No word of the prompt is known" in note for note in notes) == told


def test_a_model_that_knows_more_words_gets_them_all() -> None:
    box = RegionBox("b", 0, 0, 10, 10, prompt="a kitten in a red coat, asleep")
    request = LayoutRequest("a gryphon and a cat on a marble terrace", 100, 100, 7, boxes=(box,))
    known = plan_scene(request, WORDS, Places())
    assert any("Not known" in note for note in known.notes)
    free = plan_scene(replace(request, layer_count=2), WORDS, Places(), any_word=True)
    assert [item.phrase for item in free.objects] == [box.prompt, "a gryphon"]
    assert free.background == "marble terrace"
    assert not any("know" in note for note in free.notes)
    plain = plan_scene(LayoutRequest("a gryphon", 9, 9, 7), WORDS, Places(), any_word=True)
    assert plain.background == "plain white"


def test_a_misspelled_background_is_the_one_it_is_near_to() -> None:
    made = plan("a dog on a suset background")
    assert made.background == "sunset gradient"
    assert any("suset" in note for note in made.notes)


def test_an_effect_of_one_object_is_no_part_of_the_caption_of_all() -> None:
    made = plan("two glowing dogs and a cat")
    assert [(item.name, item.effect) for item in made.objects] == [
        ("dog", "glow"),
        ("dog 2", "glow"),
        ("cat", ""),
    ]
    assert (made.effect, made.notes) == ("", ())
    assert "glow" not in made.caption


def test_a_box_gets_the_effect_that_the_sentence_gives_its_object() -> None:
    made = plan("a glowing dog and a cat", boxes=boxes(("", "a blue dog"), ("", "")))
    assert [item.effect for item in made.objects] == ["glow", ""]
    own = plan("a dog and a cat", boxes=boxes(("", "a dog with a glow"), ("", "")))
    assert [item.effect for item in own.objects] == ["glow", ""]


def test_the_effect_of_another_object_is_none_of_a_single_layer() -> None:
    box = RegionBox("x", 0, 0, 50, 50)
    request = LayerRequest("a dog and a glowing cat", 100, 100, 7, box)
    assert plan_object(request, WORDS).item.effect == ""


def test_an_unknown_thing_is_looked_for_once_however_many_are_wanted() -> None:
    asked: list[str] = []

    def strange(phrases: Sequence[str]) -> Tensor:
        asked.extend(phrases)
        return torch.zeros(len(phrases), 2)

    words = shipped_vocabulary(strange)
    asked.clear()
    made = plan_scene(LayoutRequest("40 zorbs", 100, 100, 1), words, Places())
    assert len(made.objects) == 40
    assert len(asked) < 8
