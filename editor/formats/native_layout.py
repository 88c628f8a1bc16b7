"""Names of the parts inside a native file; see README.md in this folder."""

from __future__ import annotations

from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.formats.plain_values import Blob

SCHEMA_VERSION = 1
MIMETYPE = b"image/openraster"
STACK = "stack.xml"
MERGED = "mergedimage.png"
THUMBNAIL = "Thumbnails/thumbnail.png"
THUMBNAIL_SIDE_PX = 256
MANIFEST = "x-layerloom/manifest.json"
MAX_MANIFEST_BYTES = 64 * 2**20
MAX_STACK_BYTES = 16 * 2**20
MAX_DATA_BYTES = 16 * 2**20  # a colour profile has at most a few MB
MAX_STORED_BYTES = 2**30  # and the PSD that a document came from may be this large, unpacked


def member_of(blob: Blob, digest: str) -> str:
    """Path of a blob by the hash of its content: equal content is stored once."""
    if isinstance(blob, PixelBuffer):
        return f"data/{digest}.png"
    if isinstance(blob, CoverageBuffer):
        return f"x-layerloom/masks/{digest}.png"
    return f"x-layerloom/bytes/{digest}.bin"


def max_png_bytes(width: int, height: int, channels: int) -> int:
    """More than any PNG of this size needs: noise does not compress, and chunks cost a little."""
    return (channels * width + 1) * height * 11 // 10 + 2**16
