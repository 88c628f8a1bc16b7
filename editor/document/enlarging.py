"""A document enlarged with pixels that somebody else makes: what is to be made, and where it goes.

`pieces` lists the pictures that are too small for their new place; `enlarged` puts the finished
ones there. Whatever holds more pixels than its place shows is only drawn anew from them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from editor.document import affine, selections
from editor.document.affine import Matrix
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.guides import Orientation
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import MAX_PIXELS, MAX_SIDE_PX, PixelBuffer
from editor.document.placement import scaled_text
from editor.document.resampling import resample
from editor.document.state import DocumentState
from editor.document.warping import warped
from editor.translations import tr

Values = npt.NDArray[np.uint8]  # h w 4 straight RGBA, or h w coverage
_MARGIN_PX = 32  # around what can be seen of a layer; the network looks at it
_MAX_SNAP_PX = 64
_ENOUGH = 1.01  # a source that lacks less than this share of pixels is not enlarged


@dataclass(frozen=True, slots=True)
class Frame:
    """A map of the document that moves and stretches: x' = across x + dx, y' = down y + dy."""

    across: float
    down: float
    dx: float = 0.0
    dy: float = 0.0

    @property
    def matrix(self) -> Matrix:
        return self.across, 0.0, self.dx, 0.0, self.down, self.dy

    def rect(self, rect: Rect) -> Rect:
        """Where a rectangle comes to lie, on whole pixels; at least 1 x 1."""
        x0, x1 = (_rounded(x * self.across + self.dx) for x in (rect.x0, rect.x1))
        y0, y1 = (_rounded(y * self.down + self.dy) for y in (rect.y0, rect.y1))
        return Rect(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Pixels or coverage to be enlarged.

    Attributes:
        key: Names it; another key for other pixels.
        name: For people.
        values: `h w 4` or `h w`.
        target: Where it lies afterwards, in pixels of the enlarged document, or of the layer's
            original when that is turned. Nowhere smaller than the values.
    """

    key: str
    name: str
    values: Values
    target: Rect


def pieces(
    state: DocumentState, frame: Frame, ids: Collection[str] | None = None
) -> tuple[Piece, ...]:
    """What must be made for `enlarged`, bottom to top. Arguments as there."""
    found = []
    for layer in state.all_layers():
        if ids is not None and layer.layer_id not in ids:
            continue
        if isinstance(layer, RasterLayer):
            found += [_matrix_piece(layer, frame) if layer.matrix else _plain_piece(layer, frame)]
        if layer.mask is not None:
            name = tr("Mask of {name}", name=layer.name)
            found += [_mask_piece(layer.mask, frame, layer.layer_id, name)]
    if ids is None and state.selection is not None:
        found += [_mask_piece(state.selection, frame, _SELECTION, tr("Selection"))]
    return tuple(piece for piece in found if piece is not None)


def enlarged(
    state: DocumentState,
    frame: Frame,
    made: Mapping[str, Values],
    ids: Collection[str] | None = None,
) -> DocumentState:
    """The document, or some layers of it, enlarged.

    Names, groups, blend modes, records and everything else that has no place in pixels is kept.

    Args:
        made: Finished pieces by key.
        ids: Layers to enlarge, with what is in them listed; None = everything, canvas included.

    Raises:
        DocumentError: A piece is missing, as after a change of the document.
    """

    def mapped(layer: Layer) -> Layer:
        if isinstance(layer, GroupLayer):
            layer = replace(layer, children=tuple(map(mapped, layer.children)))
        if ids is not None and layer.layer_id not in ids:
            return layer
        if layer.mask is not None:
            mask = _new_mask(layer.mask, frame, layer.layer_id, layer.name, made)
            layer = replace(layer, mask=mask)
        return _new_raster(layer, frame, made) if isinstance(layer, RasterLayer) else layer

    layers = tuple(map(mapped, state.layers))
    if ids is not None:
        return replace(state, layers=layers)
    return _reframed(replace(state, layers=layers), state, frame, made)


def _reframed(
    new: DocumentState, old: DocumentState, frame: Frame, made: Mapping[str, Values]
) -> DocumentState:
    canvas = frame.rect(old.canvas)
    selection = old.selection
    if selection is not None:
        selection = _new_mask(selection, frame, _SELECTION, tr("Selection"), made)
        if not canvas.contains(selection.bounds):
            selection = selections.moved(selection, canvas, 0, 0)
    lying = Orientation.HORIZONTAL
    guides = tuple(
        replace(g, position=g.position * (frame.down if g.orientation is lying else frame.across))
        for g in old.guides
    )
    boxes = tuple(replace(box, rect=frame.rect(box.rect).intersection(canvas)) for box in old.boxes)
    return replace(
        new, width=canvas.width, height=canvas.height, guides=guides, boxes=boxes,
        selection=selection,
    )  # fmt: skip


_SELECTION = "selection"


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)


def _suffices(size: tuple[int, int], box: Rect) -> bool:
    return size[0] >= box.width and size[1] >= box.height


def _plain_piece(layer: RasterLayer, frame: Frame) -> Piece | None:
    """A layer that lies upright: the seen part of its original."""
    start, box = layer.original, frame.rect(layer.bounds)
    if _suffices(start.size, box) or start.alpha_box.is_empty:
        return None
    low, large = _seen_part(start, box)
    values = np.ascontiguousarray(start.read(low))
    if values.shape[1] > large.width or values.shape[0] > large.height:
        values = resample(
            values, min(values.shape[1], large.width), min(values.shape[0], large.height)
        )
    return Piece(_pixels_key(layer), layer.name, values, large)


def _pixels_key(layer: RasterLayer) -> str:
    return f"{layer.layer_id}/{layer.original.content_hash}"


def _seen_part(start: PixelBuffer, box: Rect) -> tuple[Rect, Rect]:
    """The part of an original that is enlarged, and where it comes to lie in `box`.

    Its edges are such that they fall on whole pixels there, if some near ones do.
    """
    seen = start.alpha_box
    across = _snapped(seen.x0, seen.x1, start.width, box.width)
    down = _snapped(seen.y0, seen.y1, start.height, box.height)
    low = Rect(across[0], down[0], across[1], down[1])
    x0, x1 = (box.x0 + _rounded(x * box.width / start.width) for x in across)
    y0, y1 = (box.y0 + _rounded(y * box.height / start.height) for y in down)
    return low, Rect(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))


def _snapped(first: int, last: int, low: int, large: int) -> tuple[int, int]:
    step = Fraction(large, low).denominator
    if step > _MAX_SNAP_PX:
        step = 1
    first = max(0, first - _MARGIN_PX) // step * step
    return first, min(low, -(-(last + _MARGIN_PX) // step) * step)


def _matrix_piece(layer: RasterLayer, frame: Frame) -> Piece | None:
    """A turned layer: its original, as dense as the enlarged document."""
    size = _matrix_size(layer, frame)
    if size is None or layer.original.alpha_box.is_empty:
        return None
    return Piece(_pixels_key(layer), layer.name, layer.original.array, Rect(0, 0, *size))


def _matrix_size(layer: RasterLayer, frame: Frame) -> tuple[int, int] | None:
    """Size of the enlarged original; None when it is dense enough."""
    original = layer.original
    lengths = affine.lengths(layer.matrix) if layer.matrix else (1.0, 1.0)
    ratio = max(lengths) * max(frame.across, frame.down)
    room = math.sqrt(MAX_PIXELS / (original.width * original.height))
    ratio = min(ratio, room, MAX_SIDE_PX / max(original.size))
    if ratio < _ENOUGH:
        return None
    return _rounded(original.width * ratio), _rounded(original.height * ratio)


def _mask_piece(mask: Mask, frame: Frame, owner: str, name: str) -> Piece | None:
    start, box = mask.source or mask.coverage, frame.rect(mask.bounds)
    if _suffices(start.size, box):
        return None
    small = start.scaled(min(start.width, box.width), min(start.height, box.height))
    return Piece(f"{owner}/mask/{start.content_hash}", name, small.array, box)


def _made(made: Mapping[str, Values], key: str, name: str) -> Values:
    try:
        return made[key]
    except KeyError:
        raise DocumentError(
            tr('"{name}" was changed while it was being enlarged; enlarge it again.', name=name),
            key,
        ) from None


def _new_mask(mask: Mask, frame: Frame, owner: str, name: str, made: Mapping[str, Values]) -> Mask:
    box = frame.rect(mask.bounds)
    piece = _mask_piece(mask, frame, owner, name)
    if piece is None:
        return mask.scaled_into(box)
    coverage = CoverageBuffer.from_array(_made(made, piece.key, name))
    return mask.with_coverage(coverage, (box.x0, box.y0))


def _new_raster(layer: RasterLayer, frame: Frame, made: Mapping[str, Values]) -> RasterLayer:
    new = _turned(layer, frame, made) if layer.matrix else _plain(layer, frame, made)
    text = scaled_text(layer.text, frame.matrix) if layer.text else None
    return replace(new, text=text)


def _plain(layer: RasterLayer, frame: Frame, made: Mapping[str, Values]) -> RasterLayer:
    start, box = layer.original, frame.rect(layer.bounds)
    offset = box.x0, box.y0
    if _suffices(start.size, box):
        if start.size == box.size:
            return replace(layer, pixels=start, source=None, offset=offset)
        drawn = PixelBuffer.from_array(resample(start.array, *box.size), copy=False)
        return replace(layer, pixels=drawn, source=start, offset=offset)
    pixels = PixelBuffer.transparent(*box.size)
    if not start.alpha_box.is_empty:
        _, large = _seen_part(start, box)
        values = _made(made, _pixels_key(layer), layer.name)
        if large == box:
            pixels = PixelBuffer.from_array(values)
        else:
            pixels = pixels.with_patch(large.translated(-box.x0, -box.y0), values)
    return replace(layer, pixels=pixels, source=None, offset=offset)


def _turned(layer: RasterLayer, frame: Frame, made: Mapping[str, Values]) -> RasterLayer:
    source, matrix = layer.original, layer.matrix
    if matrix is None:
        raise ValueError("a turned layer has a matrix")
    size = _matrix_size(layer, frame)
    if size is not None:
        if source.alpha_box.is_empty:
            source = PixelBuffer.transparent(*size)
        else:
            source = PixelBuffer.from_array(_made(made, _pixels_key(layer), layer.name))
        denser = affine.stretch(source.bounds.as_tuple(), layer.original.bounds.as_tuple())
        matrix = affine.compose(matrix, denser)
    matrix = affine.compose(frame.matrix, matrix)
    pixels, offset = warped(source, matrix)
    return replace(layer, pixels=pixels, offset=offset, source=source, matrix=matrix)
