"""Where the program begins: Ctrl+C ends it quietly while its parts are still being imported."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

CANCELLED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code; see `editor.cli.main`."""
    # Nothing has begun yet that would need an orderly end, and an exception in the middle of an
    # import comes out of it as something else. The command line puts its own handler in this place.
    signal.signal(signal.SIGINT, _leave)
    from editor.cli import main as run

    return run(arguments)


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(CANCELLED)


if __name__ == "__main__":
    sys.exit(main())
