"""A document as two files in a folder, to hand it from one process of the program to another.

Uncompressed: the files live for a moment. Every field goes over by its annotation, as in the native
format, and is checked on arrival like a file.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.document.tiles import Cell, Tile, Tiles, uniform_tile
from editor.formats.plain_values import Blob, decode_state, encode_state

_VALUES, _BLOBS = "document.json", "tiles"
_EMPTY, _UNIFORM, _DENSE = range(3)
_KINDS: dict[type, str] = {PixelBuffer: "pixels", CoverageBuffer: "coverage", bytes: "bytes"}


def hand_over(state: DocumentState, folder: Path) -> None:
    """Write a document into a folder. Raises OSError."""
    with (folder / _BLOBS).open("wb") as file:
        writer = _Writer(file)
        values = encode_state(state, writer.put)
    content = {"values": values, "blobs": writer.shapes}
    (folder / _VALUES).write_text(json.dumps(content), encoding="ascii")


def take_over(folder: Path) -> DocumentState:
    """The document that was written there.

    Raises ValueError, KeyError, OSError or FormatError for anything else than `hand_over` writes.
    """
    content = json.loads((folder / _VALUES).read_text(encoding="ascii"))
    with (folder / _BLOBS).open("rb") as file:
        if not file.seek(0, 2):
            return decode_state(content["values"], _Reader(b"", {}))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return decode_state(content["values"], _Reader(data, content["blobs"]))


class _Writer:
    """Blobs one after another, each once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._keys: dict[int, str] = {}
        self._blobs: list[Blob] = []  # alive, so that no other gets the same id
        self.shapes: dict[str, list[Any]] = {}

    def put(self, blob: Blob) -> str:
        if id(blob) in self._keys:
            return self._keys[id(blob)]
        key = self._keys[id(blob)] = str(len(self._blobs))
        self._blobs.append(blob)
        at = self._file.tell()
        if isinstance(blob, bytes):
            self.shapes[key] = [_KINDS[bytes], at, len(blob)]
            self._file.write(blob)
            return key
        tiles = blob.tiles
        self.shapes[key] = [_KINDS[type(blob)], at, blob.width, blob.height, list(tiles.origin)]
        for cell in tiles.cells_over(tiles.bounds):
            self._write_tile(tiles.tile(cell))
        return key

    def _write_tile(self, tile: Tile | None) -> None:
        if tile is None:
            self._file.write(bytes([_EMPTY]))
        elif tile.pixels is None:
            self._file.write(bytes([_UNIFORM]) + tile.values[0, 0].tobytes())
        else:
            self._file.write(bytes([_DENSE]))
            self._file.write(np.ascontiguousarray(tile.pixels).data)


@dataclass
class _Reader:
    """Blobs by key."""

    raw: mmap.mmap | bytes
    shapes: dict[str, list[Any]]

    def pixels(self, key: str) -> PixelBuffer:
        return PixelBuffer.from_tiles(self._tiles(key, "pixels", (4,)))

    def coverage(self, key: str) -> CoverageBuffer:
        return CoverageBuffer.from_tiles(self._tiles(key, "coverage", ()))

    def _bytes(self, at: int, size: int) -> bytes:
        found = self.raw[at : at + size]
        if len(found) != size:
            raise ValueError("the handed over file is cut off")
        return found

    def data(self, key: str) -> bytes:
        kind, at, size = self.shapes[key]
        if kind != "bytes":
            raise ValueError(f"{key} is no bytes")
        return self._bytes(at, size)

    def _tiles(self, key: str, wanted: str, pixel_shape: tuple[int, ...]) -> Tiles:
        kind, at, width, height, origin = self.shapes[key]
        if kind != wanted:
            raise ValueError(f"{key} is no {wanted}")
        grid = Tiles(width, height, pixel_shape, {}, tuple(origin))
        return grid.with_tiles(dict(self._stored(grid, at)))

    def _stored(self, grid: Tiles, at: int) -> Iterator[tuple[Cell, Tile]]:
        channels = grid.pixel_shape[0] if grid.pixel_shape else 1
        for cell in grid.cells_over(grid.bounds):
            (kind,) = self._bytes(at, 1)
            at += 1
            if kind == _EMPTY:
                continue
            width, height = grid.rect_of(cell).size
            size = channels * (1 if kind == _UNIFORM else width * height)
            values = np.frombuffer(self._bytes(at, size), np.uint8)
            at += size
            if kind == _UNIFORM:
                tile = uniform_tile(width, height, values.reshape(grid.pixel_shape))
            else:
                tile = Tile(width, height, values.reshape(height, width, *grid.pixel_shape), None)
            if tile is not None:
                yield cell, tile
