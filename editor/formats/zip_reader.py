"""Reading zip files that may be hostile: bounded counts, sizes and names; one sentence each.

Nothing is ever unpacked to the disk. Sizes are checked as declared and never exceeded when read.
"""

from __future__ import annotations

import lzma
import os
import struct
import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from editor.formats.errors import FormatError
from editor.translations import tr

MAX_MEMBERS = 20_000
MAX_DIRECTORY_BYTES = 16 * 2**20
MAX_UNPACKED_BYTES = 512 * 2**20  # one compressed member; ours are all stored
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_LONGEST_COMMENT = 0xFFFF
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
)


class ZipReader:
    """An open zip file whose directory was checked; a context manager.

    Raises FormatError, here and when reading, with the file's name in the sentence.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file = _open(self.path)
        try:
            self._length = self._file.seek(0, os.SEEK_END)
            self._check_directory()
            self._zip = zipfile.ZipFile(self._file)
            self._members = self._checked_members()
        except _DAMAGE as error:
            self._file.close()
            raise self.error(tr("is damaged or incomplete; open a backup of it"), error) from error
        except OSError as error:
            self._file.close()
            raise self._unread(error) from error
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> ZipReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._zip.close()
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def check_value(self, name: str) -> tuple[int, int]:
        """(CRC-32, size in bytes) of a member as the directory declares them."""
        info = self._members[name]
        return info.CRC, info.file_size

    def size(self, name: str) -> int:
        """Declared size of a member in bytes."""
        return self._info(name).file_size

    def is_stored(self, name: str) -> bool:
        """Whether a member is as large in the file as unpacked."""
        return self._info(name).compress_type == zipfile.ZIP_STORED

    def read(self, name: str, limit_bytes: int) -> bytes:
        """Content of a member, with its checksum compared."""
        info = self._info(name)
        if info.file_size > limit_bytes:
            raise self.error(
                tr(
                    "holds {name} with {size} bytes, which is too large",
                    name=name,
                    size=info.file_size,
                )
            )
        try:
            return self._zip.read(info)
        except _DAMAGE as error:
            raise self.error(
                tr("is damaged at {name}; open a backup of it", name=name), error
            ) from error
        except OSError as error:
            raise self._unread(error) from error

    def read_start(self, name: str, count: int) -> bytes:
        """The first `count` bytes of a member, without its checksum."""
        try:
            with self._zip.open(self._info(name)) as file:
                return file.read(count)
        except _DAMAGE as error:
            raise self.error(
                tr("is damaged at {name}; open a backup of it", name=name), error
            ) from error
        except OSError as error:
            raise self._unread(error) from error

    def error(self, problem: str, cause: BaseException | None = None) -> FormatError:
        """The file's name and a problem as a sentence."""
        return FormatError(f"{self.path} {problem}.", repr(cause) if cause else "")

    def _unread(self, error: OSError) -> FormatError:
        return self.error(tr("could not be read ({reason})", reason=error.strerror or error), error)

    def _info(self, name: str) -> zipfile.ZipInfo:
        if name not in self._members:
            raise self.error(tr("lacks {name}; open a backup of it", name=name))
        return self._members[name]

    def _check_directory(self) -> None:
        """Before zipfile reads the whole directory into memory."""
        count, size = _declared_directory(self._file)
        if count > MAX_MEMBERS or size > MAX_DIRECTORY_BYTES:
            raise self.error(
                tr("holds more than {limit} parts, which is too many", limit=MAX_MEMBERS)
            )

    def _checked_members(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        total = 0
        for info in self._zip.infolist():
            name = info.filename
            shown = ascii(name[:60])
            if not _is_plain(name):
                raise self.error(tr("holds a part with the forbidden name {name}", name=shown))
            if name in members:
                raise self.error(tr("holds two parts with the name {name}", name=shown))
            if info.flag_bits & _ENCRYPTED:
                raise self.error(tr("is protected with a password; save it without one"))
            if info.compress_type not in _METHODS:
                raise self.error(
                    tr("packs {name} in a way that this version cannot read", name=shown)
                )
            packed = info.compress_type != zipfile.ZIP_STORED
            if packed and info.file_size > MAX_UNPACKED_BYTES:
                raise self.error(
                    tr("would unpack {name} to more than this version reads", name=shown)
                )
            if not packed and info.file_size != info.compress_size:
                raise zipfile.BadZipFile("a stored member of two sizes")
            total += info.compress_size
            if len(members) >= MAX_MEMBERS:
                raise self.error(
                    tr("holds more than {limit} parts, which is too many", limit=MAX_MEMBERS)
                )
            if total > self._length:
                raise zipfile.BadZipFile("members overlap")
            members[name] = info
        return members


def _is_plain(name: str) -> bool:
    """A relative path with forward slashes that stays where it is."""
    parts = name.rstrip("/").split("/")
    has_drive = name[1:2] == ":"
    return not ("\\" in name or has_drive or any(part in ("", ".", "..") for part in parts))


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise FormatError(
            tr("{source} does not exist; check the name.", source=path), str(error)
        ) from error
    except IsADirectoryError as error:
        raise FormatError(
            tr("{source} is a folder; give the name of a file.", source=path)
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else None
        text = tr(
            "{source} could not be read ({reason}); check the file.",
            source=path,
            reason=reason or error,
        )
        raise FormatError(text, repr(error)) from error


def _declared_directory(file: BinaryIO) -> tuple[int, int]:
    """(members, bytes) of the central directory, from the record at the end of the file."""
    length = file.seek(0, os.SEEK_END)
    start = max(0, length - _LONGEST_COMMENT - _END.size)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise zipfile.BadZipFile("no end record")
    _, _, _, _, count, size, _, _ = _END.unpack_from(tail, at)
    locator_at = start + at - _LOCATOR.size
    if locator_at >= 0:
        file.seek(locator_at)
        signature, _, where, _ = _LOCATOR.unpack(file.read(_LOCATOR.size))
        if signature == b"PK\x06\x07":
            if where >= length:
                raise zipfile.BadZipFile("its larger directory lies outside of it")
            file.seek(where)
            record = _END64.unpack(file.read(_END64.size))
            return max(count % 0xFFFF, record[7]), max(size % 0xFFFFFFFF, record[8])
    return count, size
