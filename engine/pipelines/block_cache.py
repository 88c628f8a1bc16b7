"""Keys and values of the blocks that are still needed when blocks are computed one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from engine.models.inf_dit import KeyValue

Place = tuple[int, int]  # row and column of a block


@dataclass(slots=True)
class BlockCache:
    """Keys and values by block and layer, all in memory; valid for one network evaluation.

    Attributes:
        batch: Blocks of the present batch; set it before `InfDit.run_blocks`.
    """

    batch: Sequence[Place] = ()
    kept: dict[Place, dict[int, KeyValue]] = field(default_factory=dict)

    def exchange(self, layer: int, own: KeyValue) -> Sequence[KeyValue]:
        """Keeps the batch's keys and values; gives those of the left-top, left and top blocks."""
        for index, place in enumerate(self.batch):
            self.kept.setdefault(place, {})[layer] = (own[0][index], own[1][index])
        found = []
        for up, left in ((1, 1), (0, 1), (1, 0)):
            near = [
                self.kept[max(0, row - up), max(0, column - left)][layer]
                for row, column in self.batch
            ]
            found.append(
                (torch.stack([key for key, _ in near]), torch.stack([value for _, value in near]))
            )
        return found
