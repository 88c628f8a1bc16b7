"""The gradient tool: a drawn line says from where to where the colour runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.painting.area import painted_area
from editor.painting.gradients import Gradient, GradientShape
from editor.painting.target import PaintTarget
from editor.tools.colors import PaintColors
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.options import Options
from editor.tools.overlay import DrawnLine, OverlayItem
from editor.tools.painting_tool import PaintingTool, opacity_key, picks_color
from editor.tools.tool import NOTHING, Effects, ToolId, is_drag
from editor.translations import mark, tr

TURN_STEP = math.pi / 12  # Shift holds the line to these angles


class GradientColors(StrEnum):
    """Where the foreground colour runs to."""

    BACKGROUND = "background"
    TRANSPARENT = "transparent"


@dataclass(frozen=True)
class GradientOptions:
    """How the gradient looks; `reverse` swaps its ends, opacity is 0 to 1."""

    shape: GradientShape = GradientShape.LINEAR
    colors: GradientColors = GradientColors.BACKGROUND
    reverse: bool = False
    opacity: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "opacity", min(max(self.opacity, 0.01), 1.0))


@dataclass(frozen=True, slots=True)
class _Line:
    """The line that is being drawn."""

    target: PaintTarget
    start: Pointer
    end: Pointer


class GradientTool(PaintingTool):
    """Fills the selection, or the canvas, when the line is let go."""

    tool_id = ToolId.GRADIENT
    hint = mark("Drag a line for the gradient; Shift keeps its angle, Alt-click picks a color.")
    takes_digits = True

    def __init__(self, colors: PaintColors) -> None:
        super().__init__(colors)
        self.options: Options[GradientOptions] = Options(GradientOptions())
        self._state: _Line | None = None

    @property
    def busy(self) -> bool:
        return self._state is not None

    def press(self, document: Document, pointer: Pointer) -> Effects:
        if picks_color(pointer):
            return self.picked(document, pointer)
        try:
            self._state = _Line(self.target(document), pointer, pointer)
        except DocumentError as error:
            return Effects(hint=error.message)
        return NOTHING

    def move(self, document: Document, pointer: Pointer) -> Effects:
        state = self._state
        if state is not None:
            end = _turned(state.start, pointer)
            self._state = _Line(state.target, state.start, end)
        return NOTHING

    def release(self, document: Document, pointer: Pointer) -> Effects:
        state, self._state = self._state, None
        if state is None or not is_drag(state.start, state.end):
            return NOTHING
        gradient, opacity = self._gradient(state), round(self.options.value.opacity * 255)
        target, canvas = state.target, document.canvas
        painted, touched = painted_area(
            target.ground(),
            canvas,
            lambda rect: np.full((rect.height, rect.width), 255, np.uint8),
            lambda rect: target.picture_ink(gradient.pixels(rect), opacity),
            target.state.selection,
        )
        if touched.is_empty:
            return Effects(hint=tr("There is nothing to fill inside the selection."))
        self.colors.remember(self.colors.foreground)
        return Effects(commands=(target.command(painted, touched, mark("Gradient")),))

    def cancel(self) -> Effects:
        self._state = None
        return NOTHING

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        return opacity_key(self.options, self.typed, key)

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        state = self._state
        if state is None:
            return ()
        return (DrawnLine(state.start.x, state.start.y, state.end.x, state.end.y),)

    def _gradient(self, line: _Line) -> Gradient:
        options, colors = self.options.value, self.colors
        start = (*colors.foreground, 255)
        end = (*colors.background, 255)
        if options.colors is GradientColors.TRANSPARENT:
            end = (*colors.foreground, 0)
        if options.reverse:
            start, end = end, start
        return Gradient(
            options.shape, line.start.x, line.start.y, line.end.x, line.end.y, start, end
        )


def _turned(start: Pointer, pointer: Pointer) -> Pointer:
    """The end of the line; with Shift at the nearest multiple of 15 degrees."""
    if Modifier.SHIFT not in pointer.modifiers:
        return pointer
    dx, dy = pointer.x - start.x, pointer.y - start.y
    length = math.hypot(dx, dy)
    angle = round(math.atan2(dy, dx) / TURN_STEP) * TURN_STEP
    x, y = start.x + length * math.cos(angle), start.y + length * math.sin(angle)
    return Pointer(x, y, pixel=pointer.pixel, modifiers=pointer.modifiers)
