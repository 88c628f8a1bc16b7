"""Opacity, blend mode, visibility, lock, colour tag, name: values of layers that cost no pixels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.refusals import require_some, require_unlocked
from editor.document import tree
from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.layers import GroupLayer
from editor.document.state import DocumentState
from editor.translations import tr


@dataclass(frozen=True)
class SetOpacity(Command):
    """Set the opacity (0..1, rounded to n/255) of layers or groups; merges within a gesture."""

    layer_ids: tuple[str, ...]
    opacity: float

    @property
    def label(self) -> str:
        return tr("Change Opacity")

    @property
    def merge_key(self) -> Hashable:
        return (SetOpacity, self.layer_ids)

    def apply(self, state: DocumentState) -> DocumentState:
        return _set(state, self.layer_ids, opacity=self.opacity)


@dataclass(frozen=True)
class SetBlendMode(Command):
    """Set the blend mode; PASS_THROUGH is for groups only."""

    layer_ids: tuple[str, ...]
    blend_mode: BlendMode

    @property
    def label(self) -> str:
        return tr("Change Blend Mode")

    @property
    def merge_key(self) -> Hashable:
        return (SetBlendMode, self.layer_ids)

    def apply(self, state: DocumentState) -> DocumentState:
        return _set(state, self.layer_ids, blend_mode=self.blend_mode)


@dataclass(frozen=True)
class SetVisible(Command):
    """Show or hide layers or groups; works on locked layers too."""

    layer_ids: tuple[str, ...]
    visible: bool

    @property
    def label(self) -> str:
        return tr("Show Layer") if self.visible else tr("Hide Layer")

    @property
    def icon(self) -> str:
        return "eye" if self.visible else "eye-off"

    @property
    def merge_key(self) -> Hashable:
        return (SetVisible, self.visible)  # sweeping over several eyes is one step

    def apply(self, state: DocumentState) -> DocumentState:
        return _set(state, self.layer_ids, even_locked=True, visible=self.visible)


@dataclass(frozen=True)
class SetLocked(Command):
    """Lock or unlock layers or groups."""

    layer_ids: tuple[str, ...]
    locked: bool

    @property
    def label(self) -> str:
        return tr("Lock Layer") if self.locked else tr("Unlock Layer")

    @property
    def icon(self) -> str:
        return "lock" if self.locked else "unlock"

    def apply(self, state: DocumentState) -> DocumentState:
        return _set(state, self.layer_ids, even_locked=True, locked=self.locked)


@dataclass(frozen=True)
class SetColorTag(Command):
    """Mark layers or groups with a colour in the layers panel; works on locked layers too."""

    layer_ids: tuple[str, ...]
    color_tag: ColorTag

    @property
    def label(self) -> str:
        return tr("Change Color Tag")

    def apply(self, state: DocumentState) -> DocumentState:
        return _set(state, self.layer_ids, even_locked=True, color_tag=self.color_tag)


@dataclass(frozen=True)
class RenameLayer(Command):
    """Give a layer or group another name (any script); works on locked layers too."""

    layer_id: str
    name: str

    @property
    def label(self) -> str:
        return tr("Rename Layer")

    def apply(self, state: DocumentState) -> DocumentState:
        return _set(state, (self.layer_id,), even_locked=True, name=self.name)


@dataclass(frozen=True)
class SetExpanded(Command):
    """Open or close a group in the layers panel."""

    layer_id: str
    expanded: bool

    @property
    def label(self) -> str:
        return tr("Open Group") if self.expanded else tr("Close Group")

    @property
    def undoable(self) -> bool:
        return False

    def apply(self, state: DocumentState) -> DocumentState:
        group = state.layer(self.layer_id)
        if not isinstance(group, GroupLayer):
            return state
        new = replace(group, expanded=self.expanded)
        return replace(state, layers=tree.replace_layers(state.layers, {self.layer_id: new}))


def _set(
    state: DocumentState, layer_ids: tuple[str, ...], *, even_locked: bool = False, **values: object
) -> DocumentState:
    require_some(layer_ids)
    if not even_locked:
        require_unlocked(state, layer_ids)
    for layer_id in layer_ids:
        state.layer(layer_id)
    layers = tree.transform(
        state.layers,
        lambda layer: replace(layer, **values),  # type: ignore[arg-type]
        layer_ids,
    )
    return replace(state, layers=layers)
