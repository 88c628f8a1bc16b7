"""Trains the region transformer on layers: flow matching, resumable, one or more processes.

Run: `python -m engine.training.train_layers RUN --minutes 90`. A second call with the same RUN goes
on where the first one was saved, however it ended.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.multiprocessing as mp
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from engine.models.region_transformer import RegionTransformer
from engine.training import artwork_sources as art
from engine.training.layer_batches import Batch
from engine.training.optimiser import Rates, SharedBuffers, SharedOptimiser, share_model
from engine.training.run_state import RunState, load_run, save_run

STARTER_CONFIG: dict[str, Any] = {
    "in_channels": 64, "num_layers": 1, "num_single_layers": 8, "attention_head_dim": 64,
    "num_attention_heads": 5, "joint_attention_dim": 384, "pooled_projection_dim": 384,
    "guidance_embeds": False, "axes_dims_rope": (8, 28, 28), "max_layer_num": 52,
}  # fmt: skip
TIME_MEAN, TIME_STD = 0.3, 1.1  # logit-normal; layout is learned slowest, so the mean leans to noise
CAPTION_DROP = 0.1
WARM_UP_STEPS = 40
SAVE_EVERY_S = 300.0


def new_transformer(config: dict[str, Any], seed: int) -> RegionTransformer:
    """A model that starts as the identity: modulation and output projection are zero (adaLN-zero)."""
    torch.manual_seed(seed)
    model = RegionTransformer.from_config(config)
    linears = [m for name, m in model.named_modules() if ".norm" in name and name.endswith("linear")]
    for linear in [*linears, model.norm_out.linear, model.proj_out]:
        nn.init.zeros_(linear.weight)
        nn.init.zeros_(linear.bias)
    return model


def sample_times(count: int, generator: torch.Generator) -> Tensor:
    """Noise levels in (0, 1), `b`: sigmoid of a normal."""
    return torch.sigmoid(TIME_STD * torch.randn(count, generator=generator) + TIME_MEAN)


def flow_loss(
    model: RegionTransformer, batch: Batch, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Weighted velocity error of a batch; also the plain error per sample with its noise level.

    Returns:
        Loss (scalar) and `b 2`: noise level, unweighted mean squared velocity error.
    """
    data = batch.data
    times = sample_times(len(data), generator)
    noise = torch.randn(data.shape, generator=generator)
    level = times[:, None, None]
    noisy = (1 - level) * data + level * noise
    keep = (torch.rand(len(data), generator=generator) > CAPTION_DROP).float()
    states, pooled = batch.text.states * keep[:, None, None], batch.text.pooled * keep[:, None]
    positions = model.positions(batch.layout, states.shape[1])
    with torch.autocast("cpu", torch.bfloat16):
        velocity = model(
            noisy, positions, encoder_hidden_states=states, pooled_projections=pooled,
            timestep=times,
        )  # fmt: skip
    error = (velocity.float() - (noise - data)).pow(2).mean(2)  # b n
    loss = (error * batch.token_weight).mean()
    return loss, torch.stack([times, error.detach().mean(1)], 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a training process is to run.

    Attributes:
        minutes: Wall time from now; the rate falls linearly to 0 over the last `decay_minutes`.
        batch_size: Drawings of 64 tokens per process and step.
        scene_share: Share of steps that train whole layouts.
    """

    run: str
    recipe: str
    minutes: float
    decay_minutes: float
    processes: int
    batch_size: int
    scene_share: float
    background_share: float
    rates: Rates
    seed: int
    compile_blocks: bool


class Trainer:
    """One process of a run: draws batches, computes gradients, updates its share of the weights."""

    def __init__(
        self, model: RegionTransformer, optimiser: SharedOptimiser, source: Any, seed: int
    ) -> None:
        self.model, self.optimiser, self.source = model, optimiser, source
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.step_index = 0

    def step(self, rates: Rates) -> tuple[Batch, float, Tensor]:
        """One optimiser step; returns the batch, its loss and the errors per sample."""
        batch = self.source.draw(self.rng, self.step_index)
        loss, errors = flow_loss(self.model, batch, self.generator)
        loss.backward()
        self.optimiser.step(rates)
        self.step_index += 1
        return batch, float(loss.detach()), errors

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


class Ledger:
    """Running means for the log: speed, loss and x0 error by noise band."""

    def __init__(self) -> None:
        self.clock = time.monotonic()
        self.samples = self.tokens = self.steps = 0
        self.kinds: dict[str, list[float]] = {}

    def add(self, batch: Batch, loss: float, errors: Tensor) -> None:
        self.samples += len(batch.data)
        self.tokens += batch.data.shape[0] * batch.data.shape[1]
        self.steps += 1
        entries = [b for b in batch.layout.boxes if b]
        kind = "icon" if len(entries) == 1 and not batch.layout.boxes[1:2][0] else "scene"
        if len(batch.layout.boxes) == 2:
            kind = "back"
        self.kinds.setdefault(kind, []).append(loss)
        if kind == "icon":
            for low, high in ((0.4, 0.6), (0.7, 0.87), (0.87, 1.0)):
                band = errors[(errors[:, 0] > low) & (errors[:, 0] <= high)]
                if len(band):
                    # v error times t^2 is the error of the predicted clean latents
                    value = float((band[:, 1] * band[:, 0] ** 2).mean())
                    self.kinds.setdefault(f"x0@{(low + high) / 2:.2f}", []).append(value)

    def line(self, processes: int) -> str:
        seconds = time.monotonic() - self.clock
        parts = [f"{k} {np.mean(v):.3f}" for k, v in sorted(self.kinds.items())]
        speed = processes * self.samples / seconds
        text = f"{speed:.0f} samples/s {processes * self.tokens / seconds / 64:.0f} x64tok/s "
        self.__init__()  # type: ignore[misc]
        return text + " ".join(parts)


def _train_process(
    rank: int, plan: Plan, model: RegionTransformer, shared: SharedBuffers, flags: Tensor, gate: Any
) -> None:
    """Body of one process; `flags` is (rate factor, stop, save), written by process 0."""
    from engine.training.data_source import build_source

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // plan.processes))
    wait = (lambda: gate.wait(1800)) if gate else (lambda: None)
    source, digest = build_source(plan.recipe, plan.batch_size, plan.scene_share,
                                  plan.background_share)  # fmt: skip
    optimiser = SharedOptimiser(model, shared, rank, wait)
    trainer = Trainer(model, optimiser, source, plan.seed + rank)
    folder = art.cache_folder() / "runs" / plan.run
    saved = load_run(folder)
    if saved:
        trainer.restore(saved, rank)
    if plan.compile_blocks:
        _compile(model)
    with sdpa_kernel(SDPBackend.MATH):  # 22 % faster than flash backward on these short sequences
        _loop(rank, plan, trainer, flags, wait, folder, digest)


def _compile(model: RegionTransformer) -> None:
    import torch.fx.experimental._config as shape_config

    shape_config.use_duck_shape = False  # batch and length may be equal by chance
    torch._dynamo.config.cache_size_limit = 64  # noqa: SLF001
    for block in [*model.transformer_blocks, *model.single_transformer_blocks]:
        block.compile(dynamic=True)


def _loop(
    rank: int,
    plan: Plan,
    trainer: Trainer,
    flags: Tensor,
    wait: Any,
    folder: Path,
    digest: str,
) -> None:
    start = last_save = last_line = time.monotonic()
    ledger = Ledger()
    while True:
        if rank == 0:
            now = time.monotonic()
            left = plan.minutes * 60 - (now - start)
            warm = min(1.0, (trainer.step_index + 1) / WARM_UP_STEPS)
            decay = min(1.0, left / (plan.decay_minutes * 60)) if plan.decay_minutes else 1.0
            flags[0], flags[1] = max(0.0, warm * decay), float(left <= 0)
            flags[2] = float(left <= 0 or now - last_save > SAVE_EVERY_S)
        wait()
        factor, stop, save = (float(f) for f in flags)
        if save:
            save_run(folder, trainer.model, trainer.optimiser, trainer.random_state(),
                     trainer.step_index, digest, rank, wait)  # fmt: skip
            last_save = time.monotonic()
        if stop:
            return
        rates = Rates(plan.rates.muon * factor, plan.rates.adam * factor, plan.rates.ema)
        ledger.add(*trainer.step(rates))
        if rank == 0 and time.monotonic() - last_line > 30:
            left = plan.minutes - (time.monotonic() - start) / 60
            text = f"step {trainer.step_index} lr {factor:.2f} {ledger.line(plan.processes)}"
            print(f"{time.strftime('%H:%M:%S')} {text} | {left:.0f} min left", flush=True)
            last_line = time.monotonic()


def train(plan: Plan) -> None:
    """Starts the processes and waits for them; process 0 is this one when there is only one."""
    folder = art.cache_folder() / "runs" / plan.run
    model = new_transformer(STARTER_CONFIG, plan.seed)
    shared = share_model(model, plan.processes)
    saved = load_run(folder)
    if saved:
        model.load_state_dict(saved.weights)
        for name, tensor in shared.ema.items():
            tensor.copy_(saved.ema[name])
        print(f"continuing {plan.run} at step {saved.step}", flush=True)
    flags = torch.zeros(3).share_memory_()
    if plan.processes == 1:
        _train_process(0, plan, model, shared, flags, None)
        return
    context = mp.get_context("spawn")
    gate = context.Barrier(plan.processes)
    mp.spawn(_train_process, (plan, model, shared, flags, gate), plan.processes)


def parse_plan(arguments: list[str] | None = None) -> Plan:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", help="name of the run's folder in the training cache")
    parser.add_argument("--recipe", default="starter")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--decay-minutes", type=float, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=48)
    parser.add_argument("--scene-share", type=float, default=0.0)
    parser.add_argument("--background-share", type=float, default=0.0)
    parser.add_argument("--rate", type=float, default=1.7e-3)
    parser.add_argument("--ema", type=float, default=0.995)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-compile", action="store_true")
    a = parser.parse_args(arguments)
    rates = Rates(a.rate, a.rate * 0.9, a.ema)
    return Plan(a.run, a.recipe, a.minutes, a.decay_minutes, a.processes, a.batch_size,
                a.scene_share, a.background_share, rates, a.seed, not a.no_compile)  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(art.cache_folder() / "compiled"))
    train(parse_plan())
