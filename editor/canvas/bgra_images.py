"""Arrays of premultiplied BGRA as Qt's pictures, and drawing parts of them at the view's scale."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from editor.canvas.tiles import Bgra
from editor.canvas.viewport import Viewport
from editor.document.geometry import Rect


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """An image of part of the page.

    Attributes:
        image: Borrows the memory of an array, which must live as long.
        rect: What it covers, in pixels of the level.
    """

    image: QImage
    level: int
    rect: Rect


def placed_image(pixels: Bgra, level: int, rect: Rect, *, opaque: bool) -> PlacedImage:
    """An array (h, w, 4) as an image of `rect`; keep both."""
    height, width = pixels.shape[:2]
    layout = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    return PlacedImage(QImage(pixels.data, width, height, 4 * width, layout), level, rect)


def blit(painter: QPainter, viewport: Viewport, placed: PlacedImage, target: QRect) -> None:
    """Draw the part of an image that lies on `target` (device pixels)."""
    step = viewport.scale * (1 << placed.level)
    x = (target.x() - viewport.origin_x) / step - placed.rect.x0
    y = (target.y() - viewport.origin_y) / step - placed.rect.y0
    if step == 1.0:
        source = QRect(round(x), round(y), target.width(), target.height())
        painter.drawImage(target.topLeft(), placed.image, source)
        return
    source_f = QRectF(x, y, target.width() / step, target.height() / step)
    painter.drawImage(QRectF(target), placed.image, source_f)


def device_part(rect: Rect, level: int, viewport: Viewport) -> QRect:
    """Where level pixels of the page lie; neighbours share edges without a gap."""
    step = viewport.scale * (1 << level)
    _, _, right, bottom = viewport.document_rect()
    x0, y0 = round(viewport.origin_x + rect.x0 * step), round(viewport.origin_y + rect.y0 * step)
    x1 = min(right, round(viewport.origin_x + rect.x1 * step))
    y1 = min(bottom, round(viewport.origin_y + rect.y1 * step))
    return QRect(x0, y0, max(0, x1 - x0), max(0, y1 - y0))
