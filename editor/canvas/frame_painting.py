"""Draws handles, frames that may be turned, and the frame of the crop tool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QRegion

from editor.canvas.overlay_style import OverlayStyle
from editor.canvas.viewport import Viewport
from editor.document import affine
from editor.tools.handles import FloatRect
from editor.tools.overlay import CropFrame, TextMarks, TurnedFrame

HANDLE_SIDE_PX = 9  # drawn size; the hit area is 24, see editor.tools.handles
_CENTER_PX = 5
_DIMMED = QColor(0, 0, 0, 140)
_THIRDS = QColor(255, 255, 255, 110)
_THIRDS_SHADOW = QColor(0, 0, 0, 70)

Place = tuple[float, float]


def paint_knobs(
    painter: QPainter, places: Iterable[Place], color: QColor, style: OverlayStyle
) -> None:
    """Square handles around device positions."""
    side, line = style.px(HANDLE_SIDE_PX), style.px(1.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    for x, y in places:
        square = QRectF(round(x) - side / 2, round(y) - side / 2, side, side)
        painter.setBrush(QColor(style.colors.halo))
        grown = square.adjusted(-style.px(1), -style.px(1), style.px(1), style.px(1))
        painter.drawRoundedRect(grown, style.px(3), style.px(3))
        painter.setBrush(color)
        painter.drawRoundedRect(square, style.px(2), style.px(2))
        painter.setBrush(QColor(Qt.GlobalColor.white))
        painter.drawRoundedRect(square.adjusted(line, line, -line, -line), style.px(1), style.px(1))


def paint_turned_frame(
    painter: QPainter, viewport: Viewport, frame: TurnedFrame, style: OverlayStyle
) -> None:
    """The sides in two tones, the handles, and a cross at the middle."""
    color = QColor(style.colors.accent)
    corners = [QPointF(*viewport.to_device(x, y)) for x, y in frame.corners]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not _upright(corners))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner, halo = style.px(2), style.px(1)
    for pen in (QPen(QColor(style.colors.halo), inner + 2 * halo), QPen(color, inner)):
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawPolygon(QPolygonF(corners))
    if frame.center is not None:
        _paint_cross(painter, viewport.to_device(*frame.center), color, style)
    paint_knobs(painter, [viewport.to_device(x, y) for x, y in frame.handles], color, style)


def turned_bounds(frame: TurnedFrame, viewport: Viewport, style: OverlayStyle) -> QRect:
    """What the frame can touch, in device pixels."""
    places = [viewport.to_device(x, y) for x, y in (*frame.corners, *frame.handles)]
    xs, ys = [round(x) for x, _ in places], [round(y) for _, y in places]
    margin = style.px(HANDLE_SIDE_PX)
    around = QRect(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)
    return around.adjusted(-margin, -margin, margin, margin)


def paint_crop_frame(
    painter: QPainter, viewport: Viewport, crop: CropFrame, style: OverlayStyle
) -> None:
    """What goes is dimmed; what stays has a frame with handles and lines at its thirds."""
    kept = _device(crop.rect, viewport)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    outside = QRegion(0, 0, viewport.width, viewport.height).subtracted(QRegion(kept))
    painter.save()
    painter.setClipRegion(outside)
    painter.fillRect(QRect(0, 0, viewport.width, viewport.height), _DIMMED)
    painter.restore()
    _paint_thirds(painter, kept, style)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    color = QColor(style.colors.accent)
    inner, halo = style.px(2), style.px(1)
    for pen in (QPen(QColor(style.colors.halo), inner + 2 * halo), QPen(color, inner)):
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(kept)
    paint_knobs(painter, [viewport.to_device(x, y) for x, y in crop.handles], color, style)


def paint_text_marks(
    painter: QPainter, viewport: Viewport, marks: TextMarks, style: OverlayStyle
) -> None:
    """What is marked, a line under the text, and the caret in two tones."""
    if not affine.is_upright(marks.to_document):
        _paint_turned_marks(painter, viewport, marks, style)
        return
    color, fill = _mark_colors(style)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for rect in marks.marked:
        painter.fillRect(_device(_mapped(rect, marks), viewport), fill)
    box = _device(_mapped(marks.rect, marks), viewport)
    painter.fillRect(box.left(), box.bottom() + 1, box.width(), style.px(1), color)
    (left, high), (_, low) = _caret(marks, viewport)
    width, halo = style.px(1), style.px(1)
    line = QRect(round(left), round(high), width, max(1, round(low) - round(high)))
    painter.fillRect(line.adjusted(-halo, -halo, halo, halo), QColor(Qt.GlobalColor.white))
    painter.fillRect(line, QColor(Qt.GlobalColor.black))


def _paint_turned_marks(
    painter: QPainter, viewport: Viewport, marks: TextMarks, style: OverlayStyle
) -> None:
    color, fill = _mark_colors(style)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    for rect in marks.marked:
        painter.drawPolygon(_polygon(rect, marks, viewport))
    below = _polygon(marks.rect, marks, viewport)
    painter.setPen(QPen(color, style.px(1)))
    painter.drawLine(below[3], below[2])
    top, bottom = _caret(marks, viewport)
    caret = QLineF(QPointF(*top), QPointF(*bottom))
    for tone, width in ((Qt.GlobalColor.white, style.px(3)), (Qt.GlobalColor.black, style.px(1))):
        painter.setPen(QPen(QColor(tone), width, c=Qt.PenCapStyle.FlatCap))
        painter.drawLine(caret)


def _mark_colors(style: OverlayStyle) -> tuple[QColor, QColor]:
    """Of lines, and of what is marked."""
    color = QColor(style.colors.accent)
    fill = QColor(color)
    fill.setAlpha(90)
    return color, fill


def _caret(marks: TextMarks, viewport: Viewport) -> tuple[Place, Place]:
    """Its ends in device pixels, that at the top of the letters first."""
    x, top, bottom = marks.caret
    ends = (affine.apply(marks.to_document, x, y) for y in (top, bottom))
    high, low = (viewport.to_device(*end) for end in ends)
    return high, low


def _polygon(rect: FloatRect, marks: TextMarks, viewport: Viewport) -> list[QPointF]:
    corners = affine.corners(marks.to_document, rect)
    return [QPointF(*viewport.to_device(x, y)) for x, y in corners]


def _mapped(rect: FloatRect, marks: TextMarks) -> FloatRect:
    """The box around a rectangle of the text, in document pixels."""
    return affine.box_around(affine.corners(marks.to_document, rect))


def text_bounds(marks: TextMarks, viewport: Viewport, style: OverlayStyle) -> list[QRect]:
    """What the marks can touch, in device pixels."""
    margin = style.px(4)
    x, top, bottom = marks.caret
    rects = [_mapped(r, marks) for r in (marks.rect, *marks.marked, (x, top, x, bottom))]
    return [_device(rect, viewport).adjusted(-margin, -margin, margin, margin) for rect in rects]


def _device(rect: FloatRect, viewport: Viewport) -> QRect:
    x0, y0 = viewport.to_device(rect[0], rect[1])
    x1, y1 = viewport.to_device(rect[2], rect[3])
    return QRect(round(x0), round(y0), round(x1) - round(x0), round(y1) - round(y0))


def _paint_thirds(painter: QPainter, kept: QRect, style: OverlayStyle) -> None:
    lines = []
    for share in (1 / 3, 2 / 3):
        x = kept.left() + round(kept.width() * share)
        y = kept.top() + round(kept.height() * share)
        lines.append(QLineF(x, kept.top(), x, kept.top() + kept.height()))
        lines.append(QLineF(kept.left(), y, kept.left() + kept.width(), y))
    for color, width in ((_THIRDS_SHADOW, style.px(3)), (_THIRDS, style.px(1))):
        painter.setPen(QPen(color, width))
        painter.drawLines(lines)


def _paint_cross(painter: QPainter, place: Place, color: QColor, style: OverlayStyle) -> None:
    x, y, arm = round(place[0]), round(place[1]), style.px(_CENTER_PX)
    lines = [QLineF(x - arm, y, x + arm, y), QLineF(x, y - arm, x, y + arm)]
    for pen in (QPen(QColor(style.colors.halo), style.px(3)), QPen(color, style.px(1))):
        painter.setPen(pen)
        painter.drawLines(lines)


def _upright(corners: Sequence[QPointF]) -> bool:
    return (
        abs(corners[0].y() - corners[1].y()) < 1e-3 or abs(corners[0].x() - corners[1].x()) < 1e-3
    )
