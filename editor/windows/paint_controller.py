"""What the painting actions do: colours, sizes of brushes, the colour panel."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDockWidget

from editor.canvas.view import CanvasView
from editor.settings import Settings
from editor.tools.brush_tool import BrushTool
from editor.tools.tool import ToolId
from editor.translations import tr


class PaintController(QObject):
    """Handlers of the actions whose name begins with "paint."."""

    def __init__(self, canvas: CanvasView, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._settings = settings
        self._colors = canvas.tools.colors
        self._colors.restore(settings.paint_colors)
        self.color_dock: QDockWidget | None = None

    def color(self) -> None:
        """Show the colour panel."""
        if self.color_dock is not None:
            self.color_dock.show()
            self.color_dock.raise_()

    def swap(self) -> None:
        self._colors.swap()

    def reset(self) -> None:
        self._colors.reset()

    def smaller(self) -> None:
        self._resize(larger=False)

    def larger(self) -> None:
        self._resize(larger=True)

    def remember(self) -> None:
        """Keep the colours for the next run."""
        self._settings.paint_colors = self._colors.to_json()

    def _resize(self, *, larger: bool) -> None:
        """Of the brush or the eraser, whichever is chosen; the brush with any other tool."""
        chosen = self._canvas.tools[self._canvas.tool_id]
        tool = chosen if isinstance(chosen, BrushTool) else self._canvas.tools[ToolId.BRUSH]
        if isinstance(tool, BrushTool):
            brush = tool.brush
            tool.options.change(size=brush.larger() if larger else brush.smaller())
            self._canvas.hint.emit(tr("Brush size {size} px", size=tool.brush.size))
