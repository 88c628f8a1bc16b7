"""Changing some pixels of a layer or its mask, and the selection: what painting tools push.

Only the changed rectangle is handed over; everything else shares its tiles with the state before.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.refusals import require_unlocked
from editor.document import tree
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import Layer, RasterLayer
from editor.document.masks import Coverage, Mask
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.state import DocumentState
from editor.translations import mark, tr


@dataclass(frozen=True, eq=False)
class PatchPixels(Command):
    """Other pixels inside a rectangle of a layer, which grows when the rectangle reaches over it.

    The layer becomes plain pixels: its unscaled source, matrix and live text are given up. Its
    record stays and says that the layer was edited, because the pixels' hash differs.

    Attributes:
        rect: In document pixels; at least 1 x 1.
        pixels: h w 4 straight RGBA8 of the rectangle's size.
        text: What undo shows.
        stroke: Patches of one gesture with the same stroke become one step; None = never.
    """

    layer_id: str
    rect: Rect
    pixels: RgbaArray
    text: str = mark("Brush Stroke")
    stroke: Hashable | None = None

    @property
    def label(self) -> str:
        return tr(self.text)

    @property
    def merge_key(self) -> Hashable | None:
        return None if self.stroke is None else (PatchPixels, self.layer_id, self.stroke)

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        layer = patched_layer(state.raster(self.layer_id), self.rect, self.pixels)
        return _with_layer(state, layer)


@dataclass(frozen=True, eq=False)
class PaintLayer(Command):
    """Other pixels for a layer, made from its own: tiles that did not change are shared.

    As with `PatchPixels` the layer becomes plain pixels and its record stays.

    Attributes:
        offset: (x, y) of the pixels in document pixels.
        text: What undo shows.
        base: The layer that was painted on: refused when it has other pixels or another place by
            now, which would be overwritten; None = not checked.
    """

    layer_id: str
    pixels: PixelBuffer
    offset: tuple[int, int]
    text: str = mark("Brush Stroke")
    base: RasterLayer | None = None

    @property
    def label(self) -> str:
        return tr(self.text)

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        layer, base = state.raster(self.layer_id), self.base
        if base is not None and (layer.pixels, layer.offset) != (base.pixels, base.offset):
            raise _changed_meanwhile(layer)
        return _with_layer(state, painted_layer(layer, self.pixels, self.offset))


@dataclass(frozen=True, eq=False)
class PatchMask(Command):
    """Other coverage inside a rectangle of a layer's mask, which grows when needed.

    Attributes:
        rect: In document pixels; at least 1 x 1.
        coverage: h w of the rectangle's size, 0 = hidden, 255 = shown.
        text: What undo shows.
        stroke: Patches of one gesture with the same stroke become one step; None = never.
    """

    layer_id: str
    rect: Rect
    coverage: Coverage
    text: str = mark("Brush Stroke on Mask")
    stroke: Hashable | None = None

    @property
    def label(self) -> str:
        return tr(self.text)

    @property
    def merge_key(self) -> Hashable | None:
        return None if self.stroke is None else (PatchMask, self.layer_id, self.stroke)

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        layer = state.layer(self.layer_id)
        if layer.mask is None:
            raise DocumentError(tr('"{name}" has no mask; add one first.', name=layer.name))
        mask = layer.mask.with_patch(self.rect, self.coverage)
        return _with_layer(state, replace(layer, mask=mask))


@dataclass(frozen=True)
class SetMask(Command):
    """Another mask for a layer or group; None takes it away.

    Attributes:
        text: What undo shows.
        base: The mask that it was made from: refused when the layer has another by now, which
            would be overwritten; None = not checked.
    """

    layer_id: str
    mask: Mask | None
    text: str = mark("Change Mask")
    base: Mask | None = None

    @property
    def label(self) -> str:
        return tr(self.text)

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        layer = state.layer(self.layer_id)
        if self.base is not None and layer.mask != self.base:
            raise _changed_meanwhile(layer)
        return _with_layer(state, replace(layer, mask=self.mask))


@dataclass(frozen=True)
class SetSelection(Command):
    """Another selection; None = everything is selected. Merges within a gesture."""

    selection: Mask | None
    text: str = mark("Select")

    @property
    def label(self) -> str:
        return tr(self.text)

    @property
    def merge_key(self) -> Hashable:
        return SetSelection

    def apply(self, state: DocumentState) -> DocumentState:
        return replace(state, selection=self.selection)


def patched_layer(layer: RasterLayer, rect: Rect, pixels: RgbaArray) -> RasterLayer:
    """The layer with other pixels inside a rectangle of the document; see `PatchPixels`."""
    x, y = layer.offset
    around = layer.bounds.union(rect)
    room = layer.pixels.crop(around.translated(-x, -y))
    patched = room.with_patch(rect.translated(-around.x0, -around.y0), pixels)
    return painted_layer(layer, patched, (around.x0, around.y0))


def painted_layer(layer: RasterLayer, pixels: PixelBuffer, offset: tuple[int, int]) -> RasterLayer:
    """The layer with other pixels; see `PaintLayer`."""
    return replace(layer, pixels=pixels, offset=offset, source=None, matrix=None, text=None)


def _changed_meanwhile(layer: Layer) -> DocumentError:
    return DocumentError(
        tr('"{name}" was changed meanwhile; paint on it once more.', name=layer.name)
    )


def _with_layer(state: DocumentState, layer: Layer) -> DocumentState:
    return replace(state, layers=tree.replace_layers(state.layers, {layer.layer_id: layer}))
