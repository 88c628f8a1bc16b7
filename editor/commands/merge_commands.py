"""Several layers become one: what is visible, a group, the whole image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain

from editor.commands.command import Command
from editor.commands.refusals import require_unlocked
from editor.document import tree
from editor.document.blending import BlendMode
from editor.document.clipping import clip_runs
from editor.document.compositor import composite_layers
from editor.document.errors import DocumentError
from editor.document.geometry import Rect, union_of
from editor.document.identity import new_id
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.pixels import PixelBuffer, check_size
from editor.document.state import DocumentState
from editor.translations import tr


@dataclass(frozen=True)
class _IntoNewLayer(Command):
    """A command whose result is one new layer, which is selected.

    Attributes:
        new_id: Id of that layer.
    """

    new_id: str = field(default_factory=new_id)

    @property
    def icon(self) -> str:
        return "merge-down"

    @property
    def selects(self) -> tuple[str, ...]:
        return (self.new_id,)


@dataclass(frozen=True)
class MergeVisible(_IntoNewLayer):
    """All layers that can be seen become one, in the place of the lowest; hidden ones stay."""

    @property
    def label(self) -> str:
        return tr("Merge Visible")

    def apply(self, state: DocumentState) -> DocumentState:
        visible = tuple(_visible(state.layers))
        if not visible:
            raise DocumentError(tr("No layer is visible; show the layers to merge first."))
        require_unlocked(state, (layer.layer_id for layer in visible))
        merged = _flat(state.layers, union_of(layer.bounds for layer in visible), self.new_id)
        lowest = visible[0]
        place = next(i for i, root in enumerate(state.layers) if _holds(root, lowest))
        name = lowest.name if len(visible) == 1 else tr("Merged")
        layers = tree.insert(state.layers, (replace(merged, name=name),), None, place)
        gone = {layer.layer_id for layer in visible}
        return replace(state, layers=tree.remove(layers, gone, drop_emptied=True))


@dataclass(frozen=True)
class MergeGroup(Command):
    """A group becomes one layer with the group's name, opacity, blend mode and mask.

    Hidden layers in it go. A group that passes through becomes a Normal layer, so layers in it
    with other blend modes no longer reach what is below the group.
    """

    layer_id: str

    @property
    def label(self) -> str:
        return tr("Merge Group")

    @property
    def icon(self) -> str:
        return "merge-down"

    def apply(self, state: DocumentState) -> DocumentState:
        group = state.layer(self.layer_id)
        if not isinstance(group, GroupLayer):
            raise DocumentError(
                tr('"{name}" is not a group; select a group to merge.', name=group.name)
            )
        require_unlocked(state, (self.layer_id,))
        if not any(True for _ in _visible(group.children)):
            raise DocumentError(
                tr('No layer of the group "{name}" is visible; show one first.', name=group.name)
            )
        through = group.blend_mode is BlendMode.PASS_THROUGH
        area = union_of(layer.bounds for layer in _visible(group.children))
        merged = replace(
            _flat(group.children, area, group.layer_id),
            name=group.name,
            opacity=group.opacity,
            blend_mode=BlendMode.NORMAL if through else group.blend_mode,
            visible=group.visible,
            mask=group.mask,
            clipped=group.clipped,
        )
        return replace(state, layers=_with_another(state.layers, merged))


@dataclass(frozen=True)
class FlattenImage(_IntoNewLayer):
    """The picture as it is seen becomes the only layer, of the canvas's size; hidden layers go.

    Transparent parts stay transparent.
    """

    @property
    def label(self) -> str:
        return tr("Flatten Image")

    def apply(self, state: DocumentState) -> DocumentState:
        if not state.layers:
            raise DocumentError(tr("The document has no layers yet."))
        require_unlocked(state, (layer.layer_id for layer in state.layers))
        flat = _flat(state.layers, state.canvas, self.new_id)
        return replace(state, layers=(replace(flat, name=tr("Background")),))


def _visible(layers: tuple[Layer, ...]) -> Iterable[RasterLayer]:
    """Layers with pixels that can be seen, bottom to top; clipped to a hidden layer none can."""
    shown = (run for run in clip_runs(layers) if run.base.visible)
    for layer in chain.from_iterable((run.base, *run.clipped) for run in shown):
        if layer.visible and isinstance(layer, GroupLayer):
            yield from _visible(layer.children)
        elif layer.visible and isinstance(layer, RasterLayer):
            yield layer


def _flat(layers: tuple[Layer, ...], area: Rect, layer_id: str) -> RasterLayer:
    check_size(*area.size)  # small layers may be far apart
    pixels = PixelBuffer.from_array(composite_layers(layers, area), copy=False)
    return RasterLayer(layer_id=layer_id, pixels=pixels, offset=(area.x0, area.y0))


def _holds(root: Layer, layer: Layer) -> bool:
    if root is layer:
        return True
    return isinstance(root, GroupLayer) and any(_holds(child, layer) for child in root.children)


def _with_another(layers: tuple[Layer, ...], new: Layer) -> tuple[Layer, ...]:
    """`new` in the place of the layer or group with its id."""
    result: list[Layer] = []
    for layer in layers:
        if layer.layer_id == new.layer_id:
            result.append(new)
        elif isinstance(layer, GroupLayer):
            result.append(replace(layer, children=_with_another(layer.children, new)))
        else:
            result.append(layer)
    return tuple(result)
