"""Control+C in the terminal closes the window the polite way, with the question about changes."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


class Interrupts(QObject):
    """Calls a function in the interface thread when the process gets SIGINT.

    Python handles signals only between its own instructions, and Qt's event loop has none: a
    socket that Python writes to at each signal wakes it up.
    """

    def __init__(self, then: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._wakes, self._woken = socket.socketpair()
        for end in (self._wakes, self._woken):
            end.setblocking(False)
        self._previous_descriptor = signal.set_wakeup_fd(self._wakes.fileno())
        self._previous_handler = signal.signal(signal.SIGINT, lambda *_: None)
        self._notifier = QSocketNotifier(self._woken.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._then = then

    def remove(self) -> None:
        """Give the signal back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._previous_descriptor)
        signal.signal(signal.SIGINT, self._previous_handler)
        self._wakes.close()
        self._woken.close()

    def _read(self) -> None:
        numbers = self._woken.recv(64)
        if signal.SIGINT in numbers:
            self._then()
