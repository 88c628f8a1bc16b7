"""Pulling the edges of a rectangle onto lines near them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Flag, auto

from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.guides import Orientation
from editor.document.layer_placement import seen_box
from editor.document.layers import GroupLayer, Layer
from editor.tools.events import Modifier, Pointer
from editor.tools.handles import Constraint, FloatRect, Handle, dragged

SNAP_PX = 6.0  # screen pixels within which an edge is pulled
_HALF_PIXEL = 0.5 + 1e-6  # layers lie on whole pixels and may miss the middle of something by half


class SnapKind(Flag):
    """What pulls; chosen in the View menu."""

    NONE = 0
    CANVAS = auto()  # edges and middle of the canvas
    LAYERS = auto()  # edges and middles of the other visible layers
    GUIDES = auto()
    BOXES = auto()  # edges and middles of layout boxes
    ALL = CANVAS | LAYERS | GUIDES | BOXES


@dataclass(frozen=True, slots=True)
class SnapTargets:
    """Where edges are pulled to.

    Attributes:
        xs, ys: Lines in document pixels: canvas edges and middle, edges of other boxes.
        reach: Distance in document pixels that still pulls.
    """

    xs: Sequence[float] = ()
    ys: Sequence[float] = ()
    reach: float = 0.0


@dataclass(frozen=True, slots=True)
class Snapped:
    """A pulled rectangle and the lines that pulled it."""

    rect: FloatRect
    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()


def document_targets(
    document: Document,
    pointer: Pointer,
    kinds: SnapKind,
    *,
    without_layers: Collection[str] = (),
    without_boxes: Collection[str] = (),
    without_guide: int | None = None,
) -> SnapTargets:
    """The lines of a document that pull at the pointer's zoom; none while Control is held.

    Args:
        without_layers: Ids of what is moved itself; what is in such a group does not pull either.
        without_boxes: Ids of layout boxes that do not pull.
        without_guide: Place of a guide that does not pull.
    """
    if Modifier.CONTROL in pointer.modifiers:
        return SnapTargets()
    rects: list[Rect] = []
    if SnapKind.CANVAS in kinds:
        rects.append(document.canvas)
    if SnapKind.LAYERS in kinds:
        rects += _visible_boxes(document.layers, without_layers)
    if SnapKind.BOXES in kinds:
        rects += [box.rect for box in document.boxes if box.box_id not in without_boxes]
    xs = [x for rect in rects for x in (rect.x0, rect.x1, (rect.x0 + rect.x1) / 2)]
    ys = [y for rect in rects for y in (rect.y0, rect.y1, (rect.y0 + rect.y1) / 2)]
    if SnapKind.GUIDES in kinds:
        for index, guide in enumerate(document.guides):
            if index != without_guide:
                vertical = guide.orientation is Orientation.VERTICAL
                (xs if vertical else ys).append(guide.position)
    return SnapTargets(_distinct(xs), _distinct(ys), SNAP_PX * pointer.pixel)


def _visible_boxes(layers: Iterable[Layer], without: Collection[str]) -> Iterator[Rect]:
    for layer in layers:
        if not layer.visible or layer.layer_id in without:
            continue
        if isinstance(layer, GroupLayer):
            yield from _visible_boxes(layer.children, without)
        elif not (box := seen_box(layer)).is_empty:
            yield box


def _distinct(lines: Iterable[float]) -> tuple[float, ...]:
    return tuple(dict.fromkeys(float(line) for line in lines))


def snap_position(value: float, lines: Sequence[float], reach: float) -> float:
    """One coordinate, pulled to the nearest line within reach."""
    return next(iter(_nearest(value, lines, reach)), value)


def snap_moved(rect: FloatRect, targets: SnapTargets) -> Snapped:
    """A rectangle moved as a whole, so that the nearest of its edges or middle meets a line."""
    x0, y0, x1, y1 = rect
    dx, xs = _shift((x0, x1, (x0 + x1) / 2), targets.xs, targets.reach)
    dy, ys = _shift((y0, y1, (y0 + y1) / 2), targets.ys, targets.reach)
    return Snapped((x0 + dx, y0 + dy, x1 + dx, y1 + dy), xs, ys)


def snap_dragged(rect: FloatRect, handle: Handle, targets: SnapTargets) -> Snapped:
    """A rectangle of which only the sides that a handle moves may be pulled."""
    sides = list(rect)
    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()
    if handle.horizontal:
        index = 0 if handle.horizontal < 0 else 2
        sides[index] = snap_position(sides[index], targets.xs, targets.reach)
        xs = _met(sides[index], targets.xs)
    if handle.vertical:
        index = 1 if handle.vertical < 0 else 3
        sides[index] = snap_position(sides[index], targets.ys, targets.reach)
        ys = _met(sides[index], targets.ys)
    return Snapped((sides[0], sides[1], sides[2], sides[3]), xs, ys)


def snap_whole(
    rect: FloatRect, dx: float, dy: float, targets: SnapTargets
) -> tuple[int, int, Snapped]:
    """A rectangle moved by whole pixels -> (dx, dy, where it lies and what it meets there)."""
    x0, y0, x1, y1 = rect
    pulled = snap_moved((x0 + dx, y0 + dy, x1 + dx, y1 + dy), targets)
    whole_x, whole_y = round(pulled.rect[0] - x0), round(pulled.rect[1] - y0)
    moved = (x0 + whole_x, y0 + whole_y, x1 + whole_x, y1 + whole_y)
    xs = _met_within((moved[0], moved[2], (moved[0] + moved[2]) / 2), pulled.xs, _HALF_PIXEL)
    ys = _met_within((moved[1], moved[3], (moved[1] + moved[3]) / 2), pulled.ys, _HALF_PIXEL)
    return whole_x, whole_y, Snapped(moved, xs, ys)


def snap_scaled(
    rect: FloatRect,
    handle: Handle,
    move: tuple[float, float],
    constraint: Constraint,
    targets: SnapTargets,
) -> Snapped:
    """A rectangle after its handle moved by `move`, with the sides that the handle moves pulled.

    Where the aspect is kept, the nearest pull of the two axes decides.
    """
    target = dragged(rect, handle, *move, constraint)
    pulls = [
        (line - target[side], side % 2)
        for side in _moved_sides(handle)
        for line in _nearest(target[side], (targets.ys if side % 2 else targets.xs), targets.reach)
    ]
    if not pulls:
        return Snapped(target)
    if constraint.keep_aspect:
        distance, axis = min(pulls, key=lambda pull: abs(pull[0]))
        side = axis + (0 if handle.value[axis] < 0 else 2)
        along = target[side] + distance - rect[side]
        snapped = dragged(rect, handle, *_leading_move(rect, handle, along, axis), constraint)
    else:
        extra = [0.0, 0.0]
        for distance, axis in pulls:
            extra[axis] = distance
        snapped = dragged(rect, handle, move[0] + extra[0], move[1] + extra[1], constraint)
    xs = _met_within([snapped[side] for side in _moved_sides(handle) if side % 2 == 0], targets.xs)
    ys = _met_within([snapped[side] for side in _moved_sides(handle) if side % 2 == 1], targets.ys)
    return Snapped(snapped, xs, ys)


def _moved_sides(handle: Handle) -> list[int]:
    """Places in a FloatRect of the sides that a handle moves."""
    sides = []
    if handle.horizontal:
        sides.append(0 if handle.horizontal < 0 else 2)
    if handle.vertical:
        sides.append(1 if handle.vertical < 0 else 3)
    return sides


def _leading_move(rect: FloatRect, handle: Handle, along: float, axis: int) -> tuple[float, float]:
    """The move of a handle that takes its side on one axis (0 = x) along and keeps the aspect."""
    lengths = rect[2] - rect[0], rect[3] - rect[1]
    growth = handle.value[axis] * along / lengths[axis]
    return handle.horizontal * lengths[0] * growth, handle.vertical * lengths[1] * growth


def _nearest(value: float, lines: Sequence[float], reach: float) -> tuple[float, ...]:
    near = [line for line in lines if abs(line - value) <= reach]
    return (min(near, key=lambda line: abs(line - value)),) if near else ()


def _met_within(
    edges: Sequence[float], lines: Sequence[float], tolerance: float = 1e-6
) -> tuple[float, ...]:
    return tuple(line for line in lines if any(abs(edge - line) <= tolerance for edge in edges))


def _shift(
    edges: Sequence[float], lines: Sequence[float], reach: float
) -> tuple[float, tuple[float, ...]]:
    pulls = [(line - edge, line) for edge in edges for line in lines]
    pulls = [pull for pull in pulls if abs(pull[0]) <= reach]
    if not pulls:
        return 0.0, ()
    distance, line = min(pulls, key=lambda pull: abs(pull[0]))
    return distance, (line,)


def _met(value: float, lines: Sequence[float]) -> tuple[float, ...]:
    return (value,) if value in lines else ()
