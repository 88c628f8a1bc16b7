"""Sentences of the engine are plain English, and can be said in another language later."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from editor.translations import activate, tr_sentence
from engine.errors import JobCancelled, RequestError
from engine.prompts.planning.notes import on_substitutes
from engine.prompts.vocabulary.understanding import Substitute, SubstituteKind
from engine.requests import LayoutRequest, check_request
from engine.sentences import Sentence, sentence, sentence_count
from engine.service import explain


@pytest.fixture
def german() -> Iterator[None]:
    activate("de")
    yield
    activate("en")


def test_a_sentence_is_its_text() -> None:
    text = sentence("The number of steps must be between 1 and {limit}.", limit=100)
    assert text == "The number of steps must be between 1 and 100."
    assert f"{text}" == str(text)
    assert sentence("No places {here}.") == "No places {here}."


def test_a_sentence_survives_another_process() -> None:
    text = sentence("The {side} is too long.", side=sentence("width"))
    again = pickle.loads(pickle.dumps(text))
    assert isinstance(again, Sentence)
    assert again == text
    assert again.template == text.template
    assert isinstance(again.values["side"], Sentence)


@pytest.mark.usefixtures("german")
def test_sentences_are_translated_with_the_sentences_inside() -> None:
    with pytest.raises(RequestError) as caught:
        check_request(LayoutRequest("a dog", 0, 512, 7))
    assert caught.value.message.startswith("The width is 0 px")
    assert tr_sentence(caught.value.message).startswith("Die Breite ist 0 px")


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("count", "in_english", "in_german"),
    [
        (1, "because 1 layer was asked for: cat", "weil 1 Ebene gewünscht war: cat"),
        (2, "because 2 layers were asked for: cat", "weil 2 Ebenen gewünscht waren: cat"),
    ],
)
def test_a_number_of_things_is_said_in_its_form(
    count: int, in_english: str, in_german: str
) -> None:
    note = sentence_count(
        "Left out, because {count} layer was asked for: {names}.",
        "Left out, because {count} layers were asked for: {names}.",
        count,
        names="cat",
    )
    again = pickle.loads(pickle.dumps(note))
    assert in_english in again
    assert in_german in tr_sentence(again)


@pytest.mark.usefixtures("german")
def test_words_of_the_user_stay_as_they_are() -> None:
    (note,) = on_substitutes([Substitute("Layers", "cake", SubstituteKind.SYNONYM)])
    assert tr_sentence(note) == "Verstanden wurde „Layers“ als „cake“."
    assert tr_sentence("Layers") == "Layers"


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("kind", SubstituteKind)
def test_what_a_drawing_does_not_show_is_said_in_german(kind: SubstituteKind) -> None:
    one, other = Substitute("Seagull", "bird", kind), Substitute("Labrador", "dog", kind)
    for several in ([one], [one, other]):
        (note,) = on_substitutes(several)
        said = tr_sentence(pickle.loads(pickle.dumps(note)))
        assert said != note
        shown = "named" if kind is SubstituteKind.SIGN else "label"
        assert all(word in said for each in several for word in (each.named, getattr(each, shown)))


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    "error", [MemoryError(), ImportError("x", name="torch"), ValueError("x"), JobCancelled()]
)
def test_whatever_goes_wrong_is_said_in_german(error: Exception) -> None:
    message, _detail = explain(error)
    assert tr_sentence(message) != message
