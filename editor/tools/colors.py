"""The colours that painting tools use: foreground, background and those used before."""

from __future__ import annotations

import json
from typing import Any

from editor.document.events import Signal
from editor.painting.ink import Rgb

BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)
MAX_RECENT = 16


class PaintColors:
    """Foreground and background, shared by all tools.

    Signals:
        changed: Something differs (the event is this object).
    """

    def __init__(self) -> None:
        self.changed: Signal[PaintColors] = Signal()
        self._foreground, self._background = BLACK, WHITE
        self._recent: tuple[Rgb, ...] = ()
        self._edits_background = False

    @property
    def edits_background(self) -> bool:
        """Whether the colour panel changes the background."""
        return self._edits_background

    @edits_background.setter
    def edits_background(self, background: bool) -> None:
        if background != self._edits_background:
            self._edits_background = background
            self.changed.emit(self)

    @property
    def edited(self) -> Rgb:
        """The colour that the colour panel changes."""
        return self._background if self._edits_background else self._foreground

    @edited.setter
    def edited(self, color: Rgb) -> None:
        if self._edits_background:
            self.background = color
        else:
            self.foreground = color

    @property
    def foreground(self) -> Rgb:
        return self._foreground

    @foreground.setter
    def foreground(self, color: Rgb) -> None:
        self._set(color, self._background)

    @property
    def background(self) -> Rgb:
        return self._background

    @background.setter
    def background(self, color: Rgb) -> None:
        self._set(self._foreground, color)

    @property
    def recent(self) -> tuple[Rgb, ...]:
        """Colours that were painted with, newest first."""
        return self._recent

    def swap(self) -> None:
        """Foreground and background change places."""
        self._set(self._background, self._foreground)

    def reset(self) -> None:
        """Black over white."""
        self._set(BLACK, WHITE)

    def remember(self, *colors: Rgb) -> None:
        """These were painted with; the first one is the newest."""
        others = [color for color in self._recent if color not in colors]
        recent = tuple([*dict.fromkeys(colors), *others][:MAX_RECENT])
        if recent != self._recent:
            self._recent = recent
            self.changed.emit(self)

    def to_json(self) -> str:
        """All of it, to be remembered until the next run."""
        return json.dumps([self._foreground, self._background, self._recent])

    def restore(self, text: str) -> None:
        """Take over what `to_json` gave; anything else is ignored."""
        try:
            foreground, background, recent = json.loads(text)
            colors = [_checked(color) for color in (foreground, background, *recent)]
        except (ValueError, TypeError):
            return
        self._recent = tuple(colors[2:][:MAX_RECENT])
        self._set(colors[0], colors[1], always=True)

    def _set(self, foreground: Rgb, background: Rgb, *, always: bool = False) -> None:
        if always or (foreground, background) != (self._foreground, self._background):
            self._foreground, self._background = foreground, background
            self.changed.emit(self)


def to_hex(color: Rgb) -> str:
    """As "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def from_hex(text: str) -> Rgb | None:
    """A colour from "#rrggbb", "rrggbb" or "#rgb"; None for anything else."""
    digits = text.strip().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    if len(digits) != 6 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        return None
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _checked(value: Any) -> Rgb:
    red, green, blue = value
    for part in (red, green, blue):
        if type(part) is not int or not 0 <= part <= 255:
            raise ValueError(part)
    return red, green, blue
