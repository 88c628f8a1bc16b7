"""One pass over a weights file: its SHA-256, and whether every value is a number.

Reads a few megabytes at a time, so a file of any size needs no memory. Knows no torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.checkpoints.safetensors_header import read_header
from engine.errors import CheckpointError, JobCancelled
from engine.sentences import sentence

_CHUNK = 8 * 2**20  # a multiple of every number's size
# Format's name -> (integer of the same size, bits that are all set in NaN and infinity).
_EXPONENTS: dict[str, tuple[type[np.unsignedinteger], int]] = {
    "F64": (np.uint64, 0x7FF0 << 48),
    "F32": (np.uint32, 0x7F80 << 16),
    "F16": (np.uint16, 0x7C00),
    "BF16": (np.uint16, 0x7F80),
    "F8_E5M2": (np.uint8, 0x7C),
    "F8_E4M3": (np.uint8, 0x7F),
}


@dataclass(frozen=True, slots=True)
class FileHealth:
    """A file as it was when it was read through.

    Attributes:
        changed_ns: Time of its last change; with `bytes` it tells whether to read it again.
    """

    path: str
    bytes: int
    changed_ns: int
    sha256: str

    def is_current(self) -> bool:
        """Whether the file still is what was read, by size and time."""
        try:
            now = Path(self.path).stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.bytes, self.changed_ns)


def scan_file(
    path: Path,
    report: Callable[[int], object] = lambda _bytes: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> FileHealth:
    """Reads a file through; safetensors are looked at value by value, others are hashed only.

    Args:
        report: Gets the bytes of each part that was read.

    Raises:
        CheckpointError: It cannot be read, or holds NaN or infinity.
        JobCancelled: `cancelled` said so.
    """
    spans = _spans(path) if path.suffix == ".safetensors" else []
    digest = hashlib.sha256()
    try:
        before = path.stat()
        with path.open("rb") as stream:
            if spans:
                digest.update(stream.read(before.st_size - spans[-1][2]))  # the header
            for key, dtype, _, size in spans:
                for part in _parts(stream.read, size):
                    _go_on(digest, part, report, cancelled)
                    _refuse_no_numbers(path, key, dtype, part)
            for part in _parts(stream.read, before.st_size - stream.tell()):
                _go_on(digest, part, report, cancelled)
    except OSError as error:
        raise CheckpointError(
            sentence("{path} cannot be read; change its permissions.", path=path), str(error)
        ) from error
    return FileHealth(str(path), before.st_size, before.st_mtime_ns, digest.hexdigest())


def _spans(path: Path) -> list[tuple[str, str, int, int]]:
    """(weight, kind of numbers, end, size) in the order of the file, which has no gaps."""
    entries = sorted(read_header(path).items(), key=lambda item: (item[1].begin, item[1].end))
    return [(key, e.dtype, e.end, e.end - e.begin) for key, e in entries]


def _parts(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    """The next `size` bytes of a stream in parts of at most a chunk."""
    while size > 0 and (part := read(min(size, _CHUNK))):
        size -= len(part)
        yield part


def _go_on(
    digest: hashlib._Hash,
    part: bytes,
    report: Callable[[int], object],
    cancelled: Callable[[], bool],
) -> None:
    if cancelled():
        raise JobCancelled
    digest.update(part)
    report(len(part))


def _refuse_no_numbers(path: Path, key: str, dtype: str, part: bytes) -> None:
    if dtype not in _EXPONENTS:
        return
    integer, bits = _EXPONENTS[dtype]
    mask = integer(bits)
    values = np.frombuffer(part, integer)
    if bool(((values & mask) == mask).any()):
        raise CheckpointError(
            sentence(
                "{path} holds values that are not numbers in {key}; get it again.",
                path=path,
                key=key,
            )
        )
