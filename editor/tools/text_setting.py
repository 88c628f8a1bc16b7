"""What the text tool needs to know of fonts, as protocols: the canvas brings who knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from editor.document.pixels import PixelBuffer
from editor.document.text import TextContent

FloatBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Caret:
    """Where the next character goes: an upright line in document pixels."""

    x: float
    top: float
    bottom: float


class SetText(Protocol):
    """One text, set; positions count characters from 0."""

    @property
    def box(self) -> FloatBox:
        """(x0, y0, x1, y1) around the lines, in document pixels."""
        ...

    def caret(self, position: int) -> Caret:
        """The caret before the character at a position."""
        ...

    def position_at(self, x: float, y: float) -> int:
        """The position nearest to a place in document pixels."""
        ...

    def marks(self, start: int, end: int) -> tuple[FloatBox, ...]:
        """Rectangles over the characters from `start` to `end`, one for each line."""
        ...

    def draw(self) -> tuple[PixelBuffer, tuple[int, int]]:
        """The pixels and their offset in the document."""
        ...


class TextSetter(Protocol):
    """Sets texts."""

    def set(self, content: TextContent) -> SetText:
        """A text ready to be drawn and measured."""
        ...

    def missing_family(self, content: TextContent) -> str:
        """Name of the family that is drawn instead; empty when the font is there."""
        ...
