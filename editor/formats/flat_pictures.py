"""Writes the flattened picture as WebP, JPEG or TIFF, with its colour profile and resolution."""

from __future__ import annotations

import io
import os
from enum import StrEnum
from pathlib import Path
from typing import Any

from PIL import Image

from editor.document.compositor import CompositingCancelled, HasState, composite
from editor.document.state import DocumentState
from editor.formats.atomic_save import atomic_write, check_writable
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.provenance import origin_packet
from editor.formats.psd_planes import matte_on_white
from editor.formats.psd_resources import srgb_profile
from editor.formats.waiting import Cancelled
from editor.translations import tr

MAX_WEBP_SIDE_PX = 16_383
_JPEG_QUALITY = 92
_FASTEST_LOSSLESS = 0  # WebP: a tenth of the time of the default effort for a fifth more bytes
_XMP_TAG = 700  # of TIFF


class PictureFormat(StrEnum):
    """The value is Pillow's name."""

    WEBP = "WEBP"
    JPEG = "JPEG"
    TIFF = "TIFF"


PICTURE_SUFFIXES = {
    ".webp": PictureFormat.WEBP,
    ".jpg": PictureFormat.JPEG,
    ".jpeg": PictureFormat.JPEG,
    ".tif": PictureFormat.TIFF,
    ".tiff": PictureFormat.TIFF,
}


def write_picture(
    document: DocumentState | HasState,
    path: str | os.PathLike[str],
    *,
    cancelled: Cancelled | None = None,
) -> None:
    """Save the visible layers as one picture of the canvas's size, by the ending of the name.

    WebP and TIFF are lossless and keep the transparency; in a JPEG what is transparent is white.
    Raises FormatError, or SaveCancelled when `cancelled` says so; the target stays as it was.
    """
    check_writable(path)
    state = document if isinstance(document, DocumentState) else document.snapshot()
    kind = PICTURE_SUFFIXES[Path(path).suffix.lower()]
    if kind is PictureFormat.WEBP and max(state.width, state.height) > MAX_WEBP_SIDE_PX:
        raise FormatError(
            tr(
                "{name} is too large: a WebP picture has at most {limit} px on each side; "
                "export as PNG or TIFF.",
                name=Path(path).name,
                limit=MAX_WEBP_SIDE_PX,
            )
        )
    try:
        picture = composite(state, cancelled=cancelled)
    except CompositingCancelled as error:
        raise SaveCancelled from error
    if kind is PictureFormat.JPEG:
        image = Image.fromarray(matte_on_white(picture)[..., :3])
    else:
        image = Image.fromarray(picture)
    # Into the memory first: Pillow takes a full disk for the end of a JPEG, and names no reason.
    packed = io.BytesIO()
    image.save(packed, format=kind.value, **_options(kind, state))
    if cancelled is not None and cancelled():
        raise SaveCancelled
    with atomic_write(path) as file:
        file.write(packed.getbuffer())


def _options(kind: PictureFormat, state: DocumentState) -> dict[str, Any]:
    profile = state.color_profile or srgb_profile()
    resolution = state.resolution_ppi, state.resolution_ppi
    packet = origin_packet(state)
    options: dict[str, Any] = {"icc_profile": profile}
    if kind is PictureFormat.WEBP:
        options |= {"lossless": True, "exact": True, "method": _FASTEST_LOSSLESS}
    elif kind is PictureFormat.JPEG:
        options |= {"quality": _JPEG_QUALITY, "subsampling": 0, "dpi": resolution}
    else:
        options |= {"compression": "tiff_lzw", "dpi": resolution}
    if packet is not None and kind is PictureFormat.TIFF:
        options["tiffinfo"] = {_XMP_TAG: packet}
    elif packet is not None:
        options["xmp"] = packet
    return options
