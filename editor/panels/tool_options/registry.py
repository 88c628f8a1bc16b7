"""Which options widget belongs to which tool; a tool without one shows what it does instead."""

from __future__ import annotations

from collections.abc import Mapping

from editor.panels.tool_options.context import OptionsFactory
from editor.panels.tool_options.crop import crop_options
from editor.panels.tool_options.move import move_options
from editor.panels.tool_options.painting import PAINTING_OPTIONS
from editor.panels.tool_options.selection import box_selection_options, lasso_options
from editor.panels.tool_options.text import text_options
from editor.panels.tool_options.transform import TransformOptions
from editor.tools.tool import ToolId

OPTIONS: Mapping[ToolId, OptionsFactory] = {
    ToolId.MOVE: move_options,
    ToolId.SELECT_RECTANGLE: box_selection_options,
    ToolId.SELECT_ELLIPSE: box_selection_options,
    ToolId.LASSO: lasso_options,
    ToolId.TRANSFORM: TransformOptions,
    ToolId.CROP: crop_options,
    ToolId.TEXT: text_options,
    **PAINTING_OPTIONS,
}
