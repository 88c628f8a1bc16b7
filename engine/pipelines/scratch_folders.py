"""Where unfinished enlargements lie on the disk, and when they go.

Every job has a folder named after its fingerprint, so that an equal request finds what a kill left
there. It goes when the job ends, fails or is cancelled for good. What was left by a kill and not
taken up again within a week goes when the next job begins, and what was left by a kill while a job
was being planned goes at once: nobody takes that up. A lock that the system drops with the process
keeps two running jobs out of one folder.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from engine.errors import EngineError, JobCancelled
from engine.sentences import sentence

SCRATCH_VARIABLE = "LAYERLOOM_SCRATCH"
KEPT_DAYS = 7
_NAME = re.compile(r"[0-9a-f]{32}(-\d+)?")
_PASSING = "timed-"  # begins the names of folders of which nothing is ever kept
_LOCK = ".lock"


def scratch_root(folder: str | Path | None = None) -> Path:
    """The folder given, or what LAYERLOOM_SCRATCH names, or one in the user's cache folder."""
    named = folder or os.environ.get(SCRATCH_VARIABLE)
    if named:
        return Path(named)
    home = Path.home()
    if sys.platform == "win32":
        cache = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        cache = home / "Library" / "Caches"
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return cache / "layerloom" / "enlarging"


@contextmanager
def job_folder(root: Path, fingerprint: str, *, keep_on_cancel: bool = False) -> Iterator[Path]:
    """A folder that no other running job uses; it stays only when the job is to go on later.

    Args:
        fingerprint: 32 hexadecimal digits; equal for equal jobs.
        keep_on_cancel: Whether JobCancelled leaves it. An error that has nothing to do with the
            job's input (such as no memory) leaves it as well.

    Raises:
        EngineError: The folder cannot be made.
    """
    folder, lock = _begin(root, fingerprint)
    keep = False
    try:
        yield folder
    except JobCancelled:
        keep = keep_on_cancel
        raise
    except EngineError:
        raise
    except BaseException:
        keep = True
        raise
    finally:
        _let_go(folder, lock, keep=keep)


@contextmanager
def passing_folder(root: Path) -> Iterator[Path]:
    """A folder that goes in any case; after a kill it goes when the next job begins.

    Raises:
        EngineError: The folder cannot be made.
    """
    folder, lock = _begin(root, f"{_PASSING}{secrets.token_hex(8)}")
    try:
        yield folder
    finally:
        _let_go(folder, lock, keep=False)


def _begin(root: Path, name: str) -> tuple[Path, BinaryIO]:
    try:
        root.mkdir(parents=True, exist_ok=True)
        forget_old(root)
        return _claim(root, name)
    except OSError as error:
        raise EngineError(
            sentence("The scratch folder {folder} cannot be written; choose another one.",
                     folder=root),
            str(error),
        ) from error  # fmt: skip


def forget_old(root: Path, days: float = KEPT_DAYS) -> None:
    """Deletes the folders of jobs that run nowhere and were left for longer than that.

    Those of which nothing is ever kept go whatever their age.
    """
    for path in root.iterdir():
        passing = path.name.startswith(_PASSING)
        if not (passing or _NAME.fullmatch(path.name)) or not path.is_dir():
            continue
        if passing or _age(path) > days * 86_400:
            with contextlib.suppress(OSError):
                lock = _try_lock(_lock_of(path))
                if lock is not None:
                    _let_go(path, lock, keep=False)


def _age(folder: Path) -> float:
    with contextlib.suppress(OSError):
        newest = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
        return time.time() - newest
    return 0.0


def _claim(root: Path, name: str) -> tuple[Path, BinaryIO]:
    for number in range(1, 1000):
        folder = root / (name if number == 1 else f"{name}-{number}")
        lock = _try_lock(_lock_of(folder))
        if lock is not None:
            folder.mkdir(exist_ok=True)
            return folder, lock
    raise OSError("too many equal jobs")


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)


def _let_go(folder: Path, lock: BinaryIO, *, keep: bool) -> None:
    path = Path(lock.name)
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
        if os.name != "nt":  # before others can lock it; Windows deletes no open file
            path.unlink(missing_ok=True)
    lock.close()
    if not keep and os.name == "nt":  # elsewhere the name may be another job's lock by now
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _try_lock(path: Path) -> BinaryIO | None:
    """None while another job holds it."""
    file = path.open("a+b")
    try:
        _lock(file)
    except OSError:
        file.close()
        return None
    if not _is_still(path, file):  # its owner ended well between the two steps
        file.close()
        return None
    return file


def _is_still(path: Path, file: BinaryIO) -> bool:
    """Whether the open file is the one of that name, and no later one."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
