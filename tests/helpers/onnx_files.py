"""Writes ONNX files by hand: a network that answers with the mean of the colours, or of rows."""

from __future__ import annotations

from pathlib import Path

FLOAT, INTS = 1, 7


def write_mean_network(
    path: Path,
    sides: tuple[int | str, int | str],
    channels: int = 3,
    axis: int = 1,
) -> Path:
    """A model with input `1 channels h w`; a text stands for any size.

    Args:
        axis: Of which the mean is taken; 1 = colours, and the output is `1 1 h w`.
    """
    axes = _field(1, b"axes") + _varint_field(8, axis) + _varint_field(20, INTS)
    answer = [1, channels, *sides]
    answer[axis] = 1
    node = _field(1, b"image") + _field(2, b"alpha") + _field(4, b"ReduceMean") + _field(5, axes)
    graph = (
        _field(1, node) + _field(2, b"mean")
        + _field(11, _tensor("image", (1, channels, *sides)))
        + _field(12, _tensor("alpha", tuple(answer)))
    )  # fmt: skip
    opset = _varint_field(2, 13)
    path.write_bytes(_varint_field(1, 8) + _field(7, graph) + _field(8, opset))
    return path


def _tensor(name: str, shape: tuple[int | str, ...]) -> bytes:
    dims = b"".join(
        _field(1, _varint_field(1, side) if isinstance(side, int) else _field(2, side.encode()))
        for side in shape
    )
    kind = _field(1, _varint_field(1, FLOAT) + _field(2, dims))
    return _field(1, name.encode()) + _field(2, kind)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def _varint_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content
