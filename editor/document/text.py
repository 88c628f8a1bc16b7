"""What a live text layer says and how it is set; its pixels are drawn from this."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from editor.document.errors import DocumentError
from editor.translations import tr

MAX_TEXT_LENGTH = 10_000
MAX_FONT_SIZE_PX = 2000.0


class TextAlignment(StrEnum):
    """Where the lines of a text begin or end."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextContent:
    """Text with one style, not wrapped: lines end where the user ended them.

    Attributes:
        text: At most 10,000 characters, lines separated by "\\n".
        family: Font family; another one is taken by the system where it is missing.
        size_px: Height of the em square in document pixels, above 0 to 2000.
        color: (r, g, b, a), straight, 0..255.
        anchor: (x, y) in document pixels of the first baseline's start, middle or end, as
            `alignment` says.
        line_height: Distance of baselines as a multiple of the font's own.
    """

    text: str
    family: str
    size_px: float
    color: tuple[int, int, int, int] = (0, 0, 0, 255)
    bold: bool = False
    italic: bool = False
    alignment: TextAlignment = TextAlignment.LEFT
    anchor: tuple[float, float] = (0.0, 0.0)
    line_height: float = 1.0

    def __post_init__(self) -> None:
        if len(self.text) > MAX_TEXT_LENGTH:
            raise DocumentError(
                tr(
                    "A text layer holds at most {limit} characters.",
                    limit=MAX_TEXT_LENGTH,
                )
            )
        if not 0 < self.size_px <= MAX_FONT_SIZE_PX:
            raise DocumentError(
                tr(
                    "The font size is {size:g} px; it must be above 0 and at most {limit:g} px.",
                    size=self.size_px,
                    limit=MAX_FONT_SIZE_PX,
                )
            )
