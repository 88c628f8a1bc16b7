"""What went wrong, for a report: a log in the user's data folder, no traceback on the screen."""

from __future__ import annotations

import contextlib
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

from editor.translations import tr

MAX_LOG_BYTES = 1_000_000
_log = logging.getLogger("layerloom")


class CrashReport:
    """Catches what nobody caught, in every thread, and crashes of native code.

    Args:
        folder: Where `layerloom.log` goes; made when it is missing.
        native_log: Where crashes of native code go; removed at the end when there were none.
        tell: Called in the thread of the error with a sentence for the user.

    A folder that cannot be written leaves only the sentences.
    """

    def __init__(self, folder: Path, native_log: Path, tell: Callable[[str], None]) -> None:
        self.path = folder / "layerloom.log"
        self._tell = tell
        self._native_path = native_log
        self._native: TextIO | None = None
        self._handler: logging.Handler = logging.NullHandler()
        self._hooks = sys.excepthook, sys.unraisablehook, threading.excepthook

    def install(self) -> None:
        """Take over the hooks of the interpreter."""
        with contextlib.suppress(OSError):
            self._open_files()
        _log.addHandler(self._handler)
        _log.setLevel(logging.INFO)
        sys.excepthook = self._on_error
        sys.unraisablehook = _log_unraisable
        threading.excepthook = lambda args: self._on_error(
            args.exc_type, args.exc_value, args.exc_traceback
        )

    def _open_files(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._handler = RotatingFileHandler(
            self.path, maxBytes=MAX_LOG_BYTES, backupCount=1, encoding="utf-8"
        )
        self._handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
        )
        self._native = self._native_path.open("w", encoding="utf-8")
        faulthandler.enable(self._native)

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook, sys.unraisablehook, threading.excepthook = self._hooks
        if self._native is not None:
            faulthandler.disable()
            self._native.close()
            with contextlib.suppress(OSError):
                if self._native_path.stat().st_size == 0:
                    self._native_path.unlink()
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


def _log_unraisable(args: sys.UnraisableHookArgs) -> None:
    """Errors while objects are deleted: nothing was stopped by them, so the user is not told."""
    error = args.exc_value or args.exc_type()
    _log.error("Error in %r", args.object, exc_info=error.with_traceback(args.exc_traceback))
