"""Which options widget belongs to which tool; a tool without one shows what it does instead."""

from __future__ import annotations

from collections.abc import Mapping

from editor.panels.tool_options.context import OptionsFactory
from editor.tools.tool import ToolId

OPTIONS: Mapping[ToolId, OptionsFactory] = {}
