"""Checked reading of `.safetensors` files: what is wrong is said in a sentence before use.

The header is examined by itself first (format: 8 bytes little-endian header length, the header as
JSON, then the data), so a cut-off or foreign file never reaches the mapping code.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

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
_REINSTALL = sentence("install the weights again")


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


def load_checked(
    path: str | Path, expected: Mapping[str, Sequence[int]] | None = None
) -> dict[str, Tensor]:
    """All tensors of a file, on the CPU in the dtypes they were saved in.

    Args:
        path: A `.safetensors` file.
        expected: Key -> shape of every tensor that must be there, and no other; None = any.

    Raises:
        CheckpointError: The file is missing, unreadable, cut off, not in this format, has missing,
            unknown or wrongly shaped tensors, or holds NaN or infinity.
    """
    file = Path(path)
    entries = read_header(file)
    if expected is not None:
        _compare(file, entries, expected)
    try:
        tensors = load_file(file)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            sentence(
                "The weights file {file} could not be read; {reinstall}.",
                file=file,
                reinstall=_REINSTALL,
            ),
            str(error),
        ) from error
    for key, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise CheckpointError(
                sentence(
                    "The weights file {file} holds values that are not numbers; {reinstall}.",
                    file=file,
                    reinstall=_REINSTALL,
                ),
                f"NaN or infinity in {key}",
            )
    return tensors


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
    wanted = max((entry.end for entry in entries.values()), default=0)
    if wanted > data_bytes:
        raise _truncated(file, f"{wanted} bytes of data announced, {data_bytes} present")
    if wanted < data_bytes:
        raise _damaged(file, f"{data_bytes - wanted} bytes after the last tensor")
    return entries


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


def _compare(
    file: Path, entries: Mapping[str, TensorEntry], expected: Mapping[str, Sequence[int]]
) -> None:
    missing = [key for key in expected if key not in entries]
    unknown = [key for key in entries if key not in expected]
    wrong = [
        f"{key}: {entries[key].shape} instead of {tuple(shape)}"
        for key, shape in expected.items()
        if key in entries and entries[key].shape != tuple(shape)
    ]
    if missing:
        raise _misfit(file, sentence("lacks {weight}", weight=_first(missing)), missing)
    if wrong:
        raise _misfit(
            file, sentence("has the wrong shape at {weight}", weight=_first(wrong)), wrong
        )
    if unknown:
        raise _misfit(
            file, sentence("has the unknown weight {weight}", weight=_first(unknown)), unknown
        )


def _first(problems: Sequence[str]) -> str:
    more = len(problems) - 1
    if not more:
        return problems[0]
    return sentence("{problem} (and {count} more)", problem=problems[0], count=more)


def _misfit(file: Path, problem: str, all_problems: Sequence[str]) -> CheckpointError:
    return CheckpointError(
        sentence(
            "The weights file {file} {problem}; it does not fit this version, {reinstall}.",
            file=file,
            problem=problem,
            reinstall=_REINSTALL,
        ),
        "\n".join(all_problems),
    )


def _truncated(file: Path, detail: str) -> CheckpointError:
    return CheckpointError(
        sentence(
            "The weights file {file} is cut off; {reinstall}.", file=file, reinstall=_REINSTALL
        ),
        detail,
    )


def _damaged(file: Path, detail: str) -> CheckpointError:
    return CheckpointError(
        sentence(
            "The weights file {file} is damaged or of another format; {reinstall}.",
            file=file,
            reinstall=_REINSTALL,
        ),
        detail,
    )


def _unreadable(file: Path, error: OSError) -> CheckpointError:
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return CheckpointError(
            sentence(
                "The weights file {file} is missing; {reinstall}.", file=file, reinstall=_REINSTALL
            ),
            detail,
        )
    if isinstance(error, IsADirectoryError):
        return CheckpointError(
            sentence(
                "The weights file {file} is a folder; {reinstall}.", file=file, reinstall=_REINSTALL
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
