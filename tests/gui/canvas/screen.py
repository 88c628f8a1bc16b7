"""Reading the screen and using mouse and keys in document positions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from editor.canvas.view import CanvasView

Left = Qt.MouseButton.LeftButton
NoModifier = Qt.KeyboardModifier.NoModifier


def shot(view: CanvasView) -> npt.NDArray[np.int16]:
    """What the widget shows, h w 3 RGB in device pixels."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    rows = flat.reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width(), 2::-1].astype(np.int16)


def page_shot(view: CanvasView) -> npt.NDArray[np.int16]:
    """The visible part of the page only."""
    x0, y0, x1, y1 = view.viewport.document_rect()
    return shot(view)[max(0, y0) : y1, max(0, x0) : x1]


def at(view: CanvasView, x: float, y: float) -> QPoint:
    """Widget position (logical pixels) of a document position."""
    device_x, device_y = view.viewport.to_device(x, y)
    ratio = view.devicePixelRatioF()
    return QPoint(round(device_x / ratio), round(device_y / ratio))


def drag(
    view: CanvasView,
    start: QPoint,
    end: QPoint,
    *,
    button: Qt.MouseButton = Left,
    modifiers: Qt.KeyboardModifier = NoModifier,
) -> None:
    """Press, move in three steps, release."""
    press(view, start, button, modifiers)
    for share in (0.3, 0.7, 1.0):
        move(view, start + (end - start) * share, button, modifiers)
    release(view, end, button, modifiers)


def press(
    view: CanvasView,
    position: QPoint,
    button: Qt.MouseButton = Left,
    modifiers: Qt.KeyboardModifier = NoModifier,
) -> None:
    """A button goes down."""
    QTest.mousePress(view, button, modifiers, position)


def release(
    view: CanvasView,
    position: QPoint,
    button: Qt.MouseButton = Left,
    modifiers: Qt.KeyboardModifier = NoModifier,
) -> None:
    """A button goes up."""
    QTest.mouseRelease(view, button, modifiers, position)


def click(view: CanvasView, position: QPoint, modifiers: Qt.KeyboardModifier = NoModifier) -> None:
    """The left button goes down and up."""
    press(view, position, modifiers=modifiers)
    release(view, position, modifiers=modifiers)


def move(
    view: CanvasView,
    position: QPoint,
    button: Qt.MouseButton = Qt.MouseButton.NoButton,
    modifiers: Qt.KeyboardModifier = NoModifier,
) -> None:
    """A mouse move with a button held, which QTest cannot send."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(position),
        QPointF(view.mapToGlobal(position)),
        Qt.MouseButton.NoButton,
        button,
        modifiers,
    )
    QApplication.sendEvent(view, event)
    QApplication.processEvents()


def wheel(
    view: CanvasView,
    position: QPoint,
    angle: QPoint,
    modifiers: Qt.KeyboardModifier = NoModifier,
    pixels: QPoint | None = None,
) -> None:
    """A turn of the wheel; 120 units are one notch."""
    event = QWheelEvent(
        QPointF(position),
        QPointF(view.mapToGlobal(position)),
        pixels or QPoint(),
        angle,
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
