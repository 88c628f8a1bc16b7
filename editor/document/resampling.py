"""Scaling of straight RGBA pixels without dark or coloured fringes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

RgbaArray = npt.NDArray[np.uint8]


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
        planes = cv2.resize(planes, small, interpolation=cv2.INTER_AREA)
    if small != (width, height):
        planes = cv2.resize(planes, (width, height), interpolation=cv2.INTER_LANCZOS4)
    return straight(planes)


def premultiplied(pixels: RgbaArray) -> npt.NDArray[np.float32]:
    """h w 4 straight uint8 -> h w 4 premultiplied float32, 0..255."""
    out = pixels.astype(np.float32)
    out[:, :, :3] *= out[:, :, 3:] * np.float32(1 / 255)
    return out


def straight(planes: npt.NDArray[np.float32]) -> RgbaArray:
    """h w 4 premultiplied float32, 0..255 -> h w 4 straight uint8; colour under alpha 0 is 0."""
    alpha = np.clip(planes[:, :, 3:], 0, 255)
    visible = alpha >= 0.5
    colour = np.where(visible, planes[:, :, :3] * 255 / np.maximum(alpha, 0.5), 0)
    out = np.empty(planes.shape, np.uint8)
    out[:, :, :3] = np.rint(np.clip(colour, 0, 255))
    out[:, :, 3:] = np.rint(alpha)
    return out
