"""What a tool is fed: pointer positions on the document, modifiers and keys, free of Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, Flag, auto


class Modifier(Flag):
    """Modifier keys held down; CONTROL is the command key on macOS, as Qt reports it."""

    NONE = 0
    SHIFT = auto()
    CONTROL = auto()
    ALT = auto()


class Key(Enum):
    """The keys that tools react to."""

    LEFT = auto()
    RIGHT = auto()
    UP = auto()
    DOWN = auto()
    ESCAPE = auto()
    ENTER = auto()
    DELETE = auto()
    NEXT = auto()  # Tab
    PREVIOUS = auto()  # Shift+Tab
    DIGIT_0 = auto()
    DIGIT_1 = auto()
    DIGIT_2 = auto()
    DIGIT_3 = auto()
    DIGIT_4 = auto()
    DIGIT_5 = auto()
    DIGIT_6 = auto()
    DIGIT_7 = auto()
    DIGIT_8 = auto()
    DIGIT_9 = auto()

    @property
    def direction(self) -> tuple[int, int] | None:
        """Unit step of an arrow key, (0, -1) being up; None for the other keys."""
        return _DIRECTIONS.get(self)

    @property
    def digit(self) -> int | None:
        """The number on a digit key; None for the other keys."""
        return int(self.name[-1]) if self.name.startswith("DIGIT") else None


_DIRECTIONS = {Key.LEFT: (-1, 0), Key.RIGHT: (1, 0), Key.UP: (0, -1), Key.DOWN: (0, 1)}


@dataclass(frozen=True, slots=True)
class Pointer:
    """One position of the mouse or pen.

    Attributes:
        x, y: Position in document pixels, fractional, possibly outside the document.
        view_x, view_y: The same position in device pixels of the view, for tools that move it.
        pixel: Size of one screen pixel in document pixels; hit areas and thresholds scale by it.
        clicks: 1 for a press, 2 for the second press of a double click.
        pressure: 0 to 1; a mouse has 1.
    """

    x: float
    y: float
    view_x: float = 0.0
    view_y: float = 0.0
    pixel: float = 1.0
    modifiers: Modifier = Modifier.NONE
    clicks: int = 1
    pressure: float = 1.0
