"""Keys and values of the blocks that are still needed when blocks are computed one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.models.inf_dit import InfDitSizes, KeyValue, cache_bytes_per_block
from engine.pipelines.block_order import BlockGrid, Place
from engine.pipelines.scratch import TensorFile


@dataclass(frozen=True, slots=True)
class CacheShape:
    """How much is kept, and where.

    Attributes:
        slots: Blocks kept at once.
        in_memory: How many of them are in main memory; the others are in a scratch file.
    """

    slots: int
    in_memory: int

    @classmethod
    def fit(
        cls, grid: BlockGrid, sizes: InfDitSizes, dtype: torch.dtype, budget_bytes: int | None
    ) -> CacheShape:
        """As many slots in memory as the budget allows; None = all."""
        slots = grid.slots()
        if budget_bytes is None:
            return cls(slots, slots)
        fitting = max(0, budget_bytes) // cache_bytes_per_block(sizes, dtype)
        return cls(slots, min(slots, fitting))


class BlockCache:
    """The `Neighbours` of a sweep: what a block needs is kept until its last user is done.

    Valid for one network evaluation; `clear` before the next one.

    Args:
        scratch: File for the slots that are not in memory.

    Raises:
        EngineError: There is no space for the scratch file.
    """

    def __init__(
        self, grid: BlockGrid, sizes: InfDitSizes, dtype: torch.dtype, shape: CacheShape,
        scratch: Path,
    ) -> None:  # fmt: skip
        self._grid = grid
        record = (2, sizes.heads, sizes.tokens, sizes.head_dim)  # keys and values of one layer
        self._layers = sizes.layers
        self._memory = torch.empty(shape.in_memory, sizes.layers, *record, dtype=dtype)
        spilled = shape.slots - shape.in_memory
        self._file = TensorFile(scratch, spilled * sizes.layers, record, dtype) if spilled else None
        self._slots = shape.slots
        self._batch: Sequence[Place] = ()
        self.clear()

    def clear(self) -> None:
        """Forgets everything."""
        self._free = list(range(self._slots))[::-1]  # those in memory are taken first
        self._taken: dict[Place, int] = {}
        self._users: dict[Place, list[Place]] = {}

    def begin(self, batch: Sequence[Place]) -> None:
        """Says which blocks the next call of the network computes."""
        self._batch = batch
        for place in batch:
            self._taken[place] = self._free.pop()
            self._users.setdefault(self._grid.last_user(place), []).append(place)

    def end(self) -> None:
        """The batch is done: whatever only it needed is let go."""
        for user in self._batch:
            for place in self._users.pop(user, []):
                self._free.append(self._taken.pop(place))
        self._free.sort(reverse=True)
        self._batch = ()

    def exchange(self, layer: int, own: KeyValue) -> Sequence[KeyValue]:
        """Keeps the batch's keys and values; gives those of the left-top, left and top blocks."""
        pairs = torch.stack(own, 1)  # g 2 heads t c
        for place, pair in zip(self._batch, pairs, strict=True):
            self._store(self._taken[place], layer, pair)
        found = []
        for near in zip(*map(self._grid.neighbours, self._batch), strict=True):
            kept = torch.stack(
                [self._find(place, own_pair, asked, layer) for place, own_pair, asked in
                 zip(self._batch, pairs, near, strict=True)]
            )  # fmt: skip
            found.append((kept[:, 0], kept[:, 1]))
        return found

    def _find(self, place: Place, own: Tensor, asked: Place, layer: int) -> Tensor:
        if asked == place:  # at the picture's edge a block stands in for what is missing
            return own
        slot = self._taken[asked]
        if slot < len(self._memory):
            return self._memory[slot, layer].to(own.device)
        return self._spilled().read(self._record(slot, layer)).to(own.device)

    def _store(self, slot: int, layer: int, pair: Tensor) -> None:
        if slot < len(self._memory):
            self._memory[slot, layer] = pair
        else:
            self._spilled().write(self._record(slot, layer), pair)

    def _record(self, slot: int, layer: int) -> int:
        return (slot - len(self._memory)) * self._layers + layer

    def _spilled(self) -> TensorFile:
        if self._file is None:
            raise ValueError("every slot is in memory")
        return self._file
