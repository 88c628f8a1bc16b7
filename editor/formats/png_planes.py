"""PNG members of OpenRaster files: quick lossless encoding, and decoding that trusts no header.

Level 1 with run lengths and the left neighbour's filter takes about half the time of level 1 alone
and keeps the colour under alpha 0.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.errors import DocumentError
from editor.document.pixels import RgbaArray, check_size
from editor.translations import tr

Coverage = npt.NDArray[np.uint8]  # h w

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_IHDR = struct.Struct(">8sI4sIIBBBBB")
_OPTIONS = (
    cv2.IMWRITE_PNG_COMPRESSION,
    1,
    cv2.IMWRITE_PNG_STRATEGY,
    cv2.IMWRITE_PNG_STRATEGY_RLE,
    cv2.IMWRITE_PNG_FILTER,
    cv2.IMWRITE_PNG_FILTER_SUB,
)
_GRAY = 0  # colour type of the PNG specification


class PngError(Exception):
    """Why a picture cannot be read, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class PngHeader:
    """Size in pixels, bits per channel and colour type, as the file says."""

    width: int
    height: int
    depth: int
    colour_type: int


def encode_rgba(array: RgbaArray) -> bytes:
    """h w 4 straight RGBA -> PNG, every byte kept."""
    return _encode(np.asarray(cv2.cvtColor(array, cv2.COLOR_RGBA2BGRA), np.uint8))


def encode_coverage(array: Coverage) -> bytes:
    """h w -> gray PNG."""
    return _encode(array)


def read_header(data: bytes) -> PngHeader:
    """What the first 29 bytes say. Raises PngError for no PNG or an impossible size."""
    if len(data) < _IHDR.size:
        raise PngError(tr("is no PNG picture"))
    signature, length, kind, width, height, depth, colour_type, *_ = _IHDR.unpack_from(data)
    if signature != _SIGNATURE or kind != b"IHDR" or length != 13:
        raise PngError(tr("is no PNG picture"))
    try:
        check_size(width, height, "picture")
    except DocumentError as error:
        raise PngError(
            tr("has an impossible size of {width} x {height} px", width=width, height=height)
        ) from error
    return PngHeader(width, height, depth, colour_type)


def decode_rgba(data: bytes) -> RgbaArray:
    """Any PNG -> h w 4 straight RGBA, 8-bit. Raises PngError."""
    header = read_header(data)
    array = _decode(data, header)
    if array.dtype == np.uint16:
        array = ((array.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    if array.ndim == 2:
        return np.asarray(cv2.cvtColor(array, cv2.COLOR_GRAY2RGBA), np.uint8)
    code = cv2.COLOR_BGRA2RGBA if array.shape[2] == 4 else cv2.COLOR_BGR2RGBA
    return np.asarray(cv2.cvtColor(array, code), np.uint8)


def decode_coverage(data: bytes) -> Coverage:
    """An 8-bit gray PNG -> h w. Raises PngError."""
    header = read_header(data)
    if (header.depth, header.colour_type) != (8, _GRAY):
        raise PngError(tr("is not an 8-bit gray picture"))
    return _decode(data, header)


def _encode(array: npt.NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".png", array, _OPTIONS)
    if not done:
        raise MemoryError("the PNG encoder failed")
    return bytes(data)


def _decode(data: bytes, header: PngHeader) -> npt.NDArray[np.uint8]:
    try:
        array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise PngError(tr("is damaged")) from error
    if array is None or array.shape[:2] != (header.height, header.width):
        raise PngError(tr("is damaged"))
    return np.asarray(array)
