"""Tables of everyday words: what they may say, and how they stand beside the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.training.evaluation.words import answer
from engine.training.recipe import load_recipe
from engine.training.words.everyday import (
    FOLDER,
    EverydayError,
    EverydayWords,
    languages,
    read_everyday,
)
from engine.training.words.word_meanings import Found
from tests.helpers.vocabulary import shipped_vocabulary

LABELS = ("cat", "tree", "wolf")


def table(folder: Path, text: str, language: str = "en") -> Path:
    path = folder / f"{language}.tsv"
    path.write_text(text, "utf-8")
    return path


def test_a_line_has_words_that_are_meant_and_that_are_near(tmp_path: Path) -> None:
    path = table(tmp_path, "cat\tmoggy, house cat\nwolf\t\tjackal, dhole\n")
    words = read_everyday(path, LABELS)
    assert words.meant == {"moggy": "cat", "house cat": "cat"}
    assert words.near == {"jackal": "wolf", "dhole": "wolf"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dog\thound\n", 'en.tsv, line 1: "dog" is no concept of the recipe.'),
        ("cat\tmoggy\ntree\tmoggy\n", 'en.tsv, line 2: "moggy" stands here twice.'),
        ("cat\ta\tb\tc\n", "en.tsv, line 1: there are more than three columns."),
        ("cat\ttree\n", 'en.tsv, line 1: "tree" is a concept itself.'),
        (
            "cat\tmoggy cat\nwolf\t\tmoggy-cat\n",
            'en.tsv, line 2: "moggy-cat" is a word of "cat" as well.',
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EverydayError, match=said.replace(".", r"\.")):
        read_everyday(table(tmp_path, text), LABELS)


def test_another_language_may_have_a_label_for_a_word(tmp_path: Path) -> None:
    path = table(tmp_path, "cat\tcat\n", "de")
    assert read_everyday(path, LABELS).meant == {"cat": "cat"}


def test_what_is_written_by_hand_wins_but_loses_no_colour_and_no_meaning() -> None:
    found = Found({"oak": "tree", "puss": "wolf"}, {"moggy": "wolf", "lynx": "wolf"})
    own = EverydayWords(
        {"moggy": "cat", "puss": "cat", "black cat": "cat", "kitty": "cat"},
        {"lynx": "cat", "oak": "wolf"},
    )
    whole = found.beside(own, {"kitty": ["cat"], "cat": ["cat"]})
    assert whole.synonyms == {"oak": "tree", "moggy": "cat", "puss": "cat"}
    assert whole.relatives == {"lynx": "cat"}


def test_a_colour_that_ends_a_name_by_hand_is_part_of_it() -> None:
    own = EverydayWords({"cat cream": "tree", "red cat": "tree", "wolf brown": "wolf"}, {})
    whole = Found({"wolf white": "tree"}, {}).beside(own, {"cat": ["cat"], "wolf": ["wolf"]})
    assert whole.synonyms == {"cat cream": "tree"}


def test_what_dictionaries_have_beside_a_name_is_left_to_the_noun_that_it_ends_with() -> None:
    found = Found({"tube": "metro"}, {"hat stand": "cap", "test tubes": "jar", "polo neck": "wolf"})
    own = EverydayWords({}, {"cat stand": "tree"})
    whole = found.beside(own, {"stand": ["stand"]})
    assert whole.relatives == {"polo neck": "wolf", "cat stand": "tree"}


def test_most_things_are_drawn_as_the_nearest_that_the_table_has() -> None:
    """WordNet and other languages have some of the others, and some are cut."""
    words = shipped_vocabulary()
    labels = {concept.label for concept in load_recipe().concepts}
    near = read_everyday(FOLDER / "en.tsv", labels).near
    some = sorted(near)[::15]
    wrong = [word for word in some if not answer(word, (near[word],), words).good]
    assert len(wrong) / len(some) < 0.12, wrong


@pytest.mark.parametrize("language", ["en", *languages()])
def test_nearly_every_everyday_word_is_read_as_what_its_table_says(language: str) -> None:
    """Some have a place in two languages, or are a background; most of them beside Spanish, and
    in Korean those of one syllable, which longer words contain."""
    words = shipped_vocabulary()
    labels = {concept.label for concept in load_recipe().concepts}
    meant = read_everyday(FOLDER / f"{language}.tsv", labels).meant
    some = sorted(meant)[::7]
    wrong = [word for word in some if not answer(word, (meant[word],), words).good]
    most = 0.05 if language in ("it", "ko", "pt") else 0.03
    assert len(wrong) / len(some) < most, wrong


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("Kuchen", "cake"),  # a pie in Chile
        ("Berg", "mountain"),  # of ice in WordNet
        ("Gummistiefel", "boot"),
        ("bota de lluvia", "boot"),
        ("hockey stick", "ice hockey stick"),
        ("latte", "coffee"),
        ("suit", "office worker"),
        ("funnel web", "spider"),
        ("jamón ibérico", "meat on bone"),
        ("scaredy-cat", "black cat"),
    ],
)
def test_a_word_is_what_most_people_mean_by_it(word: str, label: str) -> None:
    assert answer(word, (label,), shipped_vocabulary()).good


@pytest.mark.parametrize(
    ("typed", "phrases"),
    [
        ("una rosa rossa e un cane", ["red rose", "dog"]),
        ("uma rosa amarela", ["yellow rose"]),
        ("un vestito rosa", ["pink dress"]),
        ("um cão preto e uma bola", ["black dog", "soccer ball"]),
        ("six red balloons", ["red balloon"]),
        ("three colorful balloons and five blue fish", ["colorful balloon", "blue fish"]),
    ],
)
def test_a_rose_is_no_pink_and_a_dog_no_fox(typed: str, phrases: list[str]) -> None:
    """ "Rosa" alone is pink in Italian and Portuguese; "cão" without its accents is Vietnamese."""
    parsed, _ = shipped_vocabulary().read(typed)
    assert [found.phrase for found in parsed.objects] == phrases


def test_two_of_a_thing_are_no_other_thing() -> None:
    found = Found({"clocks": "herb", "oats": "corn"}, {"ravens": "duck"})
    own = EverydayWords({"clock": "alarm clock", "raven": "blackbird"}, {})
    whole = found.without_plurals(own, ["corn", "herb", "duck"])
    assert whole.synonyms == {"oats": "corn"}
    assert not whole.relatives
    assert answer("clocks", ("alarm clock",), shipped_vocabulary()).good
