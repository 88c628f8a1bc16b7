"""The box that a generated layer was drawn in, wherever it went since; pixels back into it."""

from __future__ import annotations

from dataclasses import replace

from editor.document import affine, layer_placement
from editor.document.affine import Matrix
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer


def drawn_box(layer: RasterLayer) -> Rect:
    """The box the layer was drawn in, moved along with the layer, before it was turned."""
    return _moved_box(layer) if layer.matrix is None else _upright_box(layer, layer.matrix)


def landed_at(layer: RasterLayer, pixels: PixelBuffer, rect: Rect) -> RasterLayer:
    """The layer with pixels that were drawn for an upright box, turned as the layer is."""
    upright = replace(layer, pixels=pixels, source=None, matrix=None, text=None)
    if layer.matrix is None:
        return layer_placement.fitted(upright, rect)
    around = affine.stretch(pixels.bounds.as_tuple(), layer.original.bounds.as_tuple())
    return layer_placement.placed(upright, affine.compose(layer.matrix, around))


def _moved_box(layer: RasterLayer) -> Rect:
    """The box that a layer was drawn in which was moved and scaled only.

    Files keep only the visible part of a layer; then the recorded box around it counts, moved as
    far as the visible part was.
    """
    bounds = layer.bounds
    if layer.record is None or layer.source is not None:
        return bounds
    recorded, visible = Rect(*layer.record.box), Rect(*layer.record.visible_box)
    seen = layer.opaque_box
    if not seen.is_empty and seen.size == visible.size:
        return recorded.translated(seen.x0 - visible.x0, seen.y0 - visible.y0)
    if recorded.is_empty or bounds.width > recorded.width or bounds.height > recorded.height:
        return bounds
    if recorded.contains(bounds):
        return recorded
    if bounds.size == recorded.size:
        return bounds
    x = (bounds.x0 + bounds.x1 - recorded.width) // 2
    y = (bounds.y0 + bounds.y1 - recorded.height) // 2
    return Rect.from_size(x, y, recorded.width, recorded.height)


def _upright_box(layer: RasterLayer, matrix: Matrix) -> Rect:
    """The box of a turned layer before it was turned around its middle."""
    across, down = affine.lengths(matrix)
    width, height = layer.original.size
    x, y = affine.apply(matrix, width / 2, height / 2)
    size = max(1, round(width * across)), max(1, round(height * down))
    return Rect.from_size(round(x - size[0] / 2), round(y - size[1] / 2), *size)
