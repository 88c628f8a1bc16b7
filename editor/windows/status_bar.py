"""The status bar: hint on the left, then document size, pointer and zoom."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu, QStatusBar, QToolButton, QWidget

from editor.actions.action_set import ActionSet
from editor.panels.widgets import icon_button
from editor.theme import Theme

ZOOM_CHOICES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class StatusBar(QStatusBar):
    """Only shows; zooming goes through the functions it is given.

    Args:
        zoom_to: Called with a factor chosen from the list.
    """

    def __init__(
        self, theme: Theme, actions: ActionSet, zoom_to: Callable[[float], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.hint = QLabel(self)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.cursor_place = QLabel(self)
        self.document_size = QLabel(self)
        self.zoom = QToolButton(self)
        self.zoom.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.zoom.setToolTip(self.tr("Zoom"))
        self.zoom.setMinimumWidth(58)
        self.zoom.setMenu(self._make_menu(actions, zoom_to))
        smaller = icon_button(theme, "minus", self.tr("Zoom out"), self)
        smaller.clicked.connect(actions["view.zoom_out"].trigger)
        larger = icon_button(theme, "plus", self.tr("Zoom in"), self)
        larger.clicked.connect(actions["view.zoom_in"].trigger)
        self.addWidget(self.hint, 1)
        for widget in (self.cursor_place, self.document_size, smaller, self.zoom, larger):
            self.addPermanentWidget(widget)
        self.setContentsMargins(6, 0, 8, 0)

    def show_hint(self, text: str) -> None:
        """A sentence on the left, until the next one."""
        self.hint.setText(text)

    def show_cursor(self, x: int, y: int) -> None:
        """Document pixel under the pointer."""
        self.cursor_place.setText(f"{x}, {y}")

    def show_size(self, width: int, height: int) -> None:
        """Size of the document in pixels."""
        self.document_size.setText(f"{width} × {height} px")

    def show_zoom(self, factor: float) -> None:
        """1.0 is shown as 100 %."""
        percent = 100 * factor
        text = f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %"
        self.zoom.setText(text)
        self.zoom.setAccessibleName(self.tr("Zoom {0}").format(text))

    def _make_menu(self, actions: ActionSet, zoom_to: Callable[[float], None]) -> QMenu:
        menu = QMenu(self)
        menu.addAction(actions["view.fit"])
        menu.addAction(actions["view.actual"])
        menu.addSeparator()
        for factor in ZOOM_CHOICES:
            action = menu.addAction(f"{factor * 100:.0f} %")
            action.triggered.connect(lambda _=False, factor=factor: zoom_to(factor))
        return menu
