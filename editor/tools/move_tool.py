"""The move tool: clicks select the topmost layer, drags move, handles scale, digits fade."""

from __future__ import annotations

from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.layer_commands import RemoveLayers
from editor.commands.property_commands import SetOpacity
from editor.commands.transform_commands import MoveLayers, ScaleLayer, TransformLayers
from editor.document import affine
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import Layer, RasterLayer, rasters
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.handles import Constraint, FloatRect, Handle, handle_at
from editor.tools.overlay import CursorShape, Frame, FrameStyle, OverlayItem, snap_lines
from editor.tools.picking import (
    click_target,
    frame_around,
    frame_of,
    locked_hint,
    stretched_bounds,
    topmost_at,
)
from editor.tools.snapping import document_targets, snap_scaled, snap_whole
from editor.tools.tool import NOTHING, Effects, Gesture, Tool, ToolId, is_drag
from editor.tools.typed_percent import TypedPercent
from editor.translations import mark, tr

NUDGE_PX = 1
LARGE_NUDGE_PX = 10
MAX_LIVE_AREA = 500_000  # document pixels, about 30 ms; larger ones are resampled on release

SnapHits = tuple[tuple[float, ...], tuple[float, ...]]  # lines at x, lines at y

HANDLE_CURSORS = {
    Handle.LEFT: CursorShape.RESIZE_HORIZONTAL,
    Handle.RIGHT: CursorShape.RESIZE_HORIZONTAL,
    Handle.TOP: CursorShape.RESIZE_VERTICAL,
    Handle.BOTTOM: CursorShape.RESIZE_VERTICAL,
    Handle.TOP_LEFT: CursorShape.RESIZE_FALLING,
    Handle.BOTTOM_RIGHT: CursorShape.RESIZE_FALLING,
    Handle.TOP_RIGHT: CursorShape.RESIZE_RISING,
    Handle.BOTTOM_LEFT: CursorShape.RESIZE_RISING,
}


@dataclass(frozen=True, slots=True)
class _Pressed:
    """The button is down and nothing has moved yet.

    Attributes:
        clicked: Selection if this stays a click.
        grabs: Whether a drag moves what is selected.
    """

    start: Pointer
    clicked: tuple[str, ...]
    grabs: bool


@dataclass(frozen=True, slots=True)
class _Moving:
    """Layers follow the pointer.

    Attributes:
        frame: The frame around all of them at the press.
        dx, dy: What they have been moved by so far.
        lines: What they meet there: lines at x, lines at y.
    """

    start: Pointer
    layer_ids: tuple[str, ...]
    frame: FloatRect
    dx: int = 0
    dy: int = 0
    lines: SnapHits = ((), ())


@dataclass(frozen=True, slots=True)
class _Scaling:
    """A handle follows the pointer.

    Attributes:
        layer: As it was at the press.
        frame: The frame around the visible ones at the press, whose handle is held.
        target: That frame now.
        lines: What it meets there: lines at x, lines at y.
    """

    start: Pointer
    layer: Layer
    handle: Handle
    frame: FloatRect
    target: FloatRect
    lines: SnapHits = ((), ())

    @property
    def box(self) -> Rect:
        """Where all pixels of the layer lie when the frame is at its target."""
        return stretched_bounds(self.layer.bounds, self.frame, self.target)

    @property
    def command(self) -> Command:
        """Takes the layer there; live text exactly, for it is not bound to whole pixels."""
        if any(raster.text is not None for raster in rasters((self.layer,))):
            return TransformLayers((self.layer,), affine.stretch(self.frame, self.target))
        return ScaleLayer(self.layer.layer_id, self.box)


class MoveTool(Tool):
    """Select, move, nudge and scale layers. One gesture is one undo step; Escape takes it back.

    Attributes:
        typed: The digits that set the opacity.
    """

    tool_id = ToolId.MOVE
    hint = mark("Click a layer to select it, drag to move it. Shift adds to the selection.")
    takes_digits = True

    def __init__(self) -> None:
        self.typed = TypedPercent()
        self._state: _Pressed | _Moving | _Scaling | None = None
        self._hovered: str | None = None

    @property
    def busy(self) -> bool:
        return self._state is not None

    def press(self, document: Document, pointer: Pointer) -> Effects:
        self._hovered = None
        self.typed.forget()
        handle = self._handle_at(document, pointer)
        if handle is not None:
            return self._press_handle(document, pointer, handle)
        hit = topmost_at(document, pointer.x, pointer.y, pointer.pixel)
        if hit is None:
            keep = document.selected_ids if Modifier.SHIFT in pointer.modifiers else ()
            self._state = _Pressed(pointer, keep, _inside_selection(document, pointer))
            return NOTHING
        return self._press_layer(document, pointer, hit)

    def _press_handle(self, document: Document, pointer: Pointer, handle: Handle) -> Effects:
        layer = document.layer(document.selected_ids[0])
        frame = frame_of(layer)
        self._state = _Scaling(pointer, layer, handle, frame, frame)
        return Effects(gesture=Gesture.BEGIN)

    def _press_layer(self, document: Document, pointer: Pointer, hit: RasterLayer) -> Effects:
        target = click_target(document, hit, inner=pointer.clicks > 1)
        if pointer.clicks > 1 and hit.text is not None:
            return Effects(select=(hit.layer_id,), edit_text=hit.layer_id)
        selected = document.selected_ids
        if Modifier.SHIFT in pointer.modifiers:
            rest = tuple(i for i in selected if i != target)
            clicked = rest if target in selected else (*selected, target)
            self._state = _Pressed(pointer, clicked, grabs=True)
            return NOTHING if target in selected else Effects(select=clicked)
        self._state = _Pressed(pointer, (target,), grabs=True)
        # Inside its frame a drag moves the selection, even through a hole that shows the ground
        # behind; only a click there selects the ground. Another object is what one aims at.
        through = _fills(document, hit) and _inside_selection(document, pointer)
        kept = target in selected or through
        return NOTHING if kept else Effects(select=(target,))

    def move(self, document: Document, pointer: Pointer) -> Effects:
        state = self._state
        if isinstance(state, _Pressed):
            return self._start_moving(document, state, pointer)
        if isinstance(state, _Moving):
            return self._go_on_moving(document, state, pointer)
        if isinstance(state, _Scaling):
            return self._go_on_scaling(document, state, pointer)
        return NOTHING

    def _start_moving(self, document: Document, pressed: _Pressed, pointer: Pointer) -> Effects:
        if not (pressed.grabs and document.selected_ids and is_drag(pressed.start, pointer)):
            return NOTHING
        hint = locked_hint(document, document.selected_ids)
        free = tuple(i for i in document.selected_ids if not document.is_locked(i))
        if not free:
            self._state = None
            return Effects(hint=hint)
        self._state = _Moving(pressed.start, free, frame_around(document, free))
        first = self._go_on_moving(document, self._state, pointer)
        return Effects(gesture=Gesture.BEGIN, commands=first.commands, hint=hint)

    def _go_on_moving(self, document: Document, state: _Moving, pointer: Pointer) -> Effects:
        x, y = pointer.x - state.start.x, pointer.y - state.start.y
        straight = Modifier.SHIFT in pointer.modifiers
        free_x, free_y = not straight or abs(x) >= abs(y), not straight or abs(x) < abs(y)
        ids = state.layer_ids
        targets = document_targets(document, pointer, self.snap, without_layers=ids)
        targets = replace(targets, xs=targets.xs if free_x else (), ys=targets.ys if free_y else ())
        dx, dy, met = snap_whole(state.frame, x if free_x else 0, y if free_y else 0, targets)
        step_x, step_y = dx - state.dx, dy - state.dy
        self._state = replace(state, dx=dx, dy=dy, lines=(met.xs, met.ys))
        if not step_x and not step_y:
            return NOTHING
        return Effects(
            commands=(MoveLayers(ids, step_x, step_y),),
            hint=tr("Moved by {dx}, {dy} px.", dx=dx, dy=dy),
        )

    def _go_on_scaling(self, document: Document, state: _Scaling, pointer: Pointer) -> Effects:
        constraint = Constraint(
            keep_aspect=Modifier.SHIFT not in pointer.modifiers,
            from_centre=Modifier.ALT in pointer.modifiers,
        )
        move = pointer.x - state.start.x, pointer.y - state.start.y
        itself = (state.layer.layer_id,)
        targets = document_targets(document, pointer, self.snap, without_layers=itself)
        now = snap_scaled(state.frame, state.handle, move, constraint, targets)
        state = self._state = replace(state, target=now.rect, lines=(now.xs, now.ys))
        live = state.box.area <= MAX_LIVE_AREA
        commands = (state.command,) if live else ()
        x0, y0, x1, y1 = (round(edge) for edge in state.target)
        return Effects(
            commands=commands,
            hint=tr("{width} × {height} px.", width=max(1, x1 - x0), height=max(1, y1 - y0)),
        )

    def release(self, document: Document, pointer: Pointer) -> Effects:
        state, self._state = self._state, None
        if isinstance(state, _Pressed):
            return Effects(select=state.clicked)
        if isinstance(state, _Moving):
            return Effects(gesture=Gesture.END)
        if isinstance(state, _Scaling):
            changed = state.target != state.frame
            commands = (state.command,) if changed else ()
            return Effects(gesture=Gesture.END, commands=commands)
        return NOTHING

    def cancel(self) -> Effects:
        state, self._state = self._state, None
        if isinstance(state, _Moving | _Scaling):
            return Effects(gesture=Gesture.CANCEL)
        return NOTHING

    def hover(self, document: Document, pointer: Pointer | None) -> None:
        self._hovered = None
        if pointer is None or self._handle_at(document, pointer) is not None:
            return
        hit = topmost_at(document, pointer.x, pointer.y, pointer.pixel)
        if hit is not None:
            self._hovered = click_target(document, hit, inner=False)

    def leaves_guides(self, document: Document, pointer: Pointer) -> bool:
        return self._handle_at(document, pointer) is None

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        if key is Key.ESCAPE:
            return self.cancel() if self.busy else _deselected(document)
        if self.busy:
            return None
        if key.digit is not None:
            return self._fade(document, key.digit)
        self.typed.forget()
        return _edited(document, key, modifiers)

    def _fade(self, document: Document, digit: int) -> Effects | None:
        """The selected layers get an opacity; a second digit stands for the one typed before."""
        if not document.selected_ids:
            return None
        percent, corrects = self.typed.add(digit, document.selected_ids)
        return Effects(
            commands=(SetOpacity(document.selected_ids, percent / 100),),
            joins_last=corrects,
            hint=tr("Opacity {percent} %", percent=percent),
        )

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        items: list[OverlayItem] = []
        hovered = self._hovered
        if hovered and document.has_layer(hovered) and hovered not in document.selected_ids:
            items.append(Frame(frame_of(document.layer(hovered)), FrameStyle.HOVERED))
        items += [self._selection_frame(document, i) for i in document.selected_ids]
        if isinstance(self._state, _Moving | _Scaling):
            items += snap_lines(*self._state.lines)
        return tuple(items)

    def _selection_frame(self, document: Document, layer_id: str) -> Frame:
        layer = document.layer(layer_id)
        rect = frame_of(layer)
        if isinstance(self._state, _Scaling):
            rect = self._state.target
        locked = document.is_locked(layer_id)
        style = FrameStyle.LOCKED if locked else FrameStyle.SELECTED
        handles = not isinstance(self._state, _Moving) and _scalable(document) == layer_id
        label = tr("{name} (locked)", name=layer.name) if locked else layer.name
        label = label if layer_id == document.active_id else ""
        return Frame(rect, style, label, handles)

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        if isinstance(self._state, _Scaling):
            return HANDLE_CURSORS[self._state.handle]
        if isinstance(self._state, _Moving):
            return CursorShape.MOVE
        handle = self._handle_at(document, pointer)
        if handle is not None:
            return HANDLE_CURSORS[handle]
        return CursorShape.MOVE if _inside_selection(document, pointer) else CursorShape.DEFAULT

    def _handle_at(self, document: Document, pointer: Pointer) -> Handle | None:
        layer_id = _scalable(document)
        if layer_id is None:
            return None
        return handle_at(frame_of(document.layer(layer_id)), pointer.x, pointer.y, pointer.pixel)


def _scalable(document: Document) -> str | None:
    """The layer whose frame has handles: the only selected one, if it may be changed."""
    if len(document.selected_ids) != 1:
        return None
    layer_id = document.selected_ids[0]
    empty = document.layer(layer_id).bounds.is_empty
    return None if empty or document.is_locked(layer_id) else layer_id


def _inside_selection(document: Document, pointer: Pointer) -> bool:
    """Whether the position is in a selected layer's frame: transparent parts drag as well."""
    frames = (frame_of(document.layer(i)) for i in document.selected_ids)
    return any(x0 <= pointer.x < x1 and y0 <= pointer.y < y1 for x0, y0, x1, y1 in frames)


def _fills(document: Document, layer: RasterLayer) -> bool:
    """Whether a layer reaches over the whole canvas, as a background does."""
    x0, y0, x1, y1 = frame_of(layer)
    return x0 <= 0 and y0 <= 0 and x1 >= document.width and y1 >= document.height


def _deselected(document: Document) -> Effects | None:
    return Effects(select=()) if document.selected_ids else None


def _edited(document: Document, key: Key, modifiers: Modifier) -> Effects | None:
    """What arrows, Delete and the keys for the next and previous layer do."""
    if key.direction is not None:
        return _nudged(document, key.direction, modifiers)
    if key in (Key.NEXT, Key.PREVIOUS):
        return _cycled(document, 1 if key is Key.NEXT else -1)
    if key is Key.DELETE and document.selected_ids:
        return Effects(commands=(RemoveLayers(document.selected_ids),))
    return None


def _nudged(document: Document, direction: tuple[int, int], modifiers: Modifier) -> Effects | None:
    if not document.selected_ids:
        return None
    free = tuple(i for i in document.selected_ids if not document.is_locked(i))
    hint = locked_hint(document, document.selected_ids)
    if not free:
        return Effects(hint=hint)
    step = LARGE_NUDGE_PX if Modifier.SHIFT in modifiers else NUDGE_PX
    move = MoveLayers(free, direction[0] * step, direction[1] * step)
    return Effects(commands=(move,), hint=hint)


def _cycled(document: Document, step: int) -> Effects | None:
    """Select the layer above (step 1) or below the active one; around at the ends."""
    layers = [layer.layer_id for layer in document.raster_layers() if layer.visible]
    if not layers:
        return None
    if document.active_id in layers:
        index = (layers.index(document.active_id) + step) % len(layers)
    else:
        index = -1 if step > 0 else 0
    return Effects(select=(layers[index],), hint=document.layer(layers[index]).name)
