"""Tiles and bytes of a document, each packed and named by the hash of its content.

The tiles are those of the document's own buffers, with the hash that they keep: what two states
share is neither hashed nor packed again. Packed, they hold differences to the left neighbour,
channel by channel, under zstandard level 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
import zstandard

from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.document.tiles import Tile, Tiles, make_tile, uniform_tile
from editor.formats.plain_values import Blob

HASH_BYTES = 16
EMPTY = bytes(HASH_BYTES)  # in place of the hash of a tile that is 0 everywhere
_LEVEL = 1
_UNIFORM, _DENSE = b"u", b"d"


class BlobKind(Enum):
    """What the tiles of a blob make."""

    PIXELS = "pixels"
    COVERAGE = "coverage"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class BlobShape:
    """Kind and size of a blob and where its grid of tiles begins; bytes have one tile."""

    kind: BlobKind
    width: int
    height: int
    origin: tuple[int, int] = (0, 0)

    @property
    def grid(self) -> Tiles:
        """A picture of this shape without tiles."""
        channels = (4,) if self.kind is BlobKind.PIXELS else ()
        return Tiles(self.width, self.height, channels, {}, self.origin)


@dataclass(frozen=True, slots=True)
class Part:
    """A tile, or bytes; `content_hash` is `EMPTY` for a tile that is 0 everywhere."""

    content_hash: bytes
    content: Tile | bytes

    @property
    def packed(self) -> bytes:
        """What is stored under the hash."""
        if isinstance(self.content, bytes):
            return bytes(zstandard.compress(self.content, _LEVEL))
        return pack(self.content)


def shape_of(blob: Blob) -> BlobShape:
    """Kind, size and grid of a blob."""
    if isinstance(blob, bytes):
        return BlobShape(BlobKind.BYTES, len(blob), 1)
    kind = BlobKind.PIXELS if isinstance(blob, PixelBuffer) else BlobKind.COVERAGE
    return BlobShape(kind, blob.width, blob.height, blob.tiles.origin)


def parts_of(blob: Blob) -> Iterator[Part]:
    """Tiles of a buffer, row by row, or the bytes."""
    if isinstance(blob, bytes):
        yield Part(hashlib.blake2b(blob, digest_size=HASH_BYTES).digest(), blob)
        return
    for cell in blob.tiles.cells_over(blob.tiles.bounds):
        tile = blob.tiles.tile(cell)
        yield Part(EMPTY, b"") if tile is None else Part(tile.digest, tile)


def pack(tile: Tile) -> bytes:
    """A tile as bytes; its size is known from its place."""
    if tile.pixels is None:
        return _UNIFORM + bytes(tile.values[0, 0].tobytes())
    values = np.moveaxis(tile.pixels, 2, 0) if tile.pixels.ndim == 3 else tile.pixels[None]
    planes = values.copy()
    planes[:, :, 1:] -= values[:, :, :-1]
    packed: bytes = zstandard.compress(planes.data, _LEVEL)
    return _DENSE + packed


def unpack(data: bytes, width: int, height: int, pixel_shape: tuple[int, ...]) -> Tile:
    """Inverse of `pack`. Raises ValueError for anything of another size."""
    kind, content = data[:1], data[1:]
    channels = pixel_shape[0] if pixel_shape else 1
    if kind == _UNIFORM:
        colour = np.frombuffer(content, np.uint8).reshape(pixel_shape)
        tile = uniform_tile(width, height, colour)
    else:
        planes = np.frombuffer(_inflated(content, height * width * channels), np.uint8)
        sums = np.cumsum(planes.reshape(channels, height, width), axis=2, dtype=np.uint8)
        values = np.ascontiguousarray(np.moveaxis(sums, 0, 2)) if pixel_shape else sums[0]
        tile = make_tile(values)
    if tile is None:
        raise ValueError("a stored tile is empty")
    return tile


def join(shape: BlobShape, parts: list[bytes | None]) -> Blob:
    """A blob from its packed parts in order; None stands for a tile of zeros.

    Raises ValueError when they do not fit.
    """
    if shape.kind is BlobKind.BYTES:
        (only,) = parts
        return _inflated(only or b"", shape.width)
    grid = shape.grid
    tiles = {}
    for cell, part in zip(grid.cells_over(grid.bounds), parts, strict=True):
        if part is not None:
            tiles[cell] = unpack(part, *grid.rect_of(cell).size, grid.pixel_shape)
    buffer = PixelBuffer if shape.kind is BlobKind.PIXELS else CoverageBuffer
    return buffer.from_tiles(grid.with_tiles(tiles))


def _inflated(data: bytes, size: int) -> bytes:
    try:
        raw = bytes(zstandard.decompress(data, max_output_size=size))
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error
    if len(raw) != size:
        raise ValueError(f"{len(raw)} bytes where {size} belong")
    return raw
