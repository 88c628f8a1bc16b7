"""Whole-pixel rectangles, half-open: x1 and y1 are the first column and row outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Corners = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels; x1 and y1 are exclusive


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels with y downwards; empty when x1 <= x0 or y1 <= y0."""

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def from_size(cls, x: int, y: int, width: int, height: int) -> Rect:
        return cls(x, y, x + width, y + height)

    @property
    def width(self) -> int:
        return max(0, self.x1 - self.x0)

    @property
    def height(self) -> int:
        return max(0, self.y1 - self.y0)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def is_empty(self) -> bool:
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def translated(self, dx: int, dy: int) -> Rect:
        return Rect(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def intersection(self, other: Rect) -> Rect:
        """Common part; EMPTY when there is none."""
        common = Rect(
            max(self.x0, other.x0),
            max(self.y0, other.y0),
            min(self.x1, other.x1),
            min(self.y1, other.y1),
        )
        return EMPTY if common.is_empty else common

    def union(self, other: Rect) -> Rect:
        """Smallest rectangle around both; an empty one adds nothing."""
        if self.is_empty:
            return EMPTY if other.is_empty else other
        if other.is_empty:
            return self
        return Rect(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def intersects(self, other: Rect) -> bool:
        return not self.intersection(other).is_empty

    def contains_point(self, x: float, y: float) -> bool:
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1

    def contains(self, other: Rect) -> bool:
        """True when `other` lies wholly inside, or is empty."""
        return other.is_empty or self.intersection(other) == other

    def expanded(self, margin: int) -> Rect:
        return Rect(self.x0 - margin, self.y0 - margin, self.x1 + margin, self.y1 + margin)

    def as_tuple(self) -> Corners:
        return self.x0, self.y0, self.x1, self.y1

    def as_floats(self) -> tuple[float, float, float, float]:
        """The same for what need not lie on whole pixels."""
        return float(self.x0), float(self.y0), float(self.x1), float(self.y1)

    def tiles(self, tile_width: int, tile_height: int) -> Iterator[Rect]:
        """Pieces on a grid anchored at this rectangle's corner, row by row."""
        for y in range(self.y0, self.y1, tile_height):
            for x in range(self.x0, self.x1, tile_width):
                yield Rect(x, y, min(x + tile_width, self.x1), min(y + tile_height, self.y1))


EMPTY = Rect(0, 0, 0, 0)


def union_of(rects: Iterable[Rect]) -> Rect:
    """Smallest rectangle around all; EMPTY for none."""
    total = EMPTY
    for rect in rects:
        total = total.union(rect)
    return total
