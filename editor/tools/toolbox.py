"""The tools of one canvas, and what they share."""

from __future__ import annotations

from collections.abc import Iterator

from editor.tools.brush_tool import BrushTool, EraserTool
from editor.tools.colors import PaintColors
from editor.tools.crop_tool import CropTool
from editor.tools.fill_tool import FillTool
from editor.tools.gradient_tool import GradientTool
from editor.tools.layout_tool import LayoutTool
from editor.tools.move_tool import MoveTool
from editor.tools.picker_tool import PickerTool
from editor.tools.select_tool import selection_tools
from editor.tools.text_tool import TextTool
from editor.tools.tool import Tool, ToolId
from editor.tools.transform_tool import TransformTool
from editor.tools.view_tools import HandTool, ZoomTool


class ToolBox:
    """One tool of each kind.

    Attributes:
        transform, crop, text, layout: Those whose numbers and buttons are elsewhere too.
        colors: What painting tools paint with.
    """

    def __init__(self) -> None:
        self.transform = TransformTool()
        self.crop = CropTool()
        self.colors = PaintColors()
        self.text = TextTool()
        self.layout = LayoutTool()
        tools: tuple[Tool, ...] = (
            MoveTool(),
            *selection_tools(),
            self.transform,
            self.crop,
            self.text,
            self.layout,
            BrushTool(self.colors),
            EraserTool(self.colors),
            FillTool(self.colors),
            GradientTool(self.colors),
            PickerTool(self.colors),
            HandTool(),
            ZoomTool(),
        )
        self._tools = {tool.tool_id: tool for tool in tools}

    def __getitem__(self, tool_id: ToolId) -> Tool:
        return self._tools[tool_id]

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())
