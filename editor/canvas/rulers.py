"""Rulers along the top and the left of the canvas: document pixels, and where guides come from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from editor.canvas.view import CanvasView
from editor.document.guides import Orientation
from editor.translations import tr

THICKNESS_PX = 20  # logical
MIN_LABEL_GAP_PX = 64.0  # logical pixels between two numbers
MIN_MARK_GAP_PX = 5.0  # logical pixels between two marks
FONT_PX = 10


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of a ruler.

    Attributes:
        position: In document pixels.
        rank: 0 = long, with a number; 1 = middle; 2 = short.
    """

    position: int
    rank: int


def ruler_marks(start: float, end: float, scale: float) -> list[Mark]:
    """The marks between two document positions.

    Args:
        scale: Logical pixels per document pixel, above 0.
    """
    step = label_step(scale)
    parts = next((n for n in (10, 5, 2) if step % n == 0 and _fits(step, n, scale)), 1)
    fine = step // parts
    marks = []
    for index in range(math.floor(start / fine), math.ceil(end / fine) + 1):
        halfway = parts % 2 == 0 and index % (parts // 2) == 0
        rank = 0 if index % parts == 0 else 1 if halfway else 2
        marks.append(Mark(index * fine, rank))
    return marks


def label_step(scale: float) -> int:
    """Document pixels between two numbers: 1, 2 or 5 times a power of ten."""
    least = max(1.0, MIN_LABEL_GAP_PX / scale)
    power = 10 ** math.floor(math.log10(least))
    return int(next(n * power for n in (1, 2, 5, 10) if n * power >= least * (1 - 1e-9)))


def _fits(step: int, parts: int, scale: float) -> bool:
    return step / parts * scale >= MIN_MARK_GAP_PX


class Ruler(QWidget):
    """One ruler. Dragging from it pulls a guide that runs along it."""

    def __init__(self, canvas: CanvasView, orientation: Orientation, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._orientation = orientation
        self._pointer: int | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        across = orientation is Orientation.HORIZONTAL
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored
        self.setSizePolicy(free if across else fixed, fixed if across else free)
        self.setCursor(Qt.CursorShape.SplitVCursor if across else Qt.CursorShape.SplitHCursor)
        name = tr("Horizontal ruler") if across else tr("Vertical ruler")
        self.setAccessibleName(name)
        self.setToolTip(tr("Drag a guide out of the ruler"))
        canvas.view_moved.connect(self.update)
        canvas.cursor_moved.connect(self._follow)

    def sizeHint(self) -> QSize:
        return QSize(THICKNESS_PX, THICKNESS_PX)

    @property
    def _across(self) -> bool:
        return self._orientation is Orientation.HORIZONTAL

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        ratio = self.devicePixelRatioF()
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        length = round((self.width() if self._across else self.height()) * ratio)
        thick = round(THICKNESS_PX * ratio)
        colors, line = self._canvas.colors, max(1, round(ratio))
        if not self._across:  # painted lying, with its numbers turned by the painter
            painter.rotate(90)
            painter.scale(1, -1)
        painter.fillRect(0, 0, length, thick, QColor(colors.ruler))
        painter.fillRect(0, thick - line, length, line, QColor(colors.ruler_edge))
        self._paint_marks(painter, length, thick, ratio)
        if self._pointer is not None:
            at = round(self._device(self._pointer))
            painter.fillRect(at, 0, line, thick, QColor(colors.accent))
        painter.end()

    def _paint_marks(self, painter: QPainter, length: int, thick: int, ratio: float) -> None:
        viewport = self._canvas.viewport
        origin = viewport.origin_x if self._across else viewport.origin_y
        start, end = -origin / viewport.scale, (length - origin) / viewport.scale
        font = QFont(self.font())
        font.setPixelSize(round(FONT_PX * ratio))
        painter.setFont(font)
        color = QColor(self._canvas.colors.ruler_text)
        heights = (thick, round(7 * ratio), round(4 * ratio))
        line = max(1, round(ratio))
        for mark in ruler_marks(start, end, viewport.scale / ratio):
            at = round(self._device(mark.position))
            height = heights[mark.rank]
            painter.fillRect(at, thick - height, line, height, color)
            if mark.rank == 0:
                self._paint_number(painter, mark.position, at + round(4 * ratio), ratio)

    def _paint_number(self, painter: QPainter, number: int, at: int, ratio: float) -> None:
        painter.setPen(QColor(self._canvas.colors.ruler_text))
        box = QRectF(at, 1 * ratio, 80 * ratio, 12 * ratio)
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if self._across:
            painter.drawText(box, align, str(number))
            return
        # Read from bottom to top, as on paper: back out of the mirrored lying frame.
        painter.save()
        painter.translate(QPointF(at, 1 * ratio))
        painter.scale(1, -1)
        painter.translate(0, -12 * ratio)
        painter.drawText(QRectF(0, 0, 80 * ratio, 12 * ratio), align, str(number))
        painter.restore()

    def _device(self, position: float) -> float:
        x, y = self._canvas.viewport.to_device(position, position)
        return x if self._across else y

    def _follow(self, x: int, y: int) -> None:
        new = x if self._across else y
        if new != self._pointer:
            for position in (self._pointer, new):
                if position is not None:
                    self.update(self._marker_rect(position))
            self._pointer = new

    def _marker_rect(self, position: int) -> QRect:
        at = round(self._device(position) / self.devicePixelRatioF())
        if self._across:
            return QRect(at - 2, 0, 5, THICKNESS_PX)
        return QRect(0, at - 2, THICKNESS_PX, 5)

    # Pulling a guide

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._canvas.aids.guides:
            self._canvas.pull_guide(self._orientation)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._canvas.mouseMoveEvent(self._on_canvas(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._canvas.mouseReleaseEvent(self._on_canvas(event))

    def _on_canvas(self, event: QMouseEvent) -> QMouseEvent:
        position = self._canvas.mapFromGlobal(event.globalPosition())
        return QMouseEvent(
            event.type(),
            position,
            event.globalPosition(),
            event.button(),
            event.buttons(),
            event.modifiers(),
            event.pointingDevice(),
        )


class RulerCorner(QWidget):
    """The square between the two rulers."""

    def __init__(self, canvas: CanvasView, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.setFixedSize(THICKNESS_PX, THICKNESS_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        colors = self._canvas.colors
        painter.fillRect(self.rect(), QColor(colors.ruler))
        end = THICKNESS_PX - 1
        painter.fillRect(0, end, THICKNESS_PX, 1, QColor(colors.ruler_edge))
        painter.fillRect(end, 0, 1, THICKNESS_PX, QColor(colors.ruler_edge))
        painter.end()


class CanvasFrame(QWidget):
    """The canvas with its rulers, which may be hidden.

    Attributes:
        canvas: The canvas.
        top, left: The rulers.
    """

    def __init__(self, canvas: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self.top = Ruler(canvas, Orientation.HORIZONTAL, self)
        self.left = Ruler(canvas, Orientation.VERTICAL, self)
        self._corner = RulerCorner(canvas, self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self._corner, 0, 0)
        grid.addWidget(self.top, 0, 1)
        grid.addWidget(self.left, 1, 0)
        grid.addWidget(canvas, 1, 1)
        self.show_rulers(shown=False)

    def show_rulers(self, *, shown: bool) -> None:
        """Show or hide both rulers."""
        for part in (self.top, self.left, self._corner):
            part.setVisible(shown)
