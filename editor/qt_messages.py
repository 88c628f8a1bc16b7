"""Sends Qt's own warnings to the log instead of the terminal."""

from __future__ import annotations

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_log = logging.getLogger("layerloom.qt")


class QtMessages:
    """Takes over Qt's messages until `remove`."""

    def __init__(self) -> None:
        self._previous = qInstallMessageHandler(_to_log)

    def remove(self) -> None:
        """Give them back."""
        qInstallMessageHandler(self._previous)


def _to_log(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    category = f"[{context.category}] " if context.category else ""
    _log.log(_LEVELS.get(kind, logging.WARNING), "%s%s", category, text)
