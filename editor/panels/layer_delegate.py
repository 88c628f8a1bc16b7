"""Paints one row of the layers panel and reacts to clicks on its eye, lock and group arrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from editor.document.blend_names import BLEND_NAMES
from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import Mask
from editor.panels.kept_badge import kept_names, paint_badge
from editor.panels.layer_model import LayerRole, Painted
from editor.panels.thumbnails import Thumbnails
from editor.theme import Theme, Tokens, render_svg
from editor.translations import tr, tr_count

ROW_HEIGHT_PX = 44
THUMBNAIL_PX = 34
BUTTON_PX = 26
ICON_PX = 16
CHECKS = 6  # squares of transparency along the side of a thumbnail
BADGE_PX = 16  # the sign of a layer that is out of date
TAG_PX = 4
CLIP_PX = 16  # clipped rows are indented by this
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class RowParts:
    """Where things are in a row."""

    arrow: QRect
    clip: QRect
    thumbnail: QRect
    mask: QRect
    text: QRect
    lock: QRect
    eye: QRect

    @classmethod
    def of(cls, row: QRect, layer: Layer | None = None) -> RowParts:
        """Parts of a row rectangle that already begins after the tree's indentation.

        Args:
            layer: Makes room for its mask and its sign of clipping; without them those are empty.
        """
        middle = row.center().y()
        left = row.left() + 4
        clip = QRect()
        if layer is not None and layer.clipped:
            clip = QRect(left + 2, middle - 9, CLIP_PX, 18)
            left += CLIP_PX
        arrow = QRect(left, middle - 9, 16, 18)
        thumbnail = QRect(left + 18, middle - THUMBNAIL_PX // 2 + 1, THUMBNAIL_PX, THUMBNAIL_PX)
        eye = QRect(row.right() - BUTTON_PX - 5, middle - 12, BUTTON_PX, 26)
        lock = eye.translated(-BUTTON_PX, 0)
        mask, last = QRect(), thumbnail
        if layer is not None and layer.mask is not None:
            mask = last = thumbnail.translated(THUMBNAIL_PX + 6, 0)
        text_left = last.right() + 11
        text = QRect(text_left, row.top() + 4, lock.left() - text_left - 4, row.height() - 8)
        return cls(arrow, clip, thumbnail, mask, text, lock, eye)


class LayerDelegate(QStyledItemDelegate):
    """Row of a layer: thumbnail, name with what differs from the usual, lock and eye.

    Args:
        on_eye, on_lock, on_arrow: Called with the index when that part is clicked.
        on_mask, on_mask_switch: The same for the mask's thumbnail, without and with Shift.
        on_picture: The thumbnail of the pixels was pressed; the row is then selected as usual.
    """

    def __init__(
        self,
        theme: Theme,
        thumbnails: Thumbnails,
        *,
        on_eye: Callable[[Index], None],
        on_lock: Callable[[Index], None],
        on_arrow: Callable[[Index], None],
        on_mask: Callable[[Index], None],
        on_mask_switch: Callable[[Index], None],
        on_picture: Callable[[Index], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._thumbnails = thumbnails
        self._on_eye = on_eye
        self._on_lock = on_lock
        self._on_arrow = on_arrow
        self._on_mask = on_mask
        self._on_mask_switch = on_mask_switch
        self._on_picture = on_picture

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(160, ROW_HEIGHT_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        layer = index.data(LayerRole.LAYER)
        if not isinstance(layer, Layer):
            return
        parts = RowParts.of(option.rect, layer)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_background(painter, option)
        self._paint_tag(painter, option.rect, layer)
        painter.setOpacity(1.0 if layer.visible else 0.45)
        self._paint_picture(painter, parts, layer)
        paint_badge(painter, QRectF(parts.thumbnail), layer, self._theme)
        if layer.clipped:
            self._icon(painter, "clipped", parts.clip, "text_muted", ICON_PX)
        if layer.mask is not None:
            self._paint_mask(painter, QRectF(parts.mask), layer.mask)
            self._mark_painted(painter, parts, index.data(LayerRole.PAINTED))
        if is_out_of_date(layer):
            self._mark_out_of_date(painter, parts)
        self._paint_text(painter, parts.text, option, layer)
        painter.setOpacity(1.0)
        self._paint_buttons(painter, parts, option, layer)
        painter.restore()

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index
    ) -> QLineEdit:
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Layer name"))
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        text = RowParts.of(option.rect, index.data(LayerRole.LAYER)).text
        editor.setGeometry(text.left() - 9, text.center().y() - 14, text.width() + 12, 30)

    def editorEvent(
        self,
        event: QEvent,
        _model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        if not isinstance(event, QMouseEvent) or event.button() is not Qt.MouseButton.LeftButton:
            return False
        hit = self._hit(event, option.rect, index)
        if hit is None:
            return False
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            hit(index)
        return hit is not self._on_picture

    def _hit(self, event: QMouseEvent, row: QRect, index: Index) -> Callable[[Index], None] | None:
        layer = index.data(LayerRole.LAYER)
        parts = RowParts.of(row, layer)
        point = event.position().toPoint()
        if parts.eye.contains(point):
            return self._on_eye
        if parts.lock.contains(point):
            return self._on_lock
        if parts.mask.contains(point):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            return self._on_mask_switch if shift else self._on_mask
        if not event.modifiers() and parts.thumbnail.contains(point):
            return self._on_picture
        is_group = isinstance(layer, GroupLayer)
        return self._on_arrow if is_group and parts.arrow.contains(point) else None

    def _paint_background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        state = option.state
        tokens = self._theme.tokens
        if state & QStyle.StateFlag.State_Selected:
            color = tokens.selected
        elif state & QStyle.StateFlag.State_MouseOver:
            color = tokens.hovered
        else:
            return
        area = QRectF(option.rect).adjusted(2, 1, -2, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawRoundedRect(area, 7, 7)

    def _paint_tag(self, painter: QPainter, row: QRect, layer: Layer) -> None:
        """A bar in its colour where the row begins."""
        if layer.color_tag is ColorTag.NONE:
            return
        color = str(getattr(self._theme.tokens, f"tag_{layer.color_tag.value}"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawRoundedRect(QRectF(row.left(), row.top() + 7, TAG_PX, row.height() - 13), 2, 2)

    def _paint_picture(self, painter: QPainter, parts: RowParts, layer: Layer) -> None:
        if isinstance(layer, GroupLayer):
            arrow = "chevron-down" if layer.expanded else "chevron-right"
            self._icon(painter, arrow, parts.arrow, "text_muted", 14)
            self._icon(painter, "group", parts.thumbnail, "text_muted", 22)
        elif isinstance(layer, RasterLayer):
            frame = QRectF(parts.thumbnail)
            paint_picture(painter, frame, self._thumbnails.image(layer.pixels), self._theme.tokens)
            painter.setPen(QPen(QColor(self._theme.tokens.border_strong), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)

    def _paint_mask(self, painter: QPainter, frame: QRectF, mask: Mask) -> None:
        """Coverage in gray, on the value outside; a cross over it when it is disabled."""
        tokens = self._theme.tokens
        outline = QPainterPath()
        outline.addRoundedRect(frame, 5, 5)
        painter.save()
        painter.setClipPath(outline)
        painter.fillRect(frame, QColor("white" if mask.outside else "black"))
        image = self._thumbnails.image(mask.coverage)
        if image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(fitted_into(image, frame), image)
        if not mask.enabled:
            painter.setPen(QPen(QColor(tokens.danger), 2.5))
            painter.drawLine(frame.topLeft(), frame.bottomRight())
            painter.drawLine(frame.topRight(), frame.bottomLeft())
        painter.restore()
        painter.setPen(QPen(QColor(tokens.border_strong), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)

    def _mark_painted(self, painter: QPainter, parts: RowParts, painted: Painted | None) -> None:
        """A frame around what painting goes to."""
        if painted is None:
            return
        frame = QRectF(parts.mask if painted is Painted.MASK else parts.thumbnail)
        painter.setPen(QPen(QColor(self._theme.tokens.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame.adjusted(-1, -1, 1, 1), 6, 6)

    def _mark_out_of_date(self, painter: QPainter, parts: RowParts) -> None:
        """A badge on the corner of the thumbnail."""
        tokens = self._theme.tokens
        corner = parts.thumbnail.bottomRight()
        badge = QRectF(0, 0, BADGE_PX, BADGE_PX)
        badge.moveCenter(QPointF(corner.x() - 2, corner.y() - 2))
        painter.setPen(QPen(QColor(tokens.panel), 2))
        painter.setBrush(QColor(tokens.warning))
        painter.drawEllipse(badge)
        color = tokens.panel
        pixmap = render_svg("out-of-date", BADGE_PX, painter.device().devicePixelRatio(), color)
        painter.drawPixmap(badge.topLeft(), pixmap)

    def _paint_text(
        self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, layer: Layer
    ) -> None:
        tokens = self._theme.tokens
        detail = self._detail(layer)
        name_area = QRect(area)
        if detail:
            name_area.setHeight(area.height() // 2 + 1)
        font = option.font
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        bottom = Qt.AlignmentFlag.AlignLeft | (
            Qt.AlignmentFlag.AlignBottom if detail else Qt.AlignmentFlag.AlignVCenter
        )
        metrics = painter.fontMetrics()
        name = metrics.elidedText(layer.name, Qt.TextElideMode.ElideRight, name_area.width())
        painter.drawText(name_area, bottom, name)
        if not detail:
            return
        small = painter.font()
        small.setPixelSize(max(10, round(metrics.height() * 0.68)))
        painter.setFont(small)
        painter.setPen(QColor(tokens.text_muted))
        below = QRect(area.left(), name_area.bottom() + 2, area.width(), area.height() // 2)
        text = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, text)

    def _detail(self, layer: Layer) -> str:
        usual = BlendMode.PASS_THROUGH if isinstance(layer, GroupLayer) else BlendMode.NORMAL
        parts = [tr("Out of date")] if is_out_of_date(layer) else []
        if layer.blend_mode is not usual:
            parts.append(tr(BLEND_NAMES[layer.blend_mode]))
        if layer.opacity_level < 255:
            parts.append(f"{round(layer.opacity * 100)} %")
        parts += [kept_names(layer)] if kept_names(layer) else []
        if isinstance(layer, GroupLayer) and not parts:
            count = len(layer.children)
            parts.append(tr_count("{count} layer", "{count} layers", count))
        return " · ".join(parts)

    def _paint_buttons(
        self, painter: QPainter, parts: RowParts, option: QStyleOptionViewItem, layer: Layer
    ) -> None:
        state = option.state
        active = bool(state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected))
        if layer.locked:
            self._icon(painter, "lock", parts.lock, "text", ICON_PX)
        elif active:
            chosen = state & QStyle.StateFlag.State_Selected
            tone = "text_muted" if chosen else "text_disabled"
            self._icon(painter, "unlock", parts.lock, tone, ICON_PX)
        eye = "eye" if layer.visible else "eye-off"
        tone = "text_muted" if active or not layer.visible else "text_disabled"
        self._icon(painter, eye, parts.eye, tone, ICON_PX)

    def _icon(self, painter: QPainter, name: str, area: QRect, tone: str, side: int) -> None:
        color = str(getattr(self._theme.tokens, tone))
        pixmap = render_svg(name, side, painter.device().devicePixelRatio(), color)
        x = area.x() + (area.width() - side) / 2
        y = area.y() + (area.height() - side) / 2
        painter.drawPixmap(QPointF(x, y), pixmap)


def is_out_of_date(layer: Layer) -> bool:
    """Whether a generated layer is not what its prompt, box and settings say."""
    return isinstance(layer, RasterLayer) and layer.is_out_of_date


def paint_picture(painter: QPainter, frame: QRectF, image: QImage | None, tokens: Tokens) -> None:
    """A small picture as large as fits, on the squares of transparency, with round corners."""
    outline = QPainterPath()
    outline.addRoundedRect(frame, 5, 5)
    painter.save()
    painter.setClipPath(outline)
    light = tokens.name == "light"
    painter.fillRect(frame, QColor("#ffffff" if light else "#4b4d52"))
    dark = QColor("#dcdfe4" if light else "#5e6067")
    side = frame.width() / CHECKS
    for i in range(CHECKS**2):
        if (i + i // CHECKS) % 2:
            x, y = frame.x() + i % CHECKS * side, frame.y() + i // CHECKS * side
            painter.fillRect(QRectF(x, y, side, side), dark)
    if image is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fitted_into(image, frame), image)
    painter.restore()


def fitted_into(image: QImage, frame: QRectF) -> QRectF:
    """Where an image lies as large as fits, in the middle of a frame."""
    size = image.size().scaled(frame.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRectF(0, 0, size.width(), size.height())
    target.moveCenter(frame.center())
    return target
