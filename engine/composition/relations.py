"""How one object of a picture stands to another."""

from __future__ import annotations

from enum import StrEnum


class Relation(StrEnum):
    """Where an object is with regard to an earlier one of the sentence."""

    BESIDE = "beside"
    BETWEEN = "between"  # the other one and whatever is named next
    LEFT_OF = "left of"
    RIGHT_OF = "right of"
    ON = "on"
    ABOVE = "above"
    BELOW = "below"
    IN = "in"
    IN_FRONT_OF = "in front of"
    BEHIND = "behind"
    HELD_BY = "held by"


# What ties one object to a place by another; the others only say which is left and right.
TYING = frozenset((
    Relation.ON, Relation.ABOVE, Relation.BELOW, Relation.IN, Relation.IN_FRONT_OF, Relation.BEHIND,
    Relation.HELD_BY,
))  # fmt: skip
