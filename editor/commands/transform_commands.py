"""Moving, scaling and transforming layers; always drawn from the original pixels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.refusals import outermost, require_some, require_unlocked
from editor.document import affine, layer_placement, tree
from editor.document.affine import Matrix
from editor.document.geometry import Rect
from editor.document.layers import Layer, RasterLayer, rasters, walk
from editor.document.masks import Mask
from editor.document.pixels import MAX_PIXELS, MAX_SIDE_PX, check_size
from editor.document.state import DocumentState
from editor.document.text import DrawnText
from editor.translations import tr


@dataclass(frozen=True)
class MoveLayers(Command):
    """Move layers (groups with all in them) and their masks by whole pixels.

    Merges within a gesture.
    """

    layer_ids: tuple[str, ...]
    dx: int
    dy: int

    @property
    def label(self) -> str:
        return tr("Move Layer") if len(self.layer_ids) == 1 else tr("Move Layers")

    @property
    def icon(self) -> str:
        return "move"

    @property
    def merge_key(self) -> Hashable:
        return (MoveLayers, self.layer_ids)

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        chosen = tuple(state.layer(i) for i in outermost(state, self.layer_ids))
        moved = {layer.layer_id for layer in walk(chosen)}
        layers = tree.transform(
            state.layers, lambda layer: layer_placement.moved(layer, self.dx, self.dy), moved
        )
        return replace(state, layers=layers)


@dataclass(frozen=True)
class ScaleLayer(Command):
    """Fit a layer, or everything in a group, into a box, with masks; merges within a gesture.

    Attributes:
        box: Where `layer.bounds` shall be afterwards, in document pixels; at least 1 x 1.
        drawn: What a live text looks like there, by the caller; None = its pixels are scaled.
    """

    layer_id: str
    box: Rect
    drawn: DrawnText | None = None

    @property
    def label(self) -> str:
        return tr("Scale Layer")

    @property
    def icon(self) -> str:
        return "move"

    @property
    def merge_key(self) -> Hashable:
        return (ScaleLayer, self.layer_id)

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        check_size(self.box.width, self.box.height)
        layer = state.layer(self.layer_id)
        around = layer.bounds
        if around.is_empty:
            return state
        chosen = {inner.layer_id for inner in walk((layer,))}
        layers = tree.transform(state.layers, lambda inner: self._scaled(inner, around), chosen)
        return replace(state, layers=layers)

    def _scaled(self, layer: Layer, around: Rect) -> Layer:
        bounds = layer.bounds
        if isinstance(layer, RasterLayer):
            box = _mapped(bounds, around, self.box)
            change = affine.stretch(bounds.as_tuple(), box.as_tuple())
            text = layer.text.mapped(change) if layer.text else None
            drawn = self.drawn if layer.layer_id == self.layer_id else None
            if drawn is not None:
                layer = replace(layer_placement.showing(layer, drawn), text=text)
            else:
                layer = replace(layer_placement.fitted(layer, box), text=text)
        if layer.mask is not None and around != self.box:
            layer = replace(layer, mask=self._scaled_mask(layer.mask, bounds, around))
        return layer

    def _scaled_mask(self, mask: Mask, layer: Rect, around: Rect) -> Mask:
        box = _mapped(mask.bounds, around, self.box)
        if max(box.size) > MAX_SIDE_PX or box.area > MAX_PIXELS:
            mask = mask.cropped(layer)  # a mask of the canvas's size on a small layer
            box = _mapped(mask.bounds, around, self.box)
        return mask.scaled_into(box)


@dataclass(frozen=True, eq=False)
class TransformLayers(Command):
    """Map layers (groups with all in them) and their masks; merges within a gesture.

    Attributes:
        layers: The outermost layers as they were when the gesture began. Their pixels, masks and
            places count; name, opacity and so on stay as they are now.
        matrix: From where they were to where they shall be, in document pixels.
    """

    layers: tuple[Layer, ...]
    matrix: Matrix

    @property
    def label(self) -> str:
        return tr("Transform")

    @property
    def merge_key(self) -> Hashable:
        return (TransformLayers, tuple(layer.layer_id for layer in self.layers))

    def apply(self, state: DocumentState) -> DocumentState:
        ids = tuple(layer.layer_id for layer in self.layers)
        require_some(ids)
        require_unlocked(state, ids)
        before = {layer.layer_id: layer for layer in walk(self.layers)}
        layers = tree.transform(
            state.layers, lambda layer: self._changed(layer, before[layer.layer_id]), before
        )
        return replace(state, layers=layers)

    def _changed(self, now: Layer, before: Layer) -> Layer:
        drawn = layer_placement.transformed(before, self.matrix)
        if isinstance(now, RasterLayer) and isinstance(drawn, RasterLayer):
            return replace(
                now,
                pixels=drawn.pixels,
                offset=drawn.offset,
                source=drawn.source,
                matrix=drawn.matrix,
                text=drawn.text,
                mask=drawn.mask,
            )
        return replace(now, mask=drawn.mask)


@dataclass(frozen=True)
class ApplyTransform(Command):
    """Take the present pixels of layers as their originals: the pixels before are forgotten.

    Live texts are left as they are; their transform is a part of the text.
    """

    layer_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return tr("Apply Transform")

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        chosen = tuple(state.layer(i) for i in outermost(state, self.layer_ids))
        baked: dict[str, Layer] = {
            layer.layer_id: layer_placement.baked(layer)
            for layer in rasters(chosen)
            if layer.source is not None and layer.text is None
        }
        return replace(state, layers=tree.replace_layers(state.layers, baked))


def _mapped(inner: Rect, around: Rect, target: Rect) -> Rect:
    """Where `inner` comes to lie when `around` is stretched onto `target`; at least 1 x 1."""
    if inner == around:
        return target

    def along(value: int, start: int, length: int, to: int, to_length: int) -> int:
        return to + round((value - start) * to_length / length)

    x0, x1 = (
        along(v, around.x0, around.width, target.x0, target.width) for v in (inner.x0, inner.x1)
    )
    y0, y1 = (
        along(v, around.y0, around.height, target.y0, target.height) for v in (inner.y0, inner.y1)
    )
    return Rect(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))
