"""Copying, cutting and pasting layers or selected pixels; the clipboard itself is elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from editor.commands.command import Command
from editor.commands.layer_commands import RemoveLayers
from editor.commands.refusals import outermost, require_some
from editor.commands.selection_commands import DeleteSelectedPixels, selected_pixels
from editor.document import tree
from editor.document.blending import BlendMode
from editor.document.clipping import place_above
from editor.document.compositor import composite_layers
from editor.document.errors import DocumentError
from editor.document.geometry import Rect, union_of
from editor.document.identity import new_id
from editor.document.layer_placement import moved
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.pixels import PixelBuffer, check_size
from editor.document.state import DocumentState
from editor.translations import mark, tr


@dataclass(frozen=True)
class Clip:
    """A picture on its way from one place to another.

    Attributes:
        offset: (x, y) of its corner in the document it came from; None = from elsewhere.
        name: Of the layer; may be empty.
    """

    pixels: PixelBuffer
    offset: tuple[int, int] | None = None
    name: str = ""


@dataclass(frozen=True)
class DocumentClip:
    """Another document on its way into this one, as a group of its layers.

    Attributes:
        name: Of the group; may be empty.
    """

    state: DocumentState
    name: str = ""


def copied_layers(state: DocumentState, layer_ids: tuple[str, ...]) -> Clip:
    """The pixels of layers, as far as they are selected. Raises DocumentError for none.

    One layer is copied without its opacity and mask; several, or a group, as they look together.
    """
    require_some(layer_ids)
    layers = tuple(state.layer(i) for i in outermost(state, layer_ids))
    alone = layers[0] if len(layers) == 1 else None
    if isinstance(alone, RasterLayer):
        layer = alone
    else:
        layer = _together(layers, union_of(layer.bounds for layer in layers))
    name = layers[-1].name
    if state.selection is None:
        return Clip(layer.pixels, layer.offset, name)
    pixels, offset = selected_pixels(layer, state.selection)
    return Clip(pixels, offset, name)


def copied_merged(state: DocumentState) -> Clip:
    """What is seen on the canvas, as far as it is selected. Raises DocumentError for nothing."""
    seen = _together(state.layers, state.canvas)
    if state.selection is None:
        return Clip(seen.pixels, (0, 0), tr("Merged"))
    pixels, offset = selected_pixels(replace(seen, name=tr("Merged")), state.selection)
    return Clip(pixels, offset, tr("Merged"))


@dataclass(frozen=True)
class CutLayers(Command):
    """Take away what `copied_layers` copied: the selected pixels of one layer, or layers."""

    layer_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return tr("Cut")

    @property
    def icon(self) -> str:
        return "delete"

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        if state.selection is None:
            return RemoveLayers(self.layer_ids).apply(state)
        if len(self.layer_ids) > 1:
            raise DocumentError(tr("Select one layer to cut the selected pixels out of it."))
        return DeleteSelectedPixels(self.layer_ids[0]).apply(state)


@dataclass(frozen=True)
class PlaceClips(Command):
    """Pictures become layers above one another, the first lowest; documents become groups.

    Attributes:
        center: Where the middle of pictures from elsewhere goes, in document pixels; None = the
            middle of the canvas. A picture that would lie outside the canvas goes there too.
        above: Layer right above which they go, clipped if it is; None = on top of all.
        text: What undo shows.
    """

    clips: tuple[Clip | DocumentClip, ...]
    center: tuple[int, int] | None = None
    above: str | None = None
    text: str = mark("Paste")
    salt: str = field(default_factory=new_id)

    @property
    def label(self) -> str:
        return tr(self.text)

    @property
    def icon(self) -> str:
        return "plus"

    @property
    def selects(self) -> tuple[str, ...]:
        return tuple(f"{self.salt}{index}" for index in range(len(self.clips)))

    def apply(self, state: DocumentState) -> DocumentState:
        parent, index, clipped = None, None, False
        if self.above is not None and state.has_layer(self.above):
            parent = state.parent_id(self.above)
            index, clipped = place_above(state.siblings(self.above), self.above)
        layers = tuple(
            replace(self._layer(clip, layer_id, state), clipped=clipped)
            for clip, layer_id in zip(self.clips, self.selects, strict=True)
        )
        return replace(state, layers=tree.insert(state.layers, layers, parent, index))

    def _layer(self, clip: Clip | DocumentClip, layer_id: str, state: DocumentState) -> Layer:
        if isinstance(clip, DocumentClip):
            return self._group(clip, layer_id, state)
        return RasterLayer(
            layer_id=layer_id,
            name=clip.name or tr("Picture"),
            pixels=clip.pixels,
            offset=self._place(clip, state),
        )

    def _group(self, clip: DocumentClip, group_id: str, state: DocumentState) -> GroupLayer:
        shift = self._centred(clip.state.canvas, state)
        return GroupLayer(
            layer_id=group_id,
            name=clip.name or tr("Picture"),
            # Isolated: what blends in it blends with its own layers, as in the file.
            blend_mode=BlendMode.NORMAL,
            children=tuple(_brought(layer, group_id, shift) for layer in clip.state.layers),
            expanded=False,
        )

    def _place(self, clip: Clip, state: DocumentState) -> tuple[int, int]:
        if clip.offset is not None:
            box = clip.pixels.bounds.translated(*clip.offset)
            if box.intersects(state.canvas):
                return clip.offset
        return self._centred(clip.pixels.bounds, state)

    def _centred(self, box: Rect, state: DocumentState) -> tuple[int, int]:
        x, y = self.center or (state.width // 2, state.height // 2)
        return x - box.width // 2, y - box.height // 2


def _brought(layer: Layer, group_id: str, shift: tuple[int, int]) -> Layer:
    """A layer of another document: with an id of its own, and without the file it points at."""
    text = f"{group_id}/{layer.layer_id}".encode()
    layer_id = hashlib.blake2b(text, digest_size=8).hexdigest()
    layer = replace(moved(layer, *shift), layer_id=layer_id, kept=None)
    if isinstance(layer, GroupLayer):
        children = tuple(_brought(child, group_id, shift) for child in layer.children)
        layer = replace(layer, children=children)
    return layer


def _together(layers: tuple[Layer, ...], area: Rect) -> RasterLayer:
    if area.is_empty:
        raise DocumentError(tr("There is nothing to copy."))
    check_size(*area.size)  # small layers may be far apart
    pixels = PixelBuffer.from_array(composite_layers(layers, area), copy=False)
    name = layers[-1].name if layers else ""
    return RasterLayer(name=name, pixels=pixels, offset=(area.x0, area.y0))
