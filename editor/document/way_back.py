"""What leads from a state to the one before it, holding only what the later state lacks.

Undo keeps these. Values are held as they are, pixels as differences of tiles from those that are in
the document instead (`packed_tiles`). A whole layer that was replaced, or removed, is a reference
to its tiles: no copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from editor.document.delta import Order, StateDelta, rebuilt
from editor.document.geometry import union_of
from editor.document.layers import Layer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.packed_tiles import PackedTiles
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.document.tiled_buffer import TiledBuffer
from editor.document.variations import Variation

OVERHEAD_BYTES = 1024  # about what a step costs without pixels; bounds the number of steps


@dataclass(frozen=True, eq=False)
class PackedBuffer:
    """A buffer as the difference from the one that is there instead."""

    tiles: PackedTiles

    def restored(self, present: TiledBuffer) -> TiledBuffer:
        """The buffer; what was measured of `present` is kept where it still holds."""
        tiles = self.tiles.restore(present.tiles)
        if tiles.origin != present.tiles.origin or tiles.bounds != present.bounds:
            return type(present).from_tiles(tiles)
        dirty = union_of(tiles.rect_of(cell) for cell in self.tiles.cells)
        return present.after(tiles, dirty)


@dataclass(frozen=True, eq=False)
class PackedMask:
    """A mask as the difference from the one that is there instead; its source is held as it is."""

    coverage: PackedBuffer
    offset: tuple[int, int]
    outside: int
    enabled: bool
    source: CoverageBuffer | None

    def restored(self, present: Mask) -> Mask:
        """The mask."""
        coverage = self.coverage.restored(present.coverage)
        assert isinstance(coverage, CoverageBuffer)  # noqa: S101 - restoring keeps the type
        return Mask(
            coverage=coverage,
            offset=self.offset,
            outside=self.outside,
            enabled=self.enabled,
            source=self.source,
        )


@dataclass(frozen=True, eq=False)
class WayBack:
    """How to get from one state (`present`) to another (`wanted`).

    Attributes:
        settings: Document fields by name.
        layer_values: Layer fields by (layer id, field name).
        leaving: Ids of layers that only the present state has.
        coming: Layers by id that only the wanted state has, groups without their children.
        orders: Children by group id (None = root).
    """

    settings: dict[str, Any]
    layer_values: dict[tuple[str, str], Any]
    leaving: frozenset[str]
    coming: dict[str, Layer]
    orders: dict[str | None, Order]

    @classmethod
    def of(cls, delta: StateDelta, known: WayBack | None = None) -> WayBack:
        """From the new state of a difference to its old one.

        `known` is the way in the opposite direction: what is already compressed is used again.
        """
        known_settings = known.settings if known else {}
        known_values = known.layer_values if known else {}
        return cls(
            settings={
                name: _packed(old, new, known_settings.get(name))
                for name, (old, new) in delta.settings.items()
            },
            layer_values={
                key: _packed(old, new, known_values.get(key))
                for key, (old, new) in delta.layer_values.items()
            },
            leaving=frozenset(delta.added),
            coming=delta.removed,
            orders={group: old for group, (old, _) in delta.orders.items()},
        )

    def apply(self, present: DocumentState) -> DocumentState:
        """The wanted state; `present` must be the state that this leads from."""
        values: dict[str, dict[str, Any]] = {}
        for (layer_id, name), value in self.layer_values.items():
            there = getattr(present.layer(layer_id), name)
            values.setdefault(layer_id, {})[name] = _restored(value, there)
        settings = {
            name: _restored(value, getattr(present, name)) for name, value in self.settings.items()
        }
        layers = rebuilt(present, values, self.leaving, self.coming, self.orders)
        return replace(present, layers=layers, **settings)

    @property
    def changes_structure(self) -> bool:
        """Whether layers come or go."""
        return bool(self.leaving or self.coming)

    @property
    def packs(self) -> tuple[PackedTiles, ...]:
        """All differences of tiles."""
        return tuple(_packs((*self.settings.values(), *self.layer_values.values())))

    @property
    def is_packed(self) -> bool:
        """Whether nothing is left to compress."""
        return all(pack.is_packed for pack in self.packs)

    def cancel(self) -> None:
        """Nobody will go this way: stop packing."""
        for pack in self.packs:
            pack.cancel()

    @property
    def byte_size(self) -> int:
        """Bytes held now; pixels held by reference are counted as if nothing else held them."""
        buffers: dict[int, TiledBuffer] = {}
        values = [*self.settings.values(), *self.layer_values.values()]
        for layer in self.coming.values():
            values += [getattr(layer, field.name) for field in fields(layer)]
        for value in values:
            for held in _held(value):
                buffers[id(held)] = held
        packed = sum(pack.byte_size for pack in self.packs)
        return OVERHEAD_BYTES + packed + sum(buffer.byte_size for buffer in buffers.values())


@dataclass(frozen=True, eq=False)
class KeptVariations:
    """Variations of a layer; those that it has at present too cost nothing."""

    wanted: tuple[Variation, ...]
    lost: tuple[PixelBuffer, ...]


def _held(value: Any) -> Iterator[TiledBuffer]:
    """The buffers that a value holds by reference."""
    parts: tuple[Any, ...] = (value,)
    if isinstance(value, Mask):
        parts = (value.coverage, value.source)
    elif isinstance(value, PackedMask):
        parts = (value.source,)
    elif isinstance(value, KeptVariations):
        parts = value.lost
    elif isinstance(value, tuple):
        parts = tuple(part.pixels for part in value if isinstance(part, Variation))
    yield from (part for part in parts if isinstance(part, TiledBuffer))


def _packed(wanted: Any, present: Any, known: Any) -> Any:
    if isinstance(wanted, Mask) and isinstance(present, Mask):
        before = known.coverage if isinstance(known, PackedMask) else None
        coverage = _packed(wanted.coverage, present.coverage, before)
        if isinstance(coverage, PackedBuffer):
            return PackedMask(
                coverage, wanted.offset, wanted.outside, wanted.enabled, wanted.source
            )
        return wanted
    if _are_variations(wanted) or _are_variations(present):
        there = {id(variation.pixels) for variation in present}
        lost = (v.pixels for v in wanted if id(v.pixels) not in there)
        return KeptVariations(wanted, tuple(lost))
    for kind in (PixelBuffer, CoverageBuffer):
        if isinstance(wanted, kind) and isinstance(present, kind):
            if not PackedTiles.fits(wanted.tiles, present.tiles):
                return wanted
            blobs = known.tiles.xor_blobs if isinstance(known, PackedBuffer) else None
            return PackedBuffer(PackedTiles(wanted.tiles, present.tiles, blobs))
    return wanted


def _are_variations(value: Any) -> bool:
    return isinstance(value, tuple) and any(isinstance(part, Variation) for part in value)


def _restored(value: Any, present: Any) -> Any:
    if isinstance(value, KeptVariations):
        return value.wanted
    return value.restored(present) if isinstance(value, (PackedBuffer, PackedMask)) else value


def _packs(values: tuple[Any, ...]) -> Iterator[PackedTiles]:
    for value in values:
        if isinstance(value, PackedMask):
            yield value.coverage.tiles
        elif isinstance(value, PackedBuffer):
            yield value.tiles
