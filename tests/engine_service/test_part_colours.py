"""All parts of a drawing turned to a colour: which change, which stay, how records repeat it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.errors import RequestError
from engine.pipelines.asked_colours import ENOUGH, colour_share
from engine.pipelines.part_colours import clothes_of, in_colour, recorded
from engine.pipelines.recolouring import recoloured
from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.english.shades import Colour
from tests.engine_service.test_recolouring import DARK, PALE, RED, band, drawn

SKIN, SHIRT = (1.0, 0.78, 0.24), (0.1, 0.4, 0.8)
YELLOW, PURPLE, SKY = (0.98, 0.75, 0.1), (0.5, 0.2, 0.8), (0.3, 0.75, 0.98)
NAVY, LAVENDER = "blue #1b2a57", "purple #c7b5ec"


def framed(body: tuple[float, float, float], inside: tuple[float, float, float]) -> Tensor:
    """A body around large windows, `4 60 60`, transparent outside."""
    rgba = torch.zeros(4, 60, 60)
    rgba[:3, 4:-4, 4:-4] = torch.tensor(body)[:, None, None]
    rgba[:3, 12:-12, 12:-12] = torch.tensor(inside)[:, None, None]
    rgba[3, 4:-4, 4:-4] = 1
    return rgba


@pytest.mark.parametrize("word", COLOUR_WORDS)
@pytest.mark.parametrize("before", [RED, SKY, PALE])
def test_a_drawing_gets_any_colour_word(word: str, before: tuple[float, float, float]) -> None:
    car = drawn((before, 20), (DARK, 4))
    turned = in_colour(car, recorded(word))
    assert colour_share(turned, Colour(word)) >= ENOUGH
    assert torch.equal(turned[3], car[3])
    assert turned[:3].min() >= 0
    assert turned[:3].max() <= 1


@pytest.mark.parametrize("asked", [NAVY, LAVENDER, "brown #ecdfc3", "green #7d7d2c"])
@pytest.mark.parametrize("before", [RED, SKY, PURPLE])
def test_a_drawing_gets_any_shade(asked: str, before: tuple[float, float, float]) -> None:
    turned = in_colour(drawn((before, 20), (DARK, 4)), recorded(asked))
    assert band(turned, 14).tolist() == pytest.approx(Colour.read(asked).rgb, abs=0.03)
    assert band(turned, 26).tolist() == pytest.approx(DARK, abs=0.12), "ink stays dark"


def test_the_body_is_turned_and_windows_that_have_the_colour_stay() -> None:
    bus = framed(YELLOW, PURPLE)
    turned = in_colour(bus, recorded("purple"))
    assert colour_share(turned, Colour("purple")) >= ENOUGH
    assert turned[:3, 30, 30].tolist() == pytest.approx(PURPLE, abs=0.01)
    assert not torch.allclose(turned[:3, 6, 6], bus[:3, 6, 6], atol=0.2)


def test_pale_parts_change_without_a_border() -> None:
    """A cow from pink to white: no step where the old way had one."""
    cow = framed(PALE, PALE)
    at = torch.linspace(0, 1, 52)[:, None]
    cow[:3, 4:-4, 4:-4] = (torch.tensor((0.98, 0.7, 0.7)) * (1 - at) + at).T[:, :, None]
    turned = in_colour(cow, recorded("purple"))
    steps = (turned[:3, 5:-4, 30] - turned[:3, 4:-5, 30]).abs().max()
    assert colour_share(turned, Colour("purple")) >= ENOUGH
    assert steps < 0.06


def test_what_has_the_colour_already_stays_as_it_is() -> None:
    car = drawn((RED, 20), (SKY, 6))
    assert in_colour(car, recorded("red")) is car
    assert in_colour(car, "") is car


@pytest.mark.parametrize(
    ("record", "blue_part", "raspberry_part"),
    [
        ("red", (0.9, 0.1, 0.127), (0.8, 0.16, 0.352)),
        ("red #7a1730", (0.478, 0.09, 0.188), (0.508, 0.197, 0.35)),
    ],
)
def test_records_of_red_are_as_they_were_made(
    record: str, blue_part: tuple[float, ...], raspberry_part: tuple[float, ...]
) -> None:
    """The colours are those that the version before the new way gave."""
    rgba = torch.ones(4, 20, 20)
    rows = ((slice(0, 10), (0.1, 0.3, 0.9)), (slice(10, 14), (0.8, 0.16, 0.352)))
    for where, colour in (*rows, (slice(14, 20), (0.9, 0.8, 0.1))):
        rgba[:3, where] = torch.tensor(colour)[:, None, None]
    made = in_colour(rgba, record)
    assert made[:3, 2, 5].tolist() == pytest.approx(blue_part, abs=2e-3)
    assert made[:3, 12, 5].tolist() == pytest.approx(raspberry_part, abs=2e-3)


@pytest.mark.parametrize(
    "record", ["blue sideways", "crimson", "blue throughout twice", "mauve throughout"]
)
def test_a_record_of_another_way_is_refused(record: str) -> None:
    with pytest.raises(RequestError, match="does not say enough"):
        in_colour(framed(YELLOW, PURPLE), record)


@pytest.mark.parametrize("word", ["red", "green", "black", "pink"])
def test_a_person_is_turned_but_for_the_skin(word: str) -> None:
    person = framed(SHIRT, SKIN)
    turned = in_colour(person, recorded(word, clothes=True))
    assert colour_share(clothes_of(turned), Colour(word)) >= ENOUGH
    assert torch.equal(turned[:, 12:-12, 12:-12], person[:, 12:-12, 12:-12])
    assert torch.equal(turned[3], person[3])
    assert torch.equal(in_colour(person, recorded(word, clothes=True)), turned)


@pytest.mark.parametrize(("cloth", "word"), [((0.93, 0.93, 0.93), "blue"), (DARK, "red")])
def test_a_white_coat_is_dyed_whatever_is_on_it(
    cloth: tuple[float, float, float], word: str
) -> None:
    doctor = framed(cloth, SKIN)
    doctor[:3, 30:40, 5:9] = torch.tensor(SHIRT)[:, None, None]  # a blue badge on it
    doctor[:3, 20:24, 20:24] = 1.0  # an eye
    turned = in_colour(doctor, recorded(word, clothes=True))
    assert not torch.allclose(turned[:3, 6, 6], doctor[:3, 6, 6], atol=0.1)
    assert colour_share(turned[:, 5:12, 5:-5], Colour(word)) >= ENOUGH
    assert torch.equal(turned[:, 14:-14, 14:-14], doctor[:, 14:-14, 14:-14])


def test_a_head_wears_nothing_that_could_be_turned() -> None:
    head = framed(SKIN, SKIN)
    head[:3, 20:24, 20:24] = torch.tensor(DARK)[:, None, None]
    assert in_colour(head, recorded("blue", clothes=True)) is head


def test_records_without_the_way_repeat_the_older_one() -> None:
    bus = framed(YELLOW, PURPLE)
    assert torch.equal(in_colour(bus, "purple"), recoloured(bus, "purple"))
    assert torch.equal(in_colour(bus, NAVY), recoloured(bus, NAVY))
    assert in_colour(bus, "") is bus
