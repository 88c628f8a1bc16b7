"""What the View and Tools menus do: tools, zoom, theme, panels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QStyle

from editor.canvas.view import CanvasView
from editor.settings import Settings
from editor.theme import Theme, ThemeMode
from editor.translations import tr
from editor.windows.canvas_theme import canvas_colors


class ViewController(QObject):
    """Handlers of the actions whose name begins with "view."."""

    def __init__(
        self,
        window: QMainWindow,
        canvas: CanvasView,
        theme: Theme,
        settings: Settings,
        *,
        docks: Callable[[], list[QDockWidget]],
        say: Callable[[str], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._canvas = canvas
        self._theme = theme
        self._settings = settings
        self._docks = docks
        self._hidden_docks: list[QDockWidget] = []
        self._say = say
        theme.changed.connect(self._apply_theme)
        self._apply_theme()

    @property
    def reduced_motion(self) -> bool:
        """The user's choice, or else whether the desktop turned animations off."""
        chosen = self._settings.reduced_motion
        if chosen is not None:
            return chosen
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        return self._window.style().styleHint(hint, None, self._window) == 0

    def add_motion_action(self, menu: QMenu) -> None:
        """Add the choice whether anything moves by itself to a menu."""
        action = menu.addAction(tr("&Reduce Motion"))
        action.setObjectName("view.reduce_motion")
        action.setCheckable(True)
        action.setChecked(self.reduced_motion)
        action.toggled.connect(self._reduce_motion)
        self._canvas.set_reduced_motion(self.reduced_motion)

    def _reduce_motion(self, reduced: bool) -> None:
        self._settings.reduced_motion = reduced
        self._canvas.set_reduced_motion(reduced)

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
        """Switch to "system", "dark", "light" or "contrast" and remember it."""
        self._settings.theme_mode = ThemeMode(mode)
        self._theme.set_mode(ThemeMode(mode))

    def use_language(self, code: str) -> None:
        """Remember a language, "system" for that of the desktop; it is used from the next start."""
        self._settings.language = code
        self._say(tr("The language changes with the next start of the program."))

    def toggle_panels(self) -> None:
        """Hide the panels that are shown, or show those again that this hid last."""
        shown = [dock for dock in self._docks() if dock.isVisible()]
        for dock in shown or self._hidden_docks or self._docks():
            dock.setVisible(not shown)
        self._hidden_docks = shown

    def toggle_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _apply_theme(self) -> None:
        self._canvas.apply_theme(canvas_colors(self._theme.tokens))
