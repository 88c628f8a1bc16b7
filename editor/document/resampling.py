"""Scaling of straight RGBA pixels without dark or coloured fringes."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

RgbaArray = npt.NDArray[np.uint8]  # h w 4, straight alpha, R G B A
Planes = npt.NDArray[np.float32]

_STRIP_ROWS = 64


def resample(pixels: RgbaArray, width: int, height: int) -> RgbaArray:
    """Scale h w 4 straight RGBA to height x width x 4.

    Averaged in premultiplied float32 so that the colour of transparent pixels does not leak in;
    area averaging when a side shrinks, Lanczos (8 x 8) when it grows.
    """
    source_height, source_width = pixels.shape[:2]
    if (source_width, source_height) == (width, height):
        return pixels.copy()
    planes = premultiplied(pixels)
    # Sides may change in opposite directions: shrink first, with its own filter.
    small = min(width, source_width), min(height, source_height)
    if small != (source_width, source_height):
        planes = _resized(planes, small, cv2.INTER_AREA)
    if small != (width, height):
        planes = _resized(planes, (width, height), cv2.INTER_LANCZOS4)
    return straight(planes)


def premultiplied(pixels: RgbaArray) -> Planes:
    """h w 4 straight uint8 -> h w 4 premultiplied float32, 0..255."""
    out = pixels.astype(np.float32)
    for rows in _strips(out.shape[0]):
        out[rows, :, :3] *= out[rows, :, 3:] * np.float32(1 / 255)
    return out


def straight(planes: Planes) -> RgbaArray:
    """h w 4 premultiplied float32, 0..255 -> h w 4 straight uint8; colour under alpha 0 is 0."""
    out = np.zeros(planes.shape, np.uint8)
    for rows in _strips(planes.shape[0]):
        alpha = np.clip(planes[rows, :, 3:], 0, 255)
        colour = planes[rows, :, :3] * (255 / np.maximum(alpha, 0.5))
        colour *= alpha >= 0.5  # less rounds to alpha 0
        out[rows, :, :3] = np.rint(np.clip(colour, 0, 255))
        out[rows, :, 3:] = np.rint(alpha)
    return out


def _resized(planes: Planes, size: tuple[int, int], interpolation: int) -> Planes:
    return cast("Planes", cv2.resize(planes, size, interpolation=interpolation))


def _strips(height: int) -> list[slice]:
    # Strips stay in the cache: whole-image temporaries cost several times as much.
    return [slice(y, y + _STRIP_ROWS) for y in range(0, height, _STRIP_ROWS)]
