"""From document pixels to the model's own canvas and back.

The starter draws on a canvas of 192 or 256 model pixels. A document of any size is scaled to it
without distortion; where its short side is no multiple of 16, the canvas is a little longer than
the document and the rest is cut off again. A drawing keeps the shape of the token box it is made
in and is placed, contained and centred, in the box that was asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.models.geometry import TOKEN_PX, Box
from engine.requests import Corners

# Longer side in model pixels. Most scenes were trained on 12 x 12 tokens; long pictures and many
# objects need the larger canvas.
SMALL_SIDE_PX, LARGE_SIDE_PX = 192, 256
# Of the whole image beside finished layers. It is trained on 16 x 16 tokens at most, and holds at
# half as many again, where edges and the codec's losses in them are a smaller share of the picture;
# at twice as many it breaks.
WHOLE_SIDE_PX = 384
_SQUARE_ASPECT = 1.25
_FEW_OBJECTS = 4
# Sides in tokens, and width over height, of the boxes that the starter's drawings were trained in.
DRAWING_TOKENS = range(4, 11)
DRAWING_ASPECTS = (0.7, 1.43)
ALONE_SIDE = 8  # most single drawings were trained in 8 x 8 tokens
ALONE_TOKENS = ALONE_SIDE**2
# Boxes longer than this get a longer drawing: what fills a square's width would be too small.
LONG_ASPECT = 1.6
_SIZE_COST = 0.25  # weight of a drawing that is made larger or smaller than it should be


@dataclass(frozen=True, slots=True)
class DrawingPlace:
    """Where one drawing is made and where it goes.

    Attributes:
        native: Box in model pixels on the token grid: on the native canvas, or in the corner of a
            canvas of its own when it is drawn alone.
        rect: (x0, y0, x1, y1) in document pixels inside the asked box, of the same shape.
    """

    native: Box
    rect: Corners


@dataclass(frozen=True, slots=True)
class NativeCanvas:
    """The canvas for documents of one size.

    Attributes:
        document_width, document_height: Document pixels.
        width, height: Model pixels, multiples of 16; the longer one is `SMALL_SIDE_PX`,
            `LARGE_SIDE_PX` or, for a whole image beside its layers, `WHOLE_SIDE_PX`.
        scale: Model pixels per document pixel, equal in both directions.
    """

    document_width: int
    document_height: int
    width: int
    height: int
    scale: float

    @classmethod
    def fit(cls, width: int, height: int, objects: int = 0) -> NativeCanvas:
        """The canvas for a document of width x height px with that many object layers."""
        squarish = max(width, height) <= _SQUARE_ASPECT * min(width, height)
        small = squarish and objects <= _FEW_OBJECTS
        return cls._with_side(SMALL_SIDE_PX if small else LARGE_SIDE_PX, width, height)

    @classmethod
    def for_whole(cls, width: int, height: int) -> NativeCanvas:
        """The canvas of a whole image beside layers that are known."""
        return cls._with_side(WHOLE_SIDE_PX, width, height)

    @classmethod
    def _with_side(cls, longer: int, width: int, height: int) -> NativeCanvas:
        scale = longer / max(width, height)
        return cls(width, height, _on_grid(width * scale), _on_grid(height * scale), scale)

    @property
    def box(self) -> Box:
        """The whole canvas."""
        return Box(0, 0, self.width, self.height)

    @property
    def covered(self) -> tuple[int, int]:
        """(width, height) in model pixels of what the document covers, from the top left."""
        columns = round(self.document_width * self.scale)
        rows = round(self.document_height * self.scale)
        return max(1, min(self.width, columns)), max(1, min(self.height, rows))

    def place_together(self, asked: Corners) -> DrawingPlace | None:
        """The best drawing on this canvas: large in the asked box, and made at about its own size.

        None when the canvas is too narrow for any drawing.
        """
        width = (asked[2] - asked[0]) * self.scale
        height = (asked[3] - asked[1]) * self.scale
        fitting = [
            (rows, columns)
            for rows, columns in _DRAWING_SHAPES
            if rows * TOKEN_PX <= self.height and columns * TOKEN_PX <= self.width
        ]
        if not fitting:
            return None

        def cost(shape: tuple[int, int]) -> float:
            zoom = min(width / shape[1], height / shape[0]) / TOKEN_PX
            return _lost_area(shape, width / height) + _SIZE_COST * abs(math.log(zoom))

        rows, columns = min(fitting, key=cost)
        rect = _contained(asked, columns / rows)
        return DrawingPlace(self._nearest_box(rect, rows, columns), rect)

    def place_as_it_lies(self, shown: Corners) -> DrawingPlace:
        """The tokens that a rectangle of the document lies in: nothing is moved or scaled.

        Unlike those of `place_together` it may have a shape that drawings are never made in.
        """
        across = _covering(shown[0] * self.scale, shown[2] * self.scale, self.width)
        down = _covering(shown[1] * self.scale, shown[3] * self.scale, self.height)
        native = Box(across[0], down[0], across[1], down[1])
        x0, y0, x1, y1 = (
            round(side / self.scale) for side in (native.x0, native.y0, native.x1, native.y1)
        )
        return DrawingPlace(native, (x0, y0, x1, y1))

    def _nearest_box(self, rect: Corners, rows: int, columns: int) -> Box:
        """The box of this size on the grid whose centre is nearest to that of `rect`."""
        width, height = columns * TOKEN_PX, rows * TOKEN_PX
        x0 = ((rect[0] + rect[2]) / 2 * self.scale - width / 2) / TOKEN_PX
        y0 = ((rect[1] + rect[3]) / 2 * self.scale - height / 2) / TOKEN_PX
        left = min(max(0, round(x0)) * TOKEN_PX, self.width - width)
        top = min(max(0, round(y0)) * TOKEN_PX, self.height - height)
        return Box(left, top, left + width, top + height)


_DRAWING_SHAPES = tuple(
    (rows, columns)
    for rows in DRAWING_TOKENS
    for columns in DRAWING_TOKENS
    if DRAWING_ASPECTS[0] <= columns / rows <= DRAWING_ASPECTS[1]
)


def _on_grid(side_px: float) -> int:
    """Up to the next multiple of 16; a hair above one (rounding of the scale) counts as it."""
    return max(1, math.ceil(side_px / TOKEN_PX - 1e-6)) * TOKEN_PX


def _covering(start: float, end: float, side: int) -> tuple[int, int]:
    """Of the grid on a side: from and to around a part of it, one token at least."""
    first = min(max(0, math.floor(start / TOKEN_PX + 1e-6)) * TOKEN_PX, side - TOKEN_PX)
    return first, min(max(_on_grid(end), first + TOKEN_PX), side)


def place_alone(asked: Corners, *, trained_most: bool = True) -> DrawingPlace:
    """The best drawing by itself for a box: its size in the document does not matter.

    Args:
        trained_most: In 8 x 8 tokens, whatever the shape of the box, up to `LONG_ASPECT`; the
            drawing has to be fitted into the box then. False = in the shape that is nearest to the
            box, as versions did that only contained drawings.
    """
    aspect = (asked[2] - asked[0]) / (asked[3] - asked[1])
    if trained_most and 1 / LONG_ASPECT <= aspect <= LONG_ASPECT:
        side = ALONE_SIDE * TOKEN_PX
        return DrawingPlace(Box(0, 0, side, side), _contained(asked, 1.0))

    def cost(shape: tuple[int, int]) -> float:
        growth = math.log(shape[0] * shape[1] / ALONE_TOKENS) / 2
        return _lost_area(shape, aspect) + _SIZE_COST * abs(growth)

    rows, columns = min(_DRAWING_SHAPES, key=cost)
    own = Box(0, 0, columns * TOKEN_PX, rows * TOKEN_PX)
    return DrawingPlace(own, _contained(asked, columns / rows))


def _lost_area(shape: tuple[int, int], aspect: float) -> float:
    """Log of asked over covered area, when the drawing is contained in a box of this aspect."""
    return abs(math.log(shape[1] / shape[0] / aspect))


def _contained(asked: Corners, aspect: float) -> Corners:
    """The largest rectangle of this aspect inside the asked one, centred, at least 1 px."""
    x0, y0, x1, y1 = asked
    width = max(1, min(x1 - x0, round((y1 - y0) * aspect)))
    height = max(1, min(y1 - y0, round((x1 - x0) / aspect)))
    left, top = x0 + (x1 - x0 - width) // 2, y0 + (y1 - y0 - height) // 2
    return left, top, left + width, top + height
