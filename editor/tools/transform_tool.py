"""The transform tool: move, scale, turn and mirror the selected layers until Enter or Escape.

All drags between the first change and Enter are one undo step. The layers are drawn from their
original pixels each time, so nothing gets worse by going back and forth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum, auto

from editor.commands.transform_commands import TransformLayers
from editor.document import affine
from editor.document.affine import Matrix, Point
from editor.document.document import Document
from editor.document.events import Signal
from editor.document.layer_placement import placement
from editor.document.layers import Layer, RasterLayer
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
from editor.tools.move_tool import HANDLE_CURSORS, LARGE_NUDGE_PX, MAX_LIVE_AREA, NUDGE_PX
from editor.tools.overlay import CursorShape, OverlayItem, TurnedFrame, snap_lines
from editor.tools.picking import click_target, frame_around, locked_hint, topmost_at
from editor.tools.snapping import document_targets, snap_whole
from editor.tools.tool import NOTHING, Effects, Gesture, Tool, ToolId, is_drag
from editor.translations import decimal, mark, tr

TURN_REACH_PX = 48.0  # screen pixels around the frame where a drag turns it
ANGLE_STEP = 15.0  # degrees, while Shift is held
_DIAGONALS = (
    CursorShape.RESIZE_HORIZONTAL,
    CursorShape.RESIZE_FALLING,
    CursorShape.RESIZE_VERTICAL,
    CursorShape.RESIZE_RISING,
)


class _Grip(Enum):
    """What a drag does that holds no handle."""

    MOVE = auto()
    TURN = auto()


@dataclass(frozen=True, slots=True)
class TransformValues:
    """The frame in numbers.

    Attributes:
        x, y: Top left corner of the box around it, in document pixels.
        width, height: Lengths of its sides in pixels, whatever it is turned by.
        angle: Degrees clockwise, -180 to 180.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float


@dataclass(frozen=True, slots=True)
class _Session:
    """A transform that is not applied yet.

    Attributes:
        layers: The outermost layers as they were.
        frame: Around what is seen of them, in coordinates of their own.
        base: From those coordinates to the document, at the beginning.
        now: The same at present.
        begun: Whether the undo step was begun.
    """

    layers: tuple[Layer, ...]
    frame: FloatRect
    base: Matrix
    now: Matrix
    begun: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(layer.layer_id for layer in self.layers)

    @property
    def corners(self) -> tuple[Point, ...]:
        return affine.corners(self.now, self.frame)

    @property
    def center(self) -> Point:
        x0, y0, x1, y1 = self.frame
        return affine.apply(self.now, (x0 + x1) / 2, (y0 + y1) / 2)

    @property
    def change(self) -> Matrix:
        """From where the layers were to where they are."""
        return affine.compose(self.now, affine.inverse(self.base))

    @property
    def sized(self) -> tuple[FloatRect, Matrix]:
        """The frame in lengths of the document, and from there to the document.

        Handles keep their size on the screen in these coordinates.
        """
        across, down = affine.lengths(self.now)
        x0, y0, x1, y1 = self.frame
        rect = (x0 * across, y0 * down, x1 * across, y1 * down)
        return rect, affine.compose(self.now, affine.scaling(1 / across, 1 / down))


@dataclass(frozen=True, slots=True)
class _Drag:
    """The button is down; `at` is where the frame was at the press."""

    start: Pointer
    grip: Handle | _Grip
    at: Matrix
    lines: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())


class TransformTool(Tool):
    """Scale by handles, turn outside of them, move inside, mirror and type numbers.

    Signals:
        changed: The numbers may be others; the event is the tool.
    """

    tool_id = ToolId.TRANSFORM
    hint = mark("Drag handles to scale, outside to rotate. Enter applies, Escape cancels.")

    def __init__(self) -> None:
        self.changed: Signal[TransformTool] = Signal()
        self._session: _Session | None = None
        self._drag: _Drag | None = None
        self._pixel = 1.0  # of the last position, for how many handles there is room

    @property
    def busy(self) -> bool:
        return self._drag is not None or (self._session is not None and self._session.begun)

    # The mouse

    def press(self, document: Document, pointer: Pointer) -> Effects:
        session = self._open(document)
        grip = _grip_at(session, pointer) if session is not None else None
        if session is not None and grip is not None:
            self._drag = _Drag(pointer, grip, session.now)
            return NOTHING
        if session is not None and session.begun:
            return Effects(hint=tr("Enter applies the transform, Escape cancels it."))
        hit = topmost_at(document, pointer.x, pointer.y, pointer.pixel)
        if hit is None:
            return NOTHING
        target = click_target(document, hit, inner=pointer.clicks > 1)
        locked = locked_hint(document, (target,))
        self._session = None
        return Effects(select=(target,), hint=locked)

    def move(self, document: Document, pointer: Pointer) -> Effects:
        drag, session = self._drag, self._open(document)
        if drag is None or session is None:
            return NOTHING
        if session.now == drag.at and not is_drag(drag.start, pointer):
            return NOTHING
        now = self._dragged(document, session, drag, pointer)
        live = _area(session, now) <= MAX_LIVE_AREA
        return self._set(document, now, live=live)

    def release(self, document: Document, pointer: Pointer) -> Effects:
        drag, session = self._drag, self._session
        self._drag = None
        if drag is None or session is None or session.now == drag.at:
            return NOTHING
        return self._set(document, session.now, live=True)

    def cancel(self) -> Effects:
        session, self._session, self._drag = self._session, None, None
        self.changed.emit(self)
        begun = session is not None and session.begun
        return Effects(gesture=Gesture.CANCEL) if begun else NOTHING

    def leave(self, document: Document) -> Effects:
        return self.apply()

    def finish(self, document: Document) -> Effects:
        return self.apply() if self.busy else NOTHING

    def overtaken(self) -> Effects:
        return self.apply()

    def apply(self) -> Effects:
        """Keep what was done, as one undo step."""
        session, self._session, self._drag = self._session, None, None
        self.changed.emit(self)
        begun = session is not None and session.begun
        return Effects(gesture=Gesture.END) if begun else NOTHING

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        if key is Key.ENTER:
            return self.apply() if self.busy else None
        if key is Key.ESCAPE:
            return self.cancel() if self.busy else None
        session = self._open(document)
        if key.direction is None or session is None:
            return None
        step = LARGE_NUDGE_PX if Modifier.SHIFT in modifiers else NUDGE_PX
        shift = affine.translation(key.direction[0] * step, key.direction[1] * step)
        return self._set(document, affine.compose(shift, session.now), live=True)

    def leaves_guides(self, document: Document, pointer: Pointer) -> bool:
        session = self._open(document)
        return session is None or _grip_at(session, pointer) is None

    # Numbers and buttons

    def values(self, document: Document) -> TransformValues | None:
        """The frame in numbers; None = nothing can be transformed."""
        session = self._open(document)
        if session is None:
            return None
        across, down = affine.lengths(session.now)
        x0, y0, x1, y1 = session.frame
        left, top, _, _ = affine.box_around(session.corners)
        size = (x1 - x0) * across, (y1 - y0) * down
        return TransformValues(left, top, *size, affine.angle(session.now))

    def set_values(self, document: Document, values: TransformValues) -> Effects:
        """Give the frame other numbers; it is scaled and turned around its middle, then moved."""
        session, old = self._open(document), self.values(document)
        if session is None or old is None or values == old:
            return NOTHING
        limit = float(MAX_SIDE_PX)
        width, height = (min(max(1.0, v), limit) for v in (values.width, values.height))
        x0, y0, x1, y1 = session.frame
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        grown = affine.scaling(width / old.width, height / old.height, middle)
        now = affine.compose(session.now, grown)
        if values.angle != old.angle:
            turn = affine.rotation(values.angle - old.angle, session.center)
            now = affine.compose(turn, now)
        left, top, _, _ = affine.box_around(affine.corners(now, session.frame))
        resized = (values.width, values.height) != (old.width, old.height)
        turned = values.angle != old.angle
        dx = values.x - (old.x if turned and not resized else left)
        dy = values.y - (old.y if turned and not resized else top)
        now = affine.compose(affine.translation(dx, dy), now)
        return self._set(document, now, live=True)

    def flip(self, document: Document, *, horizontal: bool) -> Effects:
        """Mirror left and right, or top and bottom, as seen on the screen."""
        session = self._open(document)
        if session is None:
            return NOTHING
        factors = (-1.0, 1.0) if horizontal else (1.0, -1.0)
        box = affine.box_around(session.corners)
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        mirror = affine.scaling(*factors, middle)
        return self._set(document, affine.compose(mirror, session.now), live=True)

    def turn(self, document: Document, degrees: float) -> Effects:
        """Turn clockwise around the middle."""
        session = self._open(document)
        if session is None:
            return NOTHING
        center = session.center
        if degrees % 90 == 0:  # pixels meet pixels when the middle lies on or between them
            center = _on_grid(session, center)
        spin = affine.rotation(degrees, center)
        return self._set(document, affine.compose(spin, session.now), live=True)

    # What is drawn

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        session = self._open(document)
        if session is None:
            return ()
        rect, to_document = session.sized
        places = (handle.position(rect) for handle in offered_handles(rect, self._pixel))
        handles = tuple(affine.apply(to_document, x, y) for x, y in places)
        frame = TurnedFrame(session.corners, handles, session.center)
        lines = self._drag.lines if self._drag is not None else ((), ())
        return (frame, *snap_lines(*lines))

    def hover(self, document: Document, pointer: Pointer | None) -> None:
        if pointer is not None:
            self._pixel = pointer.pixel

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        session = self._open(document)
        if session is None:
            return CursorShape.DEFAULT
        grip = self._drag.grip if self._drag is not None else _grip_at(session, pointer)
        if isinstance(grip, Handle):
            return _handle_cursor(grip, session.now)
        if grip is _Grip.MOVE:
            return CursorShape.MOVE
        return CursorShape.ROTATE if grip is _Grip.TURN else CursorShape.DEFAULT

    # Inside

    def _open(self, document: Document) -> _Session | None:
        """The session of what is selected; a new one when something else is selected now."""
        session = self._session
        ids = document.selected_ids
        if session is not None and (session.begun or session.ids == ids):
            there = all(document.has_layer(layer_id) for layer_id in session.ids)
            unchanged = session.begun or all(
                document.layer(layer.layer_id) is layer for layer in session.layers
            )
            if there and unchanged:
                return session
        self._session = _session_of(document)
        return self._session

    def _set(self, document: Document, now: Matrix, *, live: bool) -> Effects:
        """Show the frame elsewhere and, when `live`, the layers as well."""
        session = self._session
        if session is None:
            return NOTHING
        self._session = session = replace(session, now=now, begun=session.begun or live)
        self.changed.emit(self)
        return Effects(
            gesture=Gesture.JOIN if live else Gesture.KEEP,
            commands=(TransformLayers(session.layers, session.change),) if live else (),
            hint=_described(session),
        )

    def _dragged(
        self, document: Document, session: _Session, drag: _Drag, pointer: Pointer
    ) -> Matrix:
        if drag.grip is _Grip.TURN:
            return _turned(session, drag, pointer)
        if isinstance(drag.grip, Handle):
            return _scaled(replace(session, now=drag.at), drag, drag.grip, pointer)
        at = replace(session, now=drag.at)
        x, y = pointer.x - drag.start.x, pointer.y - drag.start.y
        if Modifier.SHIFT in pointer.modifiers:
            x, y = (x, 0.0) if abs(x) >= abs(y) else (0.0, y)
        targets = document_targets(document, pointer, self.snap, without_layers=session.ids)
        dx, dy, met = snap_whole(affine.box_around(at.corners), x, y, targets)
        self._drag = replace(drag, lines=(met.xs, met.ys))
        return affine.compose(affine.translation(dx, dy), drag.at)


def _session_of(document: Document) -> _Session | None:
    ids = tuple(i for i in document.selected_ids if not document.is_locked(i))
    layers = tuple(document.layer(i) for i in ids)
    layers = tuple(layer for layer in layers if not layer.bounds.is_empty)
    if not layers or len(ids) != len(document.selected_ids):
        return None
    only = layers[0]
    if len(layers) == 1 and isinstance(only, RasterLayer):
        box = only.original.alpha_box
        box = only.original.bounds if box.is_empty else box
        base = placement(only)
        return _Session(layers, box.as_floats(), base, base)
    frame = frame_around(document, [layer.layer_id for layer in layers])
    return _Session(layers, frame, affine.IDENTITY, affine.IDENTITY)


def _grip_at(session: _Session, pointer: Pointer) -> Handle | _Grip | None:
    """What a press at a position would hold."""
    rect, to_document = session.sized
    x, y = affine.apply(affine.inverse(to_document), pointer.x, pointer.y)
    handle = handle_at(rect, x, y, pointer.pixel)
    if handle is not None:
        return handle
    x0, y0, x1, y1 = rect
    if x0 <= x <= x1 and y0 <= y <= y1:
        return _Grip.MOVE
    reach = TURN_REACH_PX * pointer.pixel
    near = x0 - reach <= x <= x1 + reach and y0 - reach <= y <= y1 + reach
    return _Grip.TURN if near else None


def _turned(session: _Session, drag: _Drag, pointer: Pointer) -> Matrix:
    center = replace(session, now=drag.at).center
    before = math.atan2(drag.start.y - center[1], drag.start.x - center[0])
    after = math.atan2(pointer.y - center[1], pointer.x - center[0])
    degrees = math.degrees(after - before)
    if Modifier.SHIFT in pointer.modifiers:
        present = affine.angle(drag.at)
        degrees = round((present + degrees) / ANGLE_STEP) * ANGLE_STEP - present
    return affine.compose(affine.rotation(degrees, center), drag.at)


def _scaled(session: _Session, drag: _Drag, handle: Handle, pointer: Pointer) -> Matrix:
    """The handle goes along with the pointer, measured along the sides of the frame."""
    rect, to_document = session.sized
    back = affine.inverse(to_document)
    x0, y0 = affine.apply(back, drag.start.x, drag.start.y)
    x1, y1 = affine.apply(back, pointer.x, pointer.y)
    constraint = Constraint(
        keep_aspect=Modifier.SHIFT not in pointer.modifiers,
        from_centre=Modifier.ALT in pointer.modifiers,
    )
    target = dragged(rect, handle, x1 - x0, y1 - y0, constraint)
    across, down = affine.lengths(session.now)
    grown = affine.compose(affine.stretch(rect, target), affine.scaling(across, down))
    return affine.compose(to_document, grown)


def _area(session: _Session, now: Matrix) -> float:
    """Document pixels that the layers cover after a map."""
    change = affine.compose(now, affine.inverse(session.base))
    total = 0.0
    for layer in session.layers:
        x0, y0, x1, y1 = affine.box_around(affine.corners(change, layer.bounds.as_tuple()))
        total += (x1 - x0) * (y1 - y0)
    return total


def _on_grid(session: _Session, center: Point) -> Point:
    """The middle of the frame, moved so that a quarter turn takes pixels onto pixels."""
    x0, y0, x1, y1 = affine.box_around(session.corners)
    width, height = round(x1 - x0), round(y1 - y0)
    if (width + height) % 2 == 0:
        return center
    return center[0] + 0.5, center[1]


def _handle_cursor(handle: Handle, now: Matrix) -> CursorShape:
    """The arrow that fits the direction of a handle on the screen."""
    if affine.is_upright(now):
        return HANDLE_CURSORS[handle]
    x, y = affine.apply((now[0], now[1], 0, now[3], now[4], 0), handle.horizontal, handle.vertical)
    return _DIAGONALS[round(math.degrees(math.atan2(y, x)) / 45) % 4]


def _described(session: _Session) -> str:
    across, down = affine.lengths(session.now)
    x0, y0, x1, y1 = session.frame
    return tr(
        "{width} × {height} px, {angle}°.",
        width=round((x1 - x0) * across),
        height=round((y1 - y0) * down),
        angle=decimal(affine.angle(session.now), 1),
    )
