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
