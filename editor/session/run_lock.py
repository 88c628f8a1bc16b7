"""Tells a running instance from a crashed one: a lock that the system drops when a process ends.

The process number in the file is for people, and for file systems that know no locks.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL}


class RunLock:
    """A lock file that this process holds until `release` or its end."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file

    def release(self, *, remove: bool) -> None:
        """Give the lock back; `remove` also deletes the file, which says that all ended well."""
        if remove and os.name != "nt":
            with contextlib.suppress(OSError):
                self.path.unlink()  # before others can lock it
        self._file.close()
        if remove and os.name == "nt":  # Windows deletes no open file
            with contextlib.suppress(OSError):
                self.path.unlink()


def create_lock(path: Path) -> RunLock:
    """Make a lock file for this process. Raises OSError."""
    file = path.open("x+b")
    try:
        _lock(file)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            file.close()
            raise
    file.write(str(os.getpid()).encode())
    file.flush()
    return RunLock(path, file)


def take_abandoned(path: Path) -> RunLock | None:
    """Hold the lock of a process that ended without removing it; None while it runs."""
    try:
        file = path.open("r+b")
    except OSError:
        return None
    try:
        _lock(file)
    except OSError as error:
        if error.errno not in _UNSUPPORTED or _is_running(file):
            file.close()
            return None
    if not path.exists():  # it ended well between the two steps
        file.close()
        return None
    return RunLock(path, file)


def _is_running(file: BinaryIO) -> bool:
    try:
        process = int(file.read(20))
    except ValueError:
        return False  # it was killed before it wrote its number
    if sys.platform == "win32":
        return True  # asking by signal would end it; locks always work there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # of another user
    return True


if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 1 << 20  # beyond the text, which stays readable

    def _lock(file: BinaryIO) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
