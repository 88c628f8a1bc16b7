"""What a tool wants drawn over the document: records only, painted by the canvas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from editor.document.affine import IDENTITY, Matrix
from editor.painting.ink import Rgb
from editor.tools.handles import FloatRect


class CursorShape(Enum):
    """Pointer shapes, named by what a press would do."""

    DEFAULT = auto()
    MOVE = auto()
    DRAW = auto()
    PICK = auto()
    BLANK = auto()  # what the tool draws itself shows where it is
    HAND = auto()
    HAND_CLOSED = auto()
    ZOOM = auto()
    FORBIDDEN = auto()
    RESIZE_HORIZONTAL = auto()
    RESIZE_VERTICAL = auto()
    RESIZE_FALLING = auto()  # top left to bottom right
    RESIZE_RISING = auto()  # bottom left to top right
    ROTATE = auto()
    TEXT = auto()


class FrameStyle(Enum):
    """Role of a frame."""

    SELECTED = auto()
    HOVERED = auto()
    LOCKED = auto()


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of a layer or of several.

    Attributes:
        label: Name tag at the top left; empty = none.
        handles: Whether the scale handles are drawn.
    """

    rect: FloatRect
    style: FrameStyle = FrameStyle.SELECTED
    label: str = ""
    handles: bool = False


@dataclass(frozen=True, slots=True)
class BoxFrame:
    """A layout box.

    Attributes:
        number: Position in the stack from the bottom, from 1; 0 while it is being drawn, and for
            a faint box without a tag.
        filled: Its area is tinted; not over a layer, whose colours are to be seen.
        faint: Only a reminder, under everything else: another tool is at work.
        out_of_date: The layer that was made in it is not what the box says any more.
    """

    rect: FloatRect
    number: int
    label: str = ""
    selected: bool = False
    hovered: bool = False
    filled: bool = True
    faint: bool = False
    out_of_date: bool = False


@dataclass(frozen=True, slots=True)
class SnapLine:
    """A hint that an edge met something: a line across the document at x or at y."""

    position: float
    vertical: bool


@dataclass(frozen=True, slots=True)
class GuideLine:
    """A guide across the whole view, at x or at y.

    Attributes:
        active: Under the pointer or being dragged.
        label: Its position while it is dragged; empty = none.
    """

    position: float
    vertical: bool
    active: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """The edge of a selection that is being drawn: corners in document pixels."""

    points: tuple[tuple[float, float], ...]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class TurnedFrame:
    """A frame that may be turned or leaning, with its handles.

    Attributes:
        corners: Top left first, then clockwise, before it was turned; in document pixels.
        handles: Places of the handles.
        center: What it is turned around.
    """

    corners: tuple[tuple[float, float], ...]
    handles: tuple[tuple[float, float], ...] = ()
    center: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class CropFrame:
    """What a crop would keep; everything else is dimmed.

    Attributes:
        handles: Places of the handles.
    """

    rect: FloatRect
    handles: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class BrushOutline:
    """The edge of a round brush around the pointer.

    Attributes:
        size: Diameter in document pixels.
    """

    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line from one position to another, with a dot at the start and at the end.

    Attributes:
        ends: Whether the dots are drawn.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    ends: bool = True


@dataclass(frozen=True, slots=True)
class ColorRing:
    """A ring around the pointer: its upper half shows a colour under it, the lower the old one."""

    x: float
    y: float
    color: Rgb
    old: Rgb


@dataclass(frozen=True, slots=True)
class TextMarks:
    """A text that is being written, as it is set upright.

    Attributes:
        rect: Around its lines.
        marked: Rectangles over what is marked.
        caret: (x, top, bottom).
        to_document: From there to the document.
    """

    rect: FloatRect
    marked: tuple[FloatRect, ...]
    caret: tuple[float, float, float]
    to_document: Matrix = IDENTITY


PaintMark = BrushOutline | DrawnLine | ColorRing
_Lines = SnapLine | GuideLine | Outline
OverlayItem = Frame | BoxFrame | _Lines | TurnedFrame | CropFrame | TextMarks | PaintMark


def snap_lines(xs: Iterable[float], ys: Iterable[float]) -> list[OverlayItem]:
    """Hints for everything that an edge met."""
    across = [SnapLine(x, vertical=True) for x in xs]
    return [*across, *(SnapLine(y, vertical=False) for y in ys)]
