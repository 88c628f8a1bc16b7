"""What the View and Tools menus do: tools, zoom, theme, panels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDockWidget, QMainWindow

from editor.canvas.view import CanvasView
from editor.settings import Settings
from editor.theme import Theme, ThemeMode
from editor.windows.canvas_theme import canvas_colors


class ViewController(QObject):
    """Handlers of the actions whose name begins with "view."."""

    def __init__(
        self,
        window: QMainWindow,
        canvas: CanvasView,
        theme: Theme,
        settings: Settings,
        docks: Callable[[], list[QDockWidget]],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._canvas = canvas
        self._theme = theme
        self._settings = settings
        self._docks = docks
        theme.changed.connect(self._apply_theme)
        self._apply_theme()

    def use_tool(self, tool_id: str) -> None:
        self._canvas.set_tool(tool_id)

    def zoom_in(self) -> None:
        self._canvas.zoom_in()

    def zoom_out(self) -> None:
        self._canvas.zoom_out()

    def zoom_to(self, factor: float) -> None:
        """1.0 shows one document pixel on one device pixel."""
        self._canvas.zoom_to(factor)

    def fit(self) -> None:
        self._canvas.zoom_to_fit()

    def actual_size(self) -> None:
        self._canvas.zoom_to(1.0)

    def use_theme(self, mode: str) -> None:
        """Switch to "system", "dark" or "light" and remember it."""
        self._settings.theme_mode = ThemeMode(mode)
        self._theme.set_mode(ThemeMode(mode))

    def toggle_panels(self) -> None:
        """Hide all panels, or show them all when one is hidden."""
        docks = self._docks()
        shown = all(dock.isVisible() for dock in docks)
        for dock in docks:
            dock.setVisible(not shown)

    def toggle_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _apply_theme(self) -> None:
        self._canvas.apply_theme(canvas_colors(self._theme.tokens))
