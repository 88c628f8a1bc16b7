"""Draws what tools ask for over the picture: frames, handles, name tags, layout boxes, snap lines.

Everything is drawn in device pixels, so lines are sharp on every screen, and in two tones, so
they show on every picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QRegion

from editor.canvas.frame_painting import (
    HANDLE_SIDE_PX,
    paint_crop_frame,
    paint_knobs,
    paint_text_marks,
    paint_turned_frame,
    text_bounds,
    turned_bounds,
)
from editor.canvas.guide_painting import line_bounds, paint_guide, paint_snap_line
from editor.canvas.marching_ants import outline_bounds, paint_outline
from editor.canvas.overlay_style import OverlayStyle
from editor.canvas.paint_marks import mark_bounds, paint_mark
from editor.canvas.viewport import Viewport
from editor.tools.handles import FloatRect, offered_handles
from editor.tools.overlay import (
    BoxFrame,
    CropFrame,
    Frame,
    FrameStyle,
    GuideLine,
    Outline,
    OverlayItem,
    PaintMark,
    SnapLine,
    TextMarks,
    TurnedFrame,
)
from editor.translations import tr

TAG_HEIGHT_PX = 18
TAG_MAX_PX = 220
LEAST_LETTERS = 3  # of a name after its number, with the dots: fewer say nothing
FAINT_OPACITY = 0.75
DASH = 4  # lengths of the dashes and gaps of faint boxes, in line widths
OVERLAY_MARGIN_PX = 26  # logical pixels that handles and tags may reach out of their frame


def paint_overlays(
    painter: QPainter,
    viewport: Viewport,
    items: Sequence[OverlayItem],
    style: OverlayStyle,
    exposed: QRegion,
) -> None:
    """Draw the items, lowest first; the painter's unit is the device pixel.

    What lies outside of `exposed` may be left out.
    """
    boxes = [item for item in items if isinstance(item, BoxFrame)]
    for item in items:
        if isinstance(item, Frame):
            if any(exposed.intersects(rect) for rect in _touched(item, viewport, style)):
                _paint_frame(painter, viewport, item, style, exposed)
        elif isinstance(item, BoxFrame):
            if item is boxes[0]:
                _paint_boxes(painter, viewport, boxes, style)
        elif isinstance(item, GuideLine):
            paint_guide(painter, viewport, item, style)
        elif isinstance(item, Outline):
            paint_outline(painter, viewport, item, style)
        elif isinstance(item, TurnedFrame):
            paint_turned_frame(painter, viewport, item, style)
        elif isinstance(item, CropFrame):
            paint_crop_frame(painter, viewport, item, style)
        elif isinstance(item, PaintMark):
            paint_mark(painter, viewport, item, style)
        elif isinstance(item, TextMarks):
            paint_text_marks(painter, viewport, item, style)
        else:
            paint_snap_line(painter, viewport, item, style)


def device_rect(rect: FloatRect, viewport: Viewport) -> QRect:
    """Where a rectangle of document pixels lies on the screen."""
    x0, y0 = viewport.to_device(rect[0], rect[1])
    x1, y1 = viewport.to_device(rect[2], rect[3])
    return QRect(round(x0), round(y0), round(x1) - round(x0), round(y1) - round(y0))


def overlay_region(
    items: Sequence[OverlayItem], viewport: Viewport, style: OverlayStyle
) -> QRegion:
    """What the items can touch on the screen, handles and tags included, in device pixels.

    A frame touches its edges only: what lies inside need not be painted again.
    """
    region = QRegion()
    view = QRect(0, 0, viewport.width, viewport.height)
    for item in items:
        for rect in _touched(item, viewport, style):
            region = region.united(rect.intersected(view))
    return region


def overlay_box(
    items: Sequence[OverlayItem], viewport: Viewport, style: OverlayStyle
) -> QRect | None:
    """Where all items lie with their tags, in device pixels; it may reach out of the view.

    None when there is one that does not simply move with the page.
    """
    margin, tag = style.px(OVERLAY_MARGIN_PX), style.px(TAG_MAX_PX)
    box = QRect()
    for item in items:
        if not isinstance(item, Frame | BoxFrame):
            return None
        rect = device_rect(item.rect, viewport).adjusted(-margin, -margin, margin, margin)
        box = box.united(rect.united(QRect(rect.left(), rect.top(), tag + 2 * margin, 2 * margin)))
    return box


def held_tags(
    items: Sequence[OverlayItem], viewport: Viewport, style: OverlayStyle, dx: int, dy: int
) -> QRegion:
    """Where name tags do not move by (dx, dy) with the page, because they are kept inside the view.

    In device pixels, as they lie after the move and as they lay before.
    """
    before = replace(viewport, origin_x=viewport.origin_x - dx, origin_y=viewport.origin_y - dy)
    view = QRect(0, 0, viewport.width, viewport.height)
    region = QRegion()
    for item in items:
        if not (isinstance(item, BoxFrame) or (isinstance(item, Frame | GuideLine) and item.label)):
            continue
        new, old = (_touched(item, place, style)[-1] for place in (viewport, before))
        if old.translated(dx, dy) != new or not (view.contains(new) and view.contains(old)):
            for tag in (new, old, old.translated(dx, dy)):
                region = region.united(tag.intersected(view))
    return region


def _touched(item: OverlayItem, viewport: Viewport, style: OverlayStyle) -> list[QRect]:
    if isinstance(item, TextMarks):
        return text_bounds(item, viewport, style)
    if not isinstance(item, Frame | BoxFrame):
        return _touched_by_lines(item, viewport, style)
    rect = device_rect(item.rect, viewport)
    margin = style.px(OVERLAY_MARGIN_PX)
    outer = rect.adjusted(-margin, -margin, margin, margin)
    tag = QRect(max(0, outer.left()), outer.top(), style.px(TAG_MAX_PX) + 2 * margin, 2 * margin)
    if isinstance(item, BoxFrame) or min(rect.width(), rect.height()) <= 2 * margin:
        return [outer, tag]
    return [*_edges(rect, 2 * margin), tag]


def _touched_by_lines(
    item: SnapLine | GuideLine | Outline | TurnedFrame | CropFrame | PaintMark,
    viewport: Viewport,
    style: OverlayStyle,
) -> list[QRect]:
    if isinstance(item, Outline):
        return [outline_bounds(item, viewport, style)]
    if isinstance(item, CropFrame):
        return [QRect(0, 0, viewport.width, viewport.height)]
    if isinstance(item, TurnedFrame):
        return [turned_bounds(item, viewport, style)]
    if isinstance(item, PaintMark):
        return mark_bounds(viewport, item, style)
    return line_bounds(viewport, item, style)


def paint_tag(
    painter: QPainter,
    frame: QRect,
    text: str,
    color: QColor,
    style: OverlayStyle,
    *,
    inside: bool,
    short: str = "",
) -> None:
    """A name tag at the top left of a frame; above it, or `inside` where that would be cut off.

    Args:
        short: How the text begins; shown alone where next to nothing of the rest would be.
    """
    font = style.tag_font()
    metrics = QFontMetrics(font)
    padding, height = style.px(6), style.px(TAG_HEIGHT_PX)
    room = style.px(TAG_MAX_PX)
    if inside:
        room = min(room, frame.width() - style.px(8) - 2 * padding)
    text = shown_tag(metrics, text, short, max(0, room))
    if not text:
        return
    inside = inside or frame.top() < height
    top = frame.top() + (style.px(4) if inside else -height - style.px(3))
    left = frame.left() + (style.px(4) if inside else -style.px(1))
    tag = QRect(max(0, left), top, metrics.horizontalAdvance(text) + 2 * padding, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(tag, style.px(4), style.px(4))
    painter.setFont(font)
    painter.setPen(QColor(style.colors.tag_text))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)


def shown_tag(metrics: QFontMetrics, text: str, short: str, room: int) -> str:
    """As much of a text as has room: "2  a dog", "2  a d…", or only the `short` "2"."""
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    rest = shown.removeprefix(short).strip()
    if short and shown != text and len(rest) <= LEAST_LETTERS:
        return metrics.elidedText(short, Qt.TextElideMode.ElideRight, room)
    return shown


def outline(
    painter: QPainter, frame: QRect, color: QColor, style: OverlayStyle, width: float = 1.0
) -> None:
    """The frame as a line in its colour between two lines in the halo colour."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    inner, halo = style.px(width), style.px(1)
    for edge in _edges(frame, inner + 2 * halo):
        painter.fillRect(edge, QColor(style.colors.halo))
    for edge in _edges(frame, inner):
        painter.fillRect(edge, color)


def _edges(frame: QRect, across: int) -> list[QRect]:
    """Four strips of a width, centred on the edges of a frame; they do not overlap."""
    x0, y0 = frame.left() - (across + 1) // 2, frame.top() - (across + 1) // 2
    x1 = frame.left() + frame.width() - across // 2
    y1 = frame.top() + frame.height() - across // 2
    return [
        QRect(x0, y0, x1 - x0 + across, across),
        QRect(x0, y1, x1 - x0 + across, across),
        QRect(x0, y0 + across, across, y1 - y0 - across),
        QRect(x1, y0 + across, across, y1 - y0 - across),
    ]


def _paint_frame(
    painter: QPainter, viewport: Viewport, frame: Frame, style: OverlayStyle, exposed: QRegion
) -> None:
    rect = device_rect(frame.rect, viewport)
    color = {
        FrameStyle.SELECTED: QColor(style.colors.accent),
        FrameStyle.HOVERED: QColor(style.colors.hover),
        FrameStyle.LOCKED: QColor(style.colors.locked),
    }[frame.style]
    outline(painter, rect, color, style, 1.0 if frame.style is FrameStyle.HOVERED else 2.0)
    if frame.handles:
        _paint_handles(painter, viewport, frame.rect, color, style)
    if frame.label and exposed.intersects(_touched(frame, viewport, style)[-1]):
        paint_tag(
            painter, _above_handles(rect, frame, style), frame.label, color, style, inside=False
        )


def _above_handles(rect: QRect, frame: Frame, style: OverlayStyle) -> QRect:
    """The frame a tag sits on: handles stand out of it by half their size."""
    out = style.px(HANDLE_SIDE_PX / 2) if frame.handles else 0
    return rect.adjusted(0, -out, 0, 0)


def _paint_handles(
    painter: QPainter, viewport: Viewport, rect: FloatRect, color: QColor, style: OverlayStyle
) -> None:
    pixel = style.ratio / viewport.scale
    places = [viewport.to_device(*h.position(rect)) for h in offered_handles(rect, pixel)]
    paint_knobs(painter, places, color, style)


def _paint_boxes(
    painter: QPainter, viewport: Viewport, boxes: Sequence[BoxFrame], style: OverlayStyle
) -> None:
    """All frames first, so that none crosses the name tag of another box."""
    for box in boxes:
        rect = device_rect(box.rect, viewport)
        if box.faint:
            _paint_faint_frame(painter, rect, style)
        else:
            if box.filled:
                painter.fillRect(rect, QColor(style.colors.box_fill))
            width = 2.0 if box.selected or box.hovered else 1.0
            outline(painter, rect, QColor(style.colors.box), style, width)
    for box in boxes:
        _paint_box_tag(painter, viewport, box, style)
    for box in boxes:
        if box.selected and box.number and not box.faint:
            _paint_handles(painter, viewport, box.rect, QColor(style.colors.box), style)


def _paint_box_tag(
    painter: QPainter, viewport: Viewport, box: BoxFrame, style: OverlayStyle
) -> None:
    if box.faint and not box.number:
        return
    x0, y0, x1, y1 = (round(edge) for edge in box.rect)
    text = _box_text(box) if box.number else f"{x1 - x0} × {y1 - y0}"
    painter.save()
    painter.setOpacity(FAINT_OPACITY if box.faint else 1.0)
    rect = device_rect(box.rect, viewport)
    short = str(box.number) if box.number else ""
    paint_tag(painter, rect, text, QColor(style.colors.box), style, inside=True, short=short)
    painter.restore()


def _box_text(box: BoxFrame) -> str:
    text = f"{box.number}  {box.label}" if box.label else str(box.number)
    return f"{text} · {tr('out of date')}" if box.out_of_date else text


def _paint_faint_frame(painter: QPainter, rect: QRect, style: OverlayStyle) -> None:
    """Dashes in two tones that let the picture through."""
    painter.save()
    painter.setOpacity(FAINT_OPACITY)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    line = style.px(1)
    for color, dash_offset in ((style.colors.halo, DASH), (style.colors.box, 0)):
        pen = QPen(QColor(color), line)
        pen.setDashPattern([DASH, DASH])
        pen.setDashOffset(dash_offset)
        painter.setPen(pen)
        painter.drawRect(rect.adjusted(0, 0, -line, -line))
    painter.restore()
