"""Trains the starter's upscaler, a small Inf-DiT, on vector art rendered large and made small.

Run: `python -m engine.training.upscaler.train RUN --stage tokens --minutes 10 --decay-minutes 3`,
then the same name with `--stage pictures`. The first stage trains single tokens near edges,
without attention (`model.local_estimate`), the second one the whole network on crops.
The loss is the absolute error of the clean estimate and of its differences between neighbouring
pixels: where an edge is uncertain by a pixel, its median is a sharp edge, its mean a blur. With
`--second-share` some samples of the second stage are the second evaluation of a path whose first
one the network itself made.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

from engine.checkpoints.safetensors_files import load_checked
from engine.checkpoints.starter import STARTER_FOLDER
from engine.models.inf_dit import InfDit
from engine.models.starter_codec import StarterCodec
from engine.sampling.edm import Preconditioning, euler_step
from engine.training.loop.optimiser import Rates, SharedOptimiser
from engine.training.loop.process_team import (
    Member,
    Team,
    keep_core,
    resume,
    run_arguments,
    start_team,
    take_steps,
)
from engine.training.upscaler.art import load_crops
from engine.training.upscaler.data import UpscaleBatch, UpscaleData, tokens_of
from engine.training.upscaler.model import (
    SIGMA_MAX,
    SIGMA_MIN,
    estimate,
    local_estimate,
    new_upscaler,
    whiten,
)

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


class UpscalerTrainer(Member[list[tuple[str, float]]]):
    """One process of a run: tells errors by their name."""

    model: InfDit

    def __init__(
        self, model: InfDit, optimiser: SharedOptimiser, data: UpscaleData, plan: UpscalerPlan,
        rank: int,
    ) -> None:  # fmt: skip
        super().__init__(model, optimiser, plan.seed + rank)
        self.data, self.plan = data, plan

    def learn(self) -> tuple[Tensor, list[tuple[str, float]]]:
        batch = self.data.draw(self.rng, self.plan.crops)
        second = bool(self.rng.random() < self.plan.second_share)
        if self.plan.stage is Stage.TOKENS:
            loss = token_loss(self.model, batch, self.generator)
        else:
            loss = upscaler_loss(self.model, batch, second=second, generator=self.generator)
        name = "second" if second else "first"
        return loss, [(name, float(loss.detach())), ("bicubic", bicubic_error(batch))]


class _Means:
    """Means of all errors by name."""

    def __init__(self) -> None:
        self._seen: list[tuple[str, float]] = []

    def add(self, told: list[tuple[str, float]], /) -> None:
        self._seen += told

    def line(self) -> str:
        seen, self._seen = self._seen, []
        names = sorted({name for name, _ in seen})
        return " ".join(f"{n} {np.mean([v for name, v in seen if name == n]):.4f}" for n in names)


def _train_process(rank: int, team: Team[UpscalerPlan, InfDit]) -> None:
    """Body of one process."""
    torch.set_num_threads(1)
    keep_core(rank, team.plan.processes)
    pool = load_crops()
    codec = StarterCodec.from_state_dict(load_checked(STARTER_FOLDER / "codec.safetensors"))
    optimiser = SharedOptimiser(team.model, team.buffers, rank, team.wait)
    trainer = UpscalerTrainer(team.model, optimiser, UpscaleData(pool, codec), team.plan, rank)
    resume(rank, team, trainer, pool.digest)
    take_steps(rank, team, trainer, _Means(), pool.digest)


def _first_weights(plan: UpscalerPlan) -> InfDit:
    model = new_upscaler(plan.seed)
    data = UpscaleData(load_crops(), StarterCodec())
    examples = data.draw(np.random.default_rng(plan.seed), _EXAMPLES).enlarged
    whiten(model, examples, torch.Generator().manual_seed(plan.seed))
    return model


def train(plan: UpscalerPlan) -> None:
    """Trains until the plan's time is up."""
    start_team(plan, _first_weights(plan), _train_process, WARM_UP_STEPS)


def parse_plan(arguments: list[str] | None = None) -> UpscalerPlan:
    """Reads the command line."""
    parser = run_arguments(__doc__, minutes=60, batches=3, rate=5e-3, ema=0.99)
    parser.add_argument("--crops", type=int, default=4)
    parser.add_argument("--second-share", type=float, default=0.0)
    parser.add_argument("--stage", type=Stage, choices=list(Stage), default=Stage.PICTURES)
    a = parser.parse_args(arguments)
    return UpscalerPlan(
        run=a.run, minutes=a.minutes, decay_minutes=a.decay_minutes, processes=a.processes,
        crops=a.crops, batches=a.batches, second_share=a.second_share, stage=a.stage,
        rates=Rates(a.rate, a.rate * 0.6, a.ema), seed=a.seed,
    )  # fmt: skip


if __name__ == "__main__":
    train(parse_plan())
