"""Foreground and background as two overlapping squares, with buttons to swap and to reset them."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from editor.actions.action_set import ActionSet
from editor.panels.widgets import action_button
from editor.theme import Theme
from editor.tools.colors import PaintColors, to_hex
from editor.translations import tr

SQUARE_PX = 18
SHIFT_PX = 9  # of the background square, to the right and down


class ColorSwatches(QWidget):
    """The two squares and two buttons; a click on a square opens the colour panel for it."""

    def __init__(
        self, colors: PaintColors, theme: Theme, actions: ActionSet, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.pair = ColorPair(colors, theme, self)
        self.pair.clicked.connect(actions["paint.color"].trigger)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.pair)
        layout.addSpacing(3)
        for action_id in ("paint.swap", "paint.reset"):
            layout.addWidget(action_button(actions[action_id], self))


class ColorPair(QWidget):
    """The foreground over the background; the one that the colour panel edits has a frame.

    Signals:
        clicked: A square was chosen by mouse or keyboard; the colours know which.
    """

    clicked = Signal()

    def __init__(self, colors: PaintColors, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._colors, self._theme = colors, theme
        self.setFixedSize(SQUARE_PX + SHIFT_PX + 2, SQUARE_PX + SHIFT_PX + 2)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._disconnect = colors.changed.connect(self._changed)
        theme.changed.connect(self.update)
        self._describe()

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, colors = self._theme.tokens, self._colors
        squares = (
            (self._background, colors.background, colors.edits_background),
            (self._foreground, colors.foreground, not colors.edits_background),
        )
        for square, color, edited in squares:
            line = tokens.accent if edited else tokens.border_strong
            painter.setPen(QPen(QColor(line), 1.5 if edited else 1.0))
            painter.setBrush(QColor(tokens.panel))
            painter.drawRoundedRect(QRectF(square).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*color))
            painter.drawRoundedRect(QRectF(square).adjusted(2.5, 2.5, -2.5, -2.5), 1.5, 1.5)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.choose(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._colors.edits_background = event.key() == Qt.Key.Key_Right
        else:
            super().keyPressEvent(event)

    def choose(self, position: QPointF) -> None:
        """Edit the colour of the square at a position."""
        if self._foreground.contains(position.toPoint()):
            self._colors.edits_background = False
        elif self._background.contains(position.toPoint()):
            self._colors.edits_background = True
        else:
            return
        self.clicked.emit()

    @property
    def _foreground(self) -> QRect:
        return QRect(1, 1, SQUARE_PX, SQUARE_PX)

    @property
    def _background(self) -> QRect:
        return self._foreground.translated(SHIFT_PX, SHIFT_PX)

    def _changed(self, _colors: PaintColors) -> None:
        if shiboken6.isValid(self):
            self._describe()
            self.update()
        else:
            self._disconnect()

    def _describe(self) -> None:
        foreground, background = self._colors.foreground, self._colors.background
        text = tr(
            "Foreground {foreground}, background {background}",
            foreground=to_hex(foreground),
            background=to_hex(background),
        )
        self.setToolTip(text)
        self.setAccessibleName(tr("Foreground and background color"))
        self.setAccessibleDescription(text)
