"""Documents whose render by other programs is compared with ours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.document import Document
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer

CELL = 64  # one patch per blend mode
COLUMNS = 7
SIDE = CELL * COLUMNS


def all_modes() -> Document:
    """A patch for each mode: sloped alpha and colours, opacity 200, on an opaque gradient."""
    patches = [
        RasterLayer(
            name=mode.label,
            pixels=_patch(index),
            offset=_place(index),
            blend_mode=mode,
            opacity=200 / 255,
        )
        for index, mode in enumerate(LAYER_MODES)
        if mode is not BlendMode.DISSOLVE
    ]
    return Document(SIDE, SIDE, (_ground(), *patches))


def masks_and_groups() -> Document:
    """Masked layers in four modes, an isolated and a pass-through group, a masked group."""
    modes = (BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.SCREEN, BlendMode.OVERLAY)
    layers: list[Layer] = [_ground()]
    for index, mode in enumerate(modes):
        x, y = _place(index)
        layers.append(
            RasterLayer(
                name=f"masked, {mode.label}",
                pixels=_patch(index),
                offset=(x, y),
                blend_mode=mode,
                mask=_slope(x + 5, y + 5, 255 * (index % 2)),
            )
        )
    for index, mode in (
        (8, BlendMode.NORMAL),
        (10, BlendMode.PASS_THROUGH),
        (12, BlendMode.SCREEN),
    ):
        x, y = _place(index)
        children = (
            RasterLayer(name="low", pixels=_patch(index), offset=(x, y)),
            RasterLayer(
                name="high",
                pixels=_patch(index + 1),
                offset=(x + 20, y + 10),
                blend_mode=BlendMode.MULTIPLY,
            ),
        )
        layers.append(GroupLayer(name=mode.label, children=children, blend_mode=mode))
    x, y = _place(16)
    inside = RasterLayer(name="inside", pixels=_patch(5), offset=(x, y))
    mask = _slope(x + 3, y + 9, 0)
    layers.append(
        GroupLayer(name="masked group", children=(inside,), blend_mode=BlendMode.NORMAL, mask=mask)
    )
    return Document(SIDE, SIDE, layers)


def cell_of(index: int) -> tuple[slice, slice]:
    """Rows and columns of the patch of LAYER_MODES[index]."""
    x, y = _place(index)
    return slice(y, y + CELL), slice(x, x + CELL)


def _place(index: int) -> tuple[int, int]:
    return index % COLUMNS * CELL, index // COLUMNS * CELL


def _ground() -> RasterLayer:
    y, x = np.mgrid[:SIDE, :SIDE] / (SIDE - 1)
    return RasterLayer(name="ground", pixels=_opaque(x, y, 1 - (x + y) / 2))


def _patch(index: int) -> PixelBuffer:
    y, x = np.mgrid[:CELL, :CELL] / (CELL - 1)
    pixels = _opaque(1 - x, (x + y) / 2, np.abs(np.sin(index + 3 * y))).array.copy()
    pixels[..., 3] = np.rint(np.clip(1.3 * y, 0, 1) * 255)
    pixels[pixels[..., 3] == 0] = 0
    return PixelBuffer.from_array(pixels)


def _opaque(*channels: npt.NDArray[np.float64]) -> PixelBuffer:
    levels = [np.rint(channel * 255).astype(np.uint8) for channel in channels]
    return PixelBuffer.from_array(np.dstack([*levels, np.full_like(levels[0], 255)]))


def _slope(x: int, y: int, outside: int) -> Mask:
    values = np.tile(np.linspace(0, 255, 50, dtype=np.uint8), (40, 1))
    return Mask(coverage=CoverageBuffer.from_array(values), offset=(x, y), outside=outside)
