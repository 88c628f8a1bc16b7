"""Paints one row of the queue: what is made, how far it is, and the cross that cancels it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from editor.jobs.queue import JobKind, JobRow
from editor.panels.queue_model import QueueRole, time_left
from editor.theme import Theme, render_svg

ROW_HEIGHT_PX = 50
CANCEL_PX = 24
ICON_PX = 18
BAR_PX = 3
_ICONS = {
    JobKind.PICTURE: "generate",
    JobKind.LAYER: "regenerate",
    JobKind.UPSCALE: "upscale",
}
Index = QModelIndex | QPersistentModelIndex


class QueueDelegate(QStyledItemDelegate):
    """`on_cancel` is called with the id of the job whose cross was clicked."""

    def __init__(self, theme: Theme, on_cancel: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._on_cancel = on_cancel

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(160, ROW_HEIGHT_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(QueueRole.ROW)
        if not isinstance(row, JobRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_background(painter, option)
        lower = 0 if row.running else BAR_PX + 2  # in the middle while there is no bar
        area = option.rect.adjusted(12, 6 + lower, -8, -6)
        icon = _ICONS[row.kind]
        tone = "accent" if row.running else "text_muted"
        self._icon(painter, icon, QRect(area.left(), area.top(), ICON_PX, ICON_PX + 2), tone)
        self._icon(painter, "close", cancel_area(option.rect), "text_muted")
        left = area.left() + ICON_PX + 10
        text = QRect(left, area.top(), cancel_area(option.rect).left() - left - 6, area.height())
        self._paint_text(painter, text, option, row)
        if row.running:
            bar = QRectF(text.left(), area.bottom() - 1, text.width(), BAR_PX)
            self._paint_bar(painter, bar, row)
        painter.restore()

    def editorEvent(
        self,
        event: QEvent,
        _model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        row = index.data(QueueRole.ROW)
        hit = (
            isinstance(event, QMouseEvent)
            and event.button() is Qt.MouseButton.LeftButton
            and cancel_area(option.rect).contains(event.position().toPoint())
        )
        if hit and isinstance(row, JobRow) and event.type() is QEvent.Type.MouseButtonRelease:
            self._on_cancel(row.job_id)
        return bool(hit)

    def _paint_background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        tokens, state = self._theme.tokens, option.state
        if state & QStyle.StateFlag.State_Selected:
            color = tokens.selected
        elif state & QStyle.StateFlag.State_MouseOver:
            color = tokens.hovered
        else:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawRoundedRect(QRectF(option.rect).adjusted(2, 1, -2, -1), 7, 7)

    def _paint_text(
        self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, row: JobRow
    ) -> None:
        tokens = self._theme.tokens
        painter.setFont(option.font)
        painter.setPen(QColor(tokens.text))
        metrics = painter.fontMetrics()
        line = QRect(area.left(), area.top() - 1, area.width(), metrics.height())
        elide = Qt.TextElideMode.ElideRight
        title = metrics.elidedText(" ".join(row.title.split()), elide, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        small = painter.font()
        small.setPixelSize(max(10, round(metrics.height() * 0.68)))
        painter.setFont(small)
        painter.setPen(QColor(tokens.text_muted))
        below = QRect(area.left(), line.bottom() + 1, area.width(), painter.fontMetrics().height())
        right = time_left(row)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)
        room = below.width() - painter.fontMetrics().horizontalAdvance(right) - 8
        text = painter.fontMetrics().elidedText(row.text, elide, room)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bar(self, painter: QPainter, area: QRectF, row: JobRow) -> None:
        tokens = self._theme.tokens
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.border))
        painter.drawRoundedRect(area, BAR_PX / 2, BAR_PX / 2)
        painter.setBrush(QColor(tokens.accent))
        done = QRectF(area.x(), area.y(), max(BAR_PX, area.width() * row.share), area.height())
        painter.drawRoundedRect(done, BAR_PX / 2, BAR_PX / 2)

    def _icon(self, painter: QPainter, name: str, area: QRect, tone: str) -> None:
        side = min(ICON_PX, area.width())
        color = str(getattr(self._theme.tokens, tone))
        pixmap = render_svg(name, side, painter.device().devicePixelRatio(), color)
        x = area.x() + (area.width() - side) / 2
        painter.drawPixmap(QPointF(x, area.y() + (area.height() - side) / 2), pixmap)


def cancel_area(row: QRect) -> QRect:
    """Where the cross of a row is."""
    top = row.center().y() - CANCEL_PX // 2
    return QRect(row.right() - CANCEL_PX - 8, top, CANCEL_PX, CANCEL_PX)
