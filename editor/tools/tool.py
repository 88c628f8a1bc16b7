"""What every tool is: it reads the document, remembers a gesture and answers with effects.

A tool changes nothing itself. The canvas runs the commands it answers with, so that tools can be
tested without widgets and nothing bypasses the history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any

from editor.commands.command import Command
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.state import DocumentState
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.options import Options
from editor.tools.overlay import CursorShape, OverlayItem
from editor.tools.snapping import SnapKind

DRAG_THRESHOLD_PX = 3.0  # screen pixels; less than that is a click with an unsteady hand


class ToolId(StrEnum):
    """The tools, by the id that actions and settings use."""

    MOVE = "move"
    LAYOUT = "layout"
    BRUSH = "brush"
    ERASER = "eraser"
    FILL = "fill"
    GRADIENT = "gradient"
    PICKER = "picker"
    HAND = "hand"
    ZOOM = "zoom"
    SELECT_RECTANGLE = "select_rectangle"
    SELECT_ELLIPSE = "select_ellipse"
    LASSO = "lasso"
    TRANSFORM = "transform"
    CROP = "crop"
    TEXT = "text"


class Gesture(Enum):
    """What happens to the undo step that collects the commands of a drag."""

    KEEP = auto()
    BEGIN = auto()  # before the commands
    JOIN = auto()  # before the commands, unless one was begun: for several drags in one step
    END = auto()  # after the commands
    CANCEL = auto()  # the document goes back to where it was at BEGIN


@dataclass(frozen=True, slots=True)
class Zoom:
    """Zoom by one step around a position in device pixels of the view."""

    larger: bool
    view_x: float
    view_y: float


@dataclass(frozen=True, slots=True)
class Live:
    """How the picture looks during a gesture, while the document itself does not change.

    Attributes:
        state: What to show; None = the document again.
        dirty: Where that differs from what was shown before, in document pixels.
        edited: Ids of the layers that differ from the document.
    """

    state: DocumentState | None
    dirty: Rect
    edited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effects:
    """What the canvas shall do, in this order.

    Attributes:
        gesture: Undo step to begin, end or cancel.
        commands: To be pushed to the history.
        joins_last: The commands correct the last step, if that is of their kind.
        select: Layers to select; None = as they are.
        select_boxes: Layout boxes to select; None = as they are.
        pan: Device pixels to move the view by.
        zoom: A step of zoom.
        edit_box: Id of a layout box whose prompt the user wants to write now.
        edit_text: Id of a live text layer that the user wants to go on with.
        edit_guide: Place of a guide whose position the user wants to write now.
        live: Another picture to show meanwhile; None = as it is.
        hint: A sentence for the status line; empty = leave it.
    """

    gesture: Gesture = Gesture.KEEP
    commands: tuple[Command, ...] = ()
    joins_last: bool = False
    select: tuple[str, ...] | None = None
    select_boxes: tuple[str, ...] | None = None
    pan: tuple[float, float] | None = None
    zoom: Zoom | None = None
    edit_box: str | None = None
    edit_text: str | None = None
    edit_guide: int | None = None
    live: Live | None = None
    hint: str = ""


NOTHING = Effects()


class Tool:
    """Base of the tools: reacts to nothing.

    Attributes:
        tool_id: Which tool this is; one that cannot be chosen has none.
        hint: What the tool does, shown when it is chosen.
        snap: What pulls what the tool moves.
        options: What the user can set for it, shown in the options bar; None = nothing.
        takes_digits: Whether digit keys are for it and not for shortcuts.
    """

    tool_id: ToolId
    hint: str = ""
    snap: SnapKind = SnapKind.ALL
    options: Options[Any] | None = None
    takes_digits: bool = False

    def press(self, document: Document, pointer: Pointer) -> Effects:
        """The main button went down."""
        del document, pointer
        return NOTHING

    def move(self, document: Document, pointer: Pointer) -> Effects:
        """The pointer moved with the main button down."""
        del document, pointer
        return NOTHING

    def moves(self, document: Document, pointers: Sequence[Pointer]) -> Effects:
        """The positions since the last turn of the event loop, oldest first, at least one.

        Most tools need only the newest; a tool that draws needs them all.
        """
        return self.move(document, pointers[-1])

    def release(self, document: Document, pointer: Pointer) -> Effects:
        """The main button went up; a `move` at the same position came before."""
        del document, pointer
        return NOTHING

    def hover(self, document: Document, pointer: Pointer | None) -> None:
        """The pointer moved with no button down; None = it left the canvas."""

    def leaves_guides(self, document: Document, pointer: Pointer) -> bool:
        """Whether a guide under the pointer may take the press before this tool."""
        del document, pointer
        return False

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        """A key went down; None = not for this tool."""
        del document, key, modifiers
        return None

    def cancel(self) -> Effects:
        """Break off the gesture and put everything back."""
        return NOTHING

    def leave(self, document: Document) -> Effects:
        """Another tool or document comes: finish or drop what is open."""
        del document
        return self.cancel()

    def finish(self, document: Document) -> Effects:
        """The document is about to be written or used: keep what is not applied yet."""
        del document
        return NOTHING

    def overtaken(self) -> Effects:
        """Something else changed the document while this tool was busy between two drags.

        The document is announcing that change: commands are refused here.
        """
        return NOTHING

    @property
    def busy(self) -> bool:
        """Whether a gesture is going on, or something waits to be applied."""
        return False

    @property
    def holds_document(self) -> bool:
        """Whether other changes of the document must wait although no button is down."""
        return self.busy

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        """What to draw over the picture now, lowest first."""
        del document
        return ()

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        """The pointer's shape at a position."""
        del document, pointer
        return CursorShape.DEFAULT


def is_drag(start: Pointer, now: Pointer) -> bool:
    """Whether the pointer went far enough from the press to mean a drag."""
    distance = max(abs(now.x - start.x), abs(now.y - start.y))
    return distance >= DRAG_THRESHOLD_PX * now.pixel
