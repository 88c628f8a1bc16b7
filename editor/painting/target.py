"""What a painting tool changes: the pixels or the mask of the active layer, or a new layer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from editor.commands.command import Command
from editor.commands.layer_commands import AddLayer, MergeCommands, empty_layer
from editor.commands.paint_commands import PaintLayer, SetMask, painted_layer
from editor.commands.refusals import require_unlocked
from editor.document import tree
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.state import DocumentState
from editor.painting.ground import Ground, mask_ground, pixel_ground
from editor.painting.ink import (
    ColorInk,
    Ink,
    MaskPictureInk,
    PictureInk,
    Rgb,
    ValueInk,
    brightness,
)
from editor.translations import tr

AnyGround = Ground[Any]


@dataclass(frozen=True)
class PaintTarget:
    """Where a gesture paints.

    Attributes:
        state: The document when the gesture began.
        layer: The layer, as it was then.
        on_mask: Whether its mask is painted, not its pixels.
        is_new: Whether the layer is not in the document yet; it comes on top.
    """

    state: DocumentState
    layer: Layer
    on_mask: bool = False
    is_new: bool = False

    def ground(self) -> AnyGround:
        """What is painted on, with room for the whole canvas."""
        if self.on_mask:
            assert self.layer.mask is not None  # noqa: S101 - seen by `find_target`
            return mask_ground(self.layer.mask, self.state.canvas)
        assert isinstance(self.layer, RasterLayer)  # noqa: S101 - seen by `find_target`
        return pixel_ground(self.layer.pixels, self.layer.offset, self.state.canvas)

    def ink(self, color: Rgb, opacity: int) -> Ink:
        """Paint of a colour; on a mask its brightness counts: white shows, black hides."""
        if self.on_mask:
            return ValueInk(brightness(color), opacity)
        return ColorInk(color, opacity)

    def picture_ink(self, pixels: RgbaArray, opacity: int) -> Ink:
        """Paint of another colour for each pixel (h w 4 straight RGBA8)."""
        return MaskPictureInk(pixels, opacity) if self.on_mask else PictureInk(pixels, opacity)

    def shown(self, painted: AnyGround, touched: Rect) -> DocumentState:
        """The document as it looks with what was painted."""
        layer = self._painted(painted, touched, cut=False)
        if self.is_new:
            return replace(self.state, layers=(*self.state.layers, layer))
        return replace(
            self.state, layers=tree.replace_layers(self.state.layers, {layer.layer_id: layer})
        )

    def command(self, painted: AnyGround, touched: Rect, text: str) -> Command:
        """The one command that does what was painted; `text` is the label, in English."""
        layer = self._painted(painted, touched, cut=True)
        if self.is_new:
            return MergeCommands((AddLayer(layer),), tr(text))
        if self.on_mask:
            return SetMask(layer.layer_id, layer.mask, text, base=self.layer.mask)
        assert isinstance(layer, RasterLayer)  # noqa: S101 - seen by `find_target`
        assert isinstance(self.layer, RasterLayer)  # noqa: S101 - the same layer
        return PaintLayer(layer.layer_id, layer.pixels, layer.offset, text, base=self.layer)

    def _painted(self, painted: AnyGround, touched: Rect, *, cut: bool) -> Layer:
        if self.on_mask:
            mask = self.layer.mask
            assert mask is not None  # noqa: S101 - seen by `find_target`
            return replace(self.layer, mask=_painted_mask(mask, painted, touched, cut=cut))
        assert isinstance(self.layer, RasterLayer)  # noqa: S101 - seen by `find_target`
        buffer, offset = painted.buffer, painted.offset
        if cut:
            buffer, offset = painted.trimmed(self.layer.bounds.union(touched))
        assert isinstance(buffer, PixelBuffer)  # noqa: S101 - what `ground` made it of
        return painted_layer(self.layer, buffer, offset)


def find_target(document: Document, *, may_add: bool = True) -> PaintTarget:
    """What the painting tools change now.

    Without a selected layer a new one will come on top, unless `may_add` is False. Raises
    DocumentError, with a sentence for the user, when the active layer cannot be painted on.
    """
    state, layer = document.snapshot(), document.active_layer
    if layer is None:
        if not may_add:
            raise DocumentError(tr("No layer is selected; select one first."))
        return PaintTarget(state, empty_layer(state), is_new=True)
    require_unlocked(state, (layer.layer_id,))
    _require_visible(state, layer)
    if document.editing_mask and layer.mask is not None:
        if not layer.mask.enabled:
            raise DocumentError(
                tr('The mask of "{name}" is switched off; switch it on first.', name=layer.name)
            )
        return PaintTarget(state, layer, on_mask=True)
    if state.raster(layer.layer_id).text is not None:
        raise DocumentError(
            tr('"{name}" is live text; rasterize it before you paint on it.', name=layer.name)
        )
    return PaintTarget(state, layer)


def _require_visible(state: DocumentState, layer: Layer) -> None:
    inner: Layer | None = layer
    while inner is not None:
        if not inner.visible:
            raise DocumentError(
                tr('"{name}" is hidden; show it before you paint on it.', name=inner.name)
            )
        parent = state.parent_id(inner.layer_id)
        inner = None if parent is None else state.layer(parent)


def _painted_mask(mask: Mask, painted: AnyGround, touched: Rect, *, cut: bool) -> Mask:
    buffer, offset = painted.buffer, painted.offset
    if cut:
        buffer, offset = painted.trimmed(mask.bounds.union(touched))
    assert isinstance(buffer, CoverageBuffer)  # noqa: S101 - what `ground` made it of
    return mask.with_coverage(buffer, offset)
