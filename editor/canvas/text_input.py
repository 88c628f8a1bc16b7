"""The line editor behind the text tool: invisible at the caret, it knows keys and input methods."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from editor.canvas.utf16 import characters, units
from editor.translations import tr


class TextInput(QPlainTextEdit):
    """Takes what is typed; the picture shows it.

    Signals:
        edited: (text, position of the caret, other end of what is marked), in characters.
        ended: Ctrl+Enter.
        cancelled: Escape.
    """

    edited = Signal(str, int, int)
    ended = Signal()
    cancelled = Signal()

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._preedit = ""
        self.setAccessibleName(tr("Text"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(1, 1)  # the picture shows what is typed
        self.setObjectName("canvasKeys")  # without height and border, a line below the caret
        self.hide()
        self.textChanged.connect(self._tell)
        self.cursorPositionChanged.connect(self._tell)

    def open(self, text: str, position: int, anchor: int) -> None:
        """Begin with a text, or go to another place in it."""
        with QSignalBlocker(self):
            if text != self.toPlainText():
                self.setPlainText(text)
            cursor = self.textCursor()
            cursor.setPosition(units(text, anchor))
            cursor.setPosition(units(text, position), QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_quietly(self) -> None:
        """Hide; the keyboard goes back to the canvas."""
        if self.isHidden():
            return
        had_focus = self.hasFocus()
        self.hide()
        with QSignalBlocker(self):
            self.clear()
        canvas = self.parentWidget()
        if had_focus and canvas is not None:
            canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def place(self, corner: QPoint) -> None:
        """Lie at the caret, where windows of input methods open."""
        self.move(corner)

    def event(self, event: QEvent) -> bool:
        shortcut = event.type() == QEvent.Type.ShortcutOverride
        if shortcut and isinstance(event, QKeyEvent) and (_ends(event) or _cancels(event)):
            event.accept()  # these keys are actions elsewhere
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _cancels(event):
            self.cancelled.emit()
        elif _ends(event):
            self.ended.emit()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._preedit = event.preeditString()
        super().inputMethodEvent(event)
        self._tell()

    def _tell(self) -> None:
        if self.isHidden():
            return
        text, cursor = self.toPlainText(), self.textCursor()
        position = characters(text, cursor.position())
        anchor = characters(text, cursor.anchor())
        if self._preedit:  # what an input method composes is shown before it is certain
            text = text[:position] + self._preedit + text[position:]
            position = anchor = position + len(self._preedit)
        self.edited.emit(text, position, anchor)


def _cancels(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape


def _ends(event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
