"""The square of saturation and value, and the bar of hues."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from editor.theme import Theme
from editor.translations import tr

SQUARE_HEIGHT_PX = 140
BAR_HEIGHT_PX = 16
KNOB_PX = 6
KEY_STEP = 0.01
LARGE_KEY_STEP = 0.1
_HUES = 6  # red, yellow, green, cyan, blue, magenta


class ColorArea(QWidget):
    """Base: a field whose place under the pointer or the arrow keys is a value.

    Signals:
        moved: The user moved to (x, y), each 0..1 from the left and from the top.
    """

    moved = Signal(float, float)
    margin_px = KNOB_PX  # above and below the field

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.x_share, self.y_share = 0.0, 0.0
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.CrossCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(220, self.minimumHeight())

    def show_place(self, x: float, y: float) -> None:
        """Put the knob there, without announcing it."""
        if (x, y) != (self.x_share, self.y_share):
            self.x_share, self.y_share = x, y
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._point(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._point(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        large = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step = LARGE_KEY_STEP if large else KEY_STEP
        moves = {
            Qt.Key.Key_Left: (-step, 0.0),
            Qt.Key.Key_Right: (step, 0.0),
            Qt.Key.Key_Up: (0.0, -step),
            Qt.Key.Key_Down: (0.0, step),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self._go(self.x_share + move[0], self.y_share + move[1])

    def paint_field(self, painter: QPainter, field: QRectF) -> None:
        """Draw what the places mean."""
        raise NotImplementedError

    def knob(self, field: QRectF) -> QPointF:
        """Where the knob is."""
        return QPointF(
            field.left() + self.x_share * field.width(), field.top() + self.y_share * field.height()
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        field = QRectF(self.rect()).adjusted(KNOB_PX, self.margin_px, -KNOB_PX, -self.margin_px)
        self.paint_field(painter, field)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = self._theme.tokens.accent if self.hasFocus() else self._theme.tokens.border_strong
        painter.setPen(QPen(QColor(line), 1))
        painter.drawRoundedRect(field.adjusted(-0.5, -0.5, 0.5, 0.5), 3, 3)
        for color, across in ((QColor(0, 0, 0, 170), 3.5), (QColor("white"), 1.75)):
            painter.setPen(QPen(color, across))
            painter.drawEllipse(self.knob(field), KNOB_PX - 1.0, KNOB_PX - 1.0)
        painter.end()

    def _point(self, position: QPointF) -> None:
        self._go(
            (position.x() - KNOB_PX) / max(1, self.width() - 2 * KNOB_PX),
            (position.y() - self.margin_px) / max(1, self.height() - 2 * self.margin_px),
        )

    def _go(self, x: float, y: float) -> None:
        x, y = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
        self.show_place(x, y)
        self.moved.emit(x, y)


class SaturationValueSquare(ColorArea):
    """Saturation from left to right, value from bottom to top, of one hue (0..1)."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, tr("Saturation and brightness"), parent)
        self.setFixedHeight(SQUARE_HEIGHT_PX)
        self._hue = 0.0
        self._image = _square_image(0.0)

    def show_hue(self, hue: float) -> None:
        """Show the shades of another hue."""
        if hue != self._hue:
            self._hue = hue
            self._image = _square_image(hue)
            self.update()

    def paint_field(self, painter: QPainter, field: QRectF) -> None:
        # From the middles of the outer pixels: the corners are the pure colours.
        source = QRectF(self._image.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawImage(field, self._image, source)


class HueBar(ColorArea):
    """All hues from left to right."""

    margin_px = 1

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, tr("Hue"), parent)
        self.setFixedHeight(BAR_HEIGHT_PX)

    def paint_field(self, painter: QPainter, field: QRectF) -> None:
        gradient = QLinearGradient(field.topLeft(), field.topRight())
        for place in range(_HUES + 1):
            gradient.setColorAt(place / _HUES, QColor.fromHsvF(place / _HUES % 1.0, 1.0, 1.0))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(field, 3, 3)

    def knob(self, field: QRectF) -> QPointF:
        return QPointF(field.left() + self.x_share * field.width(), field.center().y())


def _square_image(hue: float) -> QImage:
    """All shades of a hue in a small picture that is scaled up: colours run evenly in RGB."""
    pure = QColor.fromHsvF(hue % 1.0, 1.0, 1.0)
    side = 64
    saturation = np.linspace(0, 1, side)[None, :, None]
    value = np.linspace(1, 0, side)[:, None, None]
    color = np.array((pure.red(), pure.green(), pure.blue()), float)
    shades = np.rint(value * (255 + (color - 255) * saturation)).astype(np.uint8)
    opaque = np.full((side, side, 1), 255, np.uint8)
    pixels = np.ascontiguousarray(np.concatenate((shades, opaque), axis=2))
    return QImage(pixels.data, side, side, 4 * side, QImage.Format.Format_RGBA8888).copy()
