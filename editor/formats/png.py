"""Writes the flattened picture as PNG: straight alpha, marked as sRGB or with its ICC profile.

By OpenCV at level 1 with the left neighbour's filter: an eighth of the time of level 6, a third
more bytes.
"""

from __future__ import annotations

import os
import struct
import zlib

import cv2
import numpy as np

from editor.document.compositor import CompositingCancelled, HasState, composite
from editor.document.pixels import RgbaArray
from editor.document.state import DocumentState
from editor.formats.atomic_save import atomic_write, check_writable
from editor.formats.errors import SaveCancelled
from editor.formats.provenance import origin_packet
from editor.formats.waiting import Cancelled

_OPTIONS = (
    cv2.IMWRITE_PNG_COMPRESSION,
    1,
    cv2.IMWRITE_PNG_STRATEGY,
    cv2.IMWRITE_PNG_STRATEGY_DEFAULT,
    cv2.IMWRITE_PNG_FILTER,
    cv2.IMWRITE_PNG_FILTER_SUB,
)
_HEADER_BYTES = 33  # signature and IHDR, which stand first in every PNG
_PERCEPTUAL_INTENT = b"\0"  # PNG specification, section 11.3.3.5


def write_png(
    document: DocumentState | HasState,
    path: str | os.PathLike[str],
    *,
    cancelled: Cancelled | None = None,
) -> None:
    """Save the visible layers as one PNG of the canvas's size, 8-bit RGBA.

    Equal documents give equal bytes. Raises FormatError, or SaveCancelled when `cancelled` says
    so; the target then stays as it was.
    """
    check_writable(path)
    state = document if isinstance(document, DocumentState) else document.snapshot()
    try:
        picture = composite(state, cancelled=cancelled)
    except CompositingCancelled as error:
        raise SaveCancelled from error
    data = _encoded(picture)
    if cancelled is not None and cancelled():
        raise SaveCancelled
    with atomic_write(path) as file:
        file.write(data[:_HEADER_BYTES])
        file.write(_colour_chunk(state.color_profile))
        file.write(_origin_chunk(state))
        file.write(data[_HEADER_BYTES:])


def _encoded(picture: RgbaArray) -> memoryview:
    done, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA), _OPTIONS)
    if not done:
        raise MemoryError("the PNG encoder failed")
    return np.asarray(data, np.uint8).data


def _colour_chunk(profile: bytes | None) -> bytes:
    """What the colours mean: PNG specification, sections 11.3.3.3 and 11.3.3.5."""
    if profile is None:
        return _chunk(b"sRGB", _PERCEPTUAL_INTENT)
    return _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile))


def _origin_chunk(state: DocumentState) -> bytes:
    """XMP in its chunk: XMP specification, part 3, section 1.1.5."""
    packet = origin_packet(state)
    return b"" if packet is None else _chunk(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + packet)


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
