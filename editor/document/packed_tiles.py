"""One of two pictures, kept as its difference from the other: how undo stores pixels.

At first the tiles that differ are held as they are. `pack`, called in a worker, replaces each by
the smaller of two compressed forms: its bytes, or its bytes XOR those of the tile that is there
instead. The latter leads both ways, so undoing and redoing share one blob.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import zstandard

from editor.document.tiles import Cell, Tile, Tiles, Values, make_tile, put, same_geometry

_LEVEL = 1  # level 3 was no smaller and half as fast
_WORTH_IT = 0.9  # a blob above this share of the tile's bytes saves too little
_ENTRY_BYTES = 100  # about what an entry costs without its bytes

_own = threading.local()  # zstandard's objects serve one thread at a time


@dataclass(frozen=True, slots=True)
class Blob:
    """A dense tile, compressed.

    Attributes:
        xor: The bytes are to be combined with the tile that is there instead.
    """

    data: bytes
    width: int
    height: int
    xor: bool


Entry = Blob | Tile | None  # None = all 0


@dataclass(frozen=True, slots=True)
class _Content:
    """What is held at a moment; replaced as a whole, so that no thread sees half of a change.

    Attributes:
        entries: Wanted tiles that the other picture does not have at the same place.
        instead: Tiles of the other picture at the places of `entries`, until they are packed.
    """

    entries: Mapping[Cell, Entry]
    instead: Mapping[Cell, Tile]
    packed: bool


class PackedTiles:
    """A picture that can be made again from the one that replaced it.

    `restore` may be called at any time, also while another thread is packing.
    """

    def __init__(
        self, wanted: Tiles, present: Tiles, known: Mapping[Cell, Blob] | None = None
    ) -> None:
        """Hold what `wanted` has and `present` has not; `known` are XOR blobs between the two."""
        self._grid = wanted.with_tiles({})
        # With another size or grid: where the present picture has the same tile object.
        self._shared: dict[Cell, Cell] | None = None
        self._claimed = False
        self._cancelled = False
        entries: dict[Cell, Entry] = {}
        instead: dict[Cell, Tile] = {}
        want, have = wanted.stored(), present.stored()
        if same_geometry(wanted, present):
            for cell in want.keys() | have.keys():
                if want.get(cell) is not have.get(cell):
                    entries[cell] = want.get(cell)
                    if cell in have:
                        instead[cell] = have[cell]
        else:
            places = {id(tile): cell for cell, tile in have.items()}
            self._shared = {c: places[id(t)] for c, t in want.items() if id(t) in places}
            entries = {c: t for c, t in want.items() if id(t) not in places}
        entries.update((known or {}).items())
        self._content = _Content(entries, instead, _is_packed(entries))

    @staticmethod
    def fits(wanted: Tiles, present: Tiles) -> bool:
        """Whether a difference is worth it: the same grid, or tiles in common."""
        if same_geometry(wanted, present):
            return True
        return not {id(t) for t in wanted.stored().values()}.isdisjoint(
            id(t) for t in present.stored().values()
        )

    @property
    def is_packed(self) -> bool:
        """Whether nothing is left to compress."""
        return self._content.packed

    @property
    def byte_size(self) -> int:
        """Memory held now, tiles of the other picture not counted."""
        return sum(_entry_bytes(entry) for entry in self._content.entries.values())

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Places of the wanted picture that differ from the present one."""
        return tuple(self._content.entries)

    @property
    def xor_blobs(self) -> dict[Cell, Blob]:
        """The blobs that also lead from the wanted picture to the present one."""
        entries = self._content.entries.items()
        return {c: e for c, e in entries if isinstance(e, Blob) and e.xor}

    def claim(self) -> bool:
        """True at the first call: who gets it packs this. Interface thread only."""
        claimed, self._claimed = self._claimed, True
        return not claimed

    def cancel(self) -> None:
        """Nobody needs this any more: stop packing it."""
        self._cancelled = True

    def pack(self) -> None:
        """Compress what is held as it is; in a worker, which lets other threads run meanwhile."""
        content = self._content
        if content.packed:
            return
        entries = dict(content.entries)
        for cell, entry in content.entries.items():
            if self._cancelled:
                return
            if isinstance(entry, Tile) and entry.pixels is not None:
                entries[cell] = _packed(entry, entry.pixels, content.instead.get(cell))
        self._content = _Content(entries, {}, packed=True)

    def restore(self, present: Tiles) -> Tiles:
        """The wanted picture; `present` must be the one it was compared with, or equal to it."""
        entries = self._content.entries
        if self._shared is None:
            tiles = present.stored()
        else:
            there = present.stored()
            tiles = {cell: there[place] for cell, place in self._shared.items()}
        for cell, entry in entries.items():
            if isinstance(entry, Blob):
                entry = _unpacked(entry, self._grid.pixel_shape, present.tile(cell))  # noqa: PLW2901
            put(tiles, cell, entry)
        return self._grid.with_tiles(tiles)


def _packed(tile: Tile, pixels: Values, instead: Tile | None) -> Entry:
    best = Blob(_compress(pixels), tile.width, tile.height, xor=False)
    if instead is not None and instead.pixels is not None and instead.pixels.shape == pixels.shape:
        data = _compress(np.bitwise_xor(pixels, instead.pixels))
        if len(data) < len(best.data):
            best = Blob(data, tile.width, tile.height, xor=True)
    return best if len(best.data) < _WORTH_IT * pixels.nbytes else tile


def _unpacked(blob: Blob, pixel_shape: tuple[int, ...], instead: Tile | None) -> Tile | None:
    flat = np.frombuffer(_decompress(blob.data), np.uint8)
    values = flat.reshape(blob.height, blob.width, *pixel_shape)
    if not blob.xor:
        return make_tile(values)
    assert instead is not None  # noqa: S101 - a XOR blob is made for a pair of tiles only
    return make_tile(np.bitwise_xor(values, instead.values), copy=False)


def _entry_bytes(entry: Entry) -> int:
    if entry is None:
        return _ENTRY_BYTES
    return _ENTRY_BYTES + (len(entry.data) if isinstance(entry, Blob) else entry.byte_size)


def _is_packed(entries: Mapping[Cell, Entry]) -> bool:
    return not any(isinstance(e, Tile) and e.pixels is not None for e in entries.values())


def _compress(values: Values) -> bytes:
    if not hasattr(_own, "compressor"):
        _own.compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False)
    data: bytes = _own.compressor.compress(values.data)
    return data


def _decompress(data: bytes) -> bytes:
    if not hasattr(_own, "decompressor"):
        _own.decompressor = zstandard.ZstdDecompressor()
    values: bytes = _own.decompressor.decompress(data)
    return values
