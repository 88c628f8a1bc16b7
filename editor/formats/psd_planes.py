"""Pixels of a layer on their way into and out of a PSD: crop, colour bleed, matte, hash.

PSD keeps straight (not premultiplied) colour. Colour under alpha 0 is nobody's content: editors
change it at will, and we change it too (colour bleed). The pixel hash therefore looks only at
what can be seen, and stays the same over writing and reading.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from psd_tools.compression import decode_prediction, decode_rle
from psd_tools.constants import Compression

from editor.document.geometry import Rect
from editor.document.pixels import PixelBuffer
from editor.document.tiles import TILE_SIDE
from editor.formats.measured import Measured

Rgba = npt.NDArray[np.uint8]  # h w 4, straight alpha
Plane = npt.NDArray[np.uint8]  # h w

BLEED_PX = 4  # edge colour reaches this far under alpha 0
CROP_MARGIN_PX = 1  # so that editors which resample find the bled colour beside the edge
_DTYPES: dict[int, np.dtype[Any]] = {
    8: np.dtype(np.uint8),
    16: np.dtype(">u2"),
    32: np.dtype(">f4"),
}


def stored_box(pixels: PixelBuffer) -> Rect:
    """What of a layer is written: the alpha box and 1 px around it, within the layer's pixels.

    Cropping what was cropped gives the same box, so that a file may be rewritten any number of
    times. A layer without any alpha keeps one (transparent) pixel, because its place matters.
    """
    box = pixels.alpha_box
    if box.is_empty:
        return Rect(0, 0, 1, 1)
    return box.expanded(CROP_MARGIN_PX).intersection(pixels.bounds)


def canonical_pixels(pixels: PixelBuffer) -> Rgba:
    """The visible content alone: cropped to the alpha box, colour 0 where alpha is 0."""
    cropped = np.ascontiguousarray(pixels.read(pixels.alpha_box))
    if cropped.size == 0:
        return cropped
    return np.asarray(cv2.bitwise_and(cropped, cropped, mask=plane(cropped, 3)), np.uint8)


def pixel_hash(pixels: PixelBuffer) -> str:
    """Hash of the visible content: blake2b-128 over width, height and `canonical_pixels`.

    Crop, colour under alpha 0 and the place on the canvas do not count; every other change does.
    Measured once for a buffer, and a band at a time.
    """
    return _measured_hash(pixels)


def _hash(pixels: PixelBuffer) -> str:
    box = pixels.alpha_box
    digest = hashlib.blake2b(struct.pack(">2I", box.width, box.height), digest_size=16)
    for band in box.tiles(max(1, box.width), TILE_SIDE):
        values = pixels.read(band)
        alpha = plane(values, 3)
        if not alpha.all():
            values = np.asarray(cv2.bitwise_and(values, values, mask=alpha), np.uint8)
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


_measured_hash: Measured[PixelBuffer, str] = Measured(_hash)


def plane(rgba: Rgba, channel: int) -> Plane:
    """One channel as a contiguous array h w."""
    return np.asarray(cv2.extractChannel(rgba, channel), np.uint8)


def bleed_colour(rgba: Rgba) -> Rgba:
    """Edge colours carried outward under alpha 0, and zeros where no edge is near.

    A designer's editor that feathers or transforms the layer mixes neighbours in; without the
    bleed it would mix in black. Pixels with any alpha keep their exact colour. The colour is the
    alpha-weighted mean of the neighbourhood, so that the noisy colours of nearly invisible
    pixels weigh nearly nothing.
    """
    alpha = plane(rgba, 3)
    hidden = alpha == 0
    if not hidden.any():
        return rgba
    window = (2 * BLEED_PX + 1, 2 * BLEED_PX + 1)
    border = cv2.BORDER_CONSTANT
    weight = cv2.boxFilter(alpha, cv2.CV_32F, window, normalize=False, borderType=border)
    np.maximum(weight, 1, out=weight)
    result = rgba.copy()
    wide_alpha = alpha.astype(np.uint16)
    for channel in range(3):
        premultiplied = plane(rgba, channel) * wide_alpha  # <= 255 * 255
        spread = cv2.boxFilter(
            premultiplied, cv2.CV_32F, window, normalize=False, borderType=border
        )
        colour = np.rint(spread / weight).astype(np.uint8)
        np.copyto(result[..., channel], colour, where=hidden)
    return result


def matte_on_white(rgba: Rgba) -> Rgba:
    """Colour mixed with white by alpha, alpha unchanged: how PSD keeps a merged image."""
    alpha = rgba[..., 3:].astype(np.uint16)
    colour = (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return np.concatenate([colour.astype(np.uint8), rgba[..., 3:]], axis=2)


def decode_plane(
    data: bytes, compression: Compression, width: int, height: int, version: int, *, depth: int = 8
) -> npt.NDArray[Any]:
    """One channel, whichever of the four ways it is packed.

    Args:
        depth: Bits per value: 1 (a set bit is black), 8, 16 or 32 (fractions).

    Returns h w of uint8, uint16 or float32; bits come as 0 or 255.

    Raises:
        ValueError: The data is damaged; psd-tools itself would only warn and give black.
    """
    row = (width + 7) // 8 if depth == 1 else width * depth // 8
    size = row * height
    if compression == Compression.RAW:
        raw = data[:size]
    elif compression == Compression.RLE:
        raw = _decode_rle(data, width, height, version, depth)
    else:
        raw = _inflate(data, size)
        if compression == Compression.ZIP_WITH_PREDICTION:
            raw = decode_prediction(raw, width, height, depth)
    if len(raw) != size:
        raise ValueError(f"a channel has {len(raw)} bytes where {size} belong")
    if depth == 1:
        bits = np.unpackbits(np.frombuffer(raw, np.uint8).reshape(height, row), axis=1)
        return np.asarray(255 - 255 * bits[:, :width], np.uint8)
    values = np.frombuffer(raw, _DTYPES[depth]).reshape(height, width)
    return values if depth == 8 else values.astype(values.dtype.newbyteorder("="))


def _decode_rle(data: bytes, width: int, height: int, version: int, depth: int) -> bytes:
    lengths_type = np.dtype(">u2" if version == 1 else ">u4")
    lengths_size = height * lengths_type.itemsize
    lengths = np.frombuffer(data[:lengths_size], lengths_type, count=height)  # ValueError if short
    if lengths_size + int(lengths.sum(dtype=np.int64)) > len(data):
        raise ValueError("rows are missing")  # psd-tools would fill them with zeros
    try:
        return decode_rle(data, width, height, depth, version)
    except (IndexError, OSError) as error:
        raise ValueError(str(error)) from error


def _inflate(data: bytes, size: int) -> bytes:
    """At most `size` bytes come out, whatever the stream promises."""
    stream = zlib.decompressobj()
    try:
        return stream.decompress(data, size)
    except zlib.error as error:
        raise ValueError(str(error)) from error
