"""Replacing and merging the pixels of layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.refusals import require_unlocked
from editor.document import tree
from editor.document.affine import Matrix
from editor.document.blending import BlendMode
from editor.document.clipping import clip_runs
from editor.document.compositor import composite_layers
from editor.document.errors import DocumentError
from editor.document.layers import Layer, RasterLayer
from editor.document.pixels import PixelBuffer, check_size
from editor.document.recipe import GenerationRecord
from editor.document.state import DocumentState
from editor.document.variations import Variation
from editor.document.wishes import LayerWish, unfulfilled
from editor.translations import mark, tr


@dataclass(frozen=True)
class ReplaceLayerContent(Command):
    """Other pixels for a layer, e.g. regenerated ones; name, opacity and place in the stack stay.

    Attributes:
        offset: (x, y) of the new pixels in document pixels.
        record: Their recipe; None = not generated.
        name: Another name; None = keep.
        source, matrix: The pixels before scaling or turning, and how; see `RasterLayer`.
        variations, shown_variation: What the layer keeps; see `RasterLayer`.
        asked: The part of the layer's wish that these pixels fulfil.
    """

    layer_id: str
    pixels: PixelBuffer
    offset: tuple[int, int]
    record: GenerationRecord | None = None
    text: str = mark("Regenerate Layer")
    name: str | None = None
    source: PixelBuffer | None = None
    matrix: Matrix | None = None
    variations: tuple[Variation, ...] = ()
    shown_variation: str = ""
    asked: LayerWish | None = None

    @property
    def label(self) -> str:
        return tr(self.text)

    @property
    def icon(self) -> str:
        return "regenerate"

    def apply(self, state: DocumentState) -> DocumentState:
        layer = state.raster(self.layer_id)
        require_unlocked(state, (self.layer_id,))
        new = replace(
            layer,
            pixels=self.pixels,
            offset=self.offset,
            source=self.source,
            matrix=self.matrix,
            text=None,
            record=self.record,
            name=layer.name if self.name is None else self.name,
            variations=self.variations,
            shown_variation=self.shown_variation,
            wish=unfulfilled(layer.wish, self.asked),
        )
        return replace(state, layers=tree.replace_layers(state.layers, {self.layer_id: new}))


@dataclass(frozen=True)
class MergeDown(Command):
    """Merge a layer or group into the layer right below it in the same group.

    The lower layer keeps id, name and blend mode; opacity and masks go into the pixels. With Normal
    layers the picture stays the same; an upper layer with another blend mode blends only
    with the lower layer, not with what is further down. Hidden and locked layers are refused.
    """

    layer_id: str

    @property
    def label(self) -> str:
        return tr("Merge Down")

    @property
    def icon(self) -> str:
        return "merge-down"

    def apply(self, state: DocumentState) -> DocumentState:
        upper = state.layer(self.layer_id)
        lower = _below(state, upper)
        _require_mergeable(state, upper, lower)
        # Dissolve or Multiply of the lower layer apply to the merged result, not within it.
        as_normal = replace(lower, blend_mode=BlendMode.NORMAL)
        if lower.clipped:
            upper = replace(upper, clipped=False)  # both are clipped to what is further down
        area = lower.bounds.union(upper.bounds)
        check_size(*area.size)  # two small layers may be far apart
        pixels = composite_layers((as_normal, upper), area)
        merged = replace(
            lower,
            pixels=PixelBuffer.from_array(pixels, copy=False),
            offset=(area.x0, area.y0),
            source=None,
            matrix=None,
            text=None,
            mask=None,
            opacity=1.0,
            record=None,
            variations=(),
            shown_variation="",
            wish=None,
        )
        layers = tree.remove(state.layers, (upper.layer_id,))
        return replace(state, layers=tree.replace_layers(layers, {lower.layer_id: merged}))


def _require_mergeable(state: DocumentState, upper: Layer, lower: Layer) -> None:
    """Raise DocumentError where merging would be refused or change the picture."""
    require_unlocked(state, (upper.layer_id, lower.layer_id))
    for layer in (upper, lower):
        if not layer.visible:
            raise DocumentError(
                tr('The layer "{name}" is hidden; show it before merging.', name=layer.name)
            )
    if lower.clipped and not upper.clipped:
        raise DocumentError(
            tr(
                'The layer "{name}" is clipped; release its clipping mask before merging.',
                name=lower.name,
            )
        )
    if not upper.clipped and _has_clipped(state, upper):
        raise DocumentError(
            tr(
                'Layers are clipped to "{name}"; release them or merge them into it first.',
                name=upper.name,
            )
        )


def _has_clipped(state: DocumentState, layer: Layer) -> bool:
    runs = clip_runs(state.siblings(layer.layer_id))
    return any(run.base is layer and run.clipped for run in runs)


def _below(state: DocumentState, layer: Layer) -> RasterLayer:
    siblings = state.siblings(layer.layer_id)
    index = [sibling.layer_id for sibling in siblings].index(layer.layer_id)
    if index == 0:
        raise DocumentError(
            tr('There is no layer below "{name}" to merge it into.', name=layer.name)
        )
    lower = siblings[index - 1]
    if not isinstance(lower, RasterLayer):
        raise DocumentError(
            tr('"{name}" is a group; a layer cannot be merged into it.', name=lower.name)
        )
    return lower
