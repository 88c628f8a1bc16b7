"""Another canvas: its size, a crop, a trim, the size of the whole image, turning and mirroring.

Locks do not keep a document from being cropped, scaled or turned: nothing moves within it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from editor.commands.command import Command
from editor.document import tree
from editor.document.compositor import composite
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import Layer, RasterLayer
from editor.document.pixels import PixelBuffer, check_size
from editor.document.placement import reframed, scaled, turned_document
from editor.document.state import DocumentState
from editor.document.turning import Turn
from editor.translations import mark, tr


class TrimTo(Enum):
    """What is cut away at the edges."""

    TRANSPARENT = "transparent"
    TOP_LEFT_COLOR = "top_left_color"
    BOTTOM_RIGHT_COLOR = "bottom_right_color"


@dataclass(frozen=True)
class CropCanvas(Command):
    """A rectangle of the document becomes its canvas; it may be larger than the old one.

    Boxes are cut to fit.

    Attributes:
        rect: In document pixels; at least 1 x 1.
        text: What undo shows.
        delete_pixels: Cut what lies outside off the layers, live text excepted; else it is kept.
    """

    rect: Rect
    text: str = mark("Crop")
    delete_pixels: bool = False

    @property
    def label(self) -> str:
        return tr(self.text)

    def apply(self, state: DocumentState) -> DocumentState:
        check_size(self.rect.width, self.rect.height, mark("A canvas"))
        if self.rect == state.canvas:
            return state
        new = reframed(state, self.rect)
        if not self.delete_pixels:
            return new
        cut: dict[str, Layer] = {r.layer_id: _cut(r, new.canvas) for r in new.raster_layers()}
        return replace(new, layers=tree.replace_layers(new.layers, cut))


@dataclass(frozen=True)
class ChangeCanvasSize(Command):
    """Another canvas size; the picture stays where the anchor says.

    Attributes:
        anchor: (x, y), 0 = left or top, 0.5 = middle, 1 = right or bottom: which part of the old
            canvas stays at the same part of the new one.
    """

    width: int
    height: int
    anchor: tuple[float, float] = (0.5, 0.5)

    @property
    def label(self) -> str:
        return tr("Canvas Size")

    def apply(self, state: DocumentState) -> DocumentState:
        x = -round((self.width - state.width) * self.anchor[0])
        y = -round((self.height - state.height) * self.anchor[1])
        return CropCanvas(Rect.from_size(x, y, self.width, self.height)).apply(state)


@dataclass(frozen=True)
class CropToSelection(Command):
    """The rectangle around the selection becomes the canvas."""

    @property
    def label(self) -> str:
        return tr("Crop to Selection")

    def apply(self, state: DocumentState) -> DocumentState:
        if state.selection is None:
            raise DocumentError(tr("Nothing is selected; select a part of the picture first."))
        box = state.canvas if state.selection.outside else state.selection.shown_box
        box = box.intersection(state.canvas)
        if box.is_empty:
            raise DocumentError(tr("The selection lies outside the canvas."))
        return CropCanvas(box).apply(state)


@dataclass(frozen=True)
class TrimCanvas(Command):
    """Cut transparent edges, or edges of one colour, off the canvas."""

    to: TrimTo = TrimTo.TRANSPARENT

    @property
    def label(self) -> str:
        return tr("Trim")

    def apply(self, state: DocumentState) -> DocumentState:
        picture = composite(state)
        if self.to is TrimTo.TRANSPARENT:
            box = PixelBuffer.from_array(picture, copy=False).alpha_box
        else:
            corner = picture[0, 0] if self.to is TrimTo.TOP_LEFT_COLOR else picture[-1, -1]
            differs = (picture != corner).any(axis=2).astype(np.uint8) * 255
            shown = np.repeat(differs[..., None], 4, axis=2)
            box = PixelBuffer.from_array(shown, copy=False).alpha_box
        if box.is_empty:
            raise DocumentError(tr("The whole canvas would be trimmed away."))
        return CropCanvas(box).apply(state)


@dataclass(frozen=True)
class ChangeImageSize(Command):
    """Resample the whole document: layers, masks, selection, guides, boxes and texts.

    Layers that were scaled before start from their original pixels, so little is lost by going
    back. Texts stay live when both sides scale alike.
    """

    width: int
    height: int

    @property
    def label(self) -> str:
        return tr("Image Size")

    def apply(self, state: DocumentState) -> DocumentState:
        check_size(self.width, self.height, mark("A canvas"))
        if (self.width, self.height) == (state.width, state.height):
            return state
        for layer in state.raster_layers():
            across, down = self.width / state.width, self.height / state.height
            size = round(layer.bounds.width * across), round(layer.bounds.height * down)
            check_size(max(1, size[0]), max(1, size[1]))
        return scaled(state, self.width, self.height)


@dataclass(frozen=True)
class TurnCanvas(Command):
    """Turn the whole document by quarters, or mirror it; live texts become pixels."""

    turn: Turn

    @property
    def label(self) -> str:
        if self.turn is Turn.HORIZONTAL:
            return tr("Flip Canvas Horizontally")
        if self.turn is Turn.VERTICAL:
            return tr("Flip Canvas Vertically")
        return tr("Rotate Canvas")

    def apply(self, state: DocumentState) -> DocumentState:
        return turned_document(state, self.turn)


def _cut(layer: RasterLayer, canvas: Rect) -> RasterLayer:
    """The layer without what lies outside the canvas; one that lies inside stays as it is."""
    if layer.text is not None or canvas.contains(layer.bounds):
        return layer
    kept = layer.bounds.intersection(canvas)
    if kept.is_empty:
        empty = PixelBuffer.transparent(1, 1)
        return replace(layer, pixels=empty, offset=(0, 0), source=None, matrix=None)
    local = kept.translated(-layer.offset[0], -layer.offset[1])
    pixels = layer.pixels.crop(local)
    return replace(layer, pixels=pixels, offset=(kept.x0, kept.y0), source=None, matrix=None)
