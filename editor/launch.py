"""Where the program begins, while its parts are still being imported.

Ctrl+C ends it quietly then, and a command that takes long says at once that it has begun.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

CANCELLED = 130
JOBS = ("generate", "regenerate", "variations", "verify", "upscale")  # of the commands
_HELP = ("-h", "--help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code; see `editor.cli.main`."""
    # Nothing has begun yet that would need an orderly end, and an exception in the middle of an
    # import comes out of it as something else. The command line puts its own handler in this place.
    signal.signal(signal.SIGINT, _leave)
    _greet(sys.argv[1:] if arguments is None else arguments)
    from editor.cli import main as run

    return run(arguments)


def _greet(words: Sequence[str]) -> None:
    """On a busy computer the imports alone take seconds."""
    if sys.stderr is None or not words or words[0] not in JOBS or set(words) & set(_HELP):
        return
    with contextlib.suppress(OSError):  # who reads it may be gone
        sys.stderr.write("Starting Layerloom\n")
        sys.stderr.flush()


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(CANCELLED)


if __name__ == "__main__":
    sys.exit(main())
