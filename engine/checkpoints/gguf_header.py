"""Headers of GGUF files (version 2 and 3): names, shapes and types of the tensors, bounds checked.

Format, little-endian: "GGUF", version, number of tensors, number of key-value pairs; the pairs; for
each tensor its name, axes (fastest first), type and offset; then the data, aligned.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.errors import CheckpointError
from engine.sentences import sentence

GGUF_MAGIC = b"GGUF"
_MAX_TENSORS, _MAX_PAIRS, _MAX_TEXT, _MAX_ITEMS = 100_000, 10_000, 2**24, 10_000_000
_ALIGNMENT = 32
# Type -> (values in a block, bytes of a block); the ones that diffusers can unpack.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 30: (1, 2),
}  # fmt: skip
_SCALARS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_TEXT, _ARRAY = 8, 9


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """One tensor; `shape` is in the order of PyTorch, `offset` counts from the data section."""

    shape: tuple[int, ...]
    kind: int
    offset: int
    bytes: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a file announces."""

    version: int
    tensors: dict[str, GgufTensor]


def read_gguf(path: Path) -> GgufHeader:
    """The header of a GGUF file.

    Raises:
        CheckpointError: It is cut off, damaged, or uses a kind of rounding that is not known.
    """
    try:
        with path.open("rb") as stream:
            header, data_start = _read(stream)
        _check_bounds(header, data_start, path.stat().st_size)
    except (struct.error, ValueError, LookupError, EOFError, OverflowError) as error:
        raise CheckpointError(
            sentence("{path} is damaged or cut off; get it again.", path=path), str(error)
        ) from error
    except OSError as error:
        raise CheckpointError(
            sentence("{path} cannot be read; change its permissions.", path=path), str(error)
        ) from error
    return header


def _read(stream: BinaryIO) -> tuple[GgufHeader, int]:
    if stream.read(4) != GGUF_MAGIC:
        raise ValueError("no GGUF file")
    version, tensors, pairs = _unpack(stream, "<IQQ")
    if version not in (2, 3) or tensors > _MAX_TENSORS or pairs > _MAX_PAIRS:
        raise ValueError(f"version {version}, {tensors} tensors, {pairs} pairs")
    alignment = _ALIGNMENT
    for _ in range(pairs):
        key = _text(stream)
        (kind,) = _unpack(stream, "<I")
        value = _skip_value(stream, kind)
        if key == "general.alignment" and value:
            alignment = value
    found = dict(_tensor(stream) for _ in range(tensors))
    start = -(-stream.tell() // alignment) * alignment
    return GgufHeader(version, found), start


def _tensor(stream: BinaryIO) -> tuple[str, GgufTensor]:
    name = _text(stream)
    (axes,) = _unpack(stream, "<I")
    if axes > 4:
        raise ValueError(f"{name} has {axes} axes")
    shape = tuple(reversed(_unpack(stream, f"<{axes}Q")))
    kind, offset = _unpack(stream, "<IQ")
    if kind not in _BLOCKS:
        raise ValueError(f"{name} is rounded in an unknown way ({kind})")
    values, size = _BLOCKS[kind]
    count = 1
    for side in shape:
        count *= side
    if count % values:
        raise ValueError(f"{name} of {count} values is not whole blocks of {values}")
    return name, GgufTensor(shape, kind, offset, count // values * size)


def _check_bounds(header: GgufHeader, start: int, total: int) -> None:
    end = 0
    for name, tensor in sorted(header.tensors.items(), key=lambda item: item[1].offset):
        if tensor.offset < end:
            raise ValueError(f"{name} overlaps the tensor before")
        end = tensor.offset + tensor.bytes
        if start + end > total:
            raise EOFError(f"{name} ends at {start + end} of {total} bytes")


def _skip_value(stream: BinaryIO, kind: int) -> int:
    """Passes over a value; returns it when it is an unsigned 32-bit number, else 0."""
    if kind == _TEXT:
        _text(stream)
    elif kind == _ARRAY:
        inner, count = _unpack(stream, "<IQ")
        if count > _MAX_ITEMS or inner == _ARRAY:
            raise ValueError(f"an array of {count} items")
        if inner == _TEXT:
            for _ in range(count):
                _text(stream)
        else:
            _exactly(stream, count * _SCALARS[inner])
    elif kind == 4:
        return int(_unpack(stream, "<I")[0])
    elif kind in _SCALARS:
        _exactly(stream, _SCALARS[kind])
    else:
        raise ValueError(f"a value of the unknown kind {kind}")
    return 0


def _text(stream: BinaryIO) -> str:
    (length,) = _unpack(stream, "<Q")
    if length > _MAX_TEXT:
        raise ValueError(f"a text of {length} bytes")
    return _exactly(stream, length).decode()


def _unpack(stream: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, _exactly(stream, struct.calcsize(form)))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError(f"{count} bytes wanted, {len(data)} there")
    return data
