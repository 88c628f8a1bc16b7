"""When a command refuses: locks and unknown layers, as sentences for the user."""

from __future__ import annotations

from collections.abc import Iterable

from editor.document.errors import DocumentError
from editor.document.layers import GroupLayer
from editor.document.state import DocumentState
from editor.translations import tr


def require_unlocked(state: DocumentState, layer_ids: Iterable[str]) -> None:
    """Raise DocumentError when a layer, something in it or a group around it is locked."""
    for layer_id in layer_ids:
        locking = state.locking_layer(layer_id)
        if locking is not None:
            raise DocumentError(
                tr('The group "{name}" is locked; unlock it first.', name=locking.name)
                if isinstance(locking, GroupLayer)
                else tr('The layer "{name}" is locked; unlock it first.', name=locking.name)
            )


def require_some(layer_ids: tuple[str, ...]) -> None:
    """Raise DocumentError when nothing is selected."""
    if not layer_ids:
        raise DocumentError(tr("No layer is selected; select one first."))


def outermost(state: DocumentState, layer_ids: Iterable[str]) -> tuple[str, ...]:
    """The layers without those whose group is also named, bottom to top.

    Raises DocumentError for an unknown layer.
    """
    wanted = set(layer_ids)
    for layer_id in wanted:
        state.layer(layer_id)
    result = []
    for layer in state.all_layers():
        if layer.layer_id not in wanted:
            continue
        parent = state.parent_id(layer.layer_id)
        while parent is not None and parent not in wanted:
            parent = state.parent_id(parent)
        if parent is None:
            result.append(layer.layer_id)
    return tuple(result)
