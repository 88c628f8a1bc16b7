"""Divides the layers of a document around those being edited: below, live, above."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from editor.document.blending import BlendMode
from editor.document.clipping import ClipRun, clip_runs
from editor.document.layers import GroupLayer, Layer
from editor.document.state import DocumentState

Layers = tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """The layers of a document in three parts, bottom to top, none of which tears a clipping base
    from what is clipped to it.

    Attributes:
        below: Under everything that is edited; one picture until they change themselves.
        live: What is edited, and what must see it: other blend modes than Normal above it.
        above: The topmost layers if all of them are Normal: they may be one picture as well.
    """

    below: Layers
    live: Layers
    above: Layers


def split_layers(state: DocumentState, edited: Collection[str]) -> Split | None:
    """The layers around `edited` (ids of layers or groups); None when none of them is shown.

    A pass-through group around an edited layer is opened if it could as well not be there.
    """
    inside = _with_groups(state, edited)
    runs = list(_runs(state.layers, inside))
    touched = [index for index, run in enumerate(runs) if _names(run) & inside]
    if not touched:
        return None
    first, last = touched[0], touched[-1] + 1
    top = len(runs)
    while top > last and _is_plain(runs[top - 1]):
        top -= 1
    return Split(_joined(runs[:first]), _joined(runs[first:top]), _joined(runs[top:]))


def _with_groups(state: DocumentState, edited: Collection[str]) -> set[str]:
    """The layers and all groups around them."""
    found: set[str] = set()
    for layer_id in edited:
        inner: str | None = layer_id if state.has_layer(layer_id) else None
        while inner is not None:
            found.add(inner)
            inner = state.parent_id(inner)
    return found


def _runs(layers: Layers, inside: set[str]) -> Iterator[ClipRun]:
    for run in clip_runs(layers):
        group = run.base
        if (
            isinstance(group, GroupLayer)
            and group.layer_id in inside
            and not run.clipped
            and _is_transparent_folder(group)
        ):
            yield from _runs(group.children, inside)
        else:
            yield run


def _is_transparent_folder(group: GroupLayer) -> bool:
    """Whether the children could as well lie outside of the group."""
    return (
        group.blend_mode is BlendMode.PASS_THROUGH
        and group.visible
        and group.opacity_level == 255
        and not (group.mask is not None and group.mask.enabled)
        and not (group.children and group.children[0].clipped)
    )


def _is_plain(run: ClipRun) -> bool:
    """Whether a run is laid over what is under it by the mode Normal, with nothing that sees it."""
    base = run.base
    if not base.visible:
        return True
    if base.blend_mode is BlendMode.PASS_THROUGH and not run.clipped:
        return (
            isinstance(base, GroupLayer)
            and _is_transparent_folder(base)
            and all(_is_plain(inner) for inner in clip_runs(base.children))
        )
    return base.blend_mode in (BlendMode.NORMAL, BlendMode.PASS_THROUGH)


def _names(run: ClipRun) -> set[str]:
    return {run.base.layer_id, *(layer.layer_id for layer in run.clipped)}


def _joined(runs: list[ClipRun]) -> Layers:
    return tuple(layer for run in runs for layer in (run.base, *run.clipped))
