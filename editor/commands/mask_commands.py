"""Layer masks and clipping masks: adding, removing, applying, switching off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from editor.commands.command import Command
from editor.commands.refusals import require_some, require_unlocked
from editor.document import tree
from editor.document.blending import BlendMode
from editor.document.errors import DocumentError
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask, product
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.translations import tr


class MaskFill(Enum):
    """What a new mask shows."""

    REVEAL_ALL = "reveal_all"
    HIDE_ALL = "hide_all"
    REVEAL_SELECTION = "reveal_selection"
    HIDE_SELECTION = "hide_selection"


@dataclass(frozen=True)
class AddMask(Command):
    """Give a layer or group its mask. Refused when it has one, or when there is no selection."""

    layer_id: str
    fill: MaskFill = MaskFill.REVEAL_ALL

    @property
    def label(self) -> str:
        return tr("Add Layer Mask")

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        layer = state.layer(self.layer_id)
        if layer.mask is not None:
            raise DocumentError(
                tr('"{name}" has a mask already; delete it first.', name=layer.name)
            )
        return _changed(state, replace(layer, mask=_new_mask(state, self.fill)))


@dataclass(frozen=True)
class RemoveMasks(Command):
    """Take masks away; what they hid is seen again. Layers without one stay as they are."""

    layer_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return tr("Delete Layer Mask")

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        return _changed(state, *(replace(state.layer(i), mask=None) for i in self.layer_ids))


@dataclass(frozen=True)
class ApplyMasks(Command):
    """Work masks into the alpha of their layers and take them away.

    Disabled masks are applied too. The layers become plain pixels: unscaled source, matrix and
    live text are given up. A group is refused, because it has no alpha of its own, and so is a
    layer without a mask; then no layer is changed.
    """

    layer_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return tr("Apply Layer Mask")

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        return _changed(state, *(_plain(state.raster(i)) for i in self.layer_ids))


@dataclass(frozen=True)
class SetMaskEnabled(Command):
    """Switch masks off or on again; a disabled mask is kept but hides nothing."""

    layer_ids: tuple[str, ...]
    enabled: bool

    @property
    def label(self) -> str:
        return tr("Enable Layer Mask") if self.enabled else tr("Disable Layer Mask")

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        layers = (state.layer(layer_id) for layer_id in self.layer_ids)
        return _changed(
            state,
            *(
                replace(layer, mask=replace(layer.mask, enabled=self.enabled))
                for layer in layers
                if layer.mask is not None
            ),
        )


@dataclass(frozen=True)
class SetClipped(Command):
    """Clip layers to the nearest unclipped layer below them, or release them.

    The lowest layer of a group (or of the document) has nothing to be clipped to and is refused.
    """

    layer_ids: tuple[str, ...]
    clipped: bool

    @property
    def label(self) -> str:
        return tr("Create Clipping Mask") if self.clipped else tr("Release Clipping Mask")

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        if self.clipped:
            for layer_id in self.layer_ids:
                if state.siblings(layer_id)[0].layer_id == layer_id:
                    raise DocumentError(
                        tr(
                            'There is no layer below "{name}" to clip it to.',
                            name=state.layer(layer_id).name,
                        )
                    )
        layers = (state.layer(layer_id) for layer_id in self.layer_ids)
        return _changed(state, *(replace(layer, clipped=self.clipped) for layer in layers))


@dataclass(frozen=True)
class IsolateGroups(Command):
    """Let the layers of groups blend with one another only (Normal), or pass through again."""

    layer_ids: tuple[str, ...]
    isolated: bool

    @property
    def label(self) -> str:
        return tr("Isolate Group") if self.isolated else tr("Let Group Pass Through")

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        mode = BlendMode.NORMAL if self.isolated else BlendMode.PASS_THROUGH
        groups = []
        for layer_id in self.layer_ids:
            group = state.layer(layer_id)
            if not isinstance(group, GroupLayer):
                raise DocumentError(
                    tr('"{name}" is not a group; select a group to isolate.', name=group.name)
                )
            if (group.blend_mode is BlendMode.PASS_THROUGH) == self.isolated:
                groups.append(replace(group, blend_mode=mode))
        return _changed(state, *groups)


def _new_mask(state: DocumentState, fill: MaskFill) -> Mask:
    if fill in {MaskFill.REVEAL_ALL, MaskFill.HIDE_ALL}:
        coverage = 255 if fill is MaskFill.REVEAL_ALL else 0
        buffer = CoverageBuffer.filled(state.width, state.height, coverage)
        return Mask(coverage=buffer, outside=coverage)
    selection = state.selection
    if selection is None:
        raise DocumentError(tr("Nothing is selected; select a part of the picture first."))
    if fill is MaskFill.REVEAL_SELECTION:
        return selection
    inverse = 255 - selection.coverage.array
    return Mask(
        coverage=CoverageBuffer.from_array(inverse, copy=False),
        offset=selection.offset,
        outside=255 - selection.outside,
    )


def _plain(layer: RasterLayer) -> RasterLayer:
    """The layer with its mask in its alpha; DocumentError when it has none."""
    mask = layer.mask
    if mask is None:
        raise DocumentError(tr('"{name}" has no mask; add one first.', name=layer.name))
    pixels = layer.pixels.array.copy()
    pixels[..., 3] = product(pixels[..., 3], mask.read(layer.bounds))
    return replace(
        layer,
        pixels=PixelBuffer.from_array(pixels, copy=False),
        mask=None,
        source=None,
        matrix=None,
        text=None,
    )


def _changed(state: DocumentState, *layers: Layer) -> DocumentState:
    changed = {layer.layer_id: layer for layer in layers}
    return replace(state, layers=tree.replace_layers(state.layers, changed))
