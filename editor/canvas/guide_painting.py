"""Draws guides and snap hints: lines across the whole view."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from editor.canvas.overlay_style import OverlayStyle
from editor.canvas.viewport import Viewport
from editor.tools.overlay import GuideLine, SnapLine

LABEL_HEIGHT_PX = 18
LABEL_MAX_PX = 90
_GAP_PX = 6


def paint_guide(
    painter: QPainter, viewport: Viewport, guide: GuideLine, style: OverlayStyle
) -> None:
    """One guide, wider while it is under the pointer, with its position while it is dragged."""
    strip = _strip(viewport, guide.position, vertical=guide.vertical, across=style.px(1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    color = QColor(style.colors.guide)
    if guide.active:
        halo = style.px(1)
        painter.fillRect(strip.adjusted(-halo, -halo, halo, halo), QColor(style.colors.halo))
    painter.fillRect(strip, color)
    if guide.label:
        _paint_label(painter, strip, guide, color, style)


def paint_snap_line(
    painter: QPainter, viewport: Viewport, line: SnapLine, style: OverlayStyle
) -> None:
    """A dashed line through everything that lies on it, over a halo."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    strip = _strip(viewport, line.position, vertical=line.vertical, across=style.px(1))
    painter.fillRect(strip, QColor(style.colors.halo))
    pen = QPen(QColor(style.colors.snap), style.px(1), Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([6, 3])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    start = QPoint(strip.center().x(), strip.top()) if line.vertical else strip.topLeft()
    if line.vertical:
        painter.drawLine(start, QPoint(strip.center().x(), strip.bottom()))
    else:
        painter.drawLine(start, QPoint(strip.right(), strip.top()))


def line_bounds(viewport: Viewport, line: GuideLine | SnapLine, style: OverlayStyle) -> list[QRect]:
    """What a line and its label can touch, in device pixels."""
    bounds = [_strip(viewport, line.position, vertical=line.vertical, across=style.px(7))]
    if isinstance(line, GuideLine) and line.label:
        strip = bounds[0]
        size = style.px(LABEL_MAX_PX), style.px(LABEL_HEIGHT_PX + 2 * _GAP_PX)
        bounds.append(QRect(strip.left(), strip.top(), *size))
    return bounds


def _strip(viewport: Viewport, position: float, *, vertical: bool, across: int) -> QRect:
    """The device pixels of a line over the whole view, centred on the edge between two pixels."""
    x, y = viewport.to_device(position, position)
    if vertical:
        return QRect(round(x) - across // 2, 0, across, viewport.height)
    return QRect(0, round(y) - across // 2, viewport.width, across)


def _paint_label(
    painter: QPainter, strip: QRect, guide: GuideLine, color: QColor, style: OverlayStyle
) -> None:
    font = style.tag_font()
    metrics = QFontMetrics(font)
    width = metrics.horizontalAdvance(guide.label) + 2 * style.px(_GAP_PX)
    gap, height = style.px(_GAP_PX), style.px(LABEL_HEIGHT_PX)
    corner = strip.topLeft() + QPoint(gap, gap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    tag = QRect(corner.x(), corner.y(), width, height)
    painter.drawRoundedRect(tag, style.px(4), style.px(4))
    painter.setFont(font)
    painter.setPen(QColor(style.colors.tag_text))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, guide.label)
