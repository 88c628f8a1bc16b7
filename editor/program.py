"""The program with a window, which is shown first; torch comes later, in the engine thread."""

from __future__ import annotations

import sys
from pathlib import Path

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from editor.interface_language import use_language
from editor.interrupts import Interrupts
from editor.qt_messages import QtMessages
from editor.session.crash_report import CrashReport
from editor.session.places import user_places
from editor.session.runs import Run
from editor.settings import Settings
from editor.theme import Theme
from editor.windows.main_window import MainWindow
from editor.windows.toast import ToastKind


class _Messenger(QObject):
    """Carries a sentence from any thread to the window."""

    told = Signal(str)


def make_application(arguments: list[str]) -> QApplication:
    """The Qt application with its names set."""
    # A brush needs every position of the pointer; the canvas itself takes them turn by turn.
    compress = Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents
    QApplication.setAttribute(compress, False)
    application = QApplication(arguments)
    application.setApplicationName("layerloom")
    application.setApplicationDisplayName("Layerloom")
    application.setDesktopFileName("layerloom")
    return application


def make_window(application: QApplication) -> MainWindow:
    """The window with the user's settings, not shown yet."""
    settings = Settings()
    use_language(application, settings.language)
    return MainWindow(Theme(application, settings.theme_mode), settings)


def main(arguments: list[str] | None = None) -> int:
    """Open the window, with the file named in the arguments if there is one."""
    words = sys.argv if arguments is None else arguments
    application = make_application(words)
    window = make_window(application)
    run = Run(user_places())
    messenger = _Messenger()
    messenger.told.connect(
        lambda text: window.say(text, ToastKind.ERROR), Qt.ConnectionType.QueuedConnection
    )
    messenger.told.connect(window.safety.store_now, Qt.ConnectionType.QueuedConnection)
    crash_report = CrashReport(run.places.logs, run.crash_log_path, messenger.told.emit)
    crash_report.install()
    qt_messages = QtMessages()
    window.safety.begin(run)
    interrupts = Interrupts(window.close, application)
    window.painted.connect(window.bridge.warm_up)
    window.show()
    files = [Path(word) for word in words[1:] if not word.startswith("-")]
    if files:
        QTimer.singleShot(0, window, lambda: window.files.open_path(files[0]))
    QTimer.singleShot(0, window, window.safety.look_back)
    code = application.exec()
    interrupts.remove()
    qt_messages.remove()
    crash_report.remove()
    if window.safety.ended:
        run.end()  # otherwise the window was not closed: the next start offers its document
    if not window.engine_ended:
        # Ending politely, Python would pull its own parts away from under the engine's thread.
        from editor.terminal import leave_at_once

        leave_at_once(code)
    destroy(window)
    return code


def destroy(window: MainWindow) -> None:
    """Delete a closed window now, parents before children.

    Left to the garbage collector, half-cleared Python parts would be called by Qt's destructors.
    """
    shiboken6.delete(window)
