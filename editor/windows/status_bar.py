"""The status bar: hint on the left, then work on files, document size, pointer and zoom."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QMenu, QProgressBar, QStatusBar, QToolButton, QWidget

from editor.actions.action_set import ActionSet
from editor.panels.widgets import icon_button, row
from editor.theme import Theme
from editor.translations import decimal, tr

WORK_DELAY_MS = 250  # what takes less is not worth a moving bar
WORK_BAR_WIDTH_PX = 120
ZOOM_CHOICES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class StatusBar(QStatusBar):
    """Only shows; zooming goes through the functions it is given.

    Args:
        zoom_to: Called with a factor chosen from the list.

    Signals:
        cancel_work_wanted: The button beside the progress of a file was pressed.
    """

    cancel_work_wanted = Signal()

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
        self.zoom.setToolTip(tr("Zoom"))
        self.zoom.setMinimumWidth(58)
        self.zoom.setMenu(self._make_menu(actions, zoom_to))
        smaller = icon_button(theme, "minus", tr("Zoom out"), self)
        smaller.clicked.connect(actions["view.zoom_out"].trigger)
        larger = icon_button(theme, "plus", tr("Zoom in"), self)
        larger.clicked.connect(actions["view.zoom_in"].trigger)
        self.work = self._make_work()
        self.trouble = self._make_trouble(theme)
        self.addWidget(self.hint, 1)
        self.addPermanentWidget(self.trouble)
        self.addPermanentWidget(self.work)
        for widget in (self.cursor_place, self.document_size, smaller, self.zoom, larger):
            self.addPermanentWidget(widget)
        self.setContentsMargins(6, 0, 8, 0)

    def show_hint(self, text: str) -> None:
        """A sentence on the left, until the next one."""
        self.hint.setText(text)

    def show_trouble(self, text: str) -> None:
        """Why nothing is autosaved: said once on the left, then a mark stays; empty = all is well.

        A click on the mark says it again.
        """
        self.trouble.setVisible(bool(text))
        self.trouble.setToolTip(text)
        if text:
            self.show_hint(text)

    def show_work(self, text: str, share: float) -> None:
        """What is being done with a file, and its finished share; below 0 = unknown."""
        if text != self.work_text.text():
            self.work_text.setText(text)
            self.cancel_work.setEnabled(True)
        self.work_bar.setRange(0, 0 if share < 0 else 1000)
        self.work_bar.setValue(round(1000 * share))
        if not (self.work.isVisible() or self._work_timer.isActive()):
            self._work_timer.start()

    def hide_work(self) -> None:
        """Nothing is being worked on any more."""
        self._work_timer.stop()
        self.work.hide()
        self.work_text.clear()

    def show_cursor(self, x: int, y: int) -> None:
        """Document pixel under the pointer."""
        self.cursor_place.setText(f"{x}, {y}")

    def show_size(self, width: int, height: int) -> None:
        """Size of the document in pixels."""
        self.document_size.setText(f"{width} × {height} px")

    def show_zoom(self, factor: float) -> None:
        """1.0 is shown as 100 %."""
        percent = 100 * factor
        text = f"{percent:.0f} %" if percent >= 10 else f"{decimal(percent, 1)} %"
        self.zoom.setText(text)
        self.zoom.setAccessibleName(tr("Zoom {text}", text=text))

    def _make_trouble(self, theme: Theme) -> QToolButton:
        button = icon_button(theme, "warning", tr("Autosave is off"), self, "warning")
        button.setText(tr("Autosave is off"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(lambda: self.show_hint(button.toolTip()))
        button.hide()
        return button

    def _make_work(self) -> QWidget:
        work = QWidget(self)
        self.work_text = QLabel(work)
        self.work_text.setTextFormat(Qt.TextFormat.PlainText)
        self.work_bar = QProgressBar(work)
        self.work_bar.setTextVisible(False)
        self.work_bar.setFixedWidth(WORK_BAR_WIDTH_PX)
        self.work_bar.setAccessibleName(tr("Progress of the file"))
        self.cancel_work = QToolButton(work)
        self.cancel_work.setText(tr("Cancel"))
        self.cancel_work.setToolTip(tr("Stop reading or writing the file"))
        self.cancel_work.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel_work.clicked.connect(lambda: self.cancel_work.setEnabled(False))
        self.cancel_work.clicked.connect(self.cancel_work_wanted)
        work.setLayout(row(self.work_text, self.work_bar, self.cancel_work))
        work.hide()
        self._work_timer = QTimer(self)
        self._work_timer.setSingleShot(True)
        self._work_timer.setInterval(WORK_DELAY_MS)
        self._work_timer.timeout.connect(work.show)
        return work

    def _make_menu(self, actions: ActionSet, zoom_to: Callable[[float], None]) -> QMenu:
        menu = QMenu(self)
        menu.addAction(actions["view.fit"])
        menu.addAction(actions["view.actual"])
        menu.addSeparator()
        for factor in ZOOM_CHOICES:
            action = menu.addAction(f"{factor * 100:.0f} %")
            action.triggered.connect(lambda _=False, factor=factor: zoom_to(factor))
        return menu
