"""Planes on their way into a PSD: run lengths or deflate, band by band, checked as they are packed.

A band is some rows of a picture. Only one band of a layer exists unpacked at a time, so that a
layer of any size costs little memory. What was packed is unpacked again at once and compared.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from psd_tools import compression
from psd_tools.constants import ChannelID, Compression

from editor.document.geometry import Rect
from editor.document.pixels import PixelBuffer
from editor.document.tiles import TILE_SIDE
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

Check = Callable[[], None]

# The compiled run lengths of psd-tools, or its slower ones in Python where there are no wheels.
_rle: Any = compression.rle_impl  # type: ignore[attr-defined]
_encode_row: Callable[[bytes], bytes] = _rle.encode
_decode_row: Callable[[bytes, int], bytes] = _rle.decode


class WrongBytes(Exception):
    """What was packed or written is not what comes back."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Channels of one layer, its mask or the merged image, as they stand in a file.

    Attributes:
        data: All channels, each behind two bytes that say how it is packed (the merged image's
            behind two bytes for all).
        lengths: Of each channel in `data`.
    """

    data: bytes
    lengths: tuple[int, ...]

    def checksum(self, before: int = 0) -> int:
        """Of the data, behind other data with the checksum `before`."""
        return zlib.crc32(self.data, before)


class RunLengths:
    """PackBits rows behind their lengths (16-bit in PSD, 32-bit in PSB)."""

    compression = Compression.RLE

    def __init__(self, version: int, rows: Iterable[bytes] = ()) -> None:
        self._version = version
        self.rows = list(rows)

    def add(self, band: Plane) -> None:
        width, raw = band.shape[1], band.tobytes()
        for start in range(0, len(raw), width):
            row = raw[start : start + width]
            packed = _encode_row(row)
            if _decode_row(packed, width) != row:
                raise WrongBytes("a packed row differs")
            self.rows.append(packed)

    def packed(self) -> bytes:
        kind = np.dtype(">u2" if self._version == PSD else ">u4")
        return np.array([len(row) for row in self.rows], kind).tobytes() + b"".join(self.rows)


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

    def packed(self) -> bytes:
        self._keep(self._deflate.flush())
        if self._given != self._returned or not self._inflate.eof:
            raise WrongBytes("a deflated plane differs")
        return b"".join(self._parts)

    def _keep(self, part: bytes) -> None:
        self._parts.append(part)
        self._returned = zlib.crc32(self._inflate.decompress(part), self._returned)


def pack_layer(
    pixels: PixelBuffer, box: Rect, *, compact: bool, version: int, check: Check
) -> Packed:
    """The channels of a layer.

    Args:
        box: What of the pixels is stored, `psd_planes.stored_box`.
        compact: Deflated instead of run lengths.
        check: Called before each band; may raise to stop.
    """
    packers = [_packer(compact, version) for _ in CHANNELS]
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
    parts = [struct.pack(">H", packer.compression) + packer.packed() for packer in packers]
    return Packed(b"".join(parts), tuple(len(part) for part in parts))


EMPTY_PLANE = Packed(struct.pack(">H", Compression.RAW), (_COMPRESSION_BYTES,))
NO_PIXELS = Packed(EMPTY_PLANE.data * len(CHANNELS), EMPTY_PLANE.lengths * len(CHANNELS))


def _bled_band(pixels: PixelBuffer, box: Rect, band: Rect) -> Rgba:
    """`psd_planes.bleed_colour` of the whole box, but only this band of it."""
    apron = band.expanded(BLEED_PX).intersection(box)
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
