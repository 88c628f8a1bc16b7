"""Processes that train one model together: started, kept in step, timed, saved and resumed.

Process 0 says before each step how fast to learn, whether to save and whether to stop. A second
run with the same name goes on where the first one was saved, however it ended.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import torch
import torch.multiprocessing as mp
from torch import Tensor, nn

from engine.training.art import sources as art
from engine.training.loop.optimiser import Rates, SharedBuffers, SharedOptimiser, share_model
from engine.training.loop.run_state import RunState, SavePlace, load_run, save_run

SAVE_EVERY_S = 300.0
LINE_EVERY_S = 30.0
GATE_TIMEOUT_S = 1800.0  # a save or a first compilation may take minutes on a busy machine


class TeamPlan(Protocol):
    """What a plan of any training says of its processes."""

    @property
    def run(self) -> str:
        """Name of the run's folder."""

    @property
    def minutes(self) -> float:
        """Wall time from now."""

    @property
    def decay_minutes(self) -> float:
        """Over the last ones the rate falls linearly to 0."""

    @property
    def processes(self) -> int:
        """How many."""

    @property
    def batches(self) -> int:
        """Per optimiser step, over all processes."""

    @property
    def rates(self) -> Rates:
        """Before warming up and decay."""


PlanT = TypeVar("PlanT", bound=TeamPlan)
ModelT = TypeVar("ModelT", bound=nn.Module)
Told = TypeVar("Told")
Taken_contra = TypeVar("Taken_contra", contravariant=True)


class Tickets:
    """The batches of one step, taken by whichever process is free.

    On a shared machine one process is always slower for a while; with a fixed half each, the other
    would wait for it at every step.

    Args:
        count: Batches per step over all processes.
        cell: Shared integer with a lock (`multiprocessing.Value("i")`); None for one process.
    """

    def __init__(self, count: int, cell: Any = None) -> None:
        self.count = count
        self._cell = cell if cell is not None else mp.get_context("spawn").Value("i", count)
        self.refill()

    def take(self) -> bool:
        """Whether there was one left for the caller."""
        with self._cell.get_lock():
            self._cell.value -= 1
            return bool(self._cell.value >= 0)

    def refill(self) -> None:
        """To be called while no process computes."""
        self._cell.value = self.count


@dataclass(frozen=True, slots=True)
class Team(Generic[PlanT, ModelT]):
    """What the processes of a run share.

    Attributes:
        flags: (rate factor, stop, save), written by process 0 before each step.
        tickets: The batches of the current step.
        gate: Barrier of all processes; None when there is only one.
        warm_up_steps: Over the first ones the rate rises linearly.
    """

    plan: PlanT
    model: ModelT
    buffers: SharedBuffers
    flags: Tensor
    tickets: Tickets
    gate: Any
    warm_up_steps: int

    @property
    def folder(self) -> Path:
        """Where the run is saved."""
        return run_folder(self.plan)

    def wait(self) -> None:
        """Blocks until every process is here; raises when one of them is gone."""
        if self.gate:
            self.gate.wait(GATE_TIMEOUT_S)

    def abandon(self) -> None:
        """Lets go of whoever waits."""
        if self.gate:
            self.gate.abort()

    def set_flags(self, step: int, elapsed: float, since_save: float) -> None:
        """Says what is to be done before the step; seconds since the start and the last save."""
        left = self.plan.minutes * 60 - elapsed
        warm = min(1.0, (step + 1) / self.warm_up_steps)
        decay = min(1.0, left / (self.plan.decay_minutes * 60)) if self.plan.decay_minutes else 1.0
        self.flags[0], self.flags[1] = max(0.0, warm * decay), float(left <= 0)
        self.flags[2] = float(left <= 0 or since_save > SAVE_EVERY_S)


class Member(ABC, Generic[Told]):
    """One process of a run: computes gradients, updates its share of the weights.

    Args:
        seed: Of this process.
    """

    def __init__(self, model: nn.Module, optimiser: SharedOptimiser, seed: int) -> None:
        self.model, self.optimiser = model, optimiser
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.step_index = 0

    @abstractmethod
    def learn(self) -> tuple[Tensor, Told]:
        """Draws a batch -> (its loss, what the log is told of it)."""

    def step(self, rates: Rates, tickets: Tickets) -> list[Told]:
        """One optimiser step of all processes together; what each ticket taken here told."""
        done = []
        while tickets.take():
            loss, told = self.learn()
            (loss / tickets.count).backward()
            done.append(told)
        self.optimiser.step(rates, tickets.refill)
        self.step_index += 1
        return done

    def random_state(self) -> dict[str, Any]:
        """State of both generators."""
        return {"numpy": self.rng.bit_generator.state, "torch": self.generator.get_state()}

    def restore(self, state: RunState, rank: int) -> None:
        """Continues a saved run; new generators when this process did not exist then."""
        self.step_index = state.step
        self.optimiser.load_state(state.moments, state.step)
        if rank < len(state.random):
            self.rng.bit_generator.state = state.random[rank]["numpy"]
            self.generator.set_state(state.random[rank]["torch"])


class RunLog(Protocol[Taken_contra]):
    """Collects what steps told between two lines."""

    def add(self, told: Taken_contra, /) -> None:
        """Of one ticket."""

    def line(self) -> str:
        """In one line; the next interval starts."""


def run_folder(plan: TeamPlan) -> Path:
    """Where a run is saved."""
    return art.cache_folder() / "runs" / plan.run


def start_team(
    plan: PlanT,
    model: ModelT,
    process: Callable[[int, Team[PlanT, ModelT]], None],
    warm_up_steps: int,
) -> None:
    """Starts the processes and waits for them; process 0 is this one when there is only one.

    Args:
        model: As a new run starts; a saved one goes on with its own weights.
        process: Body of one process, a function of a module; gets its number and the team.
    """
    buffers = share_model(model, plan.processes)
    context = mp.get_context("spawn")
    gate = context.Barrier(plan.processes) if plan.processes > 1 else None
    tickets = Tickets(plan.batches, context.Value("i", 0))
    flags = torch.zeros(3).share_memory_()
    team = Team(plan, model, buffers, flags, tickets, gate, warm_up_steps)
    saved = load_run(team.folder)
    if saved:
        model.load_state_dict(saved.weights)
        for name, tensor in buffers.ema.items():
            tensor.copy_(saved.ema[name])
        print(f"continuing {plan.run} at step {saved.step}", flush=True)
    if plan.processes == 1:
        process(0, team)
    else:
        mp.spawn(  # type: ignore[attr-defined]  # torch re-exports it without saying so
            process, (team,), plan.processes
        )


def keep_core(rank: int, processes: int) -> None:
    """Gives each process a core of its own where there are as many."""
    if hasattr(os, "sched_setaffinity") and processes == os.cpu_count():
        # A niced process weighs so little that the kernel may leave two of them on one core.
        os.sched_setaffinity(0, {rank})


def resume(rank: int, team: Team[Any, Any], member: Member[Any], data_hash: str) -> None:
    """Lets a process go on where the run was saved, if it was."""
    saved = load_run(team.folder)
    if saved is None:
        return
    member.restore(saved, rank)
    if rank == 0 and saved.data_hash != data_hash:
        print(f"data changed: {saved.data_hash} -> {data_hash}", flush=True)


def take_steps(
    rank: int, team: Team[Any, Any], member: Member[Told], log: RunLog[Told], data_hash: str
) -> None:
    """Steps until the time is up; saves now and then and at the end."""
    start = last_save = last_line = time.monotonic()
    rates: Rates = team.plan.rates
    while not _orphaned():
        now = time.monotonic()
        if rank == 0:
            team.set_flags(member.step_index, now - start, now - last_save)
        team.wait()
        factor, stop, save = (float(f) for f in team.flags)
        if save:
            save_run(
                SavePlace(team.folder, rank, team.wait),
                member.model, member.optimiser, member.random_state(),
                step=member.step_index, data_hash=data_hash,
            )  # fmt: skip
            last_save = time.monotonic()
        if stop:
            return
        now_at = Rates(rates.muon * factor, rates.adam * factor, rates.ema)
        for told in member.step(now_at, team.tickets):
            log.add(told)
        if rank == 0 and time.monotonic() - last_line > LINE_EVERY_S:
            last_line = time.monotonic()
            left = team.plan.minutes - (last_line - start) / 60
            text = f"step {member.step_index} lr {factor:.2f} {log.line()}"
            print(f"{time.strftime('%H:%M:%S')} {text} | {left:.0f} min left", flush=True)
    team.abandon()


def _orphaned() -> bool:
    """Whether the command that started this process was killed; nothing ends the others then."""
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


def run_arguments(
    description: str | None, *, minutes: float, batches: int, rate: float, ema: float
) -> argparse.ArgumentParser:
    """A command line with what every training asks for; the rest are its defaults."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("run", help="name of the run's folder in the training cache")
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--decay-minutes", type=float, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--batches", type=int, default=batches)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--ema", type=float, default=ema)
    parser.add_argument("--seed", type=int, default=1)
    return parser
