"""What a live text layer says and how it is set; its pixels are drawn from this."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from editor.document import affine
from editor.document.affine import Matrix, Point
from editor.document.errors import DocumentError
from editor.document.pixels import PixelBuffer
from editor.translations import tr

MAX_TEXT_LENGTH = 10_000
MAX_FONT_SIZE_PX = 2000.0

Linear = tuple[float, float, float, float]
UPRIGHT: Linear = (1.0, 0.0, 0.0, 1.0)
MAX_STRETCH = 1e6
_FLAT = 1e-9  # a smaller share of its area leaves nothing to draw
_NEAR = 1e-6


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
        linear: (a, b, d, e): how the text, once set upright, is turned, stretched, slanted and
            mirrored around its anchor: x' = a x + b y, y' = d x + e y. Even scaling is in
            `size_px`, which is the height of the letters over their baseline.
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
    linear: Linear = UPRIGHT

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
        a, b, d, e = self.linear
        if not (abs(a * e - b * d) > _FLAT and max(map(abs, self.linear)) < MAX_STRETCH):
            raise DocumentError(tr("The text would be stretched too far to be drawn."))

    @property
    def to_document(self) -> Matrix:
        """From where the text is set upright to where it stands."""
        a, b, d, e = self.linear
        x, y = self.anchor
        return a, b, x - a * x - b * y, d, e, y - d * x - e * y

    def from_document(self, x: float, y: float) -> Point:
        """Where a place in the document lies in the text as it is set upright."""
        return affine.apply(affine.inverse(self.to_document), x, y)

    def translated(self, dx: float, dy: float) -> TextContent:
        """The text elsewhere."""
        return replace(self, anchor=(self.anchor[0] + dx, self.anchor[1] + dy))

    def mapped(self, matrix: Matrix) -> TextContent:
        """The text after a map of the document.

        Raises DocumentError when nothing could be drawn any more.
        """
        a, b, _, d, e, _ = affine.compose(matrix, self.to_document)
        across = math.hypot(a, d)
        height = abs(a * e - b * d) / across if across else 0.0
        size = min(self.size_px * height, MAX_FONT_SIZE_PX) if height else self.size_px
        scale = size / self.size_px
        if abs(scale - 1) < _NEAR**2:  # turned to and fro: exactly what it was
            size, scale = self.size_px, 1.0
        linear = _tidied((a / scale, b / scale, d / scale, e / scale))
        anchor = affine.apply(matrix, *self.anchor)
        return replace(self, anchor=anchor, size_px=size, linear=linear)


@dataclass(frozen=True, slots=True)
class DrawnText:
    """What a text looks like, as its layer keeps it; see `RasterLayer`.

    Attributes:
        offset: (x, y) of the top left pixel in document pixels.
        source, matrix: The text upright, and from there to the document; None while it is.
    """

    pixels: PixelBuffer
    offset: tuple[int, int]
    source: PixelBuffer | None = None
    matrix: Matrix | None = None


def _tidied(linear: Linear) -> Linear:
    """Whole numbers where rounding has left nearly whole ones."""
    whole = tuple(round(value) for value in linear)
    near = max(abs(value - other) for value, other in zip(linear, whole, strict=True)) < _NEAR
    a, b, d, e = whole
    return (float(a), float(b), float(d), float(e)) if near and a * e != b * d else linear
