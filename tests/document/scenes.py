"""Small documents for the tests of this folder."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from editor.document.layers import RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer


def noise(width: int, height: int, seed: int = 0, *, opaque: bool = False) -> npt.NDArray[np.uint8]:
    """Random RGBA with plenty of the values 0 and 255 in every channel."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    ends = rng.integers(0, 8, pixels.shape)
    pixels[ends == 0] = 0
    pixels[ends == 1] = 255
    if opaque:
        pixels[..., 3] = 255
    return pixels


def noise_layer(
    width: int, height: int, seed: int = 0, *, opaque: bool = False, **values: Any
) -> RasterLayer:
    """A layer of `noise`."""
    pixels = PixelBuffer.from_array(noise(width, height, seed, opaque=opaque))
    return RasterLayer(pixels=pixels, **{"name": f"noise {seed}", **values})


def flat_layer(
    rgba: tuple[int, int, int, int], width: int = 4, height: int = 4, **values: Any
) -> RasterLayer:
    """A layer of one colour."""
    return RasterLayer(pixels=PixelBuffer.filled(width, height, rgba), **values)


def noise_mask(width: int, height: int, seed: int = 0, **values: Any) -> Mask:
    """A mask with plenty of 0 and 255."""
    rng = np.random.default_rng(seed)
    coverage = rng.integers(0, 256, (height, width), dtype=np.uint8)
    coverage[rng.integers(0, 5, coverage.shape) == 0] = 0
    coverage[rng.integers(0, 5, coverage.shape) == 0] = 255
    return Mask(coverage=CoverageBuffer.from_array(coverage), **values)
