"""Two pictures of the same thing in one place, parted by a line that can be dragged."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from editor.document.pixels import RgbaArray
from editor.theme import Theme
from editor.translations import tr

_SQUARE_PX = 8  # of the checkerboard
_GRIP_PX = 11


class SplitPicture(QWidget):
    """The left picture up to the line, the right one beyond it.

    Attributes:
        share: Place of the line, 0 to 1.

    Signals:
        share_changed(float): The line was dragged.
    """

    share_changed = Signal(float)

    def __init__(self, side_px: int, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(side_px, side_px))
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName(tr("Preview: bicubic on the left, upscaled on the right"))
        self._theme = theme
        self._left = self._right = QImage()
        self._text = ""
        self.share = 0.5

    @property
    def has_pictures(self) -> bool:
        return not self._left.isNull()

    def show_pictures(self, left: RgbaArray, right: RgbaArray) -> None:
        """Both of one size, straight RGBA."""
        self._left, self._right = _image(left), _image(right)
        self._text = ""
        self.update()

    def show_text(self, text: str) -> None:
        """Instead of pictures."""
        self._left = self._right = QImage()
        self._text = text
        self.update()

    def set_share(self, share: float) -> None:
        self.share = min(1.0, max(0.0, share))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._follow(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._follow(event.position())

    def _follow(self, place: QPointF) -> None:
        self.set_share(place.x() / self.width())
        self.share_changed.emit(self.share)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = self._theme.tokens
        if not self.has_pictures:
            painter.fillRect(self.rect(), QColor(tokens.sunken))
            painter.setPen(QColor(tokens.text_muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self._text)
            return
        _draw_checkerboard(painter, self.size())
        line = self.share * self.width()
        height = float(self.height())
        for picture, x0, x1 in (
            (self._left, 0.0, line),
            (self._right, line, float(self.width())),
        ):
            factor = picture.width() / self.width()
            down = picture.height() / height
            painter.drawImage(
                QRectF(x0, 0, x1 - x0, height),
                picture,
                QRectF(x0 * factor, 0, (x1 - x0) * factor, height * down),
            )
        self._draw_line(painter, line)

    def _draw_line(self, painter: QPainter, x: float) -> None:
        """White within black, so that it shows on any picture."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        for colour, width in ((QColor(0, 0, 0, 190), 4.0), (QColor("white"), 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setPen(QPen(QColor(0, 0, 0, 190), 1.0))
        painter.setBrush(QColor("white"))
        painter.drawEllipse(QPointF(x, middle), _GRIP_PX, _GRIP_PX)
        painter.setPen(QPen(QColor(40, 40, 40), 2.0))
        for sign in (-1, 1):
            tip = QPointF(x + sign * 6, middle)
            for up in (-3.5, 3.5):
                painter.drawLine(tip, QPointF(x + sign * 2.5, middle + up))


def _image(pixels: RgbaArray) -> QImage:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    made = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return made.copy()


def _draw_checkerboard(painter: QPainter, size: QSize) -> None:
    painter.fillRect(0, 0, size.width(), size.height(), QColor(204, 204, 204))
    for y in range(0, size.height(), _SQUARE_PX):
        for x in range((y // _SQUARE_PX % 2) * _SQUARE_PX, size.width(), 2 * _SQUARE_PX):
            painter.fillRect(x, y, _SQUARE_PX, _SQUARE_PX, QColor(160, 160, 160))
