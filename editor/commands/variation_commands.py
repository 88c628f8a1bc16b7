"""Switching, picking and dropping the variations of a layer, and wishes for its next try."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace

from editor.commands.command import Command
from editor.commands.refusals import require_unlocked
from editor.document import tree
from editor.document.clipping import place_above
from editor.document.errors import DocumentError
from editor.document.identity import new_id
from editor.document.layer_placement import placed
from editor.document.layer_prompts import prompt_of
from editor.document.layers import Layer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.state import DocumentState
from editor.document.variations import (
    find_variation,
    kept_variations,
    matrix_of,
    without_variations,
)
from editor.document.wishes import LayerWish, differing, settings_of
from editor.translations import mark, tr


@dataclass(frozen=True)
class SwitchVariation(Command):
    """Show another variation of a layer; place, scaling, turn, mask and blend mode stay.

    What was painted on the layer becomes a variation of its own, so nothing is lost.
    """

    layer_id: str
    variation_id: str

    @property
    def label(self) -> str:
        return tr("Switch Variation")

    @property
    def icon(self) -> str:
        return "variations"

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        layer = state.raster(self.layer_id)
        return _replaced(state, _showing(layer, self.variation_id))


@dataclass(frozen=True)
class RemoveVariation(Command):
    """Drop a variation of a layer; when it is the one shown, its neighbour is shown instead."""

    layer_id: str
    variation_id: str

    @property
    def label(self) -> str:
        return tr("Delete Variation")

    @property
    def icon(self) -> str:
        return "delete"

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, (self.layer_id,))
        layer = state.raster(self.layer_id)
        gone = find_variation(layer, self.variation_id)
        if len(layer.variations) == 1:
            raise DocumentError(
                tr('"{name}" has only this one variation; delete the layer.', name=layer.name)
            )
        if layer.shown_variation == gone.variation_id:
            place = layer.variations.index(gone)
            neighbour = layer.variations[place - 1 if place else 1]
            layer = _showing(layer, neighbour.variation_id)
        left = tuple(v for v in layer.variations if v.variation_id != gone.variation_id)
        return _replaced(state, replace(layer, variations=left))


@dataclass(frozen=True)
class PickVariation(Command):
    """Put a variation into the stack as a layer of its own, right above the one that has it."""

    layer_id: str
    variation_id: str
    salt: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "salt", self.salt or new_id())

    @property
    def label(self) -> str:
        return tr("Pick as New Layer")

    @property
    def icon(self) -> str:
        return "duplicate"

    @property
    def picked_id(self) -> str:
        """Id of the new layer."""
        text = f"{self.salt}/{self.variation_id}".encode()
        return hashlib.blake2b(text, digest_size=8).hexdigest()

    @property
    def selects(self) -> tuple[str, ...]:
        return (self.picked_id,)

    def apply(self, state: DocumentState) -> DocumentState:
        layer = state.raster(self.layer_id)
        number = layer.variations.index(find_variation(layer, self.variation_id)) + 1
        siblings = state.siblings(self.layer_id)
        index, clipped = place_above(siblings, self.layer_id)
        picked = replace(
            without_variations(_showing(layer, self.variation_id)),
            layer_id=self.picked_id,
            name=tr("{name}, variation {number}", name=layer.name, number=number),
            locked=False,
            visible=True,
            clipped=clipped,
            wish=None,
        )
        parent = state.parent_id(self.layer_id)
        return replace(state, layers=tree.insert(state.layers, (picked,), parent, index))


@dataclass(frozen=True)
class SetWish(Command):
    """What the next try at layers shall be like; what is so already is left out of it.

    A layer that was generated is out of date from then on. None = nothing is wished.
    """

    layer_ids: tuple[str, ...]
    wish: LayerWish | None
    text: str = mark("Change Prompt of Layer")

    @property
    def label(self) -> str:
        return tr(self.text)

    @property
    def icon(self) -> str:
        return "edit"

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, self.layer_ids)
        changed: dict[str, Layer] = {}
        for layer_id in self.layer_ids:
            layer = state.raster(layer_id)
            wish = self.wish and differing(self.wish, layer.record, prompt_of(layer))
            changed[layer_id] = replace(layer, wish=wish)
        layers = tree.replace_layers(state.layers, changed)
        return replace(state, layers=layers, boxes=self._boxes(state))

    def _boxes(self, state: DocumentState) -> tuple[LayoutBox, ...]:
        """The boxes that the layers were made in say what the layers shall show."""
        prompt = self.wish.prompt if self.wish is not None else None
        if prompt is None:
            return state.boxes
        return tuple(
            replace(box, prompt=prompt) if box.box_id in self.layer_ids else box
            for box in state.boxes
        )


def wishing(layer: RasterLayer, more: LayerWish) -> RasterLayer:
    """A layer with more wishes beside those it has; an empty prompt = as it was made."""
    values = {
        item.name: value for item in fields(more) if (value := getattr(more, item.name)) is not None
    }
    wish = replace(layer.wish or LayerWish(), **values)
    if not wish.prompt:
        wish = replace(wish, prompt=None)
    return replace(layer, wish=differing(wish, layer.record, prompt_of(layer)))


def copied_settings(layer: RasterLayer) -> LayerWish:
    """The settings of a layer for others. Raises DocumentError when it was not generated."""
    if layer.record is None:
        raise DocumentError(
            tr(
                '"{name}" was not generated, so it has no settings to copy.',
                name=layer.name,
            )
        )
    return settings_of(layer.record, prompt_of(layer))


def _showing(layer: RasterLayer, variation_id: str) -> RasterLayer:
    variation = find_variation(layer, variation_id)
    upright = replace(layer, pixels=variation.pixels, source=None, matrix=None, text=None)
    shown = placed(upright, matrix_of(layer, variation))
    return replace(
        shown,
        record=variation.record,
        variations=kept_variations(layer),
        shown_variation=variation_id,
    )


def _replaced(state: DocumentState, layer: RasterLayer) -> DocumentState:
    return replace(state, layers=tree.replace_layers(state.layers, {layer.layer_id: layer}))
