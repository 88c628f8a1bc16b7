"""Draws what belongs to the page itself: its edge, the pixel grid, the hint on an empty one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QRegion,
)

from editor.canvas.overlay_style import OverlayStyle
from editor.canvas.viewport import Viewport
from editor.translations import mark, tr

HINT_TITLE = mark("Describe a picture, or draw a box")
HINT_TEXT = mark("Each thing you name becomes a layer of its own.")
SHADOW_STEPS = 10
MIN_HINT_PX = 180  # logical; a smaller page has no room for a sentence


def page_rect(viewport: Viewport) -> QRect:
    """The page in device pixels."""
    x0, y0, x1, y1 = viewport.document_rect()
    return QRect(x0, y0, x1 - x0, y1 - y0)


def page_reach(viewport: Viewport, style: OverlayStyle) -> QRect:
    """The page with its shadow, in device pixels."""
    reach = style.px(SHADOW_STEPS) + style.px(3)
    return page_rect(viewport).adjusted(-reach, -reach, reach, reach)


def paint_surround(
    painter: QPainter, viewport: Viewport, exposed: QRect, style: OverlayStyle
) -> None:
    """Around the page: a plain surface, a soft shadow and a hairline."""
    page = page_rect(viewport)
    if page.contains(exposed):
        return
    painter.fillRect(exposed, QColor(style.colors.surround))
    if not page_reach(viewport, style).intersects(exposed):
        return
    painter.save()
    painter.setClipRegion(QRegion(exposed).subtracted(page))  # the page itself is painted later
    painter.setPen(Qt.PenStyle.NoPen)
    for step in range(SHADOW_STEPS, 0, -1):
        painter.setBrush(QColor(0, 0, 0, 1 + (SHADOW_STEPS - step) // 2))  # begins unseen
        out, drop = style.px(step), style.px(3)
        painter.drawRoundedRect(page.adjusted(-out, -out + drop, out, out + drop), out, out)
    line = style.px(1)
    painter.fillRect(page.adjusted(-line, -line, line, line), QColor(style.colors.page_edge))
    painter.restore()


def paint_pixel_grid(
    painter: QPainter, viewport: Viewport, exposed: QRect, style: OverlayStyle
) -> None:
    """Lines between document pixels, for the visible rows and columns only."""
    x0, y0, x1, y1 = viewport.visible_rect()
    top, bottom = viewport.to_device(0, y0)[1], viewport.to_device(0, y1)[1]
    left, right = viewport.to_device(x0, 0)[0], viewport.to_device(x1, 0)[0]
    color = QColor(style.colors.grid)
    for x in range(x0 + 1, x1):
        column = QRect(round(viewport.to_device(x, 0)[0]), round(top), 1, round(bottom - top))
        painter.fillRect(column.intersected(exposed), color)
    for y in range(y0 + 1, y1):
        row = QRect(round(left), round(viewport.to_device(0, y)[1]), round(right - left), 1)
        painter.fillRect(row.intersected(exposed), color)


def paint_empty_page(
    painter: QPainter, viewport: Viewport, style: OverlayStyle, *, hint: bool
) -> None:
    """A plain page; with `hint` also a sign of stacked layers and what to do next."""
    page = page_rect(viewport)
    painter.fillRect(page, QColor(style.colors.page))
    if not hint:
        return
    visible = page.intersected(QRect(0, 0, viewport.width, viewport.height))
    if visible.width() < style.px(MIN_HINT_PX) or visible.height() < style.px(MIN_HINT_PX):
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    middle = QPointF(visible.center())
    _paint_stack_sign(painter, middle - QPointF(0, style.px(46)), style)
    width = min(visible.width() - style.px(32), style.px(380))
    area = QRect(round(middle.x() - width / 2), round(middle.y()), width, style.px(120))
    title, text = style.tag_font(17), style.tag_font(13)
    title.setWeight(title.Weight.DemiBold)
    painter.setPen(QColor(style.colors.text))
    area.translate(0, style.px(8))
    used = _paint_centred(painter, area, tr(HINT_TITLE), title)
    painter.setPen(QColor(style.colors.muted_text))
    area.translate(0, used + style.px(8))
    _paint_centred(painter, area, tr(HINT_TEXT), text)


def _paint_centred(painter: QPainter, area: QRect, text: str, font: QFont) -> int:
    """Lines of about the same length, from the top of an area; returns how high they are."""
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
    width = balanced_width(QFontMetrics(font), text, area.width())
    inner = QRect(area.center().x() - width // 2, area.top(), width, area.height())
    painter.setFont(font)
    painter.drawText(inner, flags, text)
    return QFontMetrics(font).boundingRect(inner, flags, text).height()


def balanced_width(metrics: QFontMetrics, text: str, most: int) -> int:
    """The least width, up to `most`, in which a text takes no more lines than in `most`."""

    def height(width: int) -> int:
        room = QRect(0, 0, width, 10_000)
        return metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()

    fits = height(most)
    low = max(metrics.horizontalAdvance(word) for word in text.split())
    high = most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if height(middle) <= fits else (middle + 1, high)
    return high


def _paint_stack_sign(painter: QPainter, middle: QPointF, style: OverlayStyle) -> None:
    half_width, half_height, gap = style.px(34), style.px(17), style.px(13)
    pen = QPen(QColor(style.colors.muted_text), style.px(1.75))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for index in (1, 0, -1):
        top = middle + QPointF(0, index * gap)
        painter.setBrush(QColor(style.colors.accent if index == -1 else style.colors.page))
        path = QPainterPath()
        path.addPolygon(
            QPolygonF(
                [
                    top + QPointF(0, -half_height),
                    top + QPointF(half_width, 0),
                    top + QPointF(0, half_height),
                    top + QPointF(-half_width, 0),
                ]
            )
        )
        path.closeSubpath()
        painter.drawPath(path)


def paint_focus(painter: QPainter, viewport: Viewport, style: OverlayStyle) -> None:
    """A frame inside the widget, for those who came here by keyboard."""
    line = style.px(2)
    inside = QRectF(0, 0, viewport.width, viewport.height).adjusted(
        line / 2, line / 2, -line / 2, -line / 2
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(style.colors.accent), line))
    painter.drawRect(inside)
