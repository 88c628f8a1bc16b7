"""One sentence over the lower edge of the canvas: what went wrong, or what was done."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QLabel, QWidget

from editor.panels.widgets import icon_button
from editor.theme import Theme
from editor.translations import tr

INFO_MS = 4500
ERROR_MS = 12_000
MAX_WIDTH_PX = 520
BOTTOM_GAP_PX = 22


class ToastKind(Enum):
    """What the sentence is about; the value is (icon, token)."""

    INFO = ("info", "accent")
    DONE = ("check", "success")
    ERROR = ("warning", "danger")


class Toast(QFrame):
    """Shows the newest sentence for a while; a click on the cross hides it at once."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self._theme = theme
        self._area = parent
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._close = icon_button(theme, "close", tr("Close this message"), self)
        self._close.clicked.connect(self.hide)
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(10)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 4)
        shadow.setColor(QColor(0, 0, 0, 90))
        self.setGraphicsEffect(shadow)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown now; empty when hidden."""
        return self._text.text() if self.isVisible() else ""

    def show_text(self, text: str, kind: ToastKind) -> None:
        """Show a sentence in place of the last one."""
        icon, token = kind.value
        color = self._theme.icon(icon, token)
        self._icon.setPixmap(color.pixmap(18, 18))
        self._text.setText(text)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(ERROR_MS if kind is ToastKind.ERROR else INFO_MS)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self._area
        around = 12 + 8 + 18 + 20 + self._close.sizeHint().width() + 4
        limit = min(MAX_WIDTH_PX, parent.width() - 32)
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + around + 4
        self.setFixedWidth(max(160, min(limit, wanted)))
        self.setFixedHeight(self._row.totalHeightForWidth(self.width()))
        self.move(
            (parent.width() - self.width()) // 2, parent.height() - self.height() - BOTTOM_GAP_PX
        )
