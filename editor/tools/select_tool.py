"""Selecting a part of the canvas: rectangle, ellipse and lasso, joined with what is selected.

A press inside the selection moves its outline. Shift adds, Alt takes away, both keep what is
common; pressed again during the drag, Shift makes squares and circles, Alt draws from the middle.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from editor.commands.paint_commands import SetSelection
from editor.document import selections, shapes
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.pixels import MAX_SIDE_PX
from editor.document.selections import MAX_FEATHER_PX, SelectionMode, selection_mode
from editor.document.shapes import Point
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.options import Options
from editor.tools.overlay import CursorShape, Outline, OverlayItem
from editor.tools.sentences import size_and_place
from editor.tools.snapping import document_targets, snap_position
from editor.tools.tool import NOTHING, Effects, Gesture, Tool, ToolId, is_drag
from editor.translations import mark, tr

NUDGE_PX = 1
LARGE_NUDGE_PX = 10
CLOSE_PX = 8.0  # screen pixels from the first corner within which a click closes the lasso
_MIN_STEP_PX = 0.75  # screen pixels between two points of a freehand line


@dataclass(frozen=True, slots=True)
class SelectionOptions:
    """What the options bar says.

    Attributes:
        mode: What a drag without a modifier key does.
        feather: Width in pixels over which the edge fades, 0 to 250.
        antialias: Whether pixels on the edge are selected in part.
        fixed: Whether rectangles and ellipses get a size instead of being pulled open.
        width, height: That size in pixels, 1 to 30000.
    """

    mode: SelectionMode = SelectionMode.NEW
    feather: int = 0
    antialias: bool = True
    fixed: bool = False
    width: int = 256
    height: int = 256

    def __post_init__(self) -> None:
        object.__setattr__(self, "feather", min(max(0, self.feather), MAX_FEATHER_PX))
        object.__setattr__(self, "width", min(max(1, self.width), MAX_SIDE_PX))
        object.__setattr__(self, "height", min(max(1, self.height), MAX_SIDE_PX))


@dataclass(frozen=True, slots=True)
class _MovingOutline:
    """The outline follows the pointer; (dx, dy) is how far it has gone."""

    start: Pointer
    dx: int = 0
    dy: int = 0


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A shape is drawn.

    Attributes:
        mode: How it will meet what is selected.
        held: Modifiers held since the press, which chose the mode and constrain nothing.
        corner: The corner opposite to the pointer, of rectangles and ellipses.
        rect: (x0, y0, x1, y1) of a rectangle or ellipse; None until the pointer went far enough.
        points: Corners of a lasso so far.
        dragged: Whether the line of a lasso is drawn freehand at the moment.
    """

    start: Pointer
    mode: SelectionMode
    held: Modifier
    corner: Point
    rect: tuple[float, float, float, float] | None = None
    points: tuple[Point, ...] = ()
    dragged: bool = False


class SelectTool(Tool):
    """Base of the selection tools: moving the outline, modes, keys.

    Attributes:
        text: What undo shows.
    """

    text = mark("Select")

    def __init__(self, options: Options[SelectionOptions] | None = None) -> None:
        self.options: Options[SelectionOptions] = options or Options(SelectionOptions())
        self._state: _Drawing | _MovingOutline | None = None

    @property
    def busy(self) -> bool:
        return self._state is not None

    @property
    def holds_document(self) -> bool:
        return False  # nothing of it is in the document yet

    def press(self, document: Document, pointer: Pointer) -> Effects:
        mode = _mode(self.options.value.mode, pointer.modifiers)
        if mode is SelectionMode.NEW and _inside(document, pointer):
            self._state = _MovingOutline(pointer)
            return Effects(gesture=Gesture.BEGIN)
        held = pointer.modifiers & (Modifier.SHIFT | Modifier.ALT)
        self._state = self._begun(document, _Drawing(pointer, mode, held, (pointer.x, pointer.y)))
        return NOTHING

    def move(self, document: Document, pointer: Pointer) -> Effects:
        state = self._state
        if isinstance(state, _MovingOutline):
            return self._move_outline(document, state, pointer)
        if isinstance(state, _Drawing):
            state = replace(state, held=state.held & pointer.modifiers)
            self._state = self._drawn(document, state, pointer)
            return Effects(hint=_described(document, self._state))
        return NOTHING

    def release(self, document: Document, pointer: Pointer) -> Effects:
        state, self._state = self._state, None
        if isinstance(state, _MovingOutline):
            return Effects(gesture=Gesture.END, commands=_end_of_move(document, state))
        return self._finished(document, state) if state is not None else NOTHING

    def cancel(self) -> Effects:
        state, self._state = self._state, None
        return Effects(gesture=Gesture.CANCEL) if isinstance(state, _MovingOutline) else NOTHING

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        if key is Key.ESCAPE:
            return self.cancel() if self.busy else None
        if key.direction is None or self.busy or document.selection is None:
            return None
        step = LARGE_NUDGE_PX if Modifier.SHIFT in modifiers else NUDGE_PX
        dx, dy = key.direction[0] * step, key.direction[1] * step
        moved = selections.moved(document.selection, document.canvas, dx, dy)
        return Effects(commands=(SetSelection(moved, mark("Move Selection")),))

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        mode = _mode(self.options.value.mode, pointer.modifiers)
        if isinstance(self._state, _MovingOutline):
            return CursorShape.MOVE
        inside = self._state is None and mode is SelectionMode.NEW and _inside(document, pointer)
        return CursorShape.MOVE if inside else CursorShape.DRAW

    # What the shapes differ in

    def _begun(self, document: Document, drawing: _Drawing) -> _Drawing:
        """The state right after the press."""
        del document
        return drawing

    def _drawn(self, document: Document, drawing: _Drawing, pointer: Pointer) -> _Drawing:
        """The state with the pointer somewhere else."""
        raise NotImplementedError

    def _finished(self, document: Document, drawing: _Drawing) -> Effects:
        """What the release does."""
        raise NotImplementedError

    def _select(self, document: Document, points: list[Point], mode: SelectionMode) -> Effects:
        options = self.options.value
        shape = selections.polygon_selection(
            points, document.canvas, feather=options.feather, antialias=options.antialias
        )
        joined = selections.combined(document.selection, shape, mode)
        hint = "" if joined is not None else tr("Nothing is selected.")
        return Effects(commands=(SetSelection(joined, self.text),), hint=hint)

    def _move_outline(self, document: Document, state: _MovingOutline, pointer: Pointer) -> Effects:
        dx, dy = round(pointer.x - state.start.x), round(pointer.y - state.start.y)
        if not is_drag(state.start, pointer) and not (state.dx or state.dy):
            return NOTHING
        selection = document.selection
        if selection is None or (dx, dy) == (state.dx, state.dy):
            return NOTHING
        self._state = replace(state, dx=dx, dy=dy)
        # Not cut to the canvas before the drag is over, so that nothing is lost on the way.
        moved = selection.translated(dx - state.dx, dy - state.dy)
        return Effects(
            commands=(SetSelection(moved, mark("Move Selection")),),
            hint=tr("Moved by {dx}, {dy} px.", dx=dx, dy=dy),
        )


class BoxSelectTool(SelectTool):
    """Rectangle and ellipse: pulled open between two corners on whole pixels."""

    def _begun(self, document: Document, drawing: _Drawing) -> _Drawing:
        start = drawing.start
        corner = self._snapped(document, start)
        drawing = replace(drawing, corner=corner)
        return self._drawn(document, drawing, start) if self.options.value.fixed else drawing

    def _drawn(self, document: Document, drawing: _Drawing, pointer: Pointer) -> _Drawing:
        options = self.options.value
        if options.fixed:
            x, y = self._snapped(document, pointer)
            return replace(drawing, rect=(x, y, x + options.width, y + options.height))
        if drawing.rect is None and not is_drag(drawing.start, pointer):
            return drawing
        fresh = pointer.modifiers & ~drawing.held
        (x0, y0), (x1, y1) = drawing.corner, self._snapped(document, pointer)
        if Modifier.SHIFT in fresh:
            side = max(abs(x1 - x0), abs(y1 - y0))
            x1, y1 = x0 + math.copysign(side, x1 - x0), y0 + math.copysign(side, y1 - y0)
        if Modifier.ALT in fresh:
            x0, y0 = 2 * x0 - x1, 2 * y0 - y1
        return replace(drawing, rect=(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))

    def _finished(self, document: Document, drawing: _Drawing) -> Effects:
        if drawing.rect is None:
            clicked = _deselected(document) if drawing.mode is SelectionMode.NEW else ()
            return Effects(commands=clicked)
        return self._select(document, self._points(drawing.rect), drawing.mode)

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        if not isinstance(self._state, _Drawing) or self._state.rect is None:
            return ()
        return (Outline(tuple(self._points(self._state.rect))),)

    def _points(self, rect: tuple[float, float, float, float]) -> list[Point]:
        raise NotImplementedError

    def _snapped(self, document: Document, pointer: Pointer) -> Point:
        """The nearest corner of pixels, or a line that pulls."""
        targets = document_targets(document, pointer, self.snap)
        x = snap_position(pointer.x, targets.xs, targets.reach)
        y = snap_position(pointer.y, targets.ys, targets.reach)
        return round(x), round(y)


class RectangleSelectTool(BoxSelectTool):
    """A rectangle; its edges lie between pixels."""

    tool_id = ToolId.SELECT_RECTANGLE
    hint = mark("Drag to select a rectangle. Shift adds, Alt subtracts, a drag inside moves.")
    text = mark("Select Rectangle")

    def _points(self, rect: tuple[float, float, float, float]) -> list[Point]:
        return shapes.rectangle_points(*rect)


class EllipseSelectTool(BoxSelectTool):
    """An ellipse between two corners."""

    tool_id = ToolId.SELECT_ELLIPSE
    hint = mark("Drag to select an ellipse. Shift adds, Alt subtracts, a drag inside moves.")
    text = mark("Select Ellipse")

    def _points(self, rect: tuple[float, float, float, float]) -> list[Point]:
        return shapes.ellipse_points(*rect)


class LassoTool(SelectTool):
    """Dragging draws freehand, clicking sets corners; both can follow each other."""

    tool_id = ToolId.LASSO
    hint = mark("Drag to draw around something, or click corner by corner and Enter to close.")
    text = mark("Lasso")

    def __init__(self, options: Options[SelectionOptions] | None = None) -> None:
        super().__init__(options)
        self._pointer: Point | None = None  # where the next corner would be

    def press(self, document: Document, pointer: Pointer) -> Effects:
        self._pointer = None
        state = self._state
        if not isinstance(state, _Drawing):
            return super().press(document, pointer)
        here = (pointer.x, pointer.y)
        closes = pointer.clicks > 1 or _near(state.points[0], here, CLOSE_PX * pointer.pixel)
        if closes and len(state.points) > 2:
            return self._close(document)
        self._state = replace(state, start=pointer, points=(*state.points, here), dragged=False)
        return NOTHING

    def moves(self, document: Document, pointers: Sequence[Pointer]) -> Effects:
        effects = NOTHING
        for pointer in pointers:  # a fast hand leaves few positions: none may be lost
            effects = self.move(document, pointer)
        return effects

    def _begun(self, document: Document, drawing: _Drawing) -> _Drawing:
        return replace(drawing, points=(drawing.corner,))

    def _drawn(self, document: Document, drawing: _Drawing, pointer: Pointer) -> _Drawing:
        if not (drawing.dragged or is_drag(drawing.start, pointer)):
            return drawing
        here = (pointer.x, pointer.y)
        if _near(drawing.points[-1], here, _MIN_STEP_PX * pointer.pixel):
            return drawing
        return replace(drawing, points=(*drawing.points, here), dragged=True)

    def _finished(self, document: Document, drawing: _Drawing) -> Effects:
        if drawing.dragged:
            self._state = drawing
            return self._close(document)
        alone = len(drawing.points) == 1
        if alone and drawing.mode is SelectionMode.NEW and document.selection is not None:
            return Effects(commands=_deselected(document))
        self._state = drawing  # the next click sets the next corner
        return NOTHING

    def hover(self, document: Document, pointer: Pointer | None) -> None:
        self._pointer = (pointer.x, pointer.y) if pointer is not None else None

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        state = self._state
        if isinstance(state, _Drawing):
            if key is Key.ENTER:
                return self._close(document)
            if key is Key.DELETE:
                rest = state.points[:-1]
                self._state = replace(state, points=rest) if rest else None
                return NOTHING
        return super().key(document, key, modifiers)

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        state = self._state
        if not isinstance(state, _Drawing):
            return ()
        waiting = (self._pointer,) if self._pointer is not None else ()
        return (Outline((*state.points, *waiting), closed=False),)

    def _close(self, document: Document) -> Effects:
        state, self._state = self._state, None
        if not isinstance(state, _Drawing) or len(state.points) < 3:
            return NOTHING
        return self._select(document, list(state.points), state.mode)


def selection_tools() -> tuple[SelectTool, ...]:
    """The three tools, with one set of options for all of them."""
    options = Options(SelectionOptions())
    return RectangleSelectTool(options), EllipseSelectTool(options), LassoTool(options)


def _mode(chosen: SelectionMode, modifiers: Modifier) -> SelectionMode:
    shift, alt = Modifier.SHIFT in modifiers, Modifier.ALT in modifiers
    return selection_mode(shift=shift, alt=alt, otherwise=chosen)


def _inside(document: Document, pointer: Pointer) -> bool:
    """Whether the pixel under the pointer is at least half selected."""
    selection = document.selection
    if selection is None:
        return False
    x, y = math.floor(pointer.x), math.floor(pointer.y)
    if not selection.bounds.contains_point(x, y):
        return False
    value = selection.read(Rect.from_size(x, y, 1, 1))[0, 0]
    return int(value) >= 128


def _end_of_move(document: Document, state: _MovingOutline) -> tuple[SetSelection, ...]:
    selection = document.selection
    if selection is None or not (state.dx or state.dy):
        return _deselected(document)  # a click
    if document.canvas.contains(selection.bounds):
        return ()
    cut = selections.moved(selection, document.canvas, 0, 0)
    return (SetSelection(cut, mark("Move Selection")),)


def _deselected(document: Document) -> tuple[SetSelection, ...]:
    return () if document.selection is None else (SetSelection(None, mark("Deselect")),)


def _described(document: Document, drawing: _Drawing) -> str:
    """The part of the shape that lies on the canvas: no more becomes selected."""
    if drawing.rect is None:
        return ""
    rect = Rect(*(round(edge) for edge in drawing.rect)).intersection(document.canvas)
    return size_and_place(rect)


def _near(first: Point, second: Point, reach: float) -> bool:
    return max(abs(first[0] - second[0]), abs(first[1] - second[1])) < reach
