"""Brush and eraser: a stroke shows while it is drawn and changes the document once, at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import EMPTY, Rect
from editor.painting.brush import Brush
from editor.painting.ink import EraserInk, Ink, ValueInk
from editor.painting.path import Sample, StrokePath
from editor.painting.stroke import Stroke
from editor.painting.target import PaintTarget
from editor.tools.colors import PaintColors
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.options import Options
from editor.tools.overlay import BrushOutline, CursorShape, DrawnLine, OverlayItem
from editor.tools.painting_tool import PaintingTool, live, opacity_key, picks_color
from editor.tools.tool import NOTHING, Effects, Live, ToolId
from editor.translations import mark

LEAST_OUTLINE_PX = 5.0  # screen pixels; smaller brushes get a cross instead of their outline


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A stroke is being drawn."""

    target: PaintTarget
    path: StrokePath
    stroke: Stroke


class BrushTool(PaintingTool):
    """Paints with the foreground colour. Shift draws a straight line from the last stroke's end."""

    tool_id = ToolId.BRUSH
    hint = mark("Drag to paint; Shift-click for a straight line, Alt-click to pick a color.")
    label = mark("Brush Stroke")
    takes_digits = True

    def __init__(self, colors: PaintColors, brush: Brush | None = None) -> None:
        super().__init__(colors)
        self.options: Options[Brush] = Options(brush or Brush())
        self._state: _Drawing | None = None
        self._picking = False
        self._last: tuple[str, Sample] | None = None  # document and end of the last stroke

    @property
    def brush(self) -> Brush:
        return self.options.value

    @property
    def busy(self) -> bool:
        return self._state is not None or self._picking

    def press(self, document: Document, pointer: Pointer) -> Effects:
        self.pointer = pointer
        if picks_color(pointer):
            self._picking = True
            return self.picked(document, pointer)
        try:
            target = self.target(document)
        except DocumentError as error:
            return Effects(hint=error.message)
        start = self._line_start(document, pointer)
        path = StrokePath(self.brush, start or _sample(pointer))
        stroke = Stroke(
            target.ground(),
            self.ink(target),
            hardness=self.brush.hardness,
            flow=self.brush.flow,
            selection=target.state.selection,
        )
        self._state = _Drawing(target, path, stroke)
        dabs = path.begin() + (path.line(_sample(pointer)) if start else [])
        return self._shown(stroke.add(dabs))

    def move(self, document: Document, pointer: Pointer) -> Effects:
        return self.moves(document, (pointer,))

    def moves(self, document: Document, pointers: Sequence[Pointer]) -> Effects:
        self.pointer = pointers[-1]
        if self._picking:
            return self.picked(document, pointers[-1])
        state = self._state
        if state is None:
            return NOTHING
        dabs = [dab for pointer in pointers for dab in state.path.go(_sample(pointer))]
        return self._shown(state.stroke.add(dabs))

    def release(self, document: Document, pointer: Pointer) -> Effects:
        self.pointer = pointer
        self._picking = False
        state, self._state = self._state, None
        if state is None:
            return NOTHING
        state.stroke.add(state.path.finish())
        self._last = (document.document_id, _sample(pointer))
        touched = state.stroke.touched
        if touched.is_empty:
            return Effects(live=Live(None, EMPTY))
        command = state.target.command(state.stroke.painted, touched, self.label)
        self.remember_color(state.target)
        return Effects(commands=(command,), live=Live(None, touched))

    def cancel(self) -> Effects:
        state, self._state = self._state, None
        self._picking = False
        return NOTHING if state is None else Effects(live=Live(None, state.stroke.touched))

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        return opacity_key(self.options, self.typed, key)

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        pointer = self.pointer
        if pointer is None:
            return ()
        items: list[OverlayItem] = []
        start = None if self.busy else self._line_start(document, pointer)
        if start is not None:
            items.append(DrawnLine(start.x, start.y, pointer.x, pointer.y, ends=False))
        if self._shows_outline(pointer):
            items.append(BrushOutline(pointer.x, pointer.y, self.brush.size))
        return tuple(items)

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        shape = super().cursor(document, pointer)
        if shape is CursorShape.DRAW and self._shows_outline(pointer):
            return CursorShape.BLANK
        return shape

    def ink(self, target: PaintTarget) -> Ink:
        """What the stroke leaves."""
        return target.ink(self.colors.foreground, self.brush.opacity_level)

    def remember_color(self, target: PaintTarget) -> None:
        """The foreground colour was used."""
        self.colors.remember(self.colors.foreground)

    def _shows_outline(self, pointer: Pointer) -> bool:
        return self.brush.size / pointer.pixel >= LEAST_OUTLINE_PX and not picks_color(pointer)

    def _line_start(self, document: Document, pointer: Pointer) -> Sample | None:
        """Where a straight line begins, if one is wanted."""
        if Modifier.SHIFT not in pointer.modifiers or self._last is None:
            return None
        document_id, sample = self._last
        return sample if document_id == document.document_id else None

    def _shown(self, dirty: Rect) -> Effects:
        state = self._state
        if state is None or dirty.is_empty:
            return NOTHING
        return live(state.target, state.stroke.painted, state.stroke.touched, dirty)


class EraserTool(BrushTool):
    """Takes pixels away; the colour stays under them. On a mask it hides."""

    tool_id = ToolId.ERASER
    hint = mark("Drag to erase; Shift-click for a straight line.")
    label = mark("Eraser Stroke")
    adds_layer = False

    def ink(self, target: PaintTarget) -> Ink:
        level = self.brush.opacity_level
        return ValueInk(0, level) if target.on_mask else EraserInk(level)

    def remember_color(self, target: PaintTarget) -> None:
        """An eraser has none."""


def _sample(pointer: Pointer) -> Sample:
    return Sample(pointer.x, pointer.y, min(max(pointer.pressure, 0.0), 1.0))
