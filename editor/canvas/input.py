"""Translates Qt's events into what tools understand."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QFocusEvent, QPainter, QPen, QPixmap, QWheelEvent

from editor.canvas.viewport import Viewport
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.overlay import CursorShape

WHEEL_STEP_PX = 64  # logical pixels per notch of a wheel
NOTCH = 120  # Qt's unit for one notch
NOTCHES_PER_DOUBLING = 3

_KEYS = {
    Qt.Key.Key_Left: Key.LEFT,
    Qt.Key.Key_Right: Key.RIGHT,
    Qt.Key.Key_Up: Key.UP,
    Qt.Key.Key_Down: Key.DOWN,
    Qt.Key.Key_Escape: Key.ESCAPE,
    Qt.Key.Key_Return: Key.ENTER,
    Qt.Key.Key_Enter: Key.ENTER,
    Qt.Key.Key_Delete: Key.DELETE,
    Qt.Key.Key_Backspace: Key.DELETE,
    Qt.Key.Key_PageUp: Key.NEXT,
    Qt.Key.Key_PageDown: Key.PREVIOUS,
    **{Qt.Key(Qt.Key.Key_0.value + digit): Key[f"DIGIT_{digit}"] for digit in range(10)},
}

_KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_CURSORS = {
    CursorShape.DEFAULT: Qt.CursorShape.ArrowCursor,
    CursorShape.MOVE: Qt.CursorShape.SizeAllCursor,
    CursorShape.DRAW: Qt.CursorShape.CrossCursor,
    CursorShape.PICK: Qt.CursorShape.CrossCursor,
    CursorShape.BLANK: Qt.CursorShape.BlankCursor,
    CursorShape.HAND: Qt.CursorShape.OpenHandCursor,
    CursorShape.HAND_CLOSED: Qt.CursorShape.ClosedHandCursor,
    CursorShape.TEXT: Qt.CursorShape.IBeamCursor,
    CursorShape.FORBIDDEN: Qt.CursorShape.ForbiddenCursor,
    CursorShape.RESIZE_HORIZONTAL: Qt.CursorShape.SizeHorCursor,
    CursorShape.RESIZE_VERTICAL: Qt.CursorShape.SizeVerCursor,
    CursorShape.RESIZE_FALLING: Qt.CursorShape.SizeFDiagCursor,
    CursorShape.RESIZE_RISING: Qt.CursorShape.SizeBDiagCursor,
}


def key_from(key: int) -> Key | None:
    """The tools' key of a Qt key code; None = not one of theirs."""
    try:
        return _KEYS.get(Qt.Key(key))
    except ValueError:  # keys without a name in Qt
        return None


def modifiers_from(modifiers: Qt.KeyboardModifier) -> Modifier:
    """The tools' modifiers."""
    held = Modifier.NONE
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        held |= Modifier.SHIFT
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        held |= Modifier.CONTROL
    if modifiers & Qt.KeyboardModifier.AltModifier:
        held |= Modifier.ALT
    return held


def pointer_from(
    position: QPointF,
    modifiers: Qt.KeyboardModifier,
    viewport: Viewport,
    ratio: float,
    clicks: int = 1,
) -> Pointer:
    """A position in logical widget pixels as the tools see it."""
    view_x, view_y = position.x() * ratio, position.y() * ratio
    x, y = viewport.to_document(view_x, view_y)
    pixel = ratio / viewport.scale
    return Pointer(x, y, view_x, view_y, pixel, modifiers_from(modifiers), clicks)


def wheel_pan(event: QWheelEvent) -> QPointF:
    """Logical pixels to move the view by; Shift turns a plain wheel sideways."""
    if not event.pixelDelta().isNull():
        return QPointF(event.pixelDelta())
    notches = QPointF(event.angleDelta()) / NOTCH
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not notches.x():
        notches = QPointF(notches.y(), 0)
    return notches * WHEEL_STEP_PX


def wheel_zoom(event: QWheelEvent, scale: float) -> float:
    """The scale after a wheel event; whole notches stop at 100 % on their way."""
    delta = event.angleDelta().y() or event.angleDelta().x()
    new = scale * 2 ** (delta / NOTCH / NOTCHES_PER_DOUBLING)
    passes_full_size = abs(delta) >= NOTCH and (scale - 1) * (new - 1) < 0
    return 1.0 if passes_full_size and abs(scale - 1) > 1e-6 else new


def cursor_from(shape: CursorShape) -> QCursor:
    """The mouse pointer of a shape."""
    if shape is CursorShape.ROTATE:
        return turning_arrow()
    return magnifier() if shape is CursorShape.ZOOM else QCursor(_CURSORS[shape])


def magnifier() -> QCursor:
    """Qt has no magnifier; this one is drawn in two tones to show on every picture."""
    pixmap = QPixmap(24, 24)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((QColor("white"), 4.5), (QColor("black"), 2.0)):
        painter.setPen(QPen(color, width))
        painter.drawEllipse(QPointF(9, 9), 6, 6)
        painter.drawLine(QPointF(14, 14), QPointF(20, 20))
    painter.end()
    return QCursor(pixmap, 9, 9)


def turning_arrow() -> QCursor:
    """A bent arrow with two heads, which Qt does not have either."""
    pixmap = QPixmap(24, 24)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((QColor("white"), 4.5), (QColor("black"), 2.0)):
        painter.setPen(QPen(color, width))
        painter.drawArc(QRectF(5, 5, 18, 18), 90 * 16, 90 * 16)
        painter.drawPolyline([QPointF(11, 1.5), QPointF(15, 5), QPointF(11, 8.5)])
        painter.drawPolyline([QPointF(1.5, 11), QPointF(5, 15), QPointF(8.5, 11)])
    painter.end()
    return QCursor(pixmap, 12, 12)


def came_by_keyboard(event: QFocusEvent) -> bool:
    """Whether the focus came by a key, so that it must be shown."""
    return event.reason() in _KEYBOARD_REASONS
