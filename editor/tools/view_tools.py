"""The tools that move the view and leave the document alone: hand and zoom."""

from __future__ import annotations

from editor.document.document import Document
from editor.tools.events import Modifier, Pointer
from editor.tools.overlay import CursorShape
from editor.tools.tool import NOTHING, Effects, Tool, ToolId, Zoom
from editor.translations import mark


class HandTool(Tool):
    """Drag to move the view; also what holding Space or the middle button gives."""

    tool_id = ToolId.HAND
    hint = mark("Drag to move the view.")

    def __init__(self) -> None:
        self._last: Pointer | None = None

    def press(self, document: Document, pointer: Pointer) -> Effects:
        self._last = pointer
        return NOTHING

    def move(self, document: Document, pointer: Pointer) -> Effects:
        if self._last is None:
            return NOTHING
        pan = pointer.view_x - self._last.view_x, pointer.view_y - self._last.view_y
        self._last = pointer
        return Effects(pan=pan)

    def release(self, document: Document, pointer: Pointer) -> Effects:
        effects = self.move(document, pointer)
        self._last = None
        return effects

    def cancel(self) -> Effects:
        self._last = None
        return NOTHING

    @property
    def busy(self) -> bool:
        return self._last is not None

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        return CursorShape.HAND_CLOSED if self.busy else CursorShape.HAND


class ZoomTool(Tool):
    """Click to zoom in, Alt-click to zoom out."""

    tool_id = ToolId.ZOOM
    hint = mark("Click to zoom in, Alt-click to zoom out.")

    def press(self, document: Document, pointer: Pointer) -> Effects:
        larger = Modifier.ALT not in pointer.modifiers
        return Effects(zoom=Zoom(larger, pointer.view_x, pointer.view_y))

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        return CursorShape.ZOOM
