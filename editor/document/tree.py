"""Edits of a layer tree: each function returns a new tuple of root layers, sharing what it can."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from editor.document.errors import DocumentError
from editor.document.layers import GroupLayer, Layer
from editor.translations import tr

Layers = tuple[Layer, ...]


def replace_layers(layers: Layers, changed: Mapping[str, Layer]) -> Layers:
    """Put new values in place of the layers with these ids."""
    return transform(layers, lambda layer: changed.get(layer.layer_id, layer), changed.keys())


def transform(layers: Layers, change: Callable[[Layer], Layer], only: Collection[str]) -> Layers:
    """Apply `change` to the layers named in `only`, wherever they are.

    A group is changed before its children, so a change of a group must keep its children.
    """
    result: list[Layer] = []
    for layer in layers:
        new = change(layer) if layer.layer_id in only else layer
        if isinstance(new, GroupLayer):
            children = transform(new.children, change, only)
            if children is not new.children:
                new = replace(new, children=children)
        result.append(new)
    return _share(layers, result)


def remove(layers: Layers, layer_ids: Collection[str], *, drop_emptied: bool = False) -> Layers:
    """Take these layers out, with what is in them.

    Args:
        drop_emptied: Groups that lose their last layer go too.
    """
    result: list[Layer] = []
    for layer in layers:
        if layer.layer_id in layer_ids:
            continue
        if isinstance(layer, GroupLayer):
            children = remove(layer.children, layer_ids, drop_emptied=drop_emptied)
            if children is layer.children:
                result.append(layer)
            elif children or not drop_emptied:
                result.append(replace(layer, children=children))
        else:
            result.append(layer)
    return _share(layers, result)


def insert(layers: Layers, new: Layers, parent_id: str | None, index: int | None = None) -> Layers:
    """Put layers among the children of a group (None = root) at an index, default on top.

    Raises DocumentError when the parent is not a group of this tree.
    """
    if parent_id is None:
        return _spliced(layers, new, index)
    found = False

    def change(layer: Layer) -> Layer:
        nonlocal found
        if not isinstance(layer, GroupLayer):
            raise DocumentError(
                tr('"{name}" is not a group; layers cannot go into it.', name=layer.name)
            )
        found = True
        return replace(layer, children=_spliced(layer.children, new, index))

    result = transform(layers, change, (parent_id,))
    if not found:
        raise DocumentError(tr("That group is no longer in the document."), parent_id)
    return result


def _spliced(layers: Layers, new: Layers, index: int | None) -> Layers:
    place = len(layers) if index is None else max(0, min(index, len(layers)))
    return layers[:place] + new + layers[place:]


def _share(old: Layers, new: list[Layer]) -> Layers:
    same = len(old) == len(new) and all(a is b for a, b in zip(old, new, strict=True))
    return old if same else tuple(new)
