"""Saving that leaves the old file or the new one, never a third thing.

A temporary file beside the target is written, forced to the disk, and put in the target's place
by one rename. Whatever goes wrong on the way (an exception, a full disk, a cancel), the
temporary file is removed and the target stays as it was. What a killed process left behind is
removed by a later save in the same folder.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from editor.formats.errors import FormatError
from editor.translations import tr

ABANDONED_AFTER_S = 3600  # a file being written changes all the time
PREFIX = ".layerloom-"  # short and independent of the target: its name may fill the 255 bytes
SUFFIX = ".part"
_NO_SPACE = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
# A file system without fsync says so by one of these; the rename is then all we have.
_NO_FSYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file, open for writing and reading back, that becomes `path` when the block ends.

    When the block raises, the file vanishes and `path` stays untouched. A symbolic link is
    followed: the file that it names is replaced, not the link.

    Raises:
        FormatError: The folder is missing or not writable, the target is a folder or a device,
            the disk is full, or the write failed otherwise.
    """
    target = _resolve(path)
    _check_target(target)
    remove_abandoned(target.parent)
    temporary, file = _create_beside(target)
    try:
        with file:
            yield file
            file.flush()
            force_to_disk(file.fileno())
        os.replace(temporary, target)  # noqa: PTH105 - the name of the guarantee
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise explain(error, target) from error
        raise
    force_folder_to_disk(target.parent)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Find out before long work whether `path` can be written; leaves nothing behind.

    Raises:
        FormatError: As `atomic_write` would, except for a disk that fills up later.
    """
    target = _resolve(path)
    _check_target(target)
    temporary, file = _create_beside(target)
    file.close()
    with contextlib.suppress(OSError):
        temporary.unlink()


def _resolve(path: str | os.PathLike[str]) -> Path:
    """Absolute path with links followed, so that a link stays a link."""
    text = os.fspath(path)
    if not text:
        raise FormatError(tr("The output path is empty; give a file name."))
    if text.endswith(("/", os.sep)):
        raise FormatError(tr("{text} is a folder; give the name of a file.", text=text))
    try:
        return Path(text).resolve()
    except (ValueError, OSError, RuntimeError) as error:
        raise FormatError(
            tr("{text!r} is not a usable file path; choose another.", text=text), str(error)
        ) from error


def _check_target(target: Path) -> None:
    try:
        mode = target.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        _check_folder(target)
        return
    except (OSError, ValueError) as error:
        raise explain(error, target) from error
    if stat.S_ISDIR(mode):
        raise FormatError(tr("{target} is a folder; give the name of a file.", target=target))
    if not stat.S_ISREG(mode):
        raise FormatError(
            tr("{target} is a device or a pipe; give the name of an ordinary file.", target=target)
        )
    if not os.access(target, os.W_OK):
        raise FormatError(
            tr("{target} is write-protected; save under another name.", target=target)
        )


def _check_folder(target: Path) -> None:
    if target.parent.is_dir():
        return
    if target.parent.exists():
        raise FormatError(
            tr("{parent} is not a folder; choose another place to save.", parent=target.parent)
        )
    raise FormatError(
        tr("The folder {folder} does not exist; create it or choose another.", folder=target.parent)
    )


def _create_beside(target: Path) -> tuple[Path, BinaryIO]:
    """A new file in the target's folder, with the target's permissions or the user's default."""
    temporary = target.parent / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(temporary, flags, 0o666)
    except OSError as error:
        raise explain(error, target) from error
    with contextlib.suppress(OSError):  # no such target yet, or a file system without modes
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
    return temporary, os.fdopen(descriptor, "w+b")


def remove_abandoned(folder: Path) -> None:
    """Remove files and folders that a killed process left half-written here long ago."""
    before = time.time() - ABANDONED_AFTER_S
    with contextlib.suppress(OSError):
        for file in folder.glob(f"{PREFIX}*{SUFFIX}"):
            if file.stat().st_mtime >= before:
                continue
            if file.is_dir():
                shutil.rmtree(file, ignore_errors=True)
            else:
                file.unlink()


def force_to_disk(descriptor: int) -> None:
    """Returns when the open file is on the disk, or where the file system cannot say so."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise


def force_folder_to_disk(folder: Path) -> None:
    """Make the rename itself survive a power cut; Windows cannot, and the file is safe anyway."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def explain(error: OSError | ValueError, target: Path) -> FormatError:
    """The sentence for an error of the operating system."""
    code = error.errno if isinstance(error, OSError) else None
    detail = f"{type(error).__name__}: {error}"
    if code in _NO_SPACE:
        text = tr(
            "There is not enough space on the disk to save {target}; free some and try again.",
            target=target,
        )
    elif code == errno.EROFS:
        text = tr("{folder} is on a read-only disk; choose another folder.", folder=target.parent)
    elif code in _NOT_ALLOWED and os.name == "nt" and target.exists():
        text = tr(
            "{target} could not be replaced; close it in other programs and try again.",
            target=target,
        )
    elif code in _NOT_ALLOWED:
        text = tr(
            "The folder {folder} is not writable; choose another folder.", folder=target.parent
        )
    elif code == errno.ENAMETOOLONG:
        text = tr(
            "The file name {name}... is too long; choose a shorter one.", name=target.name[:40]
        )
    elif code == errno.EFBIG:
        text = tr(
            "The disk's file system cannot hold a file as large as {target}; choose another.",
            target=target,
        )
    elif code in {errno.ENOENT, errno.ENOTDIR}:
        text = tr(
            "The folder {folder} does not exist; create it or choose another.", folder=target.parent
        )
    else:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        text = tr(
            "{target} could not be saved ({reason}); choose another place.",
            target=target,
            reason=reason,
        )
    return FormatError(text, detail)
