"""What the selection is for: copying, deleting and filling the pixels in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from editor.commands.command import Command
from editor.commands.paint_commands import patched_layer
from editor.commands.refusals import require_unlocked
from editor.document import tree
from editor.document.clipping import place_above
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.identity import new_id
from editor.document.layers import RasterLayer
from editor.document.masks import Coverage, Mask, product
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.state import DocumentState
from editor.translations import tr

_PIECE_PX = 512  # worked on at once, so that nothing as large as the layer is held but the result


@dataclass(frozen=True)
class LayerFromSelection(Command):
    """The selected pixels of a layer become a layer of their own, right above it.

    Attributes:
        cut: They are also deleted from the layer.
    """

    layer_id: str
    cut: bool = False
    new_id: str = field(default_factory=new_id)

    @property
    def label(self) -> str:
        return tr("Layer via Cut") if self.cut else tr("Layer via Copy")

    @property
    def icon(self) -> str:
        return "duplicate"

    @property
    def selects(self) -> tuple[str, ...]:
        return (self.new_id,)

    def apply(self, state: DocumentState) -> DocumentState:
        layer = state.raster(self.layer_id)
        selection = _selection(state)
        pixels, offset = selected_pixels(layer, selection)
        name = tr("{name} copy", name=layer.name).strip()
        index, clipped = place_above(state.siblings(self.layer_id), self.layer_id)
        new = RasterLayer(
            name=name,
            pixels=pixels,
            offset=offset,
            opacity=layer.opacity,
            blend_mode=layer.blend_mode,
            clipped=clipped,
            layer_id=self.new_id,
        )
        layers = state.layers
        if self.cut:
            layers = DeleteSelectedPixels(self.layer_id).apply(state).layers
        parent = state.parent_id(self.layer_id)
        return replace(state, layers=tree.insert(layers, (new,), parent, index))


@dataclass(frozen=True)
class DeleteSelectedPixels(Command):
    """Make the selected pixels of a layer transparent, as far as they are selected."""

    layer_id: str

    @property
    def label(self) -> str:
        return tr("Delete Pixels")

    @property
    def icon(self) -> str:
        return "delete"

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        layer, selection = state.raster(self.layer_id), _selection(state)
        area = selected_area(layer, selection)
        return _patched(state, layer, area, lambda p, rect: _erased(p, selection.read(rect)))


@dataclass(frozen=True)
class FillSelection(Command):
    """Lay a colour over the selected part of a layer; without a selection over the whole canvas.

    Attributes:
        rgba: Straight, 0..255.
    """

    layer_id: str
    rgba: tuple[int, int, int, int]

    @property
    def label(self) -> str:
        return tr("Fill Selection")

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        layer, selection = state.raster(self.layer_id), state.selection
        if selection is None or selection.outside:
            area = state.canvas
        else:
            area = selection.shown_box.intersection(state.canvas)
        if area.is_empty:
            raise DocumentError(tr("The selection lies outside the canvas."))

        def filled(pixels: RgbaArray, rect: Rect) -> RgbaArray:
            coverage = None if selection is None else selection.read(rect)
            return _laid_over(pixels, self.rgba, coverage)

        return _patched(state, layer, area, filled)


def selected_area(layer: RasterLayer, selection: Mask) -> Rect:
    """The part of a layer that is selected. Raises DocumentError when none of it is."""
    area = layer.bounds
    if not selection.outside:
        area = area.intersection(selection.shown_box)
    if area.is_empty:
        raise DocumentError(tr('The selection does not touch the layer "{name}".', name=layer.name))
    return area


def selected_pixels(layer: RasterLayer, selection: Mask) -> tuple[PixelBuffer, tuple[int, int]]:
    """The layer's pixels as far as they are selected, and the place of their corner.

    Raises DocumentError when none is.
    """
    area = selected_area(layer, selection)
    x, y = layer.offset
    part = layer.pixels.crop(area.translated(-x, -y))
    for rect in area.tiles(_PIECE_PX, _PIECE_PX):
        local = rect.translated(-area.x0, -area.y0)
        coverage = selection.read(rect)
        part = part.with_patch(local, _faded(part.read(local), coverage))
    box = part.alpha_box
    if box.is_empty:
        raise DocumentError(tr('The selected part of "{name}" is empty.', name=layer.name))
    return part.crop(box), (area.x0 + box.x0, area.y0 + box.y0)


def _patched(
    state: DocumentState,
    layer: RasterLayer,
    area: Rect,
    change: Callable[[RgbaArray, Rect], RgbaArray],
) -> DocumentState:
    for rect in area.tiles(_PIECE_PX, _PIECE_PX):
        x, y = layer.offset
        pixels = layer.pixels.read(rect.translated(-x, -y))
        layer = patched_layer(layer, rect, change(pixels, rect))
    return replace(state, layers=tree.replace_layers(state.layers, {layer.layer_id: layer}))


def _selection(state: DocumentState) -> Mask:
    if state.selection is None:
        raise DocumentError(tr("Nothing is selected; select a part of the picture first."))
    return state.selection


def _faded(pixels: RgbaArray, coverage: Coverage) -> RgbaArray:
    out = pixels.copy()
    out[..., 3] = product(pixels[..., 3], coverage)
    out[out[..., 3] == 0] = 0
    return out


def _erased(pixels: RgbaArray, coverage: Coverage) -> RgbaArray:
    out = pixels.copy()
    out[..., 3] = product(pixels[..., 3], 255 - coverage)
    return out


def _laid_over(
    pixels: RgbaArray, rgba: tuple[int, int, int, int], coverage: Coverage | None
) -> RgbaArray:
    """One colour over straight pixels, as far as they are covered."""
    top = np.float32(rgba[3] / 255)
    share = np.full(pixels.shape[:2], top, np.float32)
    if coverage is not None:
        share *= coverage.astype(np.float32) / 255
    below = pixels[..., 3].astype(np.float32) / 255 * (1 - share)
    alpha = share + below
    weight = share / np.maximum(alpha, np.float32(1e-6))
    under = pixels[..., :3].astype(np.float32)
    out = np.empty_like(pixels)
    out[..., :3] = np.rint(under + (np.array(rgba[:3], np.float32) - under) * weight[..., None])
    out[..., 3] = np.rint(alpha * 255)
    untouched = share == 0
    out[untouched] = pixels[untouched]
    return out
