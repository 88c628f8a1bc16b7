"""The eight handles of a frame: where they are, which is under the pointer, what a drag does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

FloatRect = tuple[float, float, float, float]  # x0, y0, x1, y1 in document pixels
HIT_SIDE_PX = 24.0  # screen pixels; the least that a finger or an unsteady hand can meet
MIN_SIDE = 1.0  # document pixels that a frame keeps on each side


class Handle(Enum):
    """A handle by the side of the frame it moves: (horizontal, vertical), -1 = left or top."""

    TOP_LEFT = (-1, -1)
    TOP = (0, -1)
    TOP_RIGHT = (1, -1)
    RIGHT = (1, 0)
    BOTTOM_RIGHT = (1, 1)
    BOTTOM = (0, 1)
    BOTTOM_LEFT = (-1, 1)
    LEFT = (-1, 0)

    @property
    def horizontal(self) -> int:
        """-1 = moves the left side, 1 = the right side, 0 = neither."""
        return self.value[0]

    @property
    def vertical(self) -> int:
        """-1 = moves the top side, 1 = the bottom side, 0 = neither."""
        return self.value[1]

    @property
    def is_corner(self) -> bool:
        """Whether the handle moves two sides at once."""
        return self.horizontal != 0 and self.vertical != 0

    def position(self, rect: FloatRect) -> tuple[float, float]:
        """Document position of the handle on a frame."""
        x0, y0, x1, y1 = rect
        return (
            (x0 + x1) / 2 + self.horizontal * (x1 - x0) / 2,
            (y0 + y1) / 2 + self.vertical * (y1 - y0) / 2,
        )


CORNERS = tuple(handle for handle in Handle if handle.is_corner)
SIDES = tuple(handle for handle in Handle if not handle.is_corner)


@dataclass(frozen=True, slots=True)
class Constraint:
    """How a frame follows a handle: with its aspect kept, and around its middle or not."""

    keep_aspect: bool = False
    from_centre: bool = False


def offered_handles(rect: FloatRect, pixel: float) -> tuple[Handle, ...]:
    """The handles that fit on a frame; `pixel` is the size of a screen pixel in the document.

    On a small frame the sides give way first, so that the corners stay reachable and the middle
    can still be taken to move it.
    """
    width, height = (rect[2] - rect[0]) / pixel, (rect[3] - rect[1]) / pixel
    sides = [
        handle
        for handle in SIDES
        if (width if handle.horizontal == 0 else height) >= 2.5 * HIT_SIDE_PX
    ]
    return (*CORNERS, *sides)


def handle_at(rect: FloatRect, x: float, y: float, pixel: float) -> Handle | None:
    """The handle whose hit square of 24 screen pixels holds the position; the nearest of several.

    Inside a small frame the squares are cut so that a third of it in the middle moves the frame.
    """
    best: tuple[float, Handle] | None = None
    for handle in offered_handles(rect, pixel):
        handle_x, handle_y = handle.position(rect)
        distance = max(abs(x - handle_x), abs(y - handle_y))
        if distance <= _reach(rect, x, y, pixel) and (best is None or distance < best[0]):
            best = (distance, handle)
    return best[1] if best else None


def _reach(rect: FloatRect, x: float, y: float, pixel: float) -> float:
    x0, y0, x1, y1 = rect
    half = HIT_SIDE_PX / 2 * pixel
    inside = x0 < x < x1 and y0 < y < y1
    return min(half, (x1 - x0) / 3, (y1 - y0) / 3) if inside else half


def dragged(
    rect: FloatRect, handle: Handle, dx: float, dy: float, constraint: Constraint
) -> FloatRect:
    """The frame after its handle moved by (dx, dy) document pixels. Never mirrored or empty."""
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    factor = 2 if constraint.from_centre else 1
    new_width = max(MIN_SIDE, width + handle.horizontal * dx * factor)
    new_height = max(MIN_SIDE, height + handle.vertical * dy * factor)
    if constraint.keep_aspect:
        new_width, new_height = _same_aspect(width, height, new_width, new_height, handle)
    return _placed(rect, handle, new_width, new_height, from_centre=constraint.from_centre)


def _same_aspect(
    width: float, height: float, new_width: float, new_height: float, handle: Handle
) -> tuple[float, float]:
    across, down = new_width / width, new_height / height
    if handle.is_corner:
        # The larger change leads, so the corner stays under the pointer along its stronger motion.
        ratio = across if abs(across - 1) >= abs(down - 1) else down
    else:
        ratio = across if handle.horizontal else down
    ratio = max(ratio, MIN_SIDE / width, MIN_SIDE / height)
    return width * ratio, height * ratio


def _placed(
    rect: FloatRect, handle: Handle, width: float, height: float, *, from_centre: bool
) -> FloatRect:
    """A frame of the new size whose opposite side, or whose middle, has not moved."""
    x0, x1 = _span(rect[0], rect[2], width, 0 if from_centre else handle.horizontal)
    y0, y1 = _span(rect[1], rect[3], height, 0 if from_centre else handle.vertical)
    return x0, y0, x1, y1


def _span(start: float, end: float, length: float, moving_side: int) -> tuple[float, float]:
    if moving_side > 0:
        return start, start + length
    if moving_side < 0:
        return end - length, end
    middle = (start + end) / 2
    return middle - length / 2, middle + length / 2
