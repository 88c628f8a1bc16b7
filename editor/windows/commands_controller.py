"""Opens the command palette and the list of shortcuts, and applies the user's own shortcuts."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from editor.actions.action_set import ActionSet
from editor.actions.shortcuts import Changes
from editor.settings import Settings
from editor.theme import Theme
from editor.windows.command_palette import CommandPalette
from editor.windows.shortcut_editor import ShortcutEditor


class CommandsController(QObject):
    """Handlers of the actions whose name begins with "commands."."""

    def __init__(
        self, window: QMainWindow, theme: Theme, actions: ActionSet, settings: Settings
    ) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._actions = actions
        self._settings = settings
        self.command_palette = CommandPalette(window, theme, actions, settings)
        actions.set_shortcuts(settings.shortcuts)

    def palette(self) -> None:
        self.command_palette.toggle()

    def shortcuts(self) -> None:
        """Show all shortcuts by menu, to be changed."""
        dialog = ShortcutEditor(self._theme, self._settings.shortcuts, self._window)
        dialog.chosen.connect(self._use)
        dialog.open()

    def _use(self, changes: Changes) -> None:
        self._settings.shortcuts = changes
        self._actions.set_shortcuts(changes)
