"""Layers that are still being made, painted over the document without touching it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from editor.canvas.overlay_style import OverlayStyle
from editor.canvas.overlays import device_rect, outline, paint_tag
from editor.canvas.tiles import Bgra, Rgba, premultiplied_bgra
from editor.canvas.viewport import Viewport
from editor.document.geometry import Rect, union_of

SHIMMER_MS = 60
SHIMMER_PERIOD_MS = 1800
FAREWELL_MS = 1500  # previews stay at most so long for the tiles that replace them

PreviewInput = tuple[str, str, Rect, Rgba | None]  # layer id, name, box, straight RGBA or nothing


@dataclass(frozen=True, slots=True)
class Preview:
    """One layer to come. The image borrows `pixels`, so both live together."""

    layer_id: str
    name: str
    rect: Rect
    pixels: Bgra | None
    image: QImage | None

    @property
    def waiting(self) -> bool:
        """Whether there is nothing to see yet."""
        return self.image is None


def make_previews(previews: Sequence[PreviewInput]) -> tuple[Preview, ...]:
    """Previews ready to paint, bottom to top; pixels of any size are stretched over the box."""
    made = []
    for layer_id, name, rect, rgba in previews:
        pixels = premultiplied_bgra(rgba) if rgba is not None else None
        made.append(Preview(layer_id, name, rect, pixels, _image(pixels)))
    return tuple(made)


def _image(pixels: Bgra | None) -> QImage | None:
    if pixels is None:
        return None
    height, width = pixels.shape[:2]
    layout = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, width, height, 4 * width, layout)


def covers_page(preview: Preview, viewport: Viewport) -> bool:
    """Whether this is the background: it needs no frame, the page has one."""
    page = Rect(0, 0, viewport.document_width, viewport.document_height)
    return preview.rect.contains(page)


def paint_previews(
    painter: QPainter,
    viewport: Viewport,
    previews: Sequence[Preview],
    style: OverlayStyle,
    phase: float,
) -> None:
    """Draw the pictures, then light in those boxes that still wait, then frames and names.

    Args:
        phase: Place of the travelling light, 0 to 1; below 0 = no light, for reduced motion.
    """
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    for preview in previews:
        if preview.image is not None:
            painter.drawImage(
                QRectF(device_rect(preview.rect.as_floats(), viewport)), preview.image
            )
    for preview in previews:
        if preview.waiting:
            _paint_shimmer(painter, device_rect(preview.rect.as_floats(), viewport), style, phase)
    for preview in previews:
        if covers_page(preview, viewport):
            continue
        rect = device_rect(preview.rect.as_floats(), viewport)
        color = QColor(style.colors.hover)
        outline(painter, rect, color, style, 1.5)
        if preview.name:
            paint_tag(painter, rect, preview.name, color, style, inside=True)


def _paint_shimmer(painter: QPainter, rect: QRect, style: OverlayStyle, phase: float) -> None:
    light = QColor(style.colors.shimmer)
    clear = QColor(light)
    clear.setAlpha(light.alpha() // 4)
    if phase < 0:
        painter.fillRect(rect, clear)
        return
    span = max(rect.width(), rect.height())
    start = QPointF(rect.topLeft()) + QPointF(span, span) * (3 * phase - 2)
    gradient = QLinearGradient(start, start + QPointF(span, span))
    gradient.setColorAt(0.0, clear)
    gradient.setColorAt(0.5, light)
    gradient.setColorAt(1.0, clear)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillRect(rect, gradient)


class PreviewShow(QObject):
    """The previews on the screen: the light that travels over waiting boxes, and their farewell.

    Signals:
        changed: (Rect) Part of the document, in its pixels, to paint again.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._previews: tuple[Preview, ...] = ()
        self._leaving = False
        self._phase = 0.0
        self.reduced_motion = False
        self._shimmer = QTimer(self)
        self._shimmer.setInterval(SHIMMER_MS)
        self._shimmer.timeout.connect(self._advance)
        self._farewell = QTimer(self)
        self._farewell.setSingleShot(True)
        self._farewell.setInterval(FAREWELL_MS)
        self._farewell.timeout.connect(self.drop)

    @property
    def visible(self) -> bool:
        """Whether any are painted, those that take their leave included."""
        return bool(self._previews)

    @property
    def active(self) -> bool:
        """Whether layers are being made now."""
        return self.visible and not self._leaving

    def show(self, previews: Sequence[PreviewInput]) -> None:
        """Replace the previews."""
        before = self._extent()
        self._farewell.stop()
        self._leaving = False
        self._previews = make_previews(previews)
        waiting = any(preview.waiting for preview in self._previews)
        if not waiting or self.reduced_motion:
            self._shimmer.stop()
        elif not self._shimmer.isActive():
            self._shimmer.start()
        self.changed.emit(before.union(self._extent()))

    def leave(self) -> None:
        """Stay only until `settle` is called, or not for long."""
        self._shimmer.stop()
        self._leaving = self.visible
        if self._leaving:
            self._farewell.start()

    def settle(self) -> None:
        """The tiles under the previews are up to date."""
        if self._leaving:
            self.drop()

    def drop(self) -> None:
        """Be gone at once."""
        extent = self._extent()
        self.stop()
        self._previews, self._leaving = (), False
        if not extent.is_empty:
            self.changed.emit(extent)

    def stop(self) -> None:
        """Stop the timers."""
        self._shimmer.stop()
        self._farewell.stop()

    def paint(self, painter: QPainter, viewport: Viewport, style: OverlayStyle) -> None:
        """Draw the previews; the painter's unit is the device pixel."""
        if self._previews:
            phase = -1.0 if self.reduced_motion else self._phase
            paint_previews(painter, viewport, self._previews, style, phase)

    def _extent(self) -> Rect:
        return union_of(preview.rect for preview in self._previews)

    def _advance(self) -> None:
        self._phase = (self._phase + SHIMMER_MS / SHIMMER_PERIOD_MS) % 1.0
        self.changed.emit(union_of(p.rect for p in self._previews if p.waiting))
