"""Trains the starter's upscaler, a small Inf-DiT, on vector art rendered large and made small.

Run: `python -m engine.training.train_upscaler RUN --stage tokens --minutes 10 --decay-minutes 3`,
then the same name with `--stage pictures`. The first stage trains single tokens near edges,
without attention (`upscaler_model.local_estimate`), the second one the whole network on crops.
The loss is the absolute error of the clean estimate and of its differences between neighbouring
pixels: where an edge is uncertain by a pixel, its median is a sharp edge, its mean a blur. With
`--second-share` some samples of the second stage are the second evaluation of a path whose first
one the network itself made.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

from engine.checkpoints.safetensors_files import load_checked
from engine.models.inf_dit import InfDit
from engine.models.starter_codec import StarterCodec
from engine.sampling.edm import Preconditioning, euler_step
from engine.training import artwork_sources as art
from engine.training.optimiser import Rates, SharedBuffers, SharedOptimiser, share_model
from engine.training.run_state import RunState, SavePlace, load_run, save_run
from engine.training.train_codec import RESOURCES
from engine.training.train_layers import Tickets
from engine.training.upscale_art import load_crops
from engine.training.upscale_data import UpscaleBatch, UpscaleData, tokens_of
from engine.training.upscaler_model import (
    SIGMA_MAX,
    SIGMA_MIN,
    estimate,
    local_estimate,
    new_upscaler,
    whiten,
)

GATE_TIMEOUT_S = 600
SAVE_EVERY_S = 240
LINE_EVERY_S = 30
WARM_UP_STEPS = 60
_EDGE_WEIGHT = 0.5
_CALM, _PICKED_TENTHS = 0.06, 2  # value of a flat token in choosing, and how many are chosen
_EXAMPLES = 48  # pictures that set the embedding
_MAX_ORIGIN = 2048  # tokens: documents of 8192 px


class Stage(StrEnum):
    """What a step trains."""

    TOKENS = "tokens"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class UpscalerPlan:
    """How a training process is to run.

    Attributes:
        minutes: Wall time from now; the rate falls linearly to 0 over the last `decay_minutes`.
        crops: Per batch, of 128 x 128 px.
        batches: Per optimiser step, over all processes.
        second_share: Share of batches that train the second evaluation.
    """

    run: str
    minutes: float
    decay_minutes: float
    processes: int
    crops: int
    batches: int
    second_share: float
    stage: Stage
    rates: Rates
    seed: int

    @property
    def folder(self) -> Path:
        """Where the run is saved."""
        return art.cache_folder() / "runs" / self.run


def upscaler_loss(
    model: InfDit, batch: UpscaleBatch, *, second: bool, generator: torch.Generator
) -> Tensor:
    """Error of the clean estimate at the first level or at the second.

    Args:
        second: The network makes its first estimate without a gradient and steps from there, as
            the sampler does.
    """
    noise = torch.randn(batch.target.shape, generator=generator)
    rows, columns = torch.randint(0, _MAX_ORIGIN, (2,), generator=generator).tolist()
    state, sigma = batch.enlarged + SIGMA_MAX * noise, SIGMA_MAX
    given = (batch.enlarged, batch.lr, batch.vectors)
    if second:
        with torch.no_grad():
            clean = estimate(model, state, *given, sigma=sigma, origin=(rows, columns))
        state, sigma = euler_step(state, clean, sigma, SIGMA_MIN), SIGMA_MIN
    return _size_of(
        estimate(model, state, *given, sigma=sigma, origin=(rows, columns)) - batch.target
    )


def token_loss(model: InfDit, batch: UpscaleBatch, generator: torch.Generator) -> Tensor:
    """Error of the clean estimate on some tokens, most of them where bicubic is wrong."""
    tokens = tokens_of(batch)
    wrong = (tokens.target - tokens.enlarged).abs().amax((1, 2, 3))
    chance = torch.rand(len(wrong), generator=generator)
    rank = (chance * (_CALM + wrong)).unflatten(0, (len(batch.target), -1))  # within each picture
    count = rank.shape[1] * _PICKED_TENTHS // 10
    first = torch.arange(len(rank))[:, None] * rank.shape[1]
    picked = (rank.topk(count).indices + first).flatten()
    levels = torch.full((len(batch.vectors),), Preconditioning.at(SIGMA_MAX).c_noise)
    condition = model.condition(levels, batch.vectors)[tokens.picture[picked]]
    enlarged = tokens.enlarged[picked]
    noisy = enlarged + SIGMA_MAX * torch.randn(enlarged.shape, generator=generator)
    clean = local_estimate(model, noisy, enlarged, tokens.ring[picked], condition)
    return _size_of(clean - tokens.target[picked])


def _size_of(error: Tensor) -> Tensor:
    """Absolute error, of differences too, and of the means of 4 x 4 pixels, which keep the tone."""
    steps_x, steps_y = error[..., 1:] - error[..., :-1], error[..., 1:, :] - error[..., :-1, :]
    edges = steps_x.abs().mean() + steps_y.abs().mean()
    means = F.avg_pool2d(error, 4)
    return error.abs().mean() + _EDGE_WEIGHT * edges + means.abs().mean() + 4 * means.pow(2).mean()


def bicubic_error(batch: UpscaleBatch) -> float:
    """Absolute error of the enlarged input, for the log."""
    return float((batch.enlarged - batch.target).abs().mean())


class UpscalerTrainer:
    """One process of a run."""

    def __init__(
        self, model: InfDit, optimiser: SharedOptimiser, data: UpscaleData, plan: UpscalerPlan,
        rank: int,
    ) -> None:  # fmt: skip
        self.model, self.optimiser, self.data, self.plan = model, optimiser, data, plan
        self.rng = np.random.default_rng(plan.seed + rank)
        self.generator = torch.Generator().manual_seed(plan.seed + rank)
        self.step_index = 0

    def step(self, rates: Rates, tickets: Tickets) -> list[tuple[str, float]]:
        """One optimiser step of all processes together; what it measured, by name."""
        done = []
        while tickets.take():
            batch = self.data.draw(self.rng, self.plan.crops)
            second = bool(self.rng.random() < self.plan.second_share)
            if self.plan.stage is Stage.TOKENS:
                loss = token_loss(self.model, batch, self.generator)
            else:
                loss = upscaler_loss(self.model, batch, second=second, generator=self.generator)
            (loss / tickets.count).backward()
            done += [("second" if second else "first", float(loss.detach()))]
            done += [("bicubic", bicubic_error(batch))]
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


@dataclass(frozen=True, slots=True)
class _Team:
    """What the processes share; flags are (rate, stop, save)."""

    plan: UpscalerPlan
    model: InfDit
    buffers: SharedBuffers
    flags: Tensor
    tickets: Tickets
    gate: Any

    def wait(self) -> None:
        if self.gate:
            self.gate.wait(GATE_TIMEOUT_S)


def _train_process(rank: int, team: _Team) -> None:
    plan = team.plan
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity") and plan.processes == os.cpu_count():
        os.sched_setaffinity(0, {rank})  # niced processes weigh so little that they share a core
    pool = load_crops()
    codec = StarterCodec.from_state_dict(load_checked(RESOURCES / "codec.safetensors"))
    optimiser = SharedOptimiser(team.model, team.buffers, rank, team.wait)
    trainer = UpscalerTrainer(team.model, optimiser, UpscaleData(pool, codec), plan, rank)
    saved = load_run(plan.folder)
    if saved:
        trainer.restore(saved, rank)
        if rank == 0 and saved.data_hash != pool.digest:
            print(f"data changed: {saved.data_hash} -> {pool.digest}", flush=True)
    _loop(rank, team, trainer, pool.digest)


def _loop(rank: int, team: _Team, trainer: UpscalerTrainer, digest: str) -> None:
    """Steps until the time is up; saves now and then and at the end."""
    start = last_save = last_line = time.monotonic()
    seen: list[tuple[str, float]] = []
    while True:
        now = time.monotonic()
        if rank == 0:
            _set_flags(team, trainer.step_index, now - start, now - last_save)
        team.wait()
        factor, stop, save = (float(f) for f in team.flags)
        if save:
            save_run(
                SavePlace(team.plan.folder, rank, team.wait),
                trainer.model, trainer.optimiser, trainer.random_state(),
                step=trainer.step_index, data_hash=digest,
            )  # fmt: skip
            last_save = time.monotonic()
        if stop:
            return
        rates = team.plan.rates
        seen += trainer.step(Rates(rates.muon * factor, rates.adam * factor, rates.ema),
                             team.tickets)  # fmt: skip
        if rank == 0 and time.monotonic() - last_line > LINE_EVERY_S:
            print(_line(trainer.step_index, factor, seen), flush=True)
            last_line, seen = time.monotonic(), []


def _line(step: int, factor: float, seen: list[tuple[str, float]]) -> str:
    names = sorted({name for name, _ in seen})
    means = (f"{n} {np.mean([v for name, v in seen if name == n]):.4f}" for n in names)
    return f"{time.strftime('%H:%M:%S')} step {step} lr {factor:.2f} {' '.join(means)}"


def _set_flags(team: _Team, step: int, elapsed: float, since_save: float) -> None:
    left = team.plan.minutes * 60 - elapsed
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    decay = min(1.0, left / (team.plan.decay_minutes * 60)) if team.plan.decay_minutes else 1.0
    team.flags[0], team.flags[1] = max(0.0, warm * decay), float(left <= 0)
    team.flags[2] = float(left <= 0 or since_save > SAVE_EVERY_S)


def _first_weights(plan: UpscalerPlan) -> InfDit:
    model = new_upscaler(plan.seed)
    data = UpscaleData(load_crops(), StarterCodec())
    examples = data.draw(np.random.default_rng(plan.seed), _EXAMPLES).enlarged
    whiten(model, examples, torch.Generator().manual_seed(plan.seed))
    return model


def train(plan: UpscalerPlan) -> None:
    """Starts the processes and waits for them; process 0 is this one when there is only one."""
    model = _first_weights(plan)
    buffers = share_model(model, plan.processes)
    context = mp.get_context("spawn")
    gate = context.Barrier(plan.processes) if plan.processes > 1 else None
    tickets = Tickets(plan.batches, context.Value("i", plan.batches))
    team = _Team(plan, model, buffers, torch.zeros(3).share_memory_(), tickets, gate)
    saved = load_run(plan.folder)
    if saved:
        model.load_state_dict(saved.weights)
        for name, tensor in buffers.ema.items():
            tensor.copy_(saved.ema[name])
        print(f"continuing {plan.run} at step {saved.step}", flush=True)
    if plan.processes == 1:
        _train_process(0, team)
    else:
        mp.spawn(  # type: ignore[attr-defined]  # torch re-exports it without saying so
            _train_process, (team,), plan.processes
        )


def parse_plan(arguments: list[str] | None = None) -> UpscalerPlan:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", help="name of the run's folder in the training cache")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--decay-minutes", type=float, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--crops", type=int, default=4)
    parser.add_argument("--batches", type=int, default=3)
    parser.add_argument("--second-share", type=float, default=0.0)
    parser.add_argument("--stage", type=Stage, choices=list(Stage), default=Stage.PICTURES)
    parser.add_argument("--rate", type=float, default=5e-3)
    parser.add_argument("--ema", type=float, default=0.99)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args(arguments)
    return UpscalerPlan(
        run=a.run, minutes=a.minutes, decay_minutes=a.decay_minutes, processes=a.processes,
        crops=a.crops, batches=a.batches, second_share=a.second_share, stage=a.stage,
        rates=Rates(a.rate, a.rate * 0.6, a.ema), seed=a.seed,
    )  # fmt: skip


if __name__ == "__main__":
    train(parse_plan())
