"""Where the original pixels of a layer lie in the document, and layers drawn anew elsewhere.

The original is kept, so that transforming again draws from it and loses nothing.
"""

from __future__ import annotations

from dataclasses import replace

from editor.document import affine
from editor.document.affine import Matrix
from editor.document.geometry import Rect, union_of
from editor.document.layers import Layer, RasterLayer, rasters
from editor.document.pixels import PixelBuffer
from editor.document.resampling import resample
from editor.document.text import DrawnText
from editor.document.warping import warped, warped_mask

Box = tuple[float, float, float, float]  # x0, y0, x1, y1


def placement(layer: RasterLayer) -> Matrix:
    """From the pixels of `layer.original` to the document."""
    if layer.matrix is not None:
        return layer.matrix
    return affine.stretch(layer.original.bounds.as_tuple(), layer.bounds.as_tuple())


def placed(layer: RasterLayer, matrix: Matrix) -> RasterLayer:
    """The layer with its original drawn through a map to the document.

    What is only moved and stretched lies on whole pixels afterwards. The mask and live text stay as
    they are. Raises DocumentError when the layer would be too large.
    """
    original = layer.original
    if affine.is_upright(matrix):
        x0, y0 = affine.apply(matrix, 0, 0)
        x1, y1 = affine.apply(matrix, *original.size)
        left, top = round(x0), round(y0)
        box = Rect(left, top, max(left + 1, round(x1)), max(top + 1, round(y1)))
        if layer.matrix is not None:
            layer = replace(layer, pixels=original, source=None, matrix=None)
        return fitted(layer, box)
    pixels, offset = warped(original, matrix)
    return replace(layer, pixels=pixels, offset=offset, source=original, matrix=matrix)


def fitted(layer: RasterLayer, box: Rect) -> RasterLayer:
    """The layer stretched so that its pixels fill `box`; drawn from the original."""
    original = layer.original
    if layer.matrix is not None:
        grown = affine.stretch(layer.bounds.as_tuple(), box.as_tuple())
        return placed(layer, affine.compose(grown, layer.matrix))
    if box.size == original.size:
        return replace(layer, pixels=original, source=None, offset=(box.x0, box.y0))
    if box.size == layer.pixels.size:
        return replace(layer, offset=(box.x0, box.y0))
    pixels = resample(original.array, box.width, box.height)
    buffer = PixelBuffer.from_array(pixels, copy=False)
    return replace(layer, pixels=buffer, source=original, offset=(box.x0, box.y0))


def seen_box(layer: Layer) -> Rect:
    """Rectangle around what can be seen of a layer, in document pixels; EMPTY for nothing.

    A scaled layer has what its original has, scaled: the faint ringing that resampling leaves
    around hard edges would make it larger than the user has made it.
    """
    return union_of(_seen(raster) for raster in rasters((layer,)))


def _seen(layer: RasterLayer) -> Rect:
    if layer.source is None or layer.matrix is not None or layer.source.alpha_box.is_empty:
        return layer.opaque_box
    before, now = layer.source.bounds, layer.bounds
    return stretched(layer.source.alpha_box, before.as_floats(), now.as_floats())


def stretched(box: Rect, frame: Box, target: Box) -> Rect:
    """Where `box` comes to lie when `frame` is stretched onto `target`; at least 1 x 1."""
    x0, x1 = _span(box.x0, box.x1, frame[::2], target[::2])
    y0, y1 = _span(box.y0, box.y1, frame[1::2], target[1::2])
    return Rect(x0, y0, x1, y1)


def _span(
    start: int, end: int, frame: tuple[float, ...], target: tuple[float, ...]
) -> tuple[int, int]:
    ratio = (target[1] - target[0]) / (frame[1] - frame[0])
    new_start = round(target[0] + (start - frame[0]) * ratio)
    new_end = round(target[0] + (end - frame[0]) * ratio)
    return new_start, max(new_start + 1, new_end)


def moved(layer: Layer, dx: int, dy: int) -> Layer:
    """The layer and its mask elsewhere; what is in a group is left where it is."""
    if layer.mask is not None:
        layer = replace(layer, mask=layer.mask.translated(dx, dy))
    return moved_raster(layer, dx, dy) if isinstance(layer, RasterLayer) else layer


def moved_raster(layer: RasterLayer, dx: int, dy: int) -> RasterLayer:
    """The layer elsewhere with its mask left where it is."""
    shift = affine.translation(dx, dy)
    x, y = layer.offset
    return replace(
        layer,
        offset=(x + dx, y + dy),
        matrix=affine.compose(shift, layer.matrix) if layer.matrix else None,
        text=layer.text.translated(dx, dy) if layer.text else None,
    )


def transformed(layer: Layer, matrix: Matrix) -> Layer:
    """The layer and its mask mapped within the document; what is in a group is left as it is.

    Live text says afterwards how it stands; its pixels are drawn through the map until someone who
    knows fonts sets it anew. Raises DocumentError when the layer would be too large.
    """
    whole = affine.quarter_turns(matrix)
    if whole is not None and (whole[0], whole[1], whole[3], whole[4]) == (1, 0, 0, 1):
        return moved(layer, whole[2], whole[5])
    if layer.mask is not None:
        layer = replace(layer, mask=warped_mask(layer.mask, matrix))
    if not isinstance(layer, RasterLayer):
        return layer
    text = layer.text.mapped(matrix) if layer.text else None
    drawn = placed(layer, affine.compose(matrix, placement(layer)))
    return replace(drawn, text=text)


def showing(layer: RasterLayer, drawn: DrawnText) -> RasterLayer:
    """The layer with the pixels of a text that was set anew."""
    return replace(
        layer,
        pixels=drawn.pixels,
        offset=drawn.offset,
        source=drawn.source,
        matrix=drawn.matrix,
    )


def baked(layer: RasterLayer) -> RasterLayer:
    """The layer with its present pixels as the original."""
    return replace(layer, source=None, matrix=None)
