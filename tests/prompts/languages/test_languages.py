"""Prompts in other languages, by the shipped table of words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.errors import CheckpointError
from engine.prompts.grammar.parsed import Ignored, Reason
from engine.prompts.languages.languages import FILE, load_languages
from engine.prompts.languages.reading import Reading
from engine.prompts.languages.text import normalised
from engine.prompts.planning.layer_plan import plan_background, plan_object
from engine.prompts.planning.scene_plan import plan_scene
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import LayerRequest, LayoutRequest, RegionBox
from tests.helpers.vocabulary import STARTER, shipped_vocabulary


def spelled(phrases: Sequence[str]) -> Tensor:
    """Vectors of letters: enough to have a nearest concept."""
    rows = torch.tensor([[phrase.count(chr(97 + i)) for i in range(26)] for phrase in phrases])
    return torch.nn.functional.normalize(rows.float() + 0.01, dim=1)


@cache
def shipped() -> Vocabulary:
    return shipped_vocabulary(spelled)


def read(text: str) -> Reading:
    """The text in English; empty pieces if it was read as English."""
    return shipped().languages.read(text, shipped().english_share)


def objects_and_background(text: str) -> tuple[list[tuple[str, int]], str]:
    parsed, _ = shipped().read(text)
    return [(item.phrase, item.count) for item in parsed.objects], parsed.background


@pytest.mark.parametrize(
    "text",
    [
        "ein roter Apfel und ein brauner Hund auf einem Sonnenuntergang",
        "une pomme rouge et un chien brun sur un coucher de soleil",
        "una manzana roja y un perro marrón sobre un atardecer",
        "赤いりんごと茶色の犬、夕焼けの背景",
        "红色的苹果和棕色的狗，日落背景",
        "सेब लाल और भूरा कुत्ता, सूर्यास्त",
        "красное яблоко и коричневая собака, закат",
        "um cachorro marrom e uma maçã vermelha, pôr do sol",
    ],
)
def test_a_sentence_is_read_in_its_language(text: str) -> None:
    objects, background = objects_and_background(text)
    words = [set(phrase.split()) for phrase, _ in objects]
    assert len(words) == 2
    assert {"red", "apple"} in words
    assert {"brown", "dog"} in words
    assert background == "sunset gradient"


def missed_nouns(language: str, step: int) -> list[tuple[str, str, str]]:
    """Words of `nouns.tsv`, of each `step`th line, that do not become their label."""
    table = STARTER.parents[1] / "engine" / "training" / "recipes" / "nouns.tsv"
    lines = [line.split("\t") for line in table.read_text("utf-8").splitlines()]
    column = lines[0].index(language)
    return [
        (word, label, found)
        for label, words in ((cells[0], cells[column]) for cells in lines[1::step])
        for word in words.split("/")
        # A word that English has too ("Orange", "pain") stays as it is.
        if not all(map(shipped().is_english, word.lower().split()))
        and (found := read(word).english.lower()) not in (label, elsewhere(word, language))
    ]


SIX = ("de", "fr", "es", "ja", "zh", "hi")


@pytest.mark.parametrize("language", SIX)
def test_nouns_find_their_concept(language: str) -> None:
    assert not missed_nouns(language, 7)


@pytest.mark.slow
@pytest.mark.parametrize("language", SIX)
def test_every_noun_finds_its_concept(language: str) -> None:
    assert not missed_nouns(language, 1)


@cache
def tables() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((STARTER / FILE).read_text("utf-8"))
    return found


def elsewhere(word: str, language: str) -> str:
    """What a word means in another language, which nothing tells it from: "cadenas" is a lock in
    French and chains in Spanish."""
    others = (found for name, found in tables().items() if name != language)
    return next((found[normalised(word)] for found in others if normalised(word) in found), "")


WIDER = {
    "de": ("ein Eisbär und eine schwarze Katze", "ein Rollstuhl neben einer Bushaltestelle"),
    "fr": ("un ours polaire et un chat noir", "un fauteuil roulant à côté d'un arrêt de bus"),
    "es": ("un oso polar y un gato negro", "una silla de ruedas junto a una parada de autobús"),
    "ja": ("シロクマと黒猫", "車椅子とバス停"),
    "zh": ("北极熊和黑猫", "轮椅和公交站"),
    "hi": ("ध्रुवीय भालू और काली बिल्ली", "व्हीलचेयर और बस स्टॉप"),
}


@pytest.mark.parametrize("language", WIDER)
def test_things_of_the_widest_recipe_are_known(language: str) -> None:
    first, second = WIDER[language]
    assert phrases_of(first) == ["polar bear", "black cat"]
    assert phrases_of(second) == ["wheelchair", "bus stop"]


@pytest.mark.parametrize(
    ("text", "phrases", "background"),
    [
        ("ein Hund in der Stadt", ["dog"], "cityscape"),
        ("ein Hund bei Sonnenaufgang", ["dog"], "sunrise"),
        ("eine Stadt bei Nacht", ["city at night"], ""),
        ("ein Regenschirm im Regen", ["umbrella in rain"], ""),
        ("drei Uhr", ["three o'clock"], ""),
        ("un cane e un gatto nero", ["dog", "black cat"], ""),
        ("een hond en een schip", ["dog", "ship"], ""),
        ("собака и корабль", ["dog", "ship"], ""),
    ],
)
def test_a_noun_may_have_small_words_and_a_plain_one_is_the_common_thing(
    text: str, phrases: list[str], background: str
) -> None:
    assert (phrases_of(text), objects_and_background(text)[1]) == (phrases, background)


@pytest.mark.parametrize(
    ("text", "phrases", "background"),
    [
        ("蓝色背景上的红色汽车和黄色小鸟", ["red car", "yellow bird"], "blue"),
        ("森林里的一只狐狸", ["fox"], "green hills"),
        ("青い背景に赤い車", ["red car"], "blue"),
        ("草原の白い馬", ["white horse"], "green hills"),
        ("三匹の子猫とケーキ、ピンクの背景", ["cat", "cake"], "pink"),
    ],
)
def test_what_follows_the_background_stands_on_it(
    text: str, phrases: list[str], background: str
) -> None:
    assert (phrases_of(text), objects_and_background(text)[1]) == (phrases, background)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Ich möchte ein Bild mit einem Hund und einer Katze", ["dog", "cat"]),
        ("Zeichne einen roten Apfel", ["red apple"]),
        ("Eine Geburtstagskarte mit einem Kuchen", ["cake"]),
        ("dessine-moi un mouton", ["sheep"]),
        ("je voudrais une image avec un chat", ["cat"]),
        ("quiero un dibujo de un perro", ["dog"]),
        ("Zeichne einen Hund, bitte", ["dog"]),
        ("ein Hund für meine Schwester", ["dog"]),
        ("vorrei un disegno di un gatto", ["cat"]),
        ("quero uma imagem de um gato", ["cat"]),
    ],
)
def test_a_wish_or_a_kind_of_work_is_no_layer_in_other_languages(
    text: str, phrases: list[str]
) -> None:
    assert phrases_of(text) == phrases


def test_endings_and_accents_do_not_matter() -> None:
    assert objects_and_background("Zwei roten Äpfeln und drei Hunde") == (
        [("red apple", 2), ("dog", 3)],
        "",
    )
    assert normalised("ＡÉ") == "ae"


@pytest.mark.parametrize(
    "text",
    [
        "a red apple and a brown dog on a sunset gradient",
        "two pan flutes on a bed",
        "a bat in a gift",
        "a black jackal",
        "dog",
        "mare",
        "kettle",
        "blaze",
        "hare",
        "cub",
        "a dollar bill",
        "a kettle, a dollar bill",
        "kettle, mare",
        "school bus, blaze",
        "spear, bus",
        "a bouquet of roses",  # the French are pink
        "a fist and a moai",
        "a slit and a ring",
        "nothing but a cat",  # a Vietnamese pen
        "a cute but grumpy cat",
        "xyzzy",
        "",
    ],
)
def test_english_and_unknown_words_stay_as_they_are(text: str) -> None:
    reading = read(text)
    assert reading.english == text
    assert not reading.translated
    assert reading.as_typed("red apple") == "red apple"


def test_unknown_words_of_a_known_language_are_left_for_the_reader() -> None:
    assert objects_and_background("ein Quirl mit Hund")[0] == [("quirl", 1), ("dog", 1)]


def test_an_unknown_thing_is_asked_for_without_its_foreign_article() -> None:
    reading = read("un théorbe")
    assert reading.english == "a théorbe"
    assert reading.as_typed("théorbe") == "théorbe"


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("un gatto e due mele", ["cat", "apple"]),
        ("un gato y dos manzanas", ["cat", "apple"]),
        ("hunden och äpplena", ["dog", "apple"]),
        ("hunden og eplene", ["dog", "apple"]),
        ("kissa ja koulussa", ["cat", "school"]),
        ("pies z kotami", ["dog", "cat"]),
    ],
)
def test_endings_of_many_languages_are_known_in_a_sentence(text: str, phrases: list[str]) -> None:
    assert phrases_of(text) == phrases


def test_a_name_of_two_words_may_stand_before_a_comma() -> None:
    named = [shipped()._in_names(text) for text in ("a dollar bill, a cat", "a dollar, bill")]
    assert named == [{"dollar", "bill"}, set()]


def test_a_rare_english_word_does_not_hide_a_common_foreign_one() -> None:
    assert read("chat").english == "cat"
    assert read("un chat").english == "a cat"


def test_words_that_several_languages_share_are_not_bent_into_others() -> None:
    """ "sushi" is no form of the Malay "susu", milk."""
    for word in ("sushi", "banjo", "steak", "melon"):
        assert shipped().languages.read(word, lambda _word: False).english == word


@pytest.mark.parametrize(
    "text",
    [
        "ein Vogel mit gelben Flügeln",
        "un oiseau avec des ailes jaunes",
        "un pájaro con alas amarillas",
        "黄色い羽の鳥",
        "有黄色翅膀的鸟",
        "पीले पंखों वाली चिड़िया",
    ],
)
def test_what_belongs_to_an_object_is_no_layer_of_its_own(text: str) -> None:
    parsed, _ = shipped().read(text)
    assert [item.phrase for item in parsed.objects] == ["bird"]
    assert parsed.ignored == (Ignored("yellow wings", Reason.FEATURE),)


@pytest.mark.parametrize(
    ("text", "phrase", "typed"),
    [
        ("ein roter Apfel", "red apple", "roter Apfel"),
        ("une pomme rouge", "red apple", "pomme rouge"),
        ("赤いりんごと犬", "red apple", "赤いりんご"),
        ("un chien brun", "brown dog", "chien brun"),
        ("un chat noir et un petit chien noir", "black small dog", "petit chien noir"),
        ("un chat noir et un petit chien noir", "black cat", "chat noir"),
        ("पीली चिड़िया", "yellow bird", "पीली चिड़िया"),
        ("la foglia dell'albero", "green leaves tree", "foglia dell'albero"),
        ("桜木と犬", "cherry blossom tree", "桜木"),
        ("桜の木と犬", "cherry blossom tree", "桜の木"),
        ("赤い桜の木と青い犬", "red cherry blossom tree", "赤い桜の木"),
        ("犬と桜の木と猫", "cat", "猫"),
    ],
)
def test_names_keep_the_words_that_were_typed(text: str, phrase: str, typed: str) -> None:
    assert read(text).as_typed(phrase) == typed


@pytest.mark.parametrize(
    ("text", "count", "note"),
    [
        ("ein Quirl mit Hund", None, 'Not known, so I took the nearest: "Quirl" as squirrel.'),
        (
            "ein roter Quirl, ein Hund",
            None,
            'Not known, so I took the nearest: "Quirl" as squirrel.',
        ),
        (
            "桜の木と犬",
            None,
            'Understood "桜の木" as tree.',
        ),
        ("ein kleiner Hund und ein Stück Pizza", None, 'Understood "Stück Pizza" as pizza.'),
        ("a slice of pizza", None, 'Understood "slice of pizza" as pizza.'),
        (
            "ein Hund, eine Katze und ein Apfel",
            1,
            "Left out, because 1 layer was asked for: Katze, Apfel.",
        ),
    ],
)
def test_notes_about_objects_have_the_words_that_were_typed(
    text: str, count: int | None, note: str
) -> None:
    request = LayoutRequest(text, 100, 100, 7, layer_count=count)
    notes = plan_scene(request, shipped(), lambda wanted: [(0, 0, 9, 9)] * len(wanted)).notes
    assert note in notes


def test_notes_about_a_single_layer_have_them_too() -> None:
    box = RegionBox("x", 0, 0, 50, 50)
    wanted = LayerRequest("ein blauer Welpe und eine Katze", 100, 100, 7, box)
    notes = plan_object(wanted, shipped()).notes
    assert "A layer holds one object; only blauer Welpe was drawn." in notes
    notes = plan_background(replace(wanted, prompt="ein Hund"), shipped()).notes
    assert any(note.startswith('"Hund" is an object') for note in notes)


def test_the_french_of_is_no_dice() -> None:
    assert read("une feuille de l'arbre").english == "a maple leaf of a tree"
    assert read("un chien de berger").english == "a dog of berger"


def phrases_of(text: str) -> list[str]:
    return [phrase for phrase, _ in objects_and_background(text)[0]]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("l'avion bleu et l'oiseau rouge", ["blue airplane", "red bird"]),
        ("l’avion bleu et l’oiseau rouge", ["blue airplane", "red bird"]),
        ("un chat noir à côté d'une maison blanche", ["black cat", "white house"]),
        ("un gâteau d'anniversaire", ["cake"]),
        ("l'albero verde e un'ape gialla", ["green tree", "yellow bee"]),
        ("un gatto accanto all'albero", ["cat", "tree"]),
    ],
)
def test_a_word_that_lost_its_vowel_is_a_word_of_its_own(text: str, phrases: list[str]) -> None:
    assert phrases_of(text) == phrases


@pytest.mark.parametrize(
    "text",
    [
        "a car but no dog",
        "a car, not a dog",
        "ein Auto, aber kein Hund",
        "ein Auto und keine Hunde",
        "une voiture sans chien",
        "une voiture, mais pas de chien",
        "un coche, pero ningún perro",
        "una macchina senza cane",
        "um carro sem cachorro",
        "車、犬なし",
        "犬のいない車",
        "一辆汽车，没有狗",
        "कुत्ते के बिना कार",
        "कार, बिना कुत्ते के",
        "कार है लेकिन कोई कुत्ता नहीं",
        "машина без собаки",
        "자동차, 개 없이",
    ],
)
def test_what_is_not_to_be_seen_is_no_layer(text: str) -> None:
    assert phrases_of(text) == ["car"]


@pytest.mark.parametrize(
    ("text", "objects", "background"),
    [
        ("तीन पीले तारे रात के आसमान में", [("yellow star", 3)], "starry night sky"),
        ("मेज पर बिल्ली और दो कुत्ते", [("cat", 1), ("dog", 2)], "table"),
        ("बिल्ली पेड़ के नीचे", [("cat", 1), ("tree", 1)], ""),
        ("un chat au coucher du soleil", [("cat", 1)], "sunset gradient"),
    ],
)
def test_words_behind_their_noun_part_the_pieces(
    text: str, objects: list[tuple[str, int]], background: str
) -> None:
    assert objects_and_background(text) == (objects, background)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("gelbe Sterne", ["yellow star"]),
        ("eine Bank im Park", ["bench"]),
        ("un avion bleu clair", ["light blue airplane"]),
        ("ein dunkelgrüner Baum und ein hellblaues Auto", ["dark green tree", "light blue car"]),
        ("links ein Hund und rechts eine Katze", ["dog", "cat"]),
        ("ein Hund links von einer Katze", ["dog", "cat"]),
    ],
)
def test_shades_and_sides_are_read_as_such(text: str, phrases: list[str]) -> None:
    assert phrases_of(text) == phrases


@pytest.mark.parametrize(
    ("text", "phrase", "style"),
    [
        ("ein glänzender roter Apfel", "red apple", "glossy"),
        ("ein Hund im flachen Stil", "dog", "flat"),
        ("une pomme brillante", "apple", "glossy"),
        ("una manzana brillante", "apple", "glossy"),
        ("光沢のあるりんご", "apple", "glossy"),
        ("有光泽的苹果", "apple", "glossy"),
        ("चमकदार सेब", "apple", "glossy"),
        ("ein umrandeter Hund", "dog", "outlined"),
        ("ein Hund im Comicstil", "dog", "outlined"),
        ("ein Hund im Cartoon-Stil", "dog", "outlined"),
        ("un chien, style bande dessinée", "dog", "outlined"),
        ("un chien avec contours", "dog", "outlined"),
        ("un perro al estilo cómic", "dog", "outlined"),
        ("un perro estilo cómic", "dog", "outlined"),
        ("un perro delineado", "dog", "outlined"),
        ("漫画風の犬", "dog", "outlined"),
        ("輪郭線のある犬", "dog", "outlined"),
        ("卡通风格的狗", "dog", "outlined"),
        ("一只卡通狗", "dog", "outlined"),
        ("描边的狗", "dog", "outlined"),
        ("कार्टून शैली में कुत्ता", "dog", "outlined"),
        ("रूपरेखा वाला कुत्ता", "dog", "outlined"),
    ],
)
def test_style_words_choose_the_style(text: str, phrase: str, style: str) -> None:
    parsed, _ = shipped().read(text)
    assert [item.phrase for item in parsed.objects] == [phrase]
    assert parsed.style == style


def test_a_name_or_what_is_said_is_no_object() -> None:
    assert phrases_of("a dog called Fresh and a cat") == ["dog", "cat"]
    assert phrases_of('a house saying "fresh bread", a tree') == ["house", "tree"]


@pytest.mark.parametrize(
    ("exact", "near", "unknown"),
    [
        ("ein Hund", "zwei Hunde", "ein Quirl"),
        ("un chien", "deux chiens", "un théorbe"),
        ("un perro", "dos perros", "una tiorba"),
        ("犬", "犬たち", "テオルボ"),
        ("狗", "一只小狗", "鲁特琴"),
        ("कुत्ता", "कुत्ते", "थिओर्बो"),
    ],
)
def test_the_user_is_told_what_was_understood(exact: str, near: str, unknown: str) -> None:
    def told(prompt: str) -> tuple[list[str], str]:
        request = LayoutRequest(prompt, 64, 64, 1)
        plan = plan_scene(request, shipped(), lambda p: [(0, 0, 9, 9)] * len(p))
        return [item.concept.label for item in plan.objects], " ".join(plan.notes)

    for prompt in (exact, near):
        labels, notes = told(prompt)
        assert set(labels) == {"dog"}
        assert 'Read as "' in notes
        assert "dog" in notes
        assert "Not known" not in notes
    labels, notes = told(unknown)
    assert "Not known, so I took the nearest: " in notes
    assert f" as {labels[0]}." in notes


def test_a_box_with_an_unknown_word_leaves_nothing_out_of_the_sentence() -> None:
    boxes = (
        RegionBox("a", 0, 0, 32, 32, prompt="ein Hund"),
        RegionBox("b", 32, 0, 64, 32, prompt="ein blauer Quirl"),
    )
    request = LayoutRequest("ein Hund, ein blauer Quirl", 64, 64, 1, boxes)
    plan = plan_scene(request, shipped(), lambda p: [(0, 0, 9, 9)] * len(p))
    assert len(plan.objects) == 2
    assert not any("Left out" in note for note in plan.notes)


def test_a_read_colour_is_a_known_word() -> None:
    def told(prompt: str) -> str:
        request = LayoutRequest(prompt, 64, 64, 1)
        plan = plan_scene(request, shipped(), lambda p: [(0, 0, 9, 9)] * len(p))
        return " ".join(plan.notes)

    assert "No word" in told("xyzzy")
    assert "No word" not in told("a red xyzzy")


@pytest.mark.parametrize("content", [None, "[1, 2", '{"de": 3}'])
def test_a_broken_table_is_named(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(CheckpointError, match=FILE):
        load_languages(tmp_path)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("una casa roja", "red house"),
        ("una flor blanca", "white flower"),
        ("un perro rosa", "pink dog"),
        ("un gatto rosa", "pink cat"),
        ("una rosa", "rose"),
        ("una rosa roja", "red rose"),
        ("un perro y una rosa", "dog"),
    ],
)
def test_feminine_colours_and_those_that_are_flowers_too(text: str, phrase: str) -> None:
    objects, _ = objects_and_background(text)
    assert objects[0][0].split()[-2:] == phrase.split()
    assert "rose" not in objects[0][0] or "rose" in phrase
