"""A whole document moved, scaled or turned on its canvas: layers, masks, guides, boxes, texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from editor.document import affine, selections
from editor.document.affine import Matrix
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.layer_placement import baked, moved_raster, placement
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import Mask
from editor.document.pixels import PixelBuffer
from editor.document.resampling import resample
from editor.document.state import DocumentState
from editor.document.text import TextContent
from editor.document.turning import Turn, turned

_SAME_SCALE = 0.01  # width and height count as scaled alike within this share


def reframed(state: DocumentState, rect: Rect) -> DocumentState:
    """The document with `rect` as its canvas; pixels outside of it are kept.

    Boxes and guides outside the new canvas go.
    """
    dx, dy = -rect.x0, -rect.y0
    moved = _mapped(
        state, lambda layer: moved_raster(layer, dx, dy), lambda m: m.translated(dx, dy)
    )
    guides = tuple(_shifted(guide, dx, dy) for guide in state.guides)
    boxes = tuple(replace(box, rect=box.rect.translated(dx, dy)) for box in state.boxes)
    moved = replace(moved, width=rect.width, height=rect.height, guides=guides, boxes=boxes)
    return _tidied(moved)


def scaled(state: DocumentState, width: int, height: int) -> DocumentState:
    """The document resampled to another size; scaled layers start from their original pixels."""
    across, down = width / state.width, height / state.height

    def scaled_rect(rect: Rect) -> Rect:
        x0, y0 = round(rect.x0 * across), round(rect.y0 * down)
        x1, y1 = round(rect.x1 * across), round(rect.y1 * down)
        return Rect(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))

    def scaled_mask(mask: Mask) -> Mask:
        return mask.scaled_into(scaled_rect(mask.bounds))

    def scaled_raster(layer: RasterLayer) -> RasterLayer:
        return _scaled(layer, scaled_rect(layer.bounds), across, down)

    new = _mapped(state, scaled_raster, scaled_mask)
    guides = tuple(
        replace(g, position=g.position * (down if g.orientation is _LYING else across))
        for g in state.guides
    )
    boxes = tuple(replace(box, rect=scaled_rect(box.rect)) for box in state.boxes)
    return _tidied(replace(new, width=width, height=height, guides=guides, boxes=boxes))


def turned_document(state: DocumentState, turn: Turn) -> DocumentState:
    """The document turned or mirrored; no pixel changes its value."""
    size = state.width, state.height

    def turned_rect(rect: Rect) -> Rect:
        a, b = turn.point(rect.x0, rect.y0, *size), turn.point(rect.x1, rect.y1, *size)
        xs, ys = sorted((int(a[0]), int(b[0]))), sorted((int(a[1]), int(b[1])))
        return Rect(xs[0], ys[0], xs[1], ys[1])

    def turned_mask(mask: Mask) -> Mask:
        box = turned_rect(mask.bounds)
        return mask.with_coverage(turned(mask.coverage, turn), (box.x0, box.y0))

    def turned_raster(layer: RasterLayer) -> RasterLayer:
        box = turned_rect(layer.bounds)
        layer = _turned_text(layer, _turn_matrix(turn, *size)) if layer.text else baked(layer)
        return replace(layer, pixels=turned(layer.pixels, turn), offset=(box.x0, box.y0))

    new = _mapped(state, turned_raster, turned_mask)
    guides = tuple(_turned_guide(guide, turn, *size) for guide in state.guides)
    boxes = tuple(replace(box, rect=turned_rect(box.rect)) for box in state.boxes)
    width, height = turn.size(*size)
    return replace(new, width=width, height=height, guides=guides, boxes=boxes)


def scaled_text(text: TextContent, matrix: Matrix) -> TextContent:
    """A text in a document that is moved and scaled as a whole.

    Whole pixels seldom scale width and height exactly alike; letters keep their proportions then.
    """
    across, down = affine.lengths(matrix)
    if abs(across / down - 1) >= _SAME_SCALE:
        return text.mapped(matrix)
    even = text.mapped(affine.scaling(down, down))
    return replace(even, anchor=affine.apply(matrix, *text.anchor))


_LYING = Orientation.HORIZONTAL


def _mapped(
    state: DocumentState,
    raster: Callable[[RasterLayer], RasterLayer],
    mask: Callable[[Mask], Mask],
) -> DocumentState:
    def mapped(layer: Layer) -> Layer:
        if layer.mask is not None:
            layer = replace(layer, mask=mask(layer.mask))
        if isinstance(layer, GroupLayer):
            return replace(layer, children=tuple(map(mapped, layer.children)))
        return raster(layer) if isinstance(layer, RasterLayer) else layer

    selection = None if state.selection is None else mask(state.selection)
    return replace(state, layers=tuple(map(mapped, state.layers)), selection=selection)


def _scaled(layer: RasterLayer, box: Rect, across: float, down: float) -> RasterLayer:
    # Through a matrix the source keeps its own geometry; else scaling starts from it.
    start = layer.pixels if layer.matrix is not None else layer.original
    pixels = layer.pixels
    if box.size == start.size:
        pixels = start
    elif box.size != layer.pixels.size:
        made = resample(start.array, box.width, box.height)
        pixels = PixelBuffer.from_array(made, copy=False)
    matrix: Matrix | None = layer.matrix
    source = layer.source
    if matrix is not None:
        a, b, c, d, e, f = matrix
        matrix = (a * across, b * across, c * across, d * down, e * down, f * down)
    else:
        source = None if pixels is layer.original else layer.original
    text = scaled_text(layer.text, affine.scaling(across, down)) if layer.text else None
    return replace(
        layer, pixels=pixels, source=source, matrix=matrix, text=text, offset=(box.x0, box.y0)
    )


def _shifted(guide: Guide, dx: int, dy: int) -> Guide:
    return replace(guide, position=guide.position + (dy if guide.orientation is _LYING else dx))


def _turn_matrix(turn: Turn, width: int, height: int) -> Matrix:
    (x, y), across, down = (turn.point(*at, width, height) for at in ((0, 0), (1, 0), (0, 1)))
    return across[0] - x, down[0] - x, x, across[1] - y, down[1] - y, y


def _turned_text(layer: RasterLayer, matrix: Matrix) -> RasterLayer:
    """A live text after a turn, with its pixels as they were; it keeps a frame turned alike."""
    placed = affine.compose(matrix, placement(layer))
    text = layer.text.mapped(matrix) if layer.text else None
    if affine.is_upright(placed):
        return replace(baked(layer), text=text)
    return replace(layer, source=layer.original, matrix=placed, text=text)


def _turned_guide(guide: Guide, turn: Turn, width: int, height: int) -> Guide:
    lying = guide.orientation is _LYING
    x, y = (0.0, guide.position) if lying else (guide.position, 0.0)
    x, y = turn.point(x, y, width, height)
    if lying != turn.swaps_sides:
        return Guide(Orientation.HORIZONTAL, y)
    return Guide(Orientation.VERTICAL, x)


def _tidied(state: DocumentState) -> DocumentState:
    """Without guides outside the canvas; boxes and the selection cut to it."""
    guides = tuple(
        guide
        for guide in state.guides
        if 0 <= guide.position <= (state.height if guide.orientation is _LYING else state.width)
    )
    cut = (replace(box, rect=box.rect.intersection(state.canvas)) for box in state.boxes)
    boxes = tuple(box for box in cut if not box.rect.is_empty)
    selection = state.selection
    if selection is not None and not state.canvas.contains(selection.bounds):
        selection = selections.moved(selection, state.canvas, 0, 0)
    return replace(state, guides=guides, boxes=boxes, selection=selection)
