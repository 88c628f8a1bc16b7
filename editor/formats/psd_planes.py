"""Pixels of a layer on their way into and out of a PSD: crop, colour bleed, matte, RLE, hash.

PSD keeps straight (not premultiplied) colour. Colour under alpha 0 is nobody's content: editors
change it at will, and we change it too (colour bleed). The pixel hash therefore looks only at
what can be seen, and stays the same over writing and reading.
"""

from __future__ import annotations

import hashlib
import struct
import zlib

import cv2
import numpy as np
import numpy.typing as npt
from psd_tools.compression import compress, decode_prediction, decode_rle
from psd_tools.constants import Compression

Rgba = npt.NDArray[np.uint8]  # h w 4, straight alpha
Plane = npt.NDArray[np.uint8]  # h w
Bounds = tuple[int, int, int, int]  # x0 y0 x1 y1, half-open, in pixels of the array

BLEED_PX = 4  # edge colour reaches this far under alpha 0
CROP_MARGIN_PX = 1  # so that editors which resample find the bled colour beside the edge
DEPTH_BITS = 8


def alpha_bounds(rgba: Rgba) -> Bounds | None:
    """The smallest box around every pixel with alpha above 0; None when there is none."""
    if rgba.size == 0:
        return None
    alpha = cv2.extractChannel(rgba, 3)
    rows = np.flatnonzero(alpha.max(axis=1))
    if rows.size == 0:
        return None
    columns = np.flatnonzero(alpha.max(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def stored_bounds(rgba: Rgba) -> Bounds:
    """What of a layer is written: the alpha box and 1 px around it, within the layer's pixels.

    Cropping what was cropped gives the same box, so that a file may be rewritten any number of
    times. A layer without any alpha keeps one (transparent) pixel, because its place matters.
    """
    bounds = alpha_bounds(rgba)
    if bounds is None:
        return 0, 0, 1, 1
    height, width = rgba.shape[:2]
    x0, y0, x1, y1 = bounds
    return (
        max(x0 - CROP_MARGIN_PX, 0),
        max(y0 - CROP_MARGIN_PX, 0),
        min(x1 + CROP_MARGIN_PX, width),
        min(y1 + CROP_MARGIN_PX, height),
    )


def canonical_pixels(rgba: Rgba) -> Rgba:
    """The visible content alone: cropped to the alpha box, colour 0 where alpha is 0."""
    bounds = alpha_bounds(rgba)
    if bounds is None:
        return np.zeros((0, 0, 4), np.uint8)
    x0, y0, x1, y1 = bounds
    cropped = np.ascontiguousarray(rgba[y0:y1, x0:x1])
    visible = cv2.extractChannel(cropped, 3) != 0
    if visible.all():
        return cropped
    cropped = cropped.copy()
    cropped[~visible] = 0
    return cropped


def pixel_hash(rgba: Rgba) -> str:
    """Hash of the visible content: blake2b-128 over width, height and `canonical_pixels`.

    Crop, colour under alpha 0 and the place on the canvas do not count; every other change does.
    """
    pixels = canonical_pixels(rgba)
    digest = hashlib.blake2b(struct.pack(">2I", pixels.shape[1], pixels.shape[0]), digest_size=16)
    digest.update(pixels.data)
    return digest.hexdigest()


def bleed_colour(rgba: Rgba) -> Rgba:
    """Edge colours carried outward under alpha 0, and zeros where no edge is near.

    A designer's editor that feathers or transforms the layer mixes neighbours in; without the
    bleed it would mix in black. Pixels with any alpha keep their exact colour. The colour is the
    alpha-weighted mean of the neighbourhood, so that the noisy colours of nearly invisible
    pixels weigh nearly nothing.
    """
    alpha = cv2.extractChannel(rgba, 3)
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
        premultiplied = cv2.extractChannel(rgba, channel) * wide_alpha  # <= 255 * 255
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


def encode_plane(plane: Plane, version: int) -> bytes:
    """One channel as PackBits rows behind their lengths (16-bit in PSD, 32-bit in PSB)."""
    height, width = plane.shape
    encoded: bytes = compress(
        np.ascontiguousarray(plane).tobytes(), Compression.RLE, width, height, DEPTH_BITS, version
    )
    return encoded


def decode_plane(
    data: bytes, compression: Compression, width: int, height: int, version: int
) -> Plane:
    """One channel of 8 bits, whichever of the four ways it is packed.

    Raises:
        ValueError: The data is damaged; psd-tools itself would only warn and give black.
    """
    size = width * height
    if compression == Compression.RAW:
        raw = data[:size]
    elif compression == Compression.RLE:
        raw = _decode_rle(data, width, height, version)
    else:
        raw = _inflate(data, size)
        if compression == Compression.ZIP_WITH_PREDICTION:
            raw = decode_prediction(raw, width, height, DEPTH_BITS)
    if len(raw) != size:
        raise ValueError(f"a channel has {len(raw)} bytes where {size} belong")
    return np.frombuffer(raw, np.uint8).reshape(height, width)


def _decode_rle(data: bytes, width: int, height: int, version: int) -> bytes:
    try:
        decoded: bytes = decode_rle(data, width, height, DEPTH_BITS, version)
    except (IndexError, OSError) as error:
        raise ValueError(str(error)) from error
    return decoded


def _inflate(data: bytes, size: int) -> bytes:
    """At most `size` bytes come out, whatever the stream promises."""
    stream = zlib.decompressobj()
    try:
        return stream.decompress(data, size)
    except zlib.error as error:
        raise ValueError(str(error)) from error
