"""From layers to one picture: the same code makes the canvas, exports and thumbnails.

Works in tiles of 512 x 256 px with float32 accumulators, so nothing the size of the picture is held
but the result. A pixel's value does not depend on which rectangle was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.blending import BlendMode
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.state import DocumentState
from editor.document.surface import Source, Surface

_TILE_PX = 512, 256  # width, height; the accumulators of one tile fit into a core's cache


class HasState(Protocol):
    """A document; its current state is composited."""

    def snapshot(self) -> DocumentState: ...


class CompositingCancelled(Exception):
    """Raised by `composite` when its `cancelled` function said so."""


def composite(
    document: DocumentState | HasState,
    rect: Rect | None = None,
    *,
    level: int = 0,
    skip: Collection[str] = (),
    cancelled: Callable[[], bool] | None = None,
) -> RgbaArray:
    """Composite part of a document -> h w 4 straight RGBA uint8.

    Args:
        document: A document or (in another thread: always) its snapshot.
        rect: What to composite, in pixels *of the level*; default the whole canvas. Parts outside
            the canvas come out transparent.
        level: 0 = full size; n = each pixel averages 2^n x 2^n document pixels of each layer.
            Blend modes other than Normal are then an approximation of the scaled full picture.
        skip: Ids of layers or groups to leave out, as if they were hidden.
        cancelled: Asked before each tile; True raises CompositingCancelled.

    Colour under alpha 0 is 0.
    """
    state = document if isinstance(document, DocumentState) else document.snapshot()
    canvas = level_rect(state.canvas, level)
    wanted = canvas if rect is None else rect
    out = np.zeros((wanted.height, wanted.width, 4), np.uint8)
    job = _Job(level, frozenset(skip))
    for tile in wanted.intersection(canvas).tiles(*_TILE_PX):
        if cancelled is not None and cancelled():
            raise CompositingCancelled
        _place(out, wanted, _composited_tile(state.layers, tile, job))
    return out


def flatten(document: DocumentState | HasState) -> RgbaArray:
    """The whole canvas at full size, height width 4 straight RGBA uint8."""
    return composite(document)


def composite_layers(layers: tuple[Layer, ...], rect: Rect) -> RgbaArray:
    """Composite some layers by themselves on transparency -> h w 4 straight RGBA uint8.

    `rect` is in document pixels and may reach outside the canvas.
    """
    out = np.zeros((rect.height, rect.width, 4), np.uint8)
    for tile in rect.tiles(*_TILE_PX):
        _place(out, rect, _composited_tile(layers, tile, _Job()))
    return out


def level_rect(rect: Rect, level: int) -> Rect:
    """Pixels of a level that a rectangle of document pixels touches."""
    return Rect(
        rect.x0 >> level,
        rect.y0 >> level,
        -(-rect.x1 >> level),
        -(-rect.y1 >> level),
    )


@dataclass(frozen=True)
class _Job:
    """What stays the same through a composite."""

    level: int = 0
    skip: frozenset[str] = frozenset()

    def shows(self, layer: Layer) -> bool:
        return layer.visible and layer.opacity > 0 and layer.layer_id not in self.skip

    def placed(self, layer: RasterLayer) -> tuple[PixelBuffer, int, int]:
        """The layer's pixels at this level, and where their corner lies."""
        x, y = layer.offset
        if self.level == 0:
            return layer.pixels, x, y
        side = 1 << self.level
        reduced = layer.pixels.reduced(self.level, x % side, y % side)
        return reduced, x >> self.level, y >> self.level


def _composited_tile(layers: tuple[Layer, ...], tile: Rect, job: _Job) -> Surface:
    surface = Surface.transparent(tile)
    _draw_layers(surface, layers, job)
    return surface


def _draw_layers(surface: Surface, layers: tuple[Layer, ...], job: _Job) -> None:
    shown = [layer for layer in layers if job.shows(layer)]
    first = max(
        (i for i, layer in enumerate(shown) if _hides_all(layer, surface.rect, job)), default=0
    )
    for layer in shown[first:]:
        if isinstance(layer, RasterLayer):
            _draw_raster(surface, layer, job)
        elif isinstance(layer, GroupLayer):
            _draw_group(surface, layer, job)


def _hides_all(layer: Layer, rect: Rect, job: _Job) -> bool:
    """True when nothing under this layer can be seen in the rectangle."""
    if not isinstance(layer, RasterLayer) or layer.blend_mode is not BlendMode.NORMAL:
        return False
    if layer.opacity_level < 255 or not layer.pixels.is_opaque:
        return False
    pixels, x, y = job.placed(layer)
    return pixels.is_opaque and pixels.bounds.translated(x, y).contains(rect)


def _draw_raster(surface: Surface, layer: RasterLayer, job: _Job) -> None:
    pixels, x, y = job.placed(layer)
    area = surface.rect.intersection(pixels.alpha_box.translated(x, y))
    if area.is_empty:
        return
    planes = _split(pixels.read(area.translated(-x, -y)))
    alpha = None
    if not (pixels.is_opaque and layer.opacity_level == 255):
        # Division: 255 / 255 is exactly 1, 255 * (1 / 255) need not be.
        alpha = np.divide(planes[3], np.float32(255), dtype=np.float32)
        if layer.opacity_level < 255:
            alpha *= np.float32(layer.opacity)
    source = Source(tuple(planes[:3]), alpha)
    surface.part(area).draw(source, layer.blend_mode, _dissolve_seed(layer.layer_id))


def _draw_group(surface: Surface, group: GroupLayer, job: _Job) -> None:
    area = surface.rect.intersection(level_rect(group.opaque_box, job.level))
    if area.is_empty:
        return
    part = surface.part(area)
    if group.blend_mode is not BlendMode.PASS_THROUGH:
        isolated = Surface.transparent(area)
        _draw_layers(isolated, group.children, job)
        source = isolated.as_source(group.opacity)
        part.draw(source, group.blend_mode, _dissolve_seed(group.layer_id))
    elif group.opacity_level == 255:
        _draw_layers(part, group.children, job)
    else:
        before = part.copy()
        _draw_layers(part, group.children, job)
        part.fade_from(before, group.opacity)


def _split(pixels: RgbaArray) -> list[npt.NDArray[np.uint8]]:
    # Into planes of our own: cv2.split takes far longer when it must make them.
    planes = list(np.empty((4, *pixels.shape[:2]), np.uint8))
    cv2.split(pixels, planes)
    return planes


def _place(out: RgbaArray, rect: Rect, surface: Surface) -> None:
    y, x = surface.rect.y0 - rect.y0, surface.rect.x0 - rect.x0
    out[y : y + surface.rect.height, x : x + surface.rect.width] = surface.to_rgba()


@lru_cache(maxsize=4096)
def _dissolve_seed(layer_id: str) -> int:
    return int.from_bytes(blake2b(layer_id.encode(), digest_size=4).digest(), "little")
