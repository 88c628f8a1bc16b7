"""What was measured of pixels or masks, kept while they live; and what is seen in a rectangle."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import Mask
from editor.document.tiled_buffer import TiledBuffer
from editor.document.tiles import Cell, Tile

Value = TypeVar("Value")
Buffer = TypeVar("Buffer", bound=TiledBuffer)

# What of a layer cannot be seen, or is looked at in another way.
_UNSEEN = frozenset(
    {"name", "locked", "expanded", "record", "text", "source", "matrix", "kept"}
    | {"variations", "shown_variation", "wish"}
    | {"pixels", "offset", "mask", "children"}
)


class Measured(Generic[Buffer, Value]):
    """A function of a buffer that is worked out once for each.

    By identity, because comparing buffers hashes them. Any thread.
    """

    def __init__(self, measure: Callable[[Buffer], Value]) -> None:
        self._measure = measure
        self._known: dict[int, tuple[weakref.ref[Buffer], Value]] = {}

    def __call__(self, buffer: Buffer) -> Value:
        key = id(buffer)
        known = self._known.get(key)
        if known is not None and known[0]() is buffer:
            return known[1]
        value = self._measure(buffer)
        self._known[key] = weakref.ref(buffer, lambda gone: self._forget(key, gone)), value
        return value

    def _forget(self, key: int, gone: weakref.ref[Buffer]) -> None:
        known = self._known.get(key)
        if known is not None and known[0] is gone:  # else another buffer has this id by now
            del self._known[key]


def _tile_prints(buffer: TiledBuffer) -> dict[Cell, int]:
    return {cell: _print_of(tile) for cell, tile in buffer.tiles.stored().items()}


def _print_of(tile: Tile) -> int:
    # Python's keyed 64-bit hash: twice as fast as a digest, and it never leaves the process.
    values = tile.pixels if tile.pixels is not None else tile.colour
    return hash((tile.width, tile.height, None if values is None else values.tobytes()))


tile_prints: Measured[TiledBuffer, dict[Cell, int]] = Measured(_tile_prints)


def seen_in(buffer: TiledBuffer, rect: Rect) -> Hashable:
    """Equal for equal values at equal places of a rectangle, in the buffer's coordinates."""
    prints, tiles = tile_prints(buffer), buffer.tiles
    cells = tuple((cell, prints[cell]) for cell in tiles.cells_over(rect) if cell in prints)
    return tiles.origin, buffer.size, cells


def layers_seen_in(layers: Sequence[Layer], rect: Rect) -> Hashable:
    """Equal when layers look the same inside a rectangle of document pixels."""
    return tuple(_layer_seen_in(layer, rect) for layer in layers)


def _layer_seen_in(layer: Layer, rect: Rect) -> Hashable:
    settings = tuple(
        getattr(layer, field.name)
        for field in dataclasses.fields(layer)
        if field.name not in _UNSEEN
    )
    mask = None if layer.mask is None else _mask_seen_in(layer.mask, rect)
    if isinstance(layer, RasterLayer):
        x, y = layer.offset
        return settings, mask, layer.offset, seen_in(layer.pixels, rect.translated(-x, -y))
    if isinstance(layer, GroupLayer):
        return settings, mask, layers_seen_in(layer.children, rect)
    return object()  # a kind of layer that is not known here: equal to nothing


def _mask_seen_in(mask: Mask, rect: Rect) -> Hashable:
    x, y = mask.offset
    place = mask.offset, mask.outside, mask.enabled
    return place, seen_in(mask.coverage, rect.translated(-x, -y))
