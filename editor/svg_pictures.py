"""SVG drawings of other programs as pixels, drawn by a process of their own (`svg_child`).

A drawing comes at its own size (96 pixels to the inch), smaller when it would pass a largest size.
"""

from __future__ import annotations

import contextlib
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from editor.document.errors import DocumentError
from editor.document.pixels import PixelBuffer
from editor.formats.child_process import environment
from editor.formats.errors import FormatError
from editor.formats.opening import OpenCancelled
from editor.formats.picture_files import picture_bytes
from editor.formats.waiting import Cancelled, never
from editor.translations import tr

SVG_SUFFIX = ".svg"
SVG_TYPE = "image/svg+xml"
_CHILD = "editor.svg_child"
_EMPTY = 3  # exit status of the child: nothing is to be seen
_MAX_FILE_BYTES = 64 * 2**20
_SECONDS = 20.0
_POLL_S = 0.05
_HEADER = struct.Struct("<II")


def read_svg(
    path: Path, largest: tuple[int, int], *, cancelled: Cancelled | None = None
) -> PixelBuffer:
    """Draw a file; arguments and errors as of `draw_svg`."""
    data = picture_bytes(path, _MAX_FILE_BYTES)
    return draw_svg(data, path.name, largest, cancelled=cancelled)


def draw_svg(
    data: bytes,
    name: str,
    largest: tuple[int, int],
    *,
    cancelled: Cancelled | None = None,
    seconds: float = _SECONDS,
) -> PixelBuffer:
    """Draw an SVG on transparency.

    Args:
        name: Used in messages.
        largest: Width and height in pixels that it may have.
        seconds: It is given up after so long.

    Raises FormatError with one sentence, or OpenCancelled.
    """
    words = [sys.executable, "-m", _CHILD, *map(str, largest)]
    with subprocess.Popen(  # noqa: S603 - our own module, and two numbers
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as process:
        try:
            output = _output(process, data, name, cancelled or never, seconds)
        finally:
            process.kill()
    return _pixels(output, process.returncode, name)


def _output(
    process: subprocess.Popen[bytes], data: bytes, name: str, cancelled: Cancelled, seconds: float
) -> bytes:
    end = time.monotonic() + seconds
    given: bytes | None = data
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(given, timeout=_POLL_S)[0]
        given = None
        if cancelled():
            raise OpenCancelled
        if time.monotonic() > end:
            raise FormatError(
                tr("{name} is too complex to draw; place it as a PNG instead.", name=name)
            )


def _pixels(output: bytes, status: int, name: str) -> PixelBuffer:
    if status == _EMPTY:
        raise FormatError(tr("{name} shows nothing that can be drawn.", name=name))
    if status or len(output) < _HEADER.size:
        raise _damaged(name, f"exit={status}")
    width, height = _HEADER.unpack_from(output)
    try:
        array = np.frombuffer(output, np.uint8, offset=_HEADER.size).reshape(height, width, 4)
        return PixelBuffer.from_array(array)
    except (ValueError, DocumentError) as error:
        raise _damaged(name, repr(error)) from error


def _damaged(name: str, detail: str) -> FormatError:
    return FormatError(tr("{name} is no SVG that can be drawn.", name=name), detail)
