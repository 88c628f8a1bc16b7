"""A widget that shows a page through a viewport: zoom, pan, fit, wheel, pinch, pixel ratio."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QRegion, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from editor.canvas.input import wheel_pan, wheel_zoom
from editor.canvas.viewport import Viewport, next_step

FIT_MARGIN_PX = 32  # logical pixels of air around a fitted page


class ZoomableWidget(QWidget):
    """Base of the canvas: where the page lies, and what moves it.

    Signals:
        zoom_changed: Device pixels per document pixel; 1.0 is 100 %.
        view_moved: The page lies elsewhere, or has another scale.
    """

    zoom_changed = Signal(float)
    view_moved = Signal()

    def __init__(self, page_size: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ratio = self.devicePixelRatioF()
        self._viewport = Viewport(1, 1, *page_size)
        self._fits = True
        self.grabGesture(Qt.GestureType.PinchGesture)

    # For the class that paints

    def viewport_changed(self) -> None:
        """The page lies elsewhere or has another scale."""

    def show_moved(self, dx: int, dy: int) -> None:
        """The page lies elsewhere by device pixels, at the same scale; bring that to the screen."""
        del dx, dy
        self.update()

    def ratio_changed(self) -> None:
        """The screen has another number of device pixels per logical pixel."""

    def show_page_of(self, width: int, height: int) -> None:
        """The page has another size; it stays fitted if it was."""
        self.set_viewport(self._viewport.of_size(width, height))
        if self._fits:
            self.zoom_to_fit()

    def set_viewport(self, viewport: Viewport) -> None:
        """Look at another part of the page."""
        old = self._viewport
        zoomed = viewport.scale != old.scale
        dx, dy = viewport.origin_x - old.origin_x, viewport.origin_y - old.origin_y
        self._viewport = viewport
        self.viewport_changed()
        if viewport == replace(old, origin_x=viewport.origin_x, origin_y=viewport.origin_y):
            self.show_moved(dx, dy)
        else:
            self.update()
        self.view_moved.emit()
        if zoomed:
            self.zoom_changed.emit(viewport.scale)

    # For everybody

    @property
    def zoom(self) -> float:
        """Device pixels per document pixel; 1.0 is 100 %."""
        return self._viewport.scale

    @property
    def viewport(self) -> Viewport:
        """Where the document lies in the widget, in device pixels."""
        return self._viewport

    def zoom_to_fit(self) -> None:
        """Show the whole page; it stays fitted until the view is moved by hand."""
        self._fits = True
        self.set_viewport(self._viewport.fitted(round(FIT_MARGIN_PX * self._ratio)))

    def zoom_to(self, factor: float) -> None:
        """Zoom around the middle of the view; 1.0 shows a document pixel on a device pixel."""
        self.zoom_at(factor, self._viewport.width / 2, self._viewport.height / 2)

    def zoom_in(self) -> None:
        """One step larger."""
        self.zoom_to(next_step(self.zoom, larger=True))

    def zoom_out(self) -> None:
        """One step smaller."""
        self.zoom_to(next_step(self.zoom, larger=False))

    def zoom_at(self, scale: float, view_x: float, view_y: float) -> None:
        """Zoom with the document position under a device position kept in place."""
        self._fits = False
        self.set_viewport(self._viewport.zoomed(scale, view_x, view_y))

    def pan(self, dx: float, dy: float) -> None:
        """Move the view by device pixels."""
        self._fits = False
        self.set_viewport(self._viewport.panned(dx, dy))

    # Qt's events

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._take_over_widget()
        elif isinstance(event, QNativeGestureEvent):
            return self._native_gesture(event)
        elif isinstance(event, QGestureEvent):
            return self._touch_gesture(event)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_over_widget()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            position = event.position() * self._ratio
            self.zoom_at(wheel_zoom(event, self.zoom), position.x(), position.y())
        else:
            distance = wheel_pan(event) * self._ratio
            self.pan(distance.x(), distance.y())
        event.accept()

    def _take_over_widget(self) -> None:
        """Follow the size and the pixel ratio of the widget."""
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        viewport = self._viewport.resized(max(1, width), max(1, height))
        if ratio != self._ratio:
            # The page keeps its apparent size on a screen with finer pixels.
            scale = viewport.scale * ratio / self._ratio
            viewport = viewport.zoomed(scale, viewport.width / 2, viewport.height / 2)
            self._ratio = ratio
            self.ratio_changed()
        if self._fits:
            viewport = viewport.fitted(round(FIT_MARGIN_PX * ratio))
        self.set_viewport(viewport)

    def _native_gesture(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom_by(1 + event.value(), event.position())
        elif event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
            self._toggle_fit()
        else:
            return False
        return True

    def _touch_gesture(self, event: QGestureEvent) -> bool:
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        middle = QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint()))
        travel = (pinch.centerPoint() - pinch.lastCenterPoint()) * self._ratio
        self.pan(travel.x(), travel.y())
        self._zoom_by(pinch.scaleFactor(), middle)
        return True

    def _zoom_by(self, factor: float, position: QPointF) -> None:
        self.zoom_at(self.zoom * factor, position.x() * self._ratio, position.y() * self._ratio)

    def _toggle_fit(self) -> None:
        if self._fits:
            self.zoom_to(1.0)
        else:
            self.zoom_to_fit()


def to_device(rect: QRect, ratio: float) -> QRect:
    """The device pixels that a rectangle of logical pixels touches."""
    return _scaled_outwards(rect, ratio)


def to_logical(rect: QRect, ratio: float) -> QRect:
    """The logical pixels that a rectangle of device pixels touches."""
    return _scaled_outwards(rect, 1 / ratio)


def rects_of(region: QRegion) -> list[QRect]:
    """The rectangles that a region consists of."""
    return list(cast("Iterable[QRect]", region))  # the type stubs do not know that it iterates


def _scaled_outwards(rect: QRect, factor: float) -> QRect:
    left, top = int(rect.left() * factor // 1), int(rect.top() * factor // 1)
    right = -int(-(rect.left() + rect.width()) * factor // 1)
    bottom = -int(-(rect.top() + rect.height()) * factor // 1)
    return QRect(left, top, right - left, bottom - top)
