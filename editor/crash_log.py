"""What went wrong, for a report: a log in the user's data folder, no traceback on the screen."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QStandardPaths

from editor.translations import tr

MAX_LOG_BYTES = 1_000_000
_log = logging.getLogger("layerloom")


def log_folder() -> Path:
    """Folder of the logs inside the user's data folder; made when it is missing."""
    place = QStandardPaths.StandardLocation.AppLocalDataLocation
    folder = Path(QStandardPaths.writableLocation(place)) / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class CrashLog:
    """Catches what nobody caught, in every thread, and crashes of native code.

    Args:
        folder: Where `layerloom.log` and `crash.log` go.
        tell: Called in the thread of the error with a sentence for the user.
    """

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self.path = folder / "layerloom.log"
        self._tell = tell
        self._handler = RotatingFileHandler(
            self.path, maxBytes=MAX_LOG_BYTES, backupCount=1, encoding="utf-8"
        )
        self._handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
        )
        self._native: TextIO | None = None
        self._crash_path = folder / "crash.log"

    def install(self) -> None:
        """Take over the hooks of the interpreter."""
        _log.addHandler(self._handler)
        _log.setLevel(logging.INFO)
        self._native = self._crash_path.open("w", encoding="utf-8")
        faulthandler.enable(self._native)
        sys.excepthook = self._on_error
        threading.excepthook = lambda args: self._on_error(
            args.exc_type, args.exc_value, args.exc_traceback
        )

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        faulthandler.disable()
        if self._native is not None:
            self._native.close()
        _log.removeHandler(self._handler)
        self._handler.close()

    def _on_error(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error or kind(), trace)
            return
        _log.critical(
            "Unexpected error:\n%s", "".join(traceback.format_exception(kind, error, trace))
        )
        self._tell(
            tr("Something went wrong; your document is still open. Details: {path}", path=self.path)
        )
