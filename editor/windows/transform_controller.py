"""What the Transform menu does to the selected layers."""

from __future__ import annotations

from PySide6.QtCore import QObject

from editor.canvas.view import CanvasView
from editor.commands.text_commands import RasterizeText
from editor.commands.transform_commands import ApplyTransform
from editor.edit_session import EditSession
from editor.tools.tool import Effects, ToolId


class TransformController(QObject):
    """Handlers of the actions whose name begins with "transforming."."""

    def __init__(self, session: EditSession, canvas: CanvasView, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._canvas = canvas

    def flip(self, axis: str) -> None:
        """Mirror "horizontal" or "vertical"."""
        tool = self._canvas.tools.transform
        self._do(tool.flip(self._session.document, horizontal=axis == "horizontal"))

    def turn(self, degrees: str) -> None:
        """Turn clockwise."""
        self._do(self._canvas.tools.transform.turn(self._session.document, float(degrees)))

    def bake(self) -> None:
        """Forget the pixels before scaling and turning."""
        self._session.push(ApplyTransform(self._session.document.selected_ids))

    def rasterize_text(self) -> None:
        """Turn live text into plain pixels."""
        self._session.push(RasterizeText(self._session.document.selected_ids))

    def _do(self, effects: Effects) -> None:
        self._canvas.perform(effects)
        if self._canvas.tool_id is not ToolId.TRANSFORM:
            self._canvas.perform(self._canvas.tools.transform.apply())
