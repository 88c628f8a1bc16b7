"""Guides: straight lines over the whole canvas that things snap to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Orientation(StrEnum):
    """Direction of a guide."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide.

    Attributes:
        position: y of a horizontal, x of a vertical guide: the edge between two document pixels;
            a multiple of 1/32, as PSD stores it.
    """

    orientation: Orientation
    position: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", round(self.position * 32) / 32)
