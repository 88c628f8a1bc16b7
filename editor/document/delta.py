"""The difference between two document states, value by value, and what is announced of it.

Only values that differ are held, never whole states. It lives for one change: undo keeps the way
back that is made from it (`way_back`), which holds no pixels that the document has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from editor.document.clipping import shown_clips
from editor.document.dirty import dirty_of_layers
from editor.document.events import Change, ChangeKind
from editor.document.layers import GroupLayer, Layer
from editor.document.masks import Mask
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState

_SETTINGS = tuple(field.name for field in fields(DocumentState) if field.name != "layers")
_FIELD_KINDS = {
    "pixels": ChangeKind.LAYER_PIXELS,
    "source": ChangeKind.LAYER_PIXELS,
    "offset": ChangeKind.LAYER_PLACE,
    "opacity": ChangeKind.LAYER_LOOK,
    "blend_mode": ChangeKind.LAYER_LOOK,
    "visible": ChangeKind.LAYER_LOOK,
    "mask": ChangeKind.LAYER_LOOK,
    "clipped": ChangeKind.LAYER_LOOK,
}
_SETTING_KINDS = {
    "boxes": ChangeKind.LAYOUT,
    "width": ChangeKind.CANVAS_SIZE,
    "height": ChangeKind.CANVAS_SIZE,
    "selection": ChangeKind.PIXEL_SELECTION,
    "guides": ChangeKind.GUIDES,
}

OldNew = tuple[Any, Any]
Order = tuple[str, ...] | None  # ids of the children, bottom to top; None = no such group


@dataclass(frozen=True, eq=False)
class StateDelta:
    """What turns one state into another, both ways.

    Attributes:
        settings: Document fields by name, (old, new).
        layer_values: Layer fields by (layer id, field name), (old, new).
        removed, added: Layers by id, groups without their children.
        orders: Children by group id (None = root), (old, new).
    """

    settings: dict[str, OldNew]
    layer_values: dict[tuple[str, str], OldNew]
    removed: dict[str, Layer]
    added: dict[str, Layer]
    orders: dict[str | None, tuple[Order, Order]]

    @property
    def is_empty(self) -> bool:
        return not (self.settings or self.layer_values or self.added or self.orders)


def diff(before: DocumentState, after: DocumentState) -> StateDelta:
    """What changed from one state to another; layers that are the same object cost nothing."""
    settings = {
        name: (getattr(before, name), getattr(after, name))
        for name in _SETTINGS
        if not _same(getattr(before, name), getattr(after, name))
    }
    if before.layers is after.layers:
        return StateDelta(settings, {}, {}, {}, {})
    old = {layer.layer_id: layer for layer in before.all_layers()}
    new = {layer.layer_id: layer for layer in after.all_layers()}
    replaced = {i for i in old.keys() & new.keys() if type(old[i]) is not type(new[i])}
    gone = (old.keys() - new.keys()) | replaced
    come = (new.keys() - old.keys()) | replaced
    values = {}
    for layer_id in old.keys() - gone:
        if old[layer_id] is not new[layer_id]:
            for name, old_new in _differing(old[layer_id], new[layer_id]):
                values[layer_id, name] = old_new
    old_orders, new_orders = _orders(before), _orders(after)
    orders = {
        group: (old_orders.get(group), new_orders.get(group))
        for group in old_orders.keys() | new_orders.keys()
        if old_orders.get(group) != new_orders.get(group)
    }
    removed = {i: _without_children(old[i]) for i in gone}
    added = {i: _without_children(new[i]) for i in come}
    return StateDelta(settings, values, removed, added, orders)


def describe(delta: StateDelta, before: DocumentState, after: DocumentState) -> Change:
    """The announcement for a difference, with the part of the canvas to draw again."""
    kinds = ChangeKind.NONE
    redrawn: dict[str, set[str]] = {}  # layers and their changed fields; no fields = all of it
    touched = {layer_id for layer_id, _ in delta.layer_values}
    for layer_id, name in delta.layer_values:
        kind = _FIELD_KINDS.get(name, ChangeKind.LAYER_INFO)
        kinds |= kind
        if kind.is_visual and name != "source":
            redrawn.setdefault(layer_id, set()).add(name)
    if delta.added.keys() - delta.removed.keys():
        kinds |= ChangeKind.LAYERS_ADDED
    if delta.removed.keys() - delta.added.keys():
        kinds |= ChangeKind.LAYERS_REMOVED
    moved = _restacked(delta)
    if moved:
        kinds |= ChangeKind.LAYER_ORDER
    whole = moved | delta.added.keys() | delta.removed.keys() | _clipped_anew(before, after)
    dirty = dirty_of_layers(before, after, {**redrawn, **{i: set() for i in whole}})
    redrawn.update({i: set() for i in moved | delta.added.keys() | delta.removed.keys()})
    for name in delta.settings:
        kinds |= _SETTING_KINDS.get(name, ChangeKind.SETTINGS)
    box_ids: frozenset[str] = frozenset()
    if "boxes" in delta.settings:
        box_ids = _changed_boxes(*delta.settings["boxes"])
    if kinds & ChangeKind.CANVAS_SIZE:
        dirty = dirty.union(before.canvas).union(after.canvas)
    return Change(kinds, frozenset(touched | redrawn.keys()), box_ids, dirty)


def _restacked(delta: StateDelta) -> set[str]:
    """Layers that are in both states but in another place or another group."""
    moved: set[str] = set()
    for old, new in delta.orders.values():
        stayed_old = [i for i in old or () if i in (new or ())]
        stayed_new = [i for i in new or () if i in (old or ())]
        moved.update(a for a, b in zip(stayed_old, stayed_new, strict=True) if a != b)
        moved.update(set(old or ()) ^ set(new or ()))
    return moved - delta.added.keys() - delta.removed.keys()


def _clipped_anew(before: DocumentState, after: DocumentState) -> set[str]:
    """Layers whose shape another layer gives than before, and the layers that give it.

    A base alone is drawn another way than with clipped layers: a group as if it were isolated.
    """
    old, new = _bases(before), _bases(after)
    changed = {i for i in old.keys() | new.keys() if old.get(i) != new.get(i)}
    bases = {bases[i] for bases in (old, new) for i in changed & bases.keys()}
    return changed | bases


def _bases(state: DocumentState) -> dict[str, str]:
    """Base of each clipped layer that is shown, by id."""
    pairs = shown_clips(state.layers, lambda layer: layer.visible and layer.opacity > 0)
    return {layer.layer_id: base.layer_id for layer, base in pairs}


def _changed_boxes(old: tuple[Any, ...], new: tuple[Any, ...]) -> frozenset[str]:
    # Boxes whose order alone changed count too: their index is their place in the stack.
    pairs_old, pairs_new = set(enumerate(old)), set(enumerate(new))
    return frozenset(box.box_id for _, box in pairs_old ^ pairs_new)


def _differing(old: Layer, new: Layer) -> Iterator[tuple[str, OldNew]]:
    for field in fields(old):
        if field.name == "children":
            continue
        a, b = getattr(old, field.name), getattr(new, field.name)
        if not _same(a, b):
            yield field.name, (a, b)


def _same(a: object, b: object) -> bool:
    # Buffers and masks are compared by identity: hashing pixels on every step would be slow.
    if isinstance(a, (PixelBuffer, Mask)) or isinstance(b, (PixelBuffer, Mask)):
        return a is b
    return a == b


def rebuilt(
    state: DocumentState,
    values: Mapping[str, Mapping[str, Any]],
    leaving: Iterable[str],
    coming: Mapping[str, Layer],
    orders: Mapping[str | None, Order],
) -> tuple[Layer, ...]:
    """The layers of a state with other values (fields by layer id), members and orders."""
    nodes = {layer.layer_id: layer for layer in state.all_layers()}
    for layer_id in leaving:
        del nodes[layer_id]
    nodes.update(coming)
    for layer_id, changed in values.items():
        nodes[layer_id] = replace(nodes[layer_id], **changed)
    return _built(nodes, {**_orders(state), **orders}, None)


def _orders(state: DocumentState) -> dict[str | None, Order]:
    orders: dict[str | None, Order] = {None: tuple(layer.layer_id for layer in state.layers)}
    for layer in state.all_layers():
        if isinstance(layer, GroupLayer):
            orders[layer.layer_id] = tuple(child.layer_id for child in layer.children)
    return orders


def _built(
    nodes: dict[str, Layer], orders: dict[str | None, Order], group: str | None
) -> tuple[Layer, ...]:
    result = []
    for layer_id in orders.get(group) or ():
        layer = nodes[layer_id]
        if isinstance(layer, GroupLayer):
            children = _built(nodes, orders, layer_id)
            same = len(children) == len(layer.children) and all(
                a is b for a, b in zip(children, layer.children, strict=True)
            )
            layer = layer if same else replace(layer, children=children)
        result.append(layer)
    return tuple(result)


def _without_children(layer: Layer) -> Layer:
    return replace(layer, children=()) if isinstance(layer, GroupLayer) else layer
