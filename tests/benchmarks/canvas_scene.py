"""The document of the canvas benchmark: 4096 px square, 50 layers, each with a place of its own."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.blending import BlendMode
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer

SIDE_PX = 4096
LAYERS = 50
ACTIVE = 39  # index of the layer that is dragged, faded and painted on; ten are above it
_SHARES = (0.25, 0.75)  # sides of a layer, of the page's side; all areas are about 13 pages
_SPRITE_PX = 512
_MODES = (
    BlendMode.MULTIPLY,
    BlendMode.SCREEN,
    BlendMode.OVERLAY,
    BlendMode.SOFT_LIGHT,
    BlendMode.DARKEN,
    BlendMode.LIGHTEN,
    BlendMode.HARD_LIGHT,
    BlendMode.DIFFERENCE,
    BlendMode.COLOR,
    BlendMode.LUMINOSITY,
)


def make_document(*, blended: bool, side: int = SIDE_PX, count: int = LAYERS) -> Document:
    """An opaque background and soft-edged ellipses of noise, every third one half transparent.

    Args:
        blended: Whether the ten layers above the active one have ten other modes than Normal.
    """
    rng = np.random.default_rng(5)
    layers = [RasterLayer(pixels=PixelBuffer.filled(side, side, (90, 120, 200, 255)))]
    sprite = _sprite(rng)
    for index in range(1, count):
        size = (rng.uniform(*_SHARES, 2) * side).astype(int)
        corner = (rng.uniform(0, 1, 2) * (side - size)).astype(int)
        if index == ACTIVE:  # in the middle and wider than the view, so that it is all touched
            size, corner = np.array([side * 5 // 8] * 2), np.array([side * 3 // 16] * 2)
        array = cv2.resize(sprite, (int(size[0]), int(size[1])), interpolation=cv2.INTER_NEAREST)
        above = index - ACTIVE - 1
        mode = _MODES[above] if blended and 0 <= above < len(_MODES) else BlendMode.NORMAL
        layers.append(
            RasterLayer(
                name=f"Layer {index}",
                pixels=PixelBuffer.from_array(np.asarray(array, np.uint8), copy=False),
                offset=(int(corner[0]), int(corner[1])),
                opacity=0.6 if index % 3 == 0 else 1.0,
                blend_mode=mode,
            )
        )
    return Document(side, side, layers)


def _sprite(rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Noise in an ellipse whose edge fades over a tenth of its radius."""
    sprite = rng.integers(0, 256, (_SPRITE_PX, _SPRITE_PX, 4), dtype=np.uint8)
    y, x = np.mgrid[-1 : 1 : _SPRITE_PX * 1j, -1 : 1 : _SPRITE_PX * 1j]
    sprite[..., 3] = np.clip((1 - np.hypot(x, y)) * 2550, 0, 255)
    return sprite
