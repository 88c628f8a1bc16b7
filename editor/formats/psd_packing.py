"""Planes on their way into a PSD: run lengths or deflate, band by band, checked as they are packed.

A band is some rows of a picture. Only one band of a layer exists unpacked at a time, so that a
layer of any size costs little memory. What was packed is unpacked again at once and compared.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
from psd_tools import compression
from psd_tools.constants import ChannelID, Compression

from editor.document.geometry import Rect
from editor.document.pixels import PixelBuffer
from editor.document.tiles import TILE_SIDE
from editor.formats.measured import seen_in
from editor.formats.psd_planes import BLEED_PX, Plane, Rgba, bleed_colour

# Alpha first, as other programs write it.
CHANNELS = (
    ChannelID.TRANSPARENCY_MASK,
    ChannelID.CHANNEL_0,
    ChannelID.CHANNEL_1,
    ChannelID.CHANNEL_2,
)
ALPHA_FIRST = (3, 0, 1, 2)  # which of R G B A each of CHANNELS is
BAND_ROWS = TILE_SIDE
PSD, PSB = 1, 2  # versions in the header
_DEFLATE_LEVEL = 1  # level 6 takes five times as long for 3 % fewer bytes
_COMPRESSION_BYTES = 2
_CHUNK_BYTES = 1 << 20

Check = Callable[[], None]
Lengths = npt.NDArray[np.uint32]

# The compiled run lengths of psd-tools, or its slower ones in Python where there are no wheels.
_rle: Any = compression.rle_impl  # type: ignore[attr-defined]
_encode_row: Callable[[bytes], bytes] = _rle.encode
_decode_row: Callable[[bytes, int], bytes] = _rle.decode


class WrongBytes(Exception):
    """What was packed or written is not what comes back."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one plane as run lengths.

    Attributes:
        lengths: Of each packed row, as 32-bit numbers.
        checksum: Of `data`.
        key: Names their content; None = not to be found again.
    """

    data: bytes
    lengths: Lengths
    checksum: int
    key: Hashable | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """`Rows` inside packed data, from `offset` on."""

    key: Hashable
    offset: int
    lengths: Lengths
    checksum: int


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes that lie in a file.

    Attributes:
        open: Gives the file, unbuffered; None when it is not the same file any more.
    """

    open: Callable[[], FileIO | None]
    offset: int
    size: int

    def chunks(self) -> Iterator[memoryview]:
        """The bytes; each chunk is good until the next is asked for."""
        file = self.open()
        if file is None:
            raise WrongBytes("a file that was exported before was changed")
        with file:
            buffer = memoryview(bytearray(min(self.size, _CHUNK_BYTES)))
            file.seek(self.offset)
            left = self.size
            while left:
                count = file.readinto(buffer[: min(left, _CHUNK_BYTES)])
                if not count:
                    raise WrongBytes("a file that was exported before became shorter")
                yield buffer[:count]
                left -= count


@dataclass(frozen=True, slots=True)
class Packed:
    """Channels of one layer, its mask or the merged image, as they stand in a file.

    Attributes:
        parts: One after another all channels, each behind two bytes that say how it is packed
            (the merged image's behind two bytes for all).
        lengths: Of each channel.
        checksum: Of all.
        pieces: What of it can be used again by itself.
    """

    parts: tuple[bytes | Span, ...]
    lengths: tuple[int, ...]
    checksum: int
    pieces: tuple[Piece, ...] = ()

    @property
    def size(self) -> int:
        return sum(self.lengths)

    def chunks(self) -> Iterator[bytes | memoryview]:
        """All bytes; each chunk is good until the next is asked for."""
        for part in self.parts:
            if isinstance(part, Span):
                yield from part.chunks()
            else:
                yield part


Find = Callable[[Hashable], "Rows | None"]


class RunLengths:
    """PackBits rows behind their lengths (16-bit in PSD, 32-bit in PSB)."""

    compression = Compression.RLE

    def __init__(self, version: int, bands: Iterable[Rows] = ()) -> None:
        self._lengths_type = np.dtype(">u2" if version == PSD else ">u4")
        self._bands = list(bands)

    def add(self, band: Plane, key: Hashable | None = None) -> None:
        self._bands.append(pack_rows(band, key))

    def add_packed(self, rows: Rows) -> None:
        self._bands.append(rows)

    def packed(self) -> list[bytes]:
        lengths = np.concatenate([rows.lengths for rows in self._bands])
        table = lengths.astype(self._lengths_type).tobytes()
        return [table, *(rows.data for rows in self._bands)]

    def pieces(self, start: int) -> Iterator[Piece]:
        """Where the bands lie in what `packed` gives, when that begins at `start`."""
        place = start + sum(rows.lengths.size for rows in self._bands) * self._lengths_type.itemsize
        for rows in self._bands:
            if rows.key is not None:
                yield Piece(rows.key, place, rows.lengths, rows.checksum)
            place += len(rows.data)


def pack_rows(band: Plane, key: Hashable | None = None) -> Rows:
    """Run lengths of each row, compared with the row again."""
    width, raw = band.shape[1], band.tobytes()
    rows = []
    for start in range(0, len(raw), width):
        row = raw[start : start + width]
        packed = _encode_row(row)
        if _decode_row(packed, width) != row:
            raise WrongBytes("a packed row differs")
        rows.append(packed)
    lengths, data = np.array([len(row) for row in rows], np.uint32), b"".join(rows)
    return Rows(data, lengths, zlib.crc32(data), key)


def uniform_rows(value: int, width: int, height: int) -> Rows:
    """As `pack_rows` of a plane of one value."""
    row = pack_rows(np.full((1, width), value, np.uint8))
    data = row.data * height
    return Rows(data, np.repeat(row.lengths, height), zlib.crc32(data))


class Deflated:
    """Differences to the left neighbour, deflated: smaller than run lengths, slower."""

    compression = Compression.ZIP_WITH_PREDICTION

    def __init__(self, _version: int) -> None:
        self._deflate = zlib.compressobj(_DEFLATE_LEVEL)
        self._inflate = zlib.decompressobj()
        self._parts: list[bytes] = []
        self._given = self._returned = 0  # checksums

    def add(self, band: Plane) -> None:
        differences = band.copy()
        differences[:, 1:] -= band[:, :-1]
        raw = differences.tobytes()
        self._given = zlib.crc32(raw, self._given)
        self._keep(self._deflate.compress(raw))

    def packed(self) -> list[bytes]:
        self._keep(self._deflate.flush())
        if self._given != self._returned or not self._inflate.eof:
            raise WrongBytes("a deflated plane differs")
        return self._parts

    def _keep(self, part: bytes) -> None:
        self._parts.append(part)
        self._returned = zlib.crc32(self._inflate.decompress(part), self._returned)


def pack_layer(
    pixels: PixelBuffer,
    box: Rect,
    *,
    compact: bool,
    version: int,
    check: Check,
    find: Find = lambda _: None,
) -> Packed:
    """The channels of a layer.

    Args:
        box: What of the pixels is stored, `psd_planes.stored_box`.
        compact: Deflated instead of run lengths.
        check: Called before each band; may raise to stop.
        find: Rows packed earlier, by key.
    """
    if compact:
        return _deflate_layer(pixels, box, version, check)
    packers = [RunLengths(version) for _ in CHANNELS]
    for band in bands_of(box):
        check()
        content = box.x0, box.x1, band, seen_in(pixels, _apron(box, band))
        keys = [("rows", channel, content) for channel in CHANNELS]
        found = [find(key) for key in keys]
        if None in found:
            planes = cv2.split(_bled_band(pixels, box, band))
            for packer, index, key in zip(packers, ALPHA_FIRST, keys, strict=True):
                packer.add(np.asarray(planes[index], np.uint8), key)
        else:
            for packer, rows in zip(packers, found, strict=True):
                packer.add_packed(cast("Rows", rows))
    return together(packers)


def _deflate_layer(pixels: PixelBuffer, box: Rect, version: int, check: Check) -> Packed:
    packers = [Deflated(version) for _ in CHANNELS]
    for band in bands_of(box):
        check()
        planes = cv2.split(_bled_band(pixels, box, band))
        for packer, index in zip(packers, ALPHA_FIRST, strict=True):
            packer.add(np.asarray(planes[index], np.uint8))
    return together(packers)


def pack_plane(values: Plane, *, compact: bool, version: int) -> Packed:
    """One plane by itself, as a mask is stored; one without pixels is stored raw."""
    if values.size == 0:
        return EMPTY_PLANE
    packer = _packer(compact, version)
    packer.add(values)
    return together([packer])


def bands_of(rect: Rect) -> Iterator[Rect]:
    """A rectangle in bands, top to bottom."""
    return rect.tiles(max(1, rect.width), BAND_ROWS)


def _packer(compact: bool, version: int) -> RunLengths | Deflated:
    return Deflated(version) if compact else RunLengths(version)


def together(packers: Sequence[RunLengths | Deflated]) -> Packed:
    """Planes one after another, each behind the bytes that say how it is packed."""
    parts: list[bytes] = []
    pieces: list[Piece] = []
    lengths: list[int] = []
    for packer in packers:
        if isinstance(packer, RunLengths):
            pieces += packer.pieces(sum(lengths) + _COMPRESSION_BYTES)
        content = [struct.pack(">H", packer.compression), *packer.packed()]
        parts += content
        lengths.append(sum(map(len, content)))
    return _packed(parts, lengths, pieces)


def as_they_are(channels: Sequence[bytes]) -> Packed:
    """Channels that another program packed."""
    return _packed(channels, [len(channel) for channel in channels])


def _packed(parts: Sequence[bytes], lengths: Sequence[int], pieces: Sequence[Piece] = ()) -> Packed:
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return Packed(tuple(parts), tuple(lengths), checksum, tuple(pieces))


_RAW = struct.pack(">H", Compression.RAW)
EMPTY_PLANE = _packed([_RAW], [_COMPRESSION_BYTES])
NO_PIXELS = _packed([_RAW] * len(CHANNELS), [_COMPRESSION_BYTES] * len(CHANNELS))


def _apron(box: Rect, band: Rect) -> Rect:
    """What a bled band depends on."""
    return band.expanded(BLEED_PX).intersection(box)


def _bled_band(pixels: PixelBuffer, box: Rect, band: Rect) -> Rgba:
    """`psd_planes.bleed_colour` of the whole box, but only this band of it."""
    apron = _apron(box, band)
    around = pixels.read(apron)
    rows = slice(band.y0 - apron.y0, band.y1 - apron.y0)
    bled = around[rows].copy()
    alpha = cv2.extractChannel(around, 3)
    for left in range(0, band.width, TILE_SIDE):
        right = min(band.width, left + TILE_SIDE)
        if alpha[rows, left:right].min():
            continue  # no pixel is hidden
        near = slice(max(0, left - BLEED_PX), right + BLEED_PX)
        if alpha[:, near].any():
            spread = bleed_colour(np.ascontiguousarray(around[:, near]))
            start = left - near.start
            bled[:, left:right] = spread[rows, start : start + right - left]
        else:
            bled[:, left:right] = 0
    return bled
