"""Makes Qt actions from the table and keeps them enabled as the program's condition allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QWidget

from editor.actions.reasons import reason
from editor.actions.shortcuts import keys_of
from editor.actions.spec import plain
from editor.actions.table import ACTIONS, ActionSpec, Choice, Condition, Menu, find
from editor.theme import Theme
from editor.translations import tr


class ActionSet:
    """The actions of one window.

    Args:
        find_handler: Gives the function for a handler text such as "files.save".
    """

    def __init__(
        self, window: QMainWindow, theme: Theme, find_handler: Callable[[str], Callable[..., Any]]
    ) -> None:
        self._window = window
        self._theme = theme
        self._actions: dict[str, QAction] = {}
        self._groups: dict[Choice, QActionGroup] = {}
        self._menus: dict[str, QMenu] = {}
        self._followers: dict[QWidget, tuple[str, str]] = {}
        self._condition = Condition.ALWAYS
        for spec in ACTIONS:
            self._actions[spec.action_id] = self._make(spec, find_handler(spec.handler))

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def menu(self, menu: Menu) -> QMenu:
        """A menu of the menu bar, for parts that fill themselves (recent files)."""
        return self._menus[menu.name]

    def fill_menu_bar(self) -> None:
        """Put every action in its menu."""
        bar = self._window.menuBar()
        for menu in Menu:
            self._menus[menu.name] = bar.addMenu(tr(menu.value))
        for spec in ACTIONS:
            self._menu_of(spec).addAction(self._actions[spec.action_id])

    def fill_tool_bar(self, bar: QToolBar, menu: Menu) -> None:
        """Add the tool bar actions of one menu."""
        for spec in ACTIONS:
            if spec.toolbar and spec.menu is menu:
                bar.addAction(self._actions[spec.action_id])

    def update(self, condition: Condition) -> None:
        """Enable exactly the actions whose needs hold."""
        self._condition = condition
        for spec in ACTIONS:
            self._actions[spec.action_id].setEnabled(spec.needs & condition == spec.needs)

    def set_shortcuts(self, changes: Mapping[str, tuple[str, ...]]) -> None:
        """Use the user's own shortcuts, and those of the table for the rest."""
        for spec in ACTIONS:
            action = self._actions[spec.action_id]
            action.setShortcuts([QKeySequence(key) for key in keys_of(spec, changes)])
            action.setToolTip(tip(tr(spec.title), action.shortcut()))
        for widget, (action_id, text) in self._followers.items():
            widget.setToolTip(tip(text, self._actions[action_id].shortcut()))

    def show_key(self, widget: QWidget, action_id: str, text: str) -> None:
        """Give a widget that does what an action does a tool tip with the action's key."""
        self._followers[widget] = (action_id, text)
        widget.setToolTip(tip(text, self._actions[action_id].shortcut()))

    def reason(self, action_id: str) -> str:
        """Why an action cannot be used now; empty when it can, or is not in the table."""
        return reason(find(action_id), self._condition) if action_id in self._actions else ""

    def english_title(self, action_id: str) -> str:
        """The title that a handbook or a film from elsewhere uses; empty = not in the table."""
        return find(action_id).plain_title if action_id in self._actions else ""

    def _menu_of(self, spec: ActionSpec) -> QMenu:
        menu = self._menus[spec.menu.name]
        if spec.submenu:
            key = f"{spec.menu.name}/{spec.submenu}"
            if key not in self._menus:
                if spec.separator:
                    menu.addSeparator()
                self._menus[key] = menu.addMenu(tr(spec.submenu))
            return self._menus[key]
        if spec.separator:
            menu.addSeparator()
        return menu

    def _make(self, spec: ActionSpec, handler: Callable[..., Any]) -> QAction:
        title = tr(spec.title)
        action = QAction(title, self._window)
        action.setObjectName(spec.action_id)
        action.setShortcuts([QKeySequence(text) for text in spec.shortcuts])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(tip(title, action.shortcut()))
        if spec.icon:
            self._theme.set_icon(action, spec.icon, spec.icon_color)
        action.setCheckable(spec.toggle or spec.choice is not None)
        if spec.choice is not None:
            self._group(spec.choice).addAction(action)
        arguments = () if spec.argument is None else (spec.argument,)
        action.triggered.connect(partial(_call, handler, arguments))
        self._window.addAction(action)
        return action

    def _group(self, choice: Choice) -> QActionGroup:
        if choice not in self._groups:
            self._groups[choice] = QActionGroup(self._window)
        return self._groups[choice]


def tip(title: str, shortcut: QKeySequence) -> str:
    """Text of a tool tip: the plain title and its key."""
    text = plain(title)
    keys = shortcut.toString(QKeySequence.SequenceFormat.NativeText)
    return f"{text}  ({keys})" if keys else text


def _call(handler: Callable[..., Any], arguments: tuple[str, ...], _checked: bool = False) -> None:
    handler(*arguments)
