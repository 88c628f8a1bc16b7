"""What a training run prints: speed, loss by kind of batch, x0 error by noise level."""

from __future__ import annotations

import time

import numpy as np
from torch import Tensor

from engine.training.layer_batches import Batch

NOISE_BANDS = ((0.4, 0.6), (0.7, 0.87), (0.87, 1.0))


class Ledger:
    """Running means for the log: speed, loss and x0 error by noise band.

    Args:
        processes: All are taken to be as fast as this one.
    """

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self.clear()

    def clear(self) -> None:
        """Starts the next interval."""
        self.clock = time.monotonic()
        self.samples = self.tokens = self.steps = 0
        self.kinds: dict[str, list[float]] = {}

    def add(self, told: tuple[Batch, float, Tensor], /) -> None:
        """Batch, loss, and per sample noise level and error."""
        batch, loss, errors = told
        self.samples += len(batch.data)
        self.tokens += batch.data.shape[0] * batch.data.shape[1]
        self.steps += 1
        kind = _kind_of(batch)
        self.kinds.setdefault(kind, []).append(loss)
        if kind == "icon":
            for low, high in NOISE_BANDS:
                band = errors[(errors[:, 0] > low) & (errors[:, 0] <= high)]
                if len(band):
                    # v error times t^2 is the error of the predicted clean latents
                    value = float((band[:, 1] * band[:, 0] ** 2).mean())
                    self.kinds.setdefault(f"x0@{(low + high) / 2:.2f}", []).append(value)

    def line(self) -> str:
        """The means; starts the next interval."""
        processes, seconds = self.processes, time.monotonic() - self.clock
        parts = [f"{k} {np.mean(v):.3f}" for k, v in sorted(self.kinds.items())]
        speed = processes * self.samples / seconds
        text = f"{speed:.0f} samples/s {processes * self.tokens / seconds / 64:.0f} x64tok/s "
        self.clear()
        return text + " ".join(parts)


def _kind_of(batch: Batch) -> str:
    boxes = batch.layout.boxes
    if len(boxes) == 2:
        return "background"
    return "icon" if sum(box is not None for box in boxes) == 1 else "scene"
