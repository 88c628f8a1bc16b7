"""The crop tool: a frame over the canvas that becomes the canvas on Enter."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from editor.commands.canvas_commands import CropCanvas
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.pixels import MAX_SIDE_PX
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.handles import (
    Constraint,
    FloatRect,
    Handle,
    dragged,
    handle_at,
    offered_handles,
)
from editor.tools.move_tool import HANDLE_CURSORS, LARGE_NUDGE_PX, NUDGE_PX
from editor.tools.options import Options
from editor.tools.overlay import CropFrame, CursorShape, OverlayItem, snap_lines
from editor.tools.sentences import size_and_place
from editor.tools.snapping import SnapKind, document_targets, snap_position, snap_scaled, snap_whole
from editor.tools.tool import NOTHING, Effects, Tool, ToolId, is_drag
from editor.translations import mark


class CropAspect(StrEnum):
    """Proportions that the frame keeps."""

    FREE = "free"
    ORIGINAL = "original"
    SQUARE = "1:1"
    FOUR_THREE = "4:3"
    THREE_TWO = "3:2"
    SIXTEEN_NINE = "16:9"
    THREE_FOUR = "3:4"
    TWO_THREE = "2:3"
    NINE_SIXTEEN = "9:16"

    def ratio(self, document: Document) -> float | None:
        """Width by height; None = any."""
        if self is CropAspect.FREE:
            return None
        if self is CropAspect.ORIGINAL:
            return document.width / document.height
        across, down = self.value.split(":")
        return int(across) / int(down)


@dataclass(frozen=True, slots=True)
class CropOptions:
    """What the options bar says.

    Attributes:
        delete_pixels: Whether what lies outside is cut off the layers.
    """

    aspect: CropAspect = CropAspect.FREE
    delete_pixels: bool = False


@dataclass(frozen=True, slots=True)
class _Drag:
    """The button is down: a handle is held, the frame is moved (None), or a new one is drawn."""

    start: Pointer
    rect: FloatRect | None
    grip: Handle | None = None
    lines: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())


class CropTool(Tool):
    """Drag a frame, change it by its handles, apply it with Enter; Escape forgets it."""

    tool_id = ToolId.CROP
    hint = mark("Drag a frame around what stays. Enter crops, Escape cancels.")

    def __init__(self) -> None:
        self.options: Options[CropOptions] = Options(CropOptions())
        self._rect: FloatRect | None = None
        self._drag: _Drag | None = None
        self._pixel = 1.0  # of the last position, for how many handles there is room

    @property
    def busy(self) -> bool:
        return self._drag is not None or self._rect is not None

    @property
    def holds_document(self) -> bool:
        return False  # nothing of it is in the document yet

    def rect(self) -> Rect | None:
        """The frame in whole pixels; None = there is none."""
        if self._rect is None:
            return None
        x0, y0, x1, y1 = (round(value) for value in self._rect)
        return Rect(x0, y0, max(x0 + 1, x1), max(y0 + 1, y1))

    def press(self, document: Document, pointer: Pointer) -> Effects:
        rect = self._rect
        grip = None if rect is None else handle_at(rect, pointer.x, pointer.y, pointer.pixel)
        if rect is not None and (grip is not None or _holds(rect, pointer)):
            if pointer.clicks > 1 and grip is None:
                return self.apply(document)
            self._drag = _Drag(pointer, rect, grip)
        else:
            self._drag = _Drag(pointer, None)
        return NOTHING

    def move(self, document: Document, pointer: Pointer) -> Effects:
        drag = self._drag
        if drag is None or not is_drag(drag.start, pointer):
            return NOTHING
        if drag.rect is None:
            self._rect = self._drawn(document, drag.start, pointer)
        elif drag.grip is None:
            self._move(document, drag, drag.rect, pointer)
        else:
            self._pull(document, drag, drag.rect, drag.grip, pointer)
        return Effects(hint=self._described())

    def release(self, document: Document, pointer: Pointer) -> Effects:
        self._drag = None
        return NOTHING

    def cancel(self) -> Effects:
        self._drag = self._rect = None
        return NOTHING

    def apply(self, document: Document) -> Effects:
        """Crop to the frame."""
        rect = self.rect()
        self._drag = self._rect = None
        if rect is None or rect == document.canvas:
            return NOTHING
        return Effects(commands=(CropCanvas(rect, delete_pixels=self.options.value.delete_pixels),))

    def choose_aspect(self, document: Document) -> None:
        """The options ask for other proportions: the frame takes them around its middle."""
        ratio = self.options.value.aspect.ratio(document)
        if self._rect is None or ratio is None:
            return
        x0, y0, x1, y1 = self._rect
        width = math.sqrt((x1 - x0) * (y1 - y0) * ratio)
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        half = width / 2, width / ratio / 2
        self._rect = (
            middle[0] - half[0],
            middle[1] - half[1],
            middle[0] + half[0],
            middle[1] + half[1],
        )

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        if self._rect is None:
            return None
        if key is Key.ENTER:
            return self.apply(document)
        if key is Key.ESCAPE:
            return self.cancel()
        if key.direction is None:
            return None
        step = LARGE_NUDGE_PX if Modifier.SHIFT in modifiers else NUDGE_PX
        dx, dy = key.direction[0] * step, key.direction[1] * step
        x0, y0, x1, y1 = self._rect
        self._rect = (x0 + dx, y0 + dy, x1 + dx, y1 + dy)
        return Effects(hint=self._described())

    def leaves_guides(self, document: Document, pointer: Pointer) -> bool:
        return self._rect is None

    def hover(self, document: Document, pointer: Pointer | None) -> None:
        if pointer is not None:
            self._pixel = pointer.pixel

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        rect = self._rect
        if rect is None:
            return ()
        handles = tuple(handle.position(rect) for handle in offered_handles(rect, self._pixel))
        lines = self._drag.lines if self._drag is not None else ((), ())
        return (CropFrame(rect, handles), *snap_lines(*lines))

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        if self._rect is None:
            return CursorShape.DRAW
        grip = self._drag.grip if self._drag is not None else None
        grip = grip or handle_at(self._rect, pointer.x, pointer.y, pointer.pixel)
        if grip is not None:
            return HANDLE_CURSORS[grip]
        return CursorShape.MOVE if _holds(self._rect, pointer) else CursorShape.DRAW

    # Inside

    def _drawn(self, document: Document, start: Pointer, pointer: Pointer) -> FloatRect:
        x0, y0 = self._snapped(document, start)
        x1, y1 = self._snapped(document, pointer)
        ratio = self.options.value.aspect.ratio(document)
        if ratio is None and Modifier.SHIFT in pointer.modifiers:
            ratio = 1.0
        if ratio is not None:
            width = max(abs(x1 - x0), abs(y1 - y0) * ratio)
            x1 = x0 + math.copysign(width, x1 - x0)
            y1 = y0 + math.copysign(width / ratio, y1 - y0)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def _move(self, document: Document, drag: _Drag, rect: FloatRect, pointer: Pointer) -> None:
        move = pointer.x - drag.start.x, pointer.y - drag.start.y
        targets = document_targets(document, pointer, self.snap)
        _, _, met = snap_whole(rect, *move, targets)
        self._rect = met.rect
        self._drag = replace(drag, lines=(met.xs, met.ys))

    def _pull(
        self, document: Document, drag: _Drag, rect: FloatRect, grip: Handle, pointer: Pointer
    ) -> None:
        fixed = self.options.value.aspect is not CropAspect.FREE
        constraint = Constraint(
            keep_aspect=fixed or Modifier.SHIFT in pointer.modifiers,
            from_centre=Modifier.ALT in pointer.modifiers,
        )
        move = pointer.x - drag.start.x, pointer.y - drag.start.y
        if self.snap is SnapKind.NONE:
            self._rect = dragged(rect, grip, *move, constraint)
            return
        targets = document_targets(document, pointer, self.snap)
        met = snap_scaled(rect, grip, move, constraint, targets)
        self._rect = met.rect
        self._drag = replace(drag, lines=(met.xs, met.ys))

    def _snapped(self, document: Document, pointer: Pointer) -> tuple[float, float]:
        targets = document_targets(document, pointer, self.snap)
        x = round(snap_position(pointer.x, targets.xs, targets.reach))
        y = round(snap_position(pointer.y, targets.ys, targets.reach))
        low, high = -MAX_SIDE_PX, 2 * MAX_SIDE_PX
        return min(max(x, low), high), min(max(y, low), high)

    def _described(self) -> str:
        rect = self.rect()
        return "" if rect is None else size_and_place(rect)


def _holds(rect: FloatRect, pointer: Pointer) -> bool:
    return rect[0] <= pointer.x < rect[2] and rect[1] <= pointer.y < rect[3]
