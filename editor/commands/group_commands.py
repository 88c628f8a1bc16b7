"""Putting layers into groups and dissolving groups."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from editor.commands.command import Command
from editor.commands.refusals import outermost, require_some, require_unlocked
from editor.document import tree
from editor.document.errors import DocumentError
from editor.document.identity import new_id
from editor.document.layers import GroupLayer
from editor.document.state import DocumentState
from editor.translations import tr


@dataclass(frozen=True)
class GroupLayers(Command):
    """Put layers into a new pass-through group where the topmost of them was; selects the group."""

    layer_ids: tuple[str, ...]
    name: str = "Group"
    group_id: str = field(default_factory=new_id)

    @property
    def label(self) -> str:
        return tr("Group Layers")

    @property
    def icon(self) -> str:
        return "group"

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        members = outermost(state, self.layer_ids)
        top = members[-1]
        parent_id = state.parent_id(top)
        # A parent that is itself a member cannot be: members are outermost.
        siblings = [
            layer.layer_id
            for layer in (state.layers if parent_id is None else _group(state, parent_id).children)
        ]
        above = siblings[siblings.index(top) + 1 :]
        group = GroupLayer(
            layer_id=self.group_id,
            name=self.name,
            children=tuple(state.layer(layer_id) for layer_id in members),
        )
        rest = tree.remove(state.layers, members)
        left = len(siblings) - sum(1 for layer_id in siblings if layer_id in members)
        layers = tree.insert(rest, (group,), parent_id, left - len(above))
        return replace(state, layers=layers)

    @property
    def selects(self) -> tuple[str, ...]:
        return (self.group_id,)


@dataclass(frozen=True)
class UngroupLayers(Command):
    """Put the layers of groups where the groups were. Locked groups are refused.

    Attributes:
        freed_ids: Layers of the groups, selected afterwards.
    """

    layer_ids: tuple[str, ...]
    freed_ids: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return tr("Ungroup Layers")

    @property
    def icon(self) -> str:
        return "ungroup"

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        layers = state.layers
        for group_id in self.layer_ids:
            current = replace(state, layers=layers)
            group = _group(current, group_id)
            parent_id = current.parent_id(group_id)
            siblings = layers if parent_id is None else _group(current, parent_id).children
            index = [layer.layer_id for layer in siblings].index(group_id)
            layers = tree.remove(layers, (group_id,))
            layers = tree.insert(layers, group.children, parent_id, index)
        return replace(state, layers=layers)

    @property
    def selects(self) -> tuple[str, ...] | None:
        return self.freed_ids or None


def _group(state: DocumentState, layer_id: str) -> GroupLayer:
    layer = state.layer(layer_id)
    if not isinstance(layer, GroupLayer):
        raise DocumentError(
            tr('"{name}" is not a group; select a group to ungroup.', name=layer.name)
        )
    return layer
