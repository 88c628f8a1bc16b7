"""Trains the region transformer on layers: flow matching, resumable, one or more processes.

Run: `python -m engine.training.train_layers RUN --minutes 90`. A second call with the same RUN goes
on where the first one was saved, however it ended.
"""

from __future__ import annotations

import os
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from engine.models.region_transformer import RegionTransformer
from engine.models.text_encoders import TOKEN_MULTIPLE
from engine.training.art import sources as art
from engine.training.layer_batches import Batch, Shares
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
from engine.training.noise_pairing import NoisePairing, equal_rows, pair
from engine.training.run_log import Ledger

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


def half_is_faster(rounds: int = 5) -> bool:
    """Whether this machine multiplies faster in bfloat16, timed on the shape of a block's products.

    Processors with the instructions may still be slower than in float32 (measured: 0.6 of it).
    """
    seconds = []
    for dtype in (torch.float32, torch.bfloat16):
        tokens, weights = torch.randn(2304, 320, dtype=dtype), torch.randn(2240, 320, dtype=dtype)
        tokens @ weights.T  # the first call loads the kernel
        taken = []
        for _ in range(rounds):
            begin = time.perf_counter()
            tokens @ weights.T
            taken.append(time.perf_counter() - begin)
        seconds.append(min(taken))
    return seconds[1] < seconds[0]


def flow_loss(
    model: RegionTransformer,
    batch: Batch,
    generator: torch.Generator,
    pairing: NoisePairing = NoisePairing.OFF,
    *,
    half: bool = True,
) -> tuple[Tensor, Tensor]:
    """Weighted velocity error of a batch; also the plain error per sample with its noise level.

    With another noise pairing the error is lower for the same model: compare none across pairings.

    Args:
        half: Multiply in bfloat16; the weights are float32 either way.

    Returns:
        Loss (scalar) and `b 2`: noise level, unweighted mean squared velocity error.
    """
    data = batch.data
    times = sample_times(len(data), generator)
    noise = torch.randn(data.shape, generator=generator)
    states, pooled = drop_captions(batch, generator)
    # Dropped captions are one group. All of a batch has one layout, so the text tells the rest.
    noise = pair(pairing, data, noise, lambda: equal_rows(pooled))
    noised = torch.ones(data.shape[1]) if batch.noised is None else batch.noised.float()
    level = times[:, None, None] * noised[None, :, None]
    noisy = (1 - level) * data + level * noise
    positions = model.positions(batch.layout, states.shape[1])
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        velocity = model(
            noisy, positions, encoder_hidden_states=states, pooled_projections=pooled,
            timestep=times,
        )  # fmt: skip
    error = (velocity.float() - (noise - data)).pow(2).mean(2)  # b n
    loss = (error * batch.token_weight).mean()
    plain = (error.detach() * noised).sum(1) / noised.sum()
    return loss, torch.stack([times, plain], 1)


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
        shares: How many batches are of which kind.
        added_weight: How often a drawing of an added concept is taken, one of the others being 1.
        hard_more: Take drawings that the shipped weights know badly more often.
        half: Multiply in bfloat16.
        weights: Safetensors file that a new run starts from; None starts from random weights.
    """

    run: str
    recipe: str
    minutes: float
    decay_minutes: float
    processes: int
    batch_size: int
    batches: int
    shares: Shares
    rates: Rates
    seed: int
    compile_blocks: bool
    weights: Path | None = None
    pairing: NoisePairing = NoisePairing.OFF
    added_weight: float = 1.0
    hard_more: bool = False
    half: bool = True


class Trainer(Member[tuple[Batch, float, Tensor]]):
    """One process of a run: tells batch, loss and errors per sample."""

    model: RegionTransformer

    def __init__(
        self,
        model: RegionTransformer,
        optimiser: SharedOptimiser,
        source: Any,
        seed: int,
        pairing: NoisePairing = NoisePairing.OFF,
        *,
        half: bool = True,
    ) -> None:
        super().__init__(model, optimiser, seed)
        self.pairing, self.source, self.half = pairing, source, half

    def learn(self) -> tuple[Tensor, tuple[Batch, float, Tensor]]:
        batch = self.source.draw(self.rng)
        loss, errors = flow_loss(self.model, batch, self.generator, self.pairing, half=self.half)
        return loss, (batch, float(loss.detach()), errors)


def _train_process(rank: int, team: Team[Plan, RegionTransformer]) -> None:
    """Body of one process."""
    from engine.training.data_source import build_source

    warnings.filterwarnings("ignore", "Mismatch dtype between input and weight")  # autocast
    plan = team.plan
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // plan.processes))
    source, digest = build_source(
        plan.recipe, plan.batch_size, plan.shares, added_weight=plan.added_weight,
        hard=new_transformer(STARTER_CONFIG, plan.seed) if plan.hard_more else None,
    )  # fmt: skip
    keep_core(rank, plan.processes)  # after the data: who builds a cache passes its core on
    optimiser = SharedOptimiser(team.model, team.buffers, rank, team.wait)
    trainer = Trainer(team.model, optimiser, source, plan.seed + rank, plan.pairing, half=plan.half)
    resume(rank, team, trainer, digest)
    if plan.compile_blocks:
        _compile(team.model)
    with sdpa_kernel(SDPBackend.MATH):  # 22 % faster than flash backward on these short sequences
        take_steps(rank, team, trainer, Ledger(plan.processes), digest)


def _compile(model: RegionTransformer) -> None:
    import torch.fx.experimental._config as shape_config

    shape_config.use_duck_shape = False  # batch and length may be equal by chance
    torch._dynamo.config.cache_size_limit = 64  # noqa: SLF001
    for block in [*model.transformer_blocks, *model.single_transformer_blocks]:
        block.compile(dynamic=True)


def train(plan: Plan) -> None:
    """Trains until the plan's time is up."""
    model = new_transformer(STARTER_CONFIG, plan.seed)
    if plan.weights:
        model.load_state_dict(load_file(plan.weights))  # half precision is widened on the copy
    print(f"multiplying in {'bfloat16' if plan.half else 'float32'}", flush=True)
    start_team(plan, model, _train_process, WARM_UP_STEPS)


def parse_plan(arguments: list[str] | None = None) -> Plan:
    """Reads the command line."""
    parser = run_arguments(__doc__, minutes=90, batches=4, rate=1.7e-3, ema=0.995)
    parser.add_argument("--recipe", default="starter")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--scene-share", type=float, default=0.0)
    parser.add_argument("--background-share", type=float, default=0.0)
    parser.add_argument("--whole-share", type=float, default=0.0)
    parser.add_argument("--effect-share", type=float, default=0.0)
    parser.add_argument(
        "--added-weight", type=float, default=1.0, help="draw added concepts this much more often"
    )
    parser.add_argument(
        "--hard-more", action="store_true",
        help="draw what the shipped weights know badly more often",
    )  # fmt: skip
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--weights", type=Path, help="safetensors file that a new run starts from")
    parser.add_argument(
        "--noise-pairing", type=NoisePairing, choices=list(NoisePairing), default=NoisePairing.OFF
    )
    a = parser.parse_args(arguments)
    rates = Rates(a.rate, a.rate * 0.9, a.ema)
    shares = Shares(a.scene_share, a.background_share, a.whole_share, a.effect_share)
    return Plan(a.run, a.recipe, a.minutes, a.decay_minutes, a.processes, a.batch_size, a.batches,
                shares, rates, a.seed, not a.no_compile, a.weights, a.noise_pairing,
                a.added_weight, a.hard_more, half_is_faster())  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(art.cache_folder() / "compiled"))
    train(parse_plan())
