"""Looking texts up, filling them in, and choosing the language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from editor import translations
from editor.translations import (
    activate,
    best_language,
    current_language,
    decimal,
    languages,
    mark,
    tr,
    tr_count,
    tr_in,
    tr_sentence,
)
from engine.sentences import sentence


@pytest.fixture
def german() -> Iterator[None]:
    activate("de")
    yield
    activate("en")


def test_without_a_language_everything_is_english() -> None:
    assert current_language() == "en"
    assert tr("Opacity") == "Opacity"
    assert tr("Layer {number}", number=3) == "Layer 3"
    assert tr_count("{count} layer", "{count} layers", 1) == "1 layer"
    assert tr_count("{count} layer", "{count} layers", 0) == "0 layers"
    assert decimal(1.25, 1) == "1.2"


@pytest.mark.usefixtures("german")
def test_no_text_stays_no_text() -> None:
    assert tr("") == ""


def test_braces_in_values_and_in_plain_texts_stay() -> None:
    assert tr("Saved {name}", name="{a}.psd") == "Saved {a}.psd"
    assert tr("a { b") == "a { b"


def test_a_value_may_be_called_text() -> None:
    assert tr("Zoom {text}", text="100 %") == "Zoom 100 %"


def test_marked_texts_are_themselves() -> None:
    assert mark("Drawing") == "Drawing"


@pytest.mark.usefixtures("german")
def test_numbers_in_sentences_have_the_decimal_sign_of_the_language() -> None:
    assert tr("{title}: the card has room for {need:.1f} GiB.", title="FLUX.1", need=3.46) == (
        "FLUX.1: Die Karte hat Platz für 3,5 GiB."
    )
    said = sentence(
        "Everything fits into memory: {need:.1f} of {have:.1f} GiB; about {time} for a picture.",
        need=3.5, have=23.5, time=sentence("{hours:.1f} h", hours=5.8),
    )  # fmt: skip
    assert "3.5 of 23.5 GiB; about 5.8 h" in said
    assert "3,5 von 23,5 GiB; etwa 5,8 h" in tr_sentence(said)


@pytest.mark.usefixtures("german")
def test_german_is_used_while_it_is_active() -> None:
    assert current_language() == "de"
    assert decimal(1.5, 1) == "1,5"
    assert tr_in("decimal sign", ".") == ","
    assert tr("no such text") == "no such text"


def test_languages_name_themselves() -> None:
    assert languages() == {"en": "English", "de": "Deutsch"}


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["de-AT", "en"], "de"),
        (["de_DE"], "de"),
        (["fr-FR", "DE"], "de"),
        (["fr-FR", "ja"], "en"),
        (["en-GB", "de"], "en"),
        ([], "en"),
    ],
)
def test_the_first_shipped_language_is_taken(wanted: list[str], language: str) -> None:
    assert best_language(wanted) == language


def test_an_unknown_language_changes_nothing() -> None:
    with pytest.raises(FileNotFoundError):
        activate("xx")
    assert translations.current_language() == "en"
