"""Flat pictures of other programs (PNG, JPEG, WebP, TIFF and more) as straight RGBA8 pixels.

Headers are not trusted: sizes are checked before pixels are unpacked. Colours are converted to sRGB
by the picture's own profile, and the camera's rotation is applied.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from editor.document.errors import DocumentError
from editor.document.pixels import MAX_PIXELS, PixelBuffer, check_size
from editor.formats.errors import FormatError
from editor.translations import mark, tr

# Pillow's names of what is taken; formats that run other programs (EPS) are not among them.
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
PICTURE_SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif",
)  # fmt: skip
_MAX_FILE_BYTES = 2**30
_DEEP_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "F"})


def read_picture(path: Path) -> PixelBuffer:
    """The first picture of a file. Raises FormatError with a sentence that names the file."""
    return decode_picture(picture_bytes(path, _MAX_FILE_BYTES), path.name)


def picture_bytes(path: Path, most: int) -> bytes:
    """All of a picture's file. Raises FormatError when it has more bytes or cannot be read."""
    try:
        if path.stat().st_size > most:
            raise FormatError(tr("{name} is too large to open as a picture.", name=path.name))
        return path.read_bytes()
    except OSError as error:
        raise FormatError(
            tr("{name} could not be read; check that it is there.", name=path.name), str(error)
        ) from error


def decode_picture(data: bytes, name: str) -> PixelBuffer:
    """A picture from the bytes of a file; `name` is used in the message. Raises FormatError."""
    # Imported here: a quarter of a second that a start without pictures does not need.
    from PIL import Image, ImageOps, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd tags and large sizes; sizes are checked below
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check(image.size, name)
                profile = image.info.get("icc_profile")
                turned = ImageOps.exif_transpose(image)
                return PixelBuffer.from_array(_rgba(turned, profile), copy=False)
        except UnidentifiedImageError as error:
            raise FormatError(
                tr("{name} is no picture that can be opened.", name=name), str(error)
            ) from error
        except FormatError:
            raise
        except MemoryError as error:
            raise FormatError(tr("{name} needs more memory than there is.", name=name)) from error
        except Exception as error:  # Pillow raises many kinds for damaged files
            raise FormatError(
                tr("{name} is damaged; get another copy.", name=name), repr(error)
            ) from error


def _check(size: tuple[int, int], name: str) -> None:
    try:
        check_size(*size, mark("A layer"))
    except DocumentError as error:
        raise FormatError(
            tr(
                "{name} has {width} x {height} px; at most {limit} million pixels are possible.",
                name=name,
                width=size[0],
                height=size[1],
                limit=MAX_PIXELS // 10**6,
            ),
            error.message,
        ) from error


def _rgba(image: Any, profile: bytes | None) -> npt.NDArray[np.uint8]:
    if image.mode in _DEEP_MODES:
        return _from_deep(np.asarray(image), image.mode)
    if image.mode == "CMYK" or profile:
        image = _in_srgb(image, profile)
    return np.array(image.convert("RGBA"), np.uint8)


def _from_deep(values: npt.NDArray[Any], mode: str) -> npt.NDArray[np.uint8]:
    """Gray with more than 8 bits: 0..65535 as whole numbers, or 0..1 as fractions."""
    scale = 255.0 if mode == "F" and values.size and float(values.max()) <= 1 else 255 / 65535
    gray = np.clip(values.astype(np.float32) * scale, 0, 255)
    out = np.full((*values.shape, 4), 255, np.uint8)
    out[..., :3] = np.rint(gray)[..., None]
    return out


def _in_srgb(image: Any, profile: bytes | None) -> Any:
    """The picture in sRGB; a profile that cannot be used leaves the values as they are."""
    from PIL import ImageCms

    if not profile:
        return image
    clear = "A" in image.getbands() or "transparency" in image.info  # a channel or one colour
    alpha = image.convert("RGBA").getchannel("A") if clear else None
    base = image.convert("RGB") if image.mode not in {"RGB", "CMYK", "L"} else image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            base, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    return converted
