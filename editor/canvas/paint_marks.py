"""Draws what painting tools show around the pointer: brush outline, lines, the picked colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from editor.canvas.overlay_style import OverlayStyle
from editor.canvas.viewport import Viewport
from editor.tools.overlay import BrushOutline, ColorRing, DrawnLine, PaintMark

DARK = QColor(0, 0, 0, 150)
LIGHT = QColor(255, 255, 255, 235)
RING_RADIUS_PX = 34
RING_WIDTH_PX = 11
DOT_RADIUS_PX = 4
_ROOM_PX = 4  # around every mark, for its pens


def paint_mark(painter: QPainter, viewport: Viewport, mark: PaintMark, style: OverlayStyle) -> None:
    """Draw one of them in two tones; the painter's unit is the device pixel."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if isinstance(mark, BrushOutline):
        middle, radius = QPointF(*viewport.to_device(mark.x, mark.y)), _radius(mark, viewport)
        for pen in _pens(style):
            painter.setPen(pen)
            painter.drawEllipse(middle, radius, radius)
    elif isinstance(mark, DrawnLine):
        _paint_line(painter, viewport, mark, style)
    else:
        _paint_ring(painter, viewport, mark, style)


def mark_bounds(viewport: Viewport, mark: PaintMark, style: OverlayStyle) -> list[QRect]:
    """What a mark can touch on the screen; of a large outline only a band along the circle."""
    room = style.px(_ROOM_PX)
    if isinstance(mark, DrawnLine):
        (x0, y0), (x1, y1) = (
            viewport.to_device(mark.x0, mark.y0),
            viewport.to_device(mark.x1, mark.y1),
        )
        line = QRectF(QPointF(min(x0, x1), min(y0, y1)), QPointF(max(x0, x1), max(y0, y1)))
        return [line.toAlignedRect().adjusted(-2 * room, -2 * room, 2 * room, 2 * room)]
    x, y = viewport.to_device(mark.x, mark.y)
    if isinstance(mark, ColorRing):
        radius = float(style.px(RING_RADIUS_PX + RING_WIDTH_PX))
        return [_square(x, y, radius + room)]
    radius = _radius(mark, viewport)
    outer, inner = _square(x, y, radius + room), _square(x, y, radius * 0.7 - room)
    if inner.width() <= 4 * room:
        return [outer]
    # Four strips around the square inside the circle: the middle need not be painted again.
    return [
        QRect(outer.left(), outer.top(), outer.width(), inner.top() - outer.top()),
        QRect(outer.left(), inner.bottom(), outer.width(), outer.bottom() - inner.bottom() + 1),
        QRect(outer.left(), inner.top(), inner.left() - outer.left(), inner.height()),
        QRect(inner.right(), inner.top(), outer.right() - inner.right() + 1, inner.height()),
    ]


def _radius(mark: BrushOutline, viewport: Viewport) -> float:
    return mark.size / 2 * viewport.scale


def _square(x: float, y: float, radius: float) -> QRect:
    return QRectF(x - radius, y - radius, 2 * radius, 2 * radius).toAlignedRect()


def _pens(style: OverlayStyle) -> tuple[QPen, QPen]:
    """A broad dark line and a narrow light one on it: seen on every picture."""
    return QPen(DARK, 3 * style.ratio), QPen(LIGHT, 1.25 * style.ratio)


def _paint_line(
    painter: QPainter, viewport: Viewport, line: DrawnLine, style: OverlayStyle
) -> None:
    start = QPointF(*viewport.to_device(line.x0, line.y0))
    end = QPointF(*viewport.to_device(line.x1, line.y1))
    radius = style.px(DOT_RADIUS_PX)
    for pen in _pens(style):
        painter.setPen(pen)
        painter.drawLine(start, end)
    for point in (start, end) if line.ends else ():
        for pen in _pens(style):
            painter.setPen(pen)
            painter.setBrush(QBrush(QColor(style.colors.accent)))
            painter.drawEllipse(point, radius, radius)


def _paint_ring(
    painter: QPainter, viewport: Viewport, ring: ColorRing, style: OverlayStyle
) -> None:
    radius, width = style.px(RING_RADIUS_PX), style.px(RING_WIDTH_PX)
    middle = QPointF(*viewport.to_device(ring.x, ring.y))
    square = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
    flat = Qt.PenCapStyle.FlatCap
    for color, across in ((DARK, width + style.px(4)), (LIGHT, width + style.px(2))):
        painter.setPen(QPen(color, across))
        painter.drawEllipse(square)
    half = 180 * 16  # Qt counts sixteenths of a degree
    for color, start in ((QColor(*ring.color), 0), (QColor(*ring.old), half)):
        painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, flat))
        painter.drawArc(square, start, half)
