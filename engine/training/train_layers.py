"""Trains the region transformer on layers: flow matching, resumable, one or more processes.

Run: `python -m engine.training.train_layers RUN --minutes 90`. A second call with the same RUN goes
on where the first one was saved, however it ended.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.multiprocessing as mp
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from engine.models.region_transformer import RegionTransformer
from engine.models.text_encoders import TOKEN_MULTIPLE
from engine.training import artwork_sources as art
from engine.training.layer_batches import Batch
from engine.training.noise_pairing import NoisePairing, equal_rows, pair
from engine.training.optimiser import Rates, SharedBuffers, SharedOptimiser, share_model
from engine.training.run_log import Ledger
from engine.training.run_state import RunState, SavePlace, load_run, save_run

STARTER_CONFIG: dict[str, Any] = {
    "in_channels": 64, "num_layers": 1, "num_single_layers": 8, "attention_head_dim": 64,
    "num_attention_heads": 5, "joint_attention_dim": 384, "pooled_projection_dim": 384,
    "guidance_embeds": False, "axes_dims_rope": (8, 28, 28), "max_layer_num": 52,
}  # fmt: skip
TIME_MEAN, TIME_STD = (
    0.3,
    1.1,
)  # logit-normal; layout is learned slowest, so the mean leans to noise
CAPTION_DROP = 0.1
WARM_UP_STEPS = 40
SAVE_EVERY_S = 300.0
LINE_EVERY_S = 30.0
GATE_TIMEOUT_S = 1800.0  # a save or a first compilation may take minutes on a busy machine


def new_transformer(config: dict[str, Any], seed: int) -> RegionTransformer:
    """A model that starts as the identity: zero modulation and output projection (adaLN-zero)."""
    torch.manual_seed(seed)
    model: RegionTransformer = RegionTransformer.from_config(config)
    linears = [
        m for name, m in model.named_modules() if ".norm" in name and name.endswith("linear")
    ]
    for linear in [*linears, model.norm_out.linear, model.proj_out]:
        nn.init.zeros_(linear.weight)
        nn.init.zeros_(linear.bias)
    return model


def sample_times(count: int, generator: torch.Generator) -> Tensor:
    """Noise levels in (0, 1), `b`: sigmoid of a normal."""
    return torch.sigmoid(TIME_STD * torch.randn(count, generator=generator) + TIME_MEAN)


def flow_loss(
    model: RegionTransformer,
    batch: Batch,
    generator: torch.Generator,
    pairing: NoisePairing = NoisePairing.OFF,
) -> tuple[Tensor, Tensor]:
    """Weighted velocity error of a batch; also the plain error per sample with its noise level.

    With another noise pairing the error is lower for the same model: compare none across pairings.

    Returns:
        Loss (scalar) and `b 2`: noise level, unweighted mean squared velocity error.
    """
    data = batch.data
    times = sample_times(len(data), generator)
    noise = torch.randn(data.shape, generator=generator)
    states, pooled = drop_captions(batch, generator)
    # Dropped captions are one group. All of a batch has one layout, so the text tells the rest.
    noise = pair(pairing, data, noise, lambda: equal_rows(pooled))
    level = times[:, None, None]
    noisy = (1 - level) * data + level * noise
    positions = model.positions(batch.layout, states.shape[1])
    with torch.autocast("cpu", torch.bfloat16):
        velocity = model(
            noisy, positions, encoder_hidden_states=states, pooled_projections=pooled,
            timestep=times,
        )  # fmt: skip
    error = (velocity.float() - (noise - data)).pow(2).mean(2)  # b n
    loss = (error * batch.token_weight).mean()
    return loss, torch.stack([times, error.detach().mean(1)], 1)


def drop_captions(batch: Batch, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Text states and pooled vectors with a tenth of the captions replaced by the empty one.

    Long captions drop for a whole batch at once, cut to the 8 zero tokens that the empty prompt has
    in sampling; in short ones each sample drops by itself.
    """
    text = batch.text
    if text.states.shape[1] > TOKEN_MULTIPLE:
        if float(torch.rand(1, generator=generator)) > CAPTION_DROP:
            return text.states, text.pooled
        return torch.zeros_like(text.states[:, :TOKEN_MULTIPLE]), torch.zeros_like(text.pooled)
    keep = (torch.rand(len(batch.data), generator=generator) > CAPTION_DROP).float()
    return text.states * keep[:, None, None], text.pooled * keep[:, None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a training process is to run.

    Attributes:
        minutes: Wall time from now; the rate falls linearly to 0 over the last `decay_minutes`.
        batch_size: Drawings of 64 tokens per batch.
        batches: Batches per optimiser step, over all processes.
        scene_share: Share of batches that train whole layouts.
        added_weight: How often a drawing of an added concept is taken, one of the others being 1.
        weights: Safetensors file that a new run starts from; None starts from random weights.
    """

    run: str
    recipe: str
    minutes: float
    decay_minutes: float
    processes: int
    batch_size: int
    batches: int
    scene_share: float
    background_share: float
    rates: Rates
    seed: int
    compile_blocks: bool
    weights: Path | None = None
    pairing: NoisePairing = NoisePairing.OFF
    added_weight: float = 1.0


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


class Trainer:
    """One process of a run: draws batches, computes gradients, updates its share of the weights."""

    def __init__(
        self,
        model: RegionTransformer,
        optimiser: SharedOptimiser,
        source: Any,
        seed: int,
        pairing: NoisePairing = NoisePairing.OFF,
    ) -> None:
        self.pairing = pairing
        self.model, self.optimiser, self.source = model, optimiser, source
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.step_index = 0

    def step(self, rates: Rates, tickets: Tickets) -> list[tuple[Batch, float, Tensor]]:
        """One optimiser step of all processes together.

        Returns:
            Batch, loss and errors per sample of each ticket this process took.
        """
        done = []
        while tickets.take():
            batch = self.source.draw(self.rng)
            loss, errors = flow_loss(self.model, batch, self.generator, self.pairing)
            (loss / tickets.count).backward()
            done.append((batch, float(loss.detach()), errors))
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
class Team:
    """What the processes of a run share.

    Attributes:
        flags: (rate factor, stop, save), written by process 0 before each step.
        tickets: The batches of the current step.
        gate: Barrier of all processes; None when there is only one.
    """

    plan: Plan
    model: RegionTransformer
    buffers: SharedBuffers
    flags: Tensor
    tickets: Tickets
    gate: Any

    @property
    def folder(self) -> Path:
        """Where the run is saved."""
        return art.cache_folder() / "runs" / self.plan.run

    def wait(self) -> None:
        """Blocks until every process is here; raises when one of them is gone."""
        if self.gate:
            self.gate.wait(GATE_TIMEOUT_S)


def _train_process(rank: int, team: Team) -> None:
    """Body of one process."""
    from engine.training.data_source import build_source

    warnings.filterwarnings("ignore", "Mismatch dtype between input and weight")  # autocast
    plan = team.plan
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // plan.processes))
    if hasattr(os, "sched_setaffinity") and plan.processes == os.cpu_count():
        # A niced process weighs so little that the kernel may leave two of them on one core.
        os.sched_setaffinity(0, {rank})
    source, digest = build_source(
        plan.recipe, plan.batch_size, plan.scene_share, plan.background_share, plan.added_weight
    )
    optimiser = SharedOptimiser(team.model, team.buffers, rank, team.wait)
    trainer = Trainer(team.model, optimiser, source, plan.seed + rank, plan.pairing)
    saved = load_run(team.folder)
    if saved:
        trainer.restore(saved, rank)
        if rank == 0 and saved.data_hash != digest:
            print(f"data changed: {saved.data_hash} -> {digest}", flush=True)
    if plan.compile_blocks:
        _compile(team.model)
    with sdpa_kernel(SDPBackend.MATH):  # 22 % faster than flash backward on these short sequences
        _loop(rank, team, trainer, digest)


def _compile(model: RegionTransformer) -> None:
    import torch.fx.experimental._config as shape_config

    shape_config.use_duck_shape = False  # batch and length may be equal by chance
    torch._dynamo.config.cache_size_limit = 64  # noqa: SLF001
    for block in [*model.transformer_blocks, *model.single_transformer_blocks]:
        block.compile(dynamic=True)


def _loop(rank: int, team: Team, trainer: Trainer, digest: str) -> None:
    """Steps until the time is up; saves now and then and at the end."""
    start = last_save = last_line = time.monotonic()
    ledger, plan = Ledger(), team.plan
    while True:
        now = time.monotonic()
        if rank == 0:
            _set_flags(team, trainer.step_index, now - start, now - last_save)
        team.wait()
        factor, stop, save = (float(f) for f in team.flags)
        if save:
            save_run(
                SavePlace(team.folder, rank, team.wait),
                trainer.model, trainer.optimiser, trainer.random_state(),
                step=trainer.step_index, data_hash=digest,
            )  # fmt: skip
            last_save = time.monotonic()
        if stop:
            return
        rates = Rates(plan.rates.muon * factor, plan.rates.adam * factor, plan.rates.ema)
        for batch, loss, errors in trainer.step(rates, team.tickets):
            ledger.add(batch, loss, errors)
        if rank == 0 and time.monotonic() - last_line > LINE_EVERY_S:
            left = plan.minutes - (time.monotonic() - start) / 60
            text = f"step {trainer.step_index} lr {factor:.2f} {ledger.line(plan.processes)}"
            print(f"{time.strftime('%H:%M:%S')} {text} | {left:.0f} min left", flush=True)
            last_line = time.monotonic()


def _set_flags(team: Team, step: int, elapsed: float, since_save: float) -> None:
    left = team.plan.minutes * 60 - elapsed
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    decay = min(1.0, left / (team.plan.decay_minutes * 60)) if team.plan.decay_minutes else 1.0
    team.flags[0], team.flags[1] = max(0.0, warm * decay), float(left <= 0)
    team.flags[2] = float(left <= 0 or since_save > SAVE_EVERY_S)


def train(plan: Plan) -> None:
    """Starts the processes and waits for them; process 0 is this one when there is only one."""
    model = new_transformer(STARTER_CONFIG, plan.seed)
    if plan.weights:
        model.load_state_dict(load_file(plan.weights))  # half precision is widened on the copy
    buffers = share_model(model, plan.processes)
    context = mp.get_context("spawn")
    gate = context.Barrier(plan.processes) if plan.processes > 1 else None
    tickets = Tickets(plan.batches, context.Value("i", 0))
    team = Team(plan, model, buffers, torch.zeros(3).share_memory_(), tickets, gate)
    saved = load_run(team.folder)
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


def parse_plan(arguments: list[str] | None = None) -> Plan:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", help="name of the run's folder in the training cache")
    parser.add_argument("--recipe", default="starter")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--decay-minutes", type=float, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--batches", type=int, default=4)
    parser.add_argument("--scene-share", type=float, default=0.0)
    parser.add_argument("--background-share", type=float, default=0.0)
    parser.add_argument(
        "--added-weight", type=float, default=1.0, help="draw added concepts this much more often"
    )
    parser.add_argument("--rate", type=float, default=1.7e-3)
    parser.add_argument("--ema", type=float, default=0.995)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--weights", type=Path, help="safetensors file that a new run starts from")
    parser.add_argument(
        "--noise-pairing", type=NoisePairing, choices=list(NoisePairing), default=NoisePairing.OFF
    )
    a = parser.parse_args(arguments)
    rates = Rates(a.rate, a.rate * 0.9, a.ema)
    return Plan(a.run, a.recipe, a.minutes, a.decay_minutes, a.processes, a.batch_size, a.batches,
                a.scene_share, a.background_share, rates, a.seed, not a.no_compile,
                a.weights, a.noise_pairing, a.added_weight)  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(art.cache_folder() / "compiled"))
    train(parse_plan())
