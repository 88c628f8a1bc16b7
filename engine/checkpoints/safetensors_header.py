"""Headers of `.safetensors` files: what is in them and where, without reading a single weight.

Format: 8 bytes little-endian header length, the header as JSON, then the data. Everything that
could mislead a reader is refused here, before memory is taken: absurd lengths, offsets outside of
the file, tensors that overlap or leave gaps, sizes that do not belong to the shapes. No torch.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import CheckpointError
from engine.sentences import sentence

MAX_HEADER_BYTES = 100_000_000  # the format's own limit
_LENGTH_BYTES = 8
_METADATA_KEY = "__metadata__"
_BYTES_PER_VALUE = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1,
    "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4,
    "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip
REINSTALL = sentence("install the weights again")


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One tensor as the header describes it.

    Attributes:
        dtype: The format's name, e.g. "F16".
        shape: Sizes of the axes; empty for a single value.
        begin, end: Bytes of the data section, half-open.
    """

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def read_header(path: str | Path) -> dict[str, TensorEntry]:
    """Key -> entry for every tensor, without reading the data. Raises CheckpointError."""
    file = Path(path)
    text, data_bytes = _read_header_text(file)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(file, f"header: {error}") from error
    if not isinstance(header, dict):
        raise _damaged(file, "the header is no JSON object")
    header.pop(_METADATA_KEY, None)
    entries = {key: _parse_entry(file, key, value) for key, value in header.items()}
    _refuse_overlaps(file, entries)
    wanted = max((entry.end for entry in entries.values()), default=0)
    if wanted > data_bytes:
        raise _truncated(file, f"{wanted} bytes of data announced, {data_bytes} present")
    if wanted < data_bytes:
        raise _damaged(file, f"{data_bytes - wanted} bytes after the last tensor")
    return entries


def _refuse_overlaps(file: Path, entries: Mapping[str, TensorEntry]) -> None:
    """The format wants the tensors one after the other, without gaps."""
    end = 0
    for key, entry in sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)):
        if entry.begin != end:
            problem = "overlaps the one before" if entry.begin < end else "leaves a gap before it"
            raise _damaged(file, f"{key} {problem}: it begins at {entry.begin} and not at {end}")
        end = entry.end


def _read_header_text(file: Path) -> tuple[bytes, int]:
    """(header, size of the data section in bytes)."""
    try:
        with file.open("rb") as stream:
            total = file.stat().st_size
            start = stream.read(_LENGTH_BYTES)
            if len(start) < _LENGTH_BYTES:
                raise _truncated(file, f"{total} bytes in all")
            length = int.from_bytes(start, "little")
            if length > MAX_HEADER_BYTES:
                raise _damaged(file, f"a header of {length} bytes is announced")
            text = stream.read(length)
    except OSError as error:
        raise _unreadable(file, error) from error
    if len(text) < length:
        raise _truncated(file, f"header of {length} bytes announced, {len(text)} present")
    return text, total - _LENGTH_BYTES - length


def _parse_entry(file: Path, key: str, value: Any) -> TensorEntry:
    try:
        dtype, shape = str(value["dtype"]), tuple(value["shape"])
        begin, end = value["data_offsets"]
    except (TypeError, KeyError, ValueError) as error:
        raise _damaged(file, f"{key}: {value!r}") from error
    numbers = (*shape, begin, end)
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise _damaged(file, f"{key}: {value!r}")
    if dtype not in _BYTES_PER_VALUE:
        raise _damaged(file, f"{key}: unknown dtype {dtype}")
    if end - begin != math.prod(shape) * _BYTES_PER_VALUE[dtype]:
        raise _damaged(file, f"{key}: {shape} of {dtype} does not fill {begin} to {end}")
    return TensorEntry(dtype, shape, begin, end)


def _truncated(file: Path, detail: str) -> CheckpointError:
    return CheckpointError(
        sentence(
            "The weights file {file} is cut off; {reinstall}.", file=file, reinstall=REINSTALL
        ),
        detail,
    )


def _damaged(file: Path, detail: str) -> CheckpointError:
    return CheckpointError(
        sentence(
            "The weights file {file} is damaged or of another format; {reinstall}.",
            file=file,
            reinstall=REINSTALL,
        ),
        detail,
    )


def _unreadable(file: Path, error: OSError) -> CheckpointError:
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return CheckpointError(
            sentence(
                "The weights file {file} is missing; {reinstall}.", file=file, reinstall=REINSTALL
            ),
            detail,
        )
    if isinstance(error, IsADirectoryError):
        return CheckpointError(
            sentence(
                "The weights file {file} is a folder; {reinstall}.", file=file, reinstall=REINSTALL
            ),
            detail,
        )
    if isinstance(error, PermissionError):
        return CheckpointError(
            sentence("The weights file {file} may not be read; change its permissions.", file=file),
            detail,
        )
    reason = error.strerror or str(error)
    return CheckpointError(
        sentence("The weights file {file} could not be read ({reason}).", file=file, reason=reason),
        detail,
    )
