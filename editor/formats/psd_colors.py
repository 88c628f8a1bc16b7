"""Colour modes and bit depths of PSD files as straight 8-bit RGB.

Deep values are dithered with a fixed pattern, so that soft gradients show no bands and equal files
give equal pixels. Modes with inks or perceptual axes go through the file's profile where it has
a usable one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from psd_tools.constants import ColorMode

from editor.formats.psd_planes import Plane
from editor.translations import mark

Values = npt.NDArray[Any]  # h w: uint8, uint16, or float32 from 0 to 1
Rgb = npt.NDArray[np.uint8]  # h w 3

_RELATIVE = 1  # rendering intent: white becomes white
_BLACK_POINT = 0x2000
_PALETTE_BYTES = 768
_GRAY_MODES = (ColorMode.GRAYSCALE, ColorMode.DUOTONE, ColorMode.BITMAP)
_CHANNELS = {ColorMode.RGB: 3, ColorMode.LAB: 3, ColorMode.CMYK: 4}
DEPTHS = (1, 8, 16, 32)

MODE_NAMES = {
    ColorMode.BITMAP: mark("bitmap"),
    ColorMode.GRAYSCALE: mark("grayscale"),
    ColorMode.INDEXED: mark("indexed"),
    ColorMode.RGB: mark("RGB"),
    ColorMode.CMYK: mark("CMYK"),
    ColorMode.MULTICHANNEL: mark("multichannel"),
    ColorMode.DUOTONE: mark("duotone"),
    ColorMode.LAB: mark("Lab"),
}


@dataclass(frozen=True)
class ColorSpace:
    """How a file's channels become RGB.

    Attributes:
        depth: Bits per channel: 1, 8, 16 or 32.
        palette: 256 red, then green, then blue values of an indexed file; else empty.
        profile: The file's ICC profile; None = none.
    """

    mode: ColorMode
    depth: int
    palette: bytes = b""
    profile: bytes | None = None

    @property
    def is_native(self) -> bool:
        """Whether the values are kept as they are."""
        return self.mode is ColorMode.RGB and self.depth == 8

    @property
    def channels(self) -> int:
        """Number of colour channels that make a colour."""
        return _CHANNELS.get(self.mode, 1)

    def to_rgb(self, planes: Sequence[Values]) -> Rgb:
        """One plane for each colour channel -> h w 3. Raises ValueError without a palette."""
        linear = self.depth == 32
        if self.mode is ColorMode.RGB:
            return np.stack([to_bytes(plane, linear=linear) for plane in planes], axis=2)
        if self.mode is ColorMode.LAB:
            return _from_lab(planes)
        values = [to_bytes(plane, linear=linear) for plane in planes]
        if self.mode is ColorMode.CMYK:
            return _from_cmyk(np.stack(values, axis=2), self.profile)
        if self.mode is ColorMode.INDEXED:
            return self._looked_up(values[0])
        converted = _from_gray(values[0], self.profile) if self.mode in _GRAY_MODES else None
        return np.repeat(values[0][..., None], 3, axis=2) if converted is None else converted

    def _looked_up(self, indices: Plane) -> Rgb:
        if len(self.palette) < _PALETTE_BYTES:
            raise ValueError("the palette is missing")
        table = np.frombuffer(self.palette[:_PALETTE_BYTES], np.uint8).reshape(3, 256).T
        return np.asarray(table[indices], np.uint8)


def to_bytes(values: Values, *, linear: bool = False) -> Plane:
    """8-bit values of any depth, dithered; `linear` = fractions that are light, not sRGB."""
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    if values.dtype == np.uint16:
        scaled = values.astype(np.float32) * np.float32(255 / 65535)
    else:
        fractions = np.clip(np.nan_to_num(values.astype(np.float32)), 0, 1)
        scaled = 255 * (_encoded(fractions) if linear else fractions)
    height, width = values.shape
    pattern = np.tile(_PATTERN, (height // 8 + 1, width // 8 + 1))[:height, :width]
    return np.asarray(np.clip(np.floor(scaled + pattern), 0, 255), np.uint8)


def to_coverage(values: Values) -> Plane:
    """8-bit alpha or mask values of any depth, rounded: an even alpha stays even."""
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    if values.dtype == np.uint16:
        return ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    fractions = np.clip(np.nan_to_num(values.astype(np.float32)), 0, 1)
    return np.rint(fractions * 255).astype(np.uint8)


def _ordered(size: int) -> npt.NDArray[np.float32]:
    """Thresholds of an ordered dither, above 0 and below 1."""
    pattern = np.zeros((1, 1), np.float32)
    while len(pattern) < size:
        pattern = np.block([[4 * pattern, 4 * pattern + 2], [4 * pattern + 3, 4 * pattern + 1]])
    return np.asarray((pattern + 0.5) / size**2, np.float32)


_PATTERN = _ordered(8)


def _encoded(light: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Linear light -> sRGB, 0 to 1 (IEC 61966-2-1)."""
    curve = 1.055 * np.power(light, 1 / 2.4) - 0.055
    return np.where(light <= 0.0031308, 12.92 * light, curve).astype(np.float32)


def _from_cmyk(stored: npt.NDArray[np.uint8], profile: bytes | None) -> Rgb:
    """h w 4, 255 = no ink."""
    converted = _through_profile(255 - stored, "CMYK", profile)
    if converted is not None:
        return converted
    paper = stored.astype(np.uint16)
    return ((paper[..., :3] * paper[..., 3:] + 127) // 255).astype(np.uint8)


def _from_gray(values: Plane, profile: bytes | None) -> Rgb | None:
    return _through_profile(values, "L", profile)


def _through_profile(values: Plane, mode: str, profile: bytes | None) -> Rgb | None:
    """Values in sRGB; None when there is no profile, or none for this mode."""
    if not profile:
        return None
    # Imported here: plain RGB files need no colour management.
    from PIL import Image, ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            Image.fromarray(np.ascontiguousarray(values), mode),
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent(_RELATIVE),
            outputMode="RGB",
            flags=ImageCms.Flags(_BLACK_POINT),
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return None if converted is None else np.asarray(converted, np.uint8)


_WHITE = (0.96422, 1.0, 0.82521)  # D50, to which Lab of a PSD refers
# XYZ of D50 -> linear sRGB, with the Bradford adaptation to D65.
_TO_SRGB = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ],
    np.float32,
)


def _from_lab(planes: Sequence[Values]) -> Rgb:
    """CIE Lab, with a and b around the middle of their range."""
    if planes[0].dtype == np.uint8:
        lightness, a, b = (plane.astype(np.float32) for plane in planes)
        scale, middle = np.float32(100 / 255), np.float32(128)
        lightness, a, b = lightness * scale, a - middle, b - middle
    else:
        lightness, a, b = (_as_deep(plane) for plane in planes)
        scale, step, middle = np.float32(100 / 65535), np.float32(256), np.float32(128)
        lightness, a, b = lightness * scale, a / step - middle, b / step - middle
    y = (lightness + 16) / 116
    axes = np.stack([y + a / 500, y, y - b / 200], axis=2)
    cubes = np.where(axes > 6 / 29, axes**3, 3 * (6 / 29) ** 2 * (axes - 4 / 29))
    light = np.clip((cubes * np.array(_WHITE, np.float32)) @ _TO_SRGB.T, 0, 1)
    return np.rint(_encoded(light.astype(np.float32)) * 255).astype(np.uint8)


def _as_deep(plane: Values) -> npt.NDArray[np.float32]:
    scale = 1 if plane.dtype == np.uint16 else 65535
    return np.nan_to_num(plane.astype(np.float32)) * np.float32(scale)
