"""Writes the flattened picture as PNG: straight alpha, marked as sRGB."""

from __future__ import annotations

import os

from PIL import Image, PngImagePlugin

from editor.document.compositor import HasState, flatten
from editor.document.state import DocumentState
from editor.formats.atomic_save import atomic_write, check_writable

_PERCEPTUAL_INTENT = b"\0"  # PNG specification, section 11.3.3.5


def write_png(document: DocumentState | HasState, path: str | os.PathLike[str]) -> None:
    """Save the visible layers as one PNG of the canvas's size, 8-bit RGBA.

    Equal documents give equal bytes. Raises FormatError; the target then stays as it was.
    """
    check_writable(path)
    image = Image.fromarray(flatten(document))
    chunks = PngImagePlugin.PngInfo()
    chunks.add(b"sRGB", _PERCEPTUAL_INTENT)
    with atomic_write(path) as file:
        image.save(file, "PNG", pnginfo=chunks)
