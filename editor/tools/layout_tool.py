"""The layout tool: boxes drawn on the canvas say where each generated layer shall lie."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.layer_commands import MergeCommands
from editor.commands.layout_commands import AddBox, MoveBox, RemoveBoxes
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.layout import MAX_BOXES, LayoutBox
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.handles import Constraint, FloatRect, Handle, dragged, handle_at
from editor.tools.move_tool import HANDLE_CURSORS, LARGE_NUDGE_PX, NUDGE_PX
from editor.tools.overlay import BoxFrame, CursorShape, OverlayItem, snap_lines
from editor.tools.sentences import size_and_place
from editor.tools.snapping import (
    Snapped,
    SnapTargets,
    document_targets,
    snap_dragged,
    snap_moved,
)
from editor.tools.tool import NOTHING, Effects, Tool, ToolId, is_drag
from editor.translations import mark, tr

MIN_BOX_PX = 16  # document pixels; the grid of tokens is no finer


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A new box is pulled open from `start`; `now` is None until the pointer went far enough."""

    start: Pointer
    now: Snapped | None = None


@dataclass(frozen=True, slots=True)
class _Changing:
    """A box is moved (no handle) or pulled by a handle.

    Attributes:
        rect: The box at the press.
        now: The box at present; None until the pointer went far enough.
        clicked: Boxes to select if this stays a click.
    """

    start: Pointer
    box_id: str
    handle: Handle | None
    rect: FloatRect
    clicked: tuple[str, ...]
    now: Snapped | None = None


class LayoutTool(Tool):
    """Draw, select, move, pull, name and delete layout boxes.

    While the button is down only the overlay changes; the document changes once, on release, so
    Escape has nothing to undo.
    """

    tool_id = ToolId.LAYOUT
    hint = mark(
        "Drag to draw a box for a layer. Alt draws inside another box, Control does not snap."
    )

    def __init__(self) -> None:
        self._state: _Drawing | _Changing | None = None
        self._hovered: str | None = None

    @property
    def busy(self) -> bool:
        return self._state is not None

    def press(self, document: Document, pointer: Pointer) -> Effects:
        self._hovered = None
        box, handle = self._target(document, pointer)
        if box is None:
            self._state = _Drawing(pointer)
            return NOTHING
        selected = document.selected_box_ids
        clicked = _clicked(selected, box.box_id, Modifier.SHIFT in pointer.modifiers)
        self._state = _Changing(pointer, box.box_id, handle, box.rect.as_floats(), clicked)
        if pointer.clicks > 1 and handle is None:
            self._state = None
            return Effects(select_boxes=(box.box_id,), edit_box=box.box_id)
        return NOTHING if box.box_id in selected else Effects(select_boxes=clicked)

    def move(self, document: Document, pointer: Pointer) -> Effects:
        state = self._state
        if state is None or (state.now is None and not is_drag(state.start, pointer)):
            return NOTHING
        if isinstance(state, _Drawing):
            now = self._drawn(document, state, pointer)
            self._state = replace(state, now=now)
        else:
            now = self._changed(document, state, pointer)
            self._state = replace(state, now=now)
        rect = _whole(now.rect, document)  # what the release would leave
        return Effects(hint=size_and_place(rect))

    def release(self, document: Document, pointer: Pointer) -> Effects:
        state, self._state = self._state, None
        if isinstance(state, _Drawing):
            return self._finish_drawing(document, state)
        if isinstance(state, _Changing):
            if state.now is None:
                return Effects(select_boxes=state.clicked)
            return Effects(commands=_move_commands(document, state))
        return NOTHING

    def cancel(self) -> Effects:
        self._state = None
        return NOTHING

    def hover(self, document: Document, pointer: Pointer | None) -> None:
        box = self._target(document, pointer)[0] if pointer is not None else None
        self._hovered = box.box_id if box else None

    def leaves_guides(self, document: Document, pointer: Pointer) -> bool:
        return self._target(document, pointer)[1] is None

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        if key is Key.ESCAPE:
            return self.cancel() if self.busy else _deselected(document)
        if self.busy:
            return None
        if key in (Key.NEXT, Key.PREVIOUS):
            return _cycled(document, 1 if key is Key.NEXT else -1)
        return _selection_key(document, key, modifiers) if document.selected_box_ids else None

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        state = self._state
        items: list[OverlayItem] = [
            self._box_frame(document, box, number)
            for number, box in enumerate(document.boxes, start=1)
        ]
        if isinstance(state, _Drawing) and state.now is not None:
            items.append(BoxFrame(state.now.rect, 0, selected=True))
        if state is not None and state.now is not None:
            items += snap_lines(state.now.xs, state.now.ys)
        return tuple(items)

    def faint_overlay(
        self, document: Document, named: Collection[str] = ()
    ) -> tuple[OverlayItem, ...]:
        """The boxes while another tool is chosen: they still rule the next picture.

        A box whose layer is as it says has no tag, which would only cover the layer.

        Args:
            named: Ids of layers that have a name tag; it is not written twice at one place.
        """
        return tuple(
            BoxFrame(
                box.rect.as_floats(),
                0 if box.box_id in named or _up_to_date(document, box) else number,
                box.name or box.prompt,
                faint=True,
                out_of_date=_out_of_date(document, box),
            )
            for number, box in enumerate(document.boxes, start=1)
        )

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        if isinstance(self._state, _Changing):
            handle = self._state.handle
            return HANDLE_CURSORS[handle] if handle else CursorShape.MOVE
        if isinstance(self._state, _Drawing):
            return CursorShape.DRAW
        box, handle = self._target(document, pointer)
        if handle is not None:
            return HANDLE_CURSORS[handle]
        return CursorShape.MOVE if box is not None else CursorShape.DRAW

    def _box_frame(self, document: Document, box: LayoutBox, number: int) -> BoxFrame:
        state, rect = self._state, box.rect.as_floats()
        if isinstance(state, _Changing) and state.box_id == box.box_id and state.now is not None:
            rect = state.now.rect
        return BoxFrame(
            rect,
            number,
            box.name or box.prompt,
            selected=box.box_id in document.selected_box_ids,
            hovered=box.box_id == self._hovered,
            filled=not document.has_layer(box.box_id),
            out_of_date=_out_of_date(document, box),
        )

    def _target(
        self, document: Document, pointer: Pointer
    ) -> tuple[LayoutBox | None, Handle | None]:
        """The box a press would take, and its handle; Alt takes none, to draw inside."""
        if Modifier.ALT in pointer.modifiers:
            return None, None
        if len(document.selected_box_ids) == 1:
            box = document.box(document.selected_box_ids[0])
            handle = handle_at(box.rect.as_floats(), pointer.x, pointer.y, pointer.pixel)
            if handle is not None:
                return box, handle
        under = [box for box in document.boxes if box.rect.contains_point(pointer.x, pointer.y)]
        chosen = [box for box in under if box.box_id in document.selected_box_ids]
        return ((chosen or under)[-1], None) if under else (None, None)

    def _drawn(self, document: Document, state: _Drawing, pointer: Pointer) -> Snapped:
        targets = self._targets(document, pointer, exclude=None)
        start = _snapped_point(state.start.x, state.start.y, targets, document)
        x1, y1 = _snapped_point(pointer.x, pointer.y, targets, document)
        if Modifier.SHIFT in pointer.modifiers:
            side = max(abs(x1 - start[0]), abs(y1 - start[1]))
            x1 = start[0] + (side if x1 >= start[0] else -side)
            y1 = start[1] + (side if y1 >= start[1] else -side)
        rect = (min(start[0], x1), min(start[1], y1), max(start[0], x1), max(start[1], y1))
        xs = tuple(x for x in targets.xs if x == x1)
        ys = tuple(y for y in targets.ys if y == y1)
        return Snapped(_cut(rect, document), xs, ys)

    def _changed(self, document: Document, state: _Changing, pointer: Pointer) -> Snapped:
        dx, dy = pointer.x - state.start.x, pointer.y - state.start.y
        targets = self._targets(document, pointer, exclude=state.box_id)
        if state.handle is None:
            x0, y0, x1, y1 = state.rect
            now = snap_moved((x0 + dx, y0 + dy, x1 + dx, y1 + dy), targets)
            return replace(now, rect=_pushed_inside(now.rect, document))
        constraint = Constraint(
            keep_aspect=Modifier.SHIFT in pointer.modifiers,
            from_centre=Modifier.ALT in pointer.modifiers,
        )
        rect = dragged(state.rect, state.handle, dx, dy, constraint)
        if constraint == Constraint():
            now = snap_dragged(rect, state.handle, targets)
            return replace(now, rect=_cut(_at_least(now.rect, state.handle), document))
        return Snapped(_cut(_at_least(rect, state.handle), document))

    def _targets(self, document: Document, pointer: Pointer, exclude: str | None) -> SnapTargets:
        without = () if exclude is None else (exclude,)
        return document_targets(document, pointer, self.snap, without_boxes=without)

    def _finish_drawing(self, document: Document, state: _Drawing) -> Effects:
        if state.now is None:
            return Effects(select_boxes=())
        if len(document.boxes) >= MAX_BOXES:
            return Effects(
                hint=tr(
                    "A layout holds at most {limit} boxes; delete one first.",
                    limit=MAX_BOXES,
                )
            )
        rect = _whole(_grown(state.now.rect, document), document)
        if rect.is_empty:
            return Effects(hint=tr("Draw the box on the page."))
        box = LayoutBox(rect)
        return Effects(commands=(AddBox(box),), select_boxes=(box.box_id,), edit_box=box.box_id)


def _clicked(selected: tuple[str, ...], box_id: str, add: bool) -> tuple[str, ...]:
    if not add:
        return (box_id,)
    rest = tuple(i for i in selected if i != box_id)
    return rest if box_id in selected else (*selected, box_id)


def _move_commands(document: Document, state: _Changing) -> tuple[Command, ...]:
    """The changed box, and with it the other selected ones if it was moved as a whole."""
    assert state.now is not None  # noqa: S101 - called after a drag only
    moved = _whole(state.now.rect, document)
    before = document.box(state.box_id).rect
    commands: list[Command] = [MoveBox(state.box_id, moved)]
    others = [i for i in document.selected_box_ids if i != state.box_id]
    if state.handle is not None or not others:
        return tuple(commands)
    for box_id in others:
        rect = document.box(box_id).rect.translated(moved.x0 - before.x0, moved.y0 - before.y0)
        commands.append(
            MoveBox(box_id, _whole(_pushed_inside(rect.as_floats(), document), document))
        )
    return (MergeCommands(tuple(commands), tr("Move Boxes")),)


def _out_of_date(document: Document, box: LayoutBox) -> bool:
    """Whether the layer that was made in a box waits for another try."""
    layer = document.layer(box.box_id) if document.has_layer(box.box_id) else None
    return isinstance(layer, RasterLayer) and layer.is_out_of_date


def _up_to_date(document: Document, box: LayoutBox) -> bool:
    """Whether a layer was made in a box and does not wait for another try."""
    return document.has_layer(box.box_id) and not _out_of_date(document, box)


def _deselected(document: Document) -> Effects | None:
    return Effects(select_boxes=()) if document.selected_box_ids else None


def _selection_key(document: Document, key: Key, modifiers: Modifier) -> Effects | None:
    """What a key does to the selected boxes."""
    selected = document.selected_box_ids
    if key.direction is not None:
        return _nudged(document, key.direction, modifiers)
    if key is Key.DELETE:
        return Effects(commands=(RemoveBoxes(selected),))
    return Effects(edit_box=selected[-1]) if key is Key.ENTER else None


def _nudged(document: Document, direction: tuple[int, int], modifiers: Modifier) -> Effects:
    step = LARGE_NUDGE_PX if Modifier.SHIFT in modifiers else NUDGE_PX
    commands: list[Command] = []
    for box_id in document.selected_box_ids:
        rect = document.box(box_id).rect.translated(direction[0] * step, direction[1] * step)
        commands.append(
            MoveBox(box_id, _whole(_pushed_inside(rect.as_floats(), document), document))
        )
    if len(commands) == 1:
        return Effects(commands=tuple(commands))
    return Effects(commands=(MergeCommands(tuple(commands), tr("Move Boxes"), key="nudge_boxes"),))


def _cycled(document: Document, step: int) -> Effects | None:
    ids = [box.box_id for box in document.boxes]
    if not ids:
        return None
    selected = document.selected_box_ids
    start = -1 if step > 0 else 0
    index = (ids.index(selected[-1]) if selected else start) + step
    return Effects(select_boxes=(ids[index % len(ids)],))


def _snapped_point(
    x: float, y: float, targets: SnapTargets, document: Document
) -> tuple[float, float]:
    corner = snap_dragged((x, y, x, y), Handle.BOTTOM_RIGHT, targets).rect
    return (
        min(float(document.width), max(0.0, corner[2])),
        min(float(document.height), max(0.0, corner[3])),
    )


def _cut(rect: FloatRect, document: Document) -> FloatRect:
    return (
        max(0.0, rect[0]),
        max(0.0, rect[1]),
        min(float(document.width), rect[2]),
        min(float(document.height), rect[3]),
    )


def _pushed_inside(rect: FloatRect, document: Document) -> FloatRect:
    dx = max(0.0, -rect[0]) - max(0.0, rect[2] - document.width)
    dy = max(0.0, -rect[1]) - max(0.0, rect[3] - document.height)
    return (rect[0] + dx, rect[1] + dy, rect[2] + dx, rect[3] + dy)


def _at_least(rect: FloatRect, handle: Handle) -> FloatRect:
    """At least MIN_BOX_PX on each side, grown on the side that the handle moves."""
    x0, y0, x1, y1 = rect
    missing_x, missing_y = max(0.0, MIN_BOX_PX - (x1 - x0)), max(0.0, MIN_BOX_PX - (y1 - y0))
    if handle.horizontal < 0:
        x0 -= missing_x
    else:
        x1 += missing_x
    if handle.vertical < 0:
        y0 -= missing_y
    else:
        y1 += missing_y
    return (x0, y0, x1, y1)


def _grown(rect: FloatRect, document: Document) -> FloatRect:
    return _pushed_inside(_at_least(rect, Handle.BOTTOM_RIGHT), document)


def _whole(rect: FloatRect, document: Document) -> Rect:
    x0, y0, x1, y1 = (round(edge) for edge in rect)
    return Rect(x0, y0, x1, y1).intersection(document.canvas)
