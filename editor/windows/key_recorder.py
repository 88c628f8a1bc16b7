"""A field that takes the next key pressed as a shortcut."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from editor.translations import tr

_MODIFIERS = frozenset(
    {
        Qt.Key.Key_Control,
        Qt.Key.Key_Shift,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_unknown,
    }
)


class KeyRecorder(QLineEdit):
    """Waits for a key while it has focus; Escape alone gives up.

    Signals:
        recorded(str): A key with its modifiers, in portable text.
        given_up: Escape, or the focus went elsewhere.
    """

    recorded = Signal(str)
    given_up = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAccessibleName(tr("Press the new shortcut"))
        self.setPlaceholderText(tr("Press the new shortcut; Escape gives up"))

    def event(self, event: QEvent) -> bool:
        """Every key comes here, also those that are shortcuts now and Tab."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.given_up.emit()

    def _take(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _MODIFIERS:
            return
        modifiers = _meant(event)
        if key == Qt.Key.Key_Escape and modifiers == Qt.KeyboardModifier.NoModifier:
            self.given_up.emit()
            return
        sequence = QKeySequence(QKeyCombination(modifiers, key))
        self.recorded.emit(sequence.toString(QKeySequence.SequenceFormat.PortableText))


def _meant(event: QKeyEvent) -> Qt.KeyboardModifier:
    """The modifiers without the Shift that was only needed to reach a sign like "+"."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    text = event.text()
    is_sign = bool(text) and text.isprintable() and not text.isalnum() and not text.isspace()
    return modifiers & ~Qt.KeyboardModifier.ShiftModifier if is_sign else modifiers
