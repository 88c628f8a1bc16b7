"""Adding, removing, duplicating and restacking layers, and composing commands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.refusals import outermost, require_some, require_unlocked
from editor.document import tree
from editor.document.clipping import base_of, place_above
from editor.document.errors import DocumentError
from editor.document.identity import new_id
from editor.document.layers import GroupLayer, Layer, RasterLayer, walk
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.translations import tr


def empty_layer(state: DocumentState) -> RasterLayer:
    """A transparent layer of the canvas's size, numbered after those that are there."""
    return RasterLayer(
        name=tr("Layer {number}", number=len(state.all_layers()) + 1),
        pixels=PixelBuffer.transparent(state.width, state.height),
    )


@dataclass(frozen=True)
class AddLayer(Command):
    """Put a new layer (or a group with layers) into the stack and select it.

    Attributes:
        parent_id: Group to put it in; None = root.
        index: Place among the children of the parent, 0 = bottom; None = top.
    """

    layer: Layer
    parent_id: str | None = None
    index: int | None = None

    @property
    def label(self) -> str:
        return tr("Add Layer")

    @property
    def icon(self) -> str:
        return "plus"

    def apply(self, state: DocumentState) -> DocumentState:
        for layer in walk((self.layer,)):
            if state.has_layer(layer.layer_id):
                raise DocumentError(
                    tr('The layer "{name}" is already in the document.', name=layer.name),
                    layer.layer_id,
                )
        layers = tree.insert(state.layers, (self.layer,), self.parent_id, self.index)
        return replace(state, layers=layers)

    @property
    def selects(self) -> tuple[str, ...]:
        return (self.layer.layer_id,)


@dataclass(frozen=True)
class RemoveLayers(Command):
    """Delete layers, groups with their content. Locked layers are refused."""

    layer_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return tr("Delete Layer") if len(self.layer_ids) == 1 else tr("Delete Layers")

    @property
    def icon(self) -> str:
        return "delete"

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        return replace(state, layers=tree.remove(state.layers, self.layer_ids))


@dataclass(frozen=True)
class DuplicateLayers(Command):
    """Put a copy right above each layer; pixels are shared, locks are dropped on the copy.

    Layers clipped to a copied layer stay on it; those copied with it are clipped to its copy.
    The copies' ids are made with the command, so `copies` can be read after it ran.
    """

    layer_ids: tuple[str, ...]
    salt: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "salt", self.salt or new_id())

    @property
    def label(self) -> str:
        return tr("Duplicate Layer") if len(self.layer_ids) == 1 else tr("Duplicate Layers")

    @property
    def icon(self) -> str:
        return "duplicate"

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        layers = state.layers
        for layer_id in outermost(state, self.layer_ids):
            parent_id = state.parent_id(layer_id)
            siblings = _children(replace(state, layers=layers), parent_id)
            base_copy = self.copy_id(base_of(siblings, layer_id))
            on_copy = any(sibling.layer_id == base_copy for sibling in siblings)
            index, clipped = place_above(siblings, base_copy if on_copy else layer_id)
            copy = _copied(state.layer(layer_id), self.copy_id)
            name = tr("{name} copy", name=copy.name).strip()
            copy = replace(copy, name=name, clipped=clipped or on_copy)
            layers = tree.insert(layers, (copy,), parent_id, index)
        return replace(state, layers=layers)

    def copy_id(self, layer_id: str) -> str:
        """Id that the copy of a layer gets."""
        return hashlib.blake2b(f"{self.salt}/{layer_id}".encode(), digest_size=8).hexdigest()

    @property
    def selects(self) -> tuple[str, ...]:
        copies = (self.copy_id(layer_id) for layer_id in self.layer_ids)
        return tuple(copies)


@dataclass(frozen=True)
class ReorderLayers(Command):
    """Move layers to another place in the stack, into a group or out of one.

    Attributes:
        layer_ids: They keep their order among each other.
        parent_id: Group to put them in; None = root.
        index: Place among the parent's present children, 0 = bottom, counted before the layers
            are taken out (as drag and drop reports it); None = top.
    """

    layer_ids: tuple[str, ...]
    parent_id: str | None = None
    index: int | None = None

    @property
    def label(self) -> str:
        return tr("Reorder Layer") if len(self.layer_ids) == 1 else tr("Reorder Layers")

    @property
    def icon(self) -> str:
        return "layers"

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        moving = outermost(state, self.layer_ids)
        inside = {inner.layer_id for i in moving for inner in walk((state.layer(i),))}
        if self.parent_id in inside:
            raise DocumentError(tr("A group cannot be moved into itself."))
        siblings = _children(state, self.parent_id)
        index = len(siblings) if self.index is None else self.index
        index -= sum(1 for sibling in siblings[: max(0, index)] if sibling.layer_id in moving)
        taken = tuple(state.layer(layer_id) for layer_id in moving)
        layers = tree.insert(tree.remove(state.layers, moving), taken, self.parent_id, index)
        return replace(state, layers=layers)


@dataclass(frozen=True)
class MergeCommands(Command):
    """Several commands as one undo step, with one label.

    Attributes:
        key: Merge key of the whole; None = never merged with the next one.
    """

    commands: tuple[Command, ...]
    text: str
    key: Hashable | None = None

    @property
    def label(self) -> str:
        return self.text

    @property
    def icon(self) -> str:
        return self.commands[0].icon if self.commands else ""

    @property
    def merge_key(self) -> Hashable | None:
        return self.key

    def apply(self, state: DocumentState) -> DocumentState:
        for command in self.commands:
            state = command.apply(state)
        return state

    @property
    def selects(self) -> tuple[str, ...] | None:
        chosen: list[str] = []
        for command in self.commands:
            chosen += command.selects or ()
        return tuple(dict.fromkeys(chosen)) or None


def _children(state: DocumentState, parent_id: str | None) -> tuple[Layer, ...]:
    if parent_id is None:
        return state.layers
    parent = state.layer(parent_id)
    if not isinstance(parent, GroupLayer):
        raise DocumentError(
            tr('"{name}" is not a group; layers cannot go into it.', name=parent.name)
        )
    return parent.children


def _copied(layer: Layer, copy_id: Callable[[str], str]) -> Layer:
    copy = replace(layer, layer_id=copy_id(layer.layer_id), locked=False)
    if isinstance(copy, GroupLayer):
        copy = replace(copy, children=tuple(_copied(child, copy_id) for child in copy.children))
    return copy
