"""Copies of files before they are saved over: the last three of each, in the user's data folder."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import shutil
import time
from pathlib import Path

KEPT = 3
MAX_TOTAL_BYTES = 2 * 2**30  # of all files together; the newest copy of the file at hand stays
_PART = ".part"
_log = logging.getLogger("layerloom.backups")


def folder_of(path: Path, backups: Path) -> Path:
    """Folder with the copies of one file, named for people by the file and for us by its path."""
    digest = hashlib.blake2b(os.fsencode(path.absolute()), digest_size=5).hexdigest()
    readable = re.sub(r"[^\w.-]+", "_", path.stem)[:40]
    return backups / f"{readable}-{digest}"


def keep_copy(path: Path, backups: Path) -> Path | None:
    """Copy a file that is about to be saved over; the oldest beyond three goes.

    Returns the copy; None when there is nothing to copy or it failed, which is logged: a save must
    not fail because its backup did.
    """
    folder = folder_of(path, backups)
    try:
        info = path.stat()
        copies = _copies(folder)
        if copies and _is_same(copies[-1], info):
            return copies[-1]
        folder.mkdir(parents=True, exist_ok=True)
        copy = _new_name(folder, path)
        part = copy.with_name(copy.name + _PART)
        shutil.copyfile(path, part)
        os.utime(part, ns=(info.st_atime_ns, info.st_mtime_ns))
        part.replace(copy)
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("No backup of %s was made.", path, exc_info=error)
        _remove(*folder.glob(f"*{_PART}"))
        return None
    _remove(*_copies(folder)[:-KEPT])
    _trim(backups, copy)
    return copy


def _copies(folder: Path) -> list[Path]:
    """Copies of one file, the oldest first: their names begin with the time."""
    return sorted(file for file in folder.glob("*") if file.suffix != _PART)


def _is_same(copy: Path, info: os.stat_result) -> bool:
    known = copy.stat()
    return (known.st_size, known.st_mtime_ns) == (info.st_size, info.st_mtime_ns)


def _new_name(folder: Path, path: Path) -> Path:
    now = time.time_ns()
    moment = time.strftime("%Y-%m-%d %H.%M.%S", time.localtime(now // 10**9))
    return folder / f"{moment}.{now % 10**9:09} {path.name[-100:]}"


def _trim(backups: Path, newest: Path) -> None:
    """Remove the oldest copies of all files until they fit; empty folders go too."""
    with contextlib.suppress(OSError):
        files = [file for file in backups.glob("*/*") if file != newest]
        files.sort(key=lambda file: file.name, reverse=True)
        total = newest.stat().st_size
        for file in files:
            total += file.stat().st_size
            if total > MAX_TOTAL_BYTES:
                _remove(file)
        for folder in backups.iterdir():
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _remove(*files: Path) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()
