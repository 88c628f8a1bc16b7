"""Copies in other colours: which part of a drawing changes."""

import tomllib

import numpy as np

from engine.training.art.recolour import (
    RECOLOUR_TARGETS,
    UNCOLOURED,
    body_of,
    colour_word,
    recoloured,
)
from engine.training.art.sources import ByteImage
from engine.training.recipe import RECIPES, load_recipe

_SKY, _SIDES, _TYRE, _STRIPE = (0, 166, 240), (242, 242, 240), (25, 20, 30), (240, 160, 20)
_WINDOWS, _BODY, _BAND = np.s_[10:40, 8:56], np.s_[40:54, 4:60], np.s_[54:58, 4:60]


def _van() -> ByteImage:
    """More window than anything else, light sides, a thin orange stripe, tyres."""
    picture = np.zeros((64, 64, 4), np.uint8)
    parts = ((_WINDOWS, _SKY), (_BODY, _SIDES), (_BAND, _STRIPE), (np.s_[58:62, 10:20], _TYRE))
    for where, colour in parts:
        picture[where] = (*colour, 255)
    return picture


def _colour(picture: ByteImage, where: tuple[slice, slice]) -> tuple[int, ...]:
    return tuple(int(value) for value in picture[where][..., :3].reshape(-1, 3).mean(0).round())


def _is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 150 and colour[0] > 2 * max(colour[1:])


def test_without_a_body_the_part_with_most_colour_changes() -> None:
    copy = recoloured(_van(), "red")
    assert _is_red(_colour(copy, _WINDOWS))
    assert _colour(copy, _BODY) == _SIDES


def test_a_grey_body_changes_and_its_windows_stay() -> None:
    copy = recoloured(_van(), "red", UNCOLOURED)
    assert _is_red(_colour(copy, _BODY))
    assert _colour(copy, _WINDOWS) == _SKY
    assert _colour(copy, _BAND) == _STRIPE
    assert _colour(copy, np.s_[58:62, 10:20]) == _TYRE


def test_a_body_of_some_colour_changes_however_small_it_is() -> None:
    copy = recoloured(_van(), "green", "orange")
    red, green, blue = _colour(copy, _BAND)
    assert green > red
    assert green > blue
    assert _colour(copy, _WINDOWS) == _SKY


def test_the_own_colour_is_that_of_the_body() -> None:
    assert colour_word(_van()) == "blue"
    assert colour_word(_van(), UNCOLOURED) == "white"
    assert colour_word(_van(), "yellow") == "orange"


def test_bodies_are_of_concepts_and_in_colours_that_copies_have() -> None:
    table = tomllib.loads((RECIPES / "body_colours.toml").read_text("utf-8"))
    assert set(table) <= {concept.label for concept in load_recipe().concepts}
    assert set(table.values()) <= {UNCOLOURED, *RECOLOUR_TARGETS}
    assert body_of("bus") == table["bus"]
    assert not body_of("apple")
