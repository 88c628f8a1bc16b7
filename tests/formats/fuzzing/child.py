"""Reads damaged files in a process of its own: `python -m tests.formats.fuzzing.child`.

Words: FOLDER FIRST COUNT SEED. One line of JSON goes out for each file; before it begins, its
number does, so that the parent knows which one killed the process.
"""

from __future__ import annotations

import contextlib
import json
import random
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from types import FrameType
from typing import Any

from editor.formats.errors import FormatError
from editor.formats.files import read_document
from editor.formats.memory_limit import limit_memory
from tests.formats.fuzzing.bases import bases
from tests.formats.fuzzing.mutations import mutate

MEMORY_BYTES = 512 * 2**20
SECONDS = 5.0
_ADDRESS_SPACE_BYTES = 8 * 2**30  # only so that the machine survives a fault
_WRITES = frozenset(
    {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "shutil.move"}
)


class _TooSlow(BaseException):
    """The alarm rang."""


def make(number: int, seed: int) -> tuple[str, bytes]:
    """(file name, damaged content) of one input; the same for the same numbers."""
    chance = random.Random(f"{seed}/{number}")
    name = chance.choice(sorted(bases()))
    return name, mutate(name, bases()[name], chance)


def read(path: Path) -> str:
    """What came of it: "opened", "refused" or a traceback."""
    try:
        read_document(path)
    except FormatError as error:
        return "refused" if "\n" not in error.message else f"two lines: {error.message}"
    except _TooSlow:
        return f"over {SECONDS} s: {traceback.format_exc(limit=-3)}"
    except BaseException:
        return traceback.format_exc(limit=-6)
    return "opened"


def main(folder: Path, first: int, count: int, seed: int) -> None:
    """Reads inputs one after another."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE_BYTES, _ADDRESS_SPACE_BYTES))
    limit_memory(MEMORY_BYTES)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _ring)
    for data in bases().values():  # whatever is imported late is there before it counts
        _attempt(folder / "warm", data)
    written: list[str] = []
    _watch_writes(folder, written)
    for number in range(first, first + count):
        name, data = make(number, seed)
        print(number, flush=True)
        begun = time.perf_counter()
        found = _attempt(folder / name, data)
        result: dict[str, Any] = {
            "number": number,
            "name": name,
            "found": found,
            "seconds": time.perf_counter() - begun,
            "bytes": _peak_bytes(),
            "written": written[:],
        }
        written.clear()
        print(json.dumps(result), flush=True)


def _peak_bytes() -> int:
    """Most memory that this process has held.

    Not `ru_maxrss`: it begins with what the parent held when it started this process, and a test
    run of thousands of tests holds more than a reader may.
    """
    status = Path("/proc/self/status").read_text("ascii", "replace")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def _attempt(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return read(path)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        with contextlib.suppress(OSError):
            path.unlink()


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise _TooSlow


def _watch_writes(folder: Path, written: list[str]) -> None:
    """Note what is opened for writing, made, moved or removed anywhere but in the folder."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = (isinstance(flags, int) and flags & 3 != 0) or "w" in str(mode or "")
        else:
            path, writes = arguments[0] if arguments else "", event in _WRITES
        if writes and not str(path).startswith(str(folder)):
            written.append(f"{event} {path}")

    sys.addaudithook(hook)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
