"""What the widgets of the options bar are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from editor.actions.action_set import ActionSet
from editor.edit_session import EditSession
from editor.theme import Theme
from editor.tools.tool import Effects
from editor.tools.toolbox import ToolBox


@dataclass(frozen=True)
class OptionsContext:
    """Everything that an options widget may need.

    Attributes:
        tools: The canvas's tools; their `options` are what the widget shows and changes.
        perform: Does what a tool answers.
    """

    theme: Theme
    session: EditSession
    tools: ToolBox
    actions: ActionSet
    perform: Callable[[Effects], None]


OptionsFactory = Callable[[OptionsContext, QWidget], QWidget]
