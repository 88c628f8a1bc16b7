"""Pulling guides: new ones out of a ruler, others along, and off the view to remove them.

It is never chosen: the canvas gives it the press when a guide lies under the pointer, whatever the
tool is, and while a ruler is being dragged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.guide_commands import AddGuide, MoveGuide, RemoveGuide
from editor.document.document import Document
from editor.document.guides import Guide, Orientation
from editor.tools.events import Modifier, Pointer
from editor.tools.overlay import CursorShape, GuideLine, OverlayItem, snap_lines
from editor.tools.snapping import SnapKind, document_targets, snap_position
from editor.tools.tool import NOTHING, Effects, Tool, is_drag
from editor.translations import decimal, mark, tr

REACH_PX = 5.0  # screen pixels to both sides of a guide that take it


@dataclass(frozen=True, slots=True)
class _Pulling:
    """A guide follows the pointer.

    Attributes:
        index: Its place in the document; None = it is a new one.
        position: Where it is now; None = off the view, or not moved yet.
        met: The line that pulled it.
        moved: Whether the pointer went far enough to mean it.
    """

    orientation: Orientation
    start: Pointer | None
    index: int | None = None
    position: float | None = None
    met: tuple[float, ...] = ()
    moved: bool = False


class GuideTool(Tool):
    """Moves guides. The document changes on release only, so Escape has nothing to undo.

    Attributes:
        shown: Whether guides are drawn and can be taken.
        locked: Whether they can be seen but not taken.
    """

    hint = mark("Drag the guide; drop it on the ruler to remove it.")

    def __init__(self) -> None:
        self.shown = True
        self.locked = False
        self._state: _Pulling | None = None
        self._hovered: int | None = None

    @property
    def busy(self) -> bool:
        return self._state is not None

    def takes(self, document: Document, pointer: Pointer) -> bool:
        """Whether a press here is for a guide. Alt passes through to what lies under it."""
        return self._guide_at(document, pointer) is not None

    def pull_new(self, orientation: Orientation) -> None:
        """A ruler was pressed: the next moves pull a new guide out of it."""
        self._state = _Pulling(orientation, None)

    def press(self, document: Document, pointer: Pointer) -> Effects:
        index = self._guide_at(document, pointer)
        if index is None:
            return NOTHING
        if pointer.clicks > 1:
            return Effects(edit_guide=index)
        guide = document.guides[index]
        self._state = _Pulling(guide.orientation, pointer, index, guide.position)
        return NOTHING

    def move(self, document: Document, pointer: Pointer) -> Effects:
        state = self._state
        if state is None:
            return NOTHING
        if state.start is not None and not state.moved and not is_drag(state.start, pointer):
            return NOTHING
        vertical = state.orientation is Orientation.VERTICAL
        if (pointer.view_x if vertical else pointer.view_y) < 0:
            self._state = replace(state, position=None, met=(), moved=True)
            known = state.index is not None
            return Effects(hint=tr("Let go to remove the guide.") if known else "")
        value = pointer.x if vertical else pointer.y
        kinds = self.snap & ~SnapKind.GUIDES
        targets = document_targets(document, pointer, kinds)
        lines = targets.xs if vertical else targets.ys
        position = snap_position(value, lines, targets.reach)
        met = (position,) if position in lines else ()
        if not met:
            fine = Modifier.CONTROL in pointer.modifiers and pointer.pixel < 1
            position = value if fine else float(round(value))
        self._state = replace(state, position=position, met=met, moved=True)
        return Effects(hint=tr("Guide at {position} px.", position=_number(position)))

    def release(self, document: Document, pointer: Pointer) -> Effects:
        state, self._state = self._state, None
        if state is None or not state.moved:
            return NOTHING
        return Effects(commands=_commands(document, state))

    def cancel(self) -> Effects:
        self._state = None
        return NOTHING

    def hover(self, document: Document, pointer: Pointer | None) -> None:
        self._hovered = None if pointer is None else self._guide_at(document, pointer)

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        if not self.shown:
            return ()
        state = self._state
        pulled = state.index if state is not None else None
        items: list[OverlayItem] = [
            GuideLine(
                guide.position,
                guide.orientation is Orientation.VERTICAL,
                active=index == self._hovered,
            )
            for index, guide in enumerate(document.guides)
            if index != pulled
        ]
        if state is not None and state.position is not None:
            items += _pulled_lines(state)
        return tuple(items)

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        state = self._state
        if state is not None:
            return _cursor(state.orientation)
        index = self._guide_at(document, pointer)
        if index is None:
            return CursorShape.DEFAULT
        return _cursor(document.guides[index].orientation)

    def _guide_at(self, document: Document, pointer: Pointer) -> int | None:
        """Place of the nearest guide within reach."""
        if not self.shown or self.locked or Modifier.ALT in pointer.modifiers:
            return None
        near = [
            (abs(guide.position - _across(guide, pointer)), index)
            for index, guide in enumerate(document.guides)
        ]
        distance, index = min(near, default=(0.0, None))
        return index if index is not None and distance <= REACH_PX * pointer.pixel else None


def _across(guide: Guide, pointer: Pointer) -> float:
    return pointer.x if guide.orientation is Orientation.VERTICAL else pointer.y


def _cursor(orientation: Orientation) -> CursorShape:
    vertical = orientation is Orientation.VERTICAL
    return CursorShape.RESIZE_HORIZONTAL if vertical else CursorShape.RESIZE_VERTICAL


def _pulled_lines(state: _Pulling) -> list[OverlayItem]:
    assert state.position is not None  # noqa: S101 - asked for by the caller
    vertical = state.orientation is Orientation.VERTICAL
    label = tr("{position} px", position=_number(state.position)) if state.moved else ""
    hints = snap_lines(state.met, ()) if vertical else snap_lines((), state.met)
    return [GuideLine(state.position, vertical, active=True, label=label), *hints]


def _number(position: float) -> str:
    """A position as people write it: whole, or with the digits that 1/32 px needs."""
    return str(round(position)) if position == round(position) else decimal(position, 2)


def _commands(document: Document, state: _Pulling) -> tuple[Command, ...]:
    if state.index is None:
        if state.position is None:
            return ()
        return (AddGuide(Guide(state.orientation, state.position)),)
    if state.position is None:
        return (RemoveGuide(state.index),)
    if state.position == document.guides[state.index].position:
        return ()
    return (MoveGuide(state.index, state.position),)
