"""What the text tool needs to know of fonts, as protocols: the canvas brings who knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from editor.document.text import DrawnText, TextContent

FloatBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Caret:
    """Where the next character goes: an upright line."""

    x: float
    top: float
    bottom: float


class SetText(Protocol):
    """One text, set upright; positions count characters from 0.

    Places and lengths are those of the upright text; `TextContent.to_document` leads from there to
    the document.
    """

    @property
    def box(self) -> FloatBox:
        """(x0, y0, x1, y1) around the lines."""
        ...

    def caret(self, position: int) -> Caret:
        """The caret before the character at a position."""
        ...

    def position_at(self, x: float, y: float) -> int:
        """The position nearest to a place."""
        ...

    def marks(self, start: int, end: int) -> tuple[FloatBox, ...]:
        """Rectangles over the characters from `start` to `end`, one for each line."""
        ...

    def draw(self) -> DrawnText:
        """What it looks like in the document.

        Raises DocumentError when it would be too large.
        """
        ...


class TextSetter(Protocol):
    """Sets texts."""

    def set(self, content: TextContent) -> SetText:
        """A text ready to be drawn and measured."""
        ...

    def missing_family(self, content: TextContent) -> str:
        """Name of the family that is drawn instead; empty when the font is there."""
        ...
