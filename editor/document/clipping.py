"""Which layers are clipped to which: a base and the clipped layers on it are drawn as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from editor.document.layers import GroupLayer, Layer


@dataclass(frozen=True, slots=True)
class ClipRun:
    """A layer with the layers clipped to it.

    Attributes:
        base: Gives the shape, blend mode and opacity of the whole.
        clipped: Laid on the base, bottom to top, without changing its alpha; mostly empty.
    """

    base: Layer
    clipped: tuple[Layer, ...] = ()


def clip_runs(layers: tuple[Layer, ...]) -> Iterator[ClipRun]:
    """The children of one group (or the root), bottom to top.

    A clipped layer with nothing unclipped below it in its group is a base itself.
    """
    start = 0
    while start < len(layers):
        stop = start + 1
        while stop < len(layers) and layers[stop].clipped:
            stop += 1
        yield ClipRun(layers[start], layers[start + 1 : stop])
        start = stop


def base_of(layers: tuple[Layer, ...], layer_id: str) -> str:
    """What a layer of the group is clipped to; its own id when it is a base itself."""
    for run in clip_runs(layers):
        if any(layer.layer_id == layer_id for layer in run.clipped):
            return run.base.layer_id
    return layer_id


def place_above(layers: tuple[Layer, ...], layer_id: str) -> tuple[int, bool]:
    """Where a new layer goes right above another of its group, with no clip run taken apart.

    Returns its index and whether it is to be clipped: above a base it goes over the layers clipped
    to that, above a clipped layer it is clipped too. Raises ValueError for an unknown layer.
    """
    index = 0
    for run in clip_runs(layers):
        if run.base.layer_id == layer_id:
            return index + 1 + len(run.clipped), False
        for number, layer in enumerate(run.clipped, index + 1):
            if layer.layer_id == layer_id:
                return number + 1, True
        index += 1 + len(run.clipped)
    raise ValueError(layer_id)


def shown_clips(
    layers: tuple[Layer, ...], shows: Callable[[Layer], bool]
) -> Iterator[tuple[Layer, Layer]]:
    """Every clipped layer that `shows` accepts with its base, in all groups."""
    for run in clip_runs(layers):
        for layer in run.clipped:
            if shows(layer):
                yield layer, run.base
        for layer in (run.base, *run.clipped):
            if isinstance(layer, GroupLayer):
                yield from shown_clips(layer.children, shows)
