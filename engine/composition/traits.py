"""How large each known thing is beside others, and where it is in a picture."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "resources" / "composition" / "things.toml"


class Size(StrEnum):
    """Of the real thing, coarsely; smallest first."""

    TINY = "tiny"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    HUGE = "huge"


class Worn(StrEnum):
    """Where a thing is worn."""

    BODY = "clothes"
    HEAD = "hats"
    ELSEWHERE = "accessories"


class Place(StrEnum):
    """Where a thing is in a picture."""

    GROUND = "ground"  # it stands
    SKY = "sky"  # it flies, floats or hangs
    FREE = "free"  # it is a sign, or lies flat


@dataclass(frozen=True, slots=True)
class Traits:
    """What a composition has to know of a thing.

    Attributes:
        shelter: Others fit below it: a tree, an umbrella.
        vessel: Others are in it, and seen over its edge: a basket, a car.
        far: It has no size beside others: a sun, a cloud.
        seat: Others sit in it rather than on top of it: a sofa, a boat.
        dressed: A person, whose colour is that of what is worn.
        head: A person of whom only the head is drawn; the size is that of all of the person.
        bust: The same of the upper half.
        worn: Where people wear it; None = they do not.
    """

    size: Size = Size.SMALL
    place: Place = Place.GROUND
    shelter: bool = False
    seat: bool = False
    far: bool = False
    vessel: bool = False
    dressed: bool = False
    head: bool = False
    bust: bool = False
    worn: Worn | None = None

    @property
    def shows_clothes(self) -> bool:
        """Whether it is a person in clothes that can be seen."""
        return self.dressed and not self.head


USUAL = Traits()


@cache
def all_traits() -> dict[str, Traits]:
    """Label of a concept -> traits, of all labels that the table has."""
    table = tomllib.loads(FILE.read_text("utf-8"))
    places = {
        label: Place(name) for name, labels in table["places"].items() for label in _listed(labels)
    }
    others = {name: frozenset(_listed(labels)) for name, labels in table["others"].items()}
    return {
        label: Traits(
            Size(name),
            places.get(label, Place.GROUND),
            label in others["shelters"],
            label in others["seats"],
            label in others["far"],
            label in others["vessels"],
            label in others["dressed"],
            label in others["heads"],
            label in others["busts"],
            next((worn for worn in Worn if label in others[worn]), None),
        )
        for name, labels in table["sizes"].items()
        for label in _listed(labels)
    }


def traits_of(label: str) -> Traits:
    """The traits of a concept; that of a small thing on the ground for an unknown label."""
    return all_traits().get(label, USUAL)


def _listed(text: str) -> list[str]:
    return [" ".join(item.split()) for item in text.split(",")]
