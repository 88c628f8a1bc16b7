"""A document with something to see in every tile."""

from __future__ import annotations

import numpy as np

from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer


def sample_document(width: int = 600, height: int = 400, *, background: bool = True) -> Document:
    """Noise under two half-transparent squares, "red" at 50, 60 and "blue" at 240, 200."""
    rng = np.random.default_rng(11)
    layers = []
    if background:
        noise = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
        noise[: height // 2, :, 3] = 255
        layers.append(_layer("noise", noise, 0, 0))
    layers.append(_layer("red", _square((220, 30, 30, 230)), 50, 60))
    layers.append(_layer("blue", _square((30, 60, 220, 230)), 240, 200))
    return Document(width, height, layers)


def _square(rgba: tuple[int, int, int, int]) -> np.ndarray:
    array = np.empty((120, 120, 4), np.uint8)
    array[:] = rgba
    return array


def _layer(name: str, array: np.ndarray, x: int, y: int) -> RasterLayer:
    pixels = PixelBuffer.from_array(array)
    return RasterLayer(name=name, pixels=pixels, offset=(x, y), layer_id=name)
