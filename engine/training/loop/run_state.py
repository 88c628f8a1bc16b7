"""A training run on disk: weights, EMA, optimiser moments, step, generators, data hash."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.training.loop.optimiser import SharedOptimiser


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything needed to go on with the next step as if nothing had happened.

    Attributes:
        random: State of the generators of each process.
        moments: Optimiser moments by parameter name, merged over the processes.
    """

    step: int
    data_hash: str
    weights: dict[str, Tensor]
    ema: dict[str, Tensor]
    moments: dict[str, Tensor]
    random: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SavePlace:
    """Where a process saves its part.

    Attributes:
        wait: Blocks until every process has called it.
    """

    folder: Path
    rank: int = 0
    wait: Callable[[], Any] = lambda: None


def save_run(
    place: SavePlace,
    model: nn.Module,
    optimiser: SharedOptimiser,
    random: dict[str, Any],
    *,
    step: int,
    data_hash: str,
) -> None:
    """Writes `folder/last`; every process calls it at the same step.

    The new state is complete beside the old one before it takes its place.
    """
    folder, rank, wait = place.folder, place.rank, place.wait
    fresh = folder / "fresh"
    if rank == 0:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
    wait()
    part = {"random": random, "moments": optimiser.state()["moments"]}
    torch.save(part, fresh / f"process-{rank}.pt")
    if rank == 0:
        head = {
            "step": step, "data_hash": data_hash, "weights": model.state_dict(),
            "ema": optimiser.shared.ema, "processes": len(optimiser.shared.norms),
        }  # fmt: skip
        torch.save(head, fresh / "model.pt")
    wait()
    if rank == 0:
        shutil.rmtree(folder / "older", ignore_errors=True)
        if (folder / "last").exists():
            (folder / "last").rename(folder / "older")
        fresh.rename(folder / "last")
    wait()


def load_run(folder: Path) -> RunState | None:
    """The last complete state of a run, or None for a new run."""
    for name in ("last", "older"):  # "older" serves when a save was cut between the two renames
        place = folder / name
        if (place / "model.pt").exists():
            return _read(place)
    return None


def _read(place: Path) -> RunState:
    head = torch.load(place / "model.pt", weights_only=False)
    moments: dict[str, Tensor] = {}
    random = []
    for rank in range(head["processes"]):
        part = torch.load(place / f"process-{rank}.pt", weights_only=False)
        moments |= part["moments"]
        random.append(part["random"])
    return RunState(head["step"], head["data_hash"], head["weights"], head["ema"], moments, random)
