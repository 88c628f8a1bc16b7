"""What grouped noise pairing adds to a training step of the starter, in processor time."""

from __future__ import annotations

import warnings
from functools import partial

import torch

from engine.models.text_encoders import TextStates
from engine.training.layer_batches import Batch
from engine.training.loop.optimiser import Rates, SharedOptimiser, share_model
from engine.training.noise_pairing import NoisePairing
from engine.training.sampling import alone_layout
from engine.training.train_layers import STARTER_CONFIG, flow_loss, new_transformer
from tests.benchmarks.report import Report, median_ratio, processor_seconds

ROUNDS = 8
BATCH, CAPTIONS, TOKENS = 32, 4, 64  # eight items of each caption, drawings of 128 px
ALLOWED = 1.05


def run() -> Report:
    """Takes the same steps with and without pairing, in turns, on one thread."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "Mismatch dtype between input and weight")  # autocast
    model = new_transformer(STARTER_CONFIG, 0)
    optimiser = SharedOptimiser(model, share_model(model, 1))
    generator = torch.Generator().manual_seed(0)
    states = torch.randn(CAPTIONS, 8, 384, generator=generator).repeat(BATCH // CAPTIONS, 1, 1)
    batch = Batch(
        torch.randn(BATCH, TOKENS, 64, generator=generator),
        TextStates(states, states.mean(1)), alone_layout(8, 8), torch.ones(TOKENS),
    )  # fmt: skip

    def step(pairing: NoisePairing) -> None:
        loss, _ = flow_loss(model, batch, generator, pairing)
        torch.autograd.backward(loss)
        optimiser.step(Rates())

    steps = {
        "plain": partial(step, NoisePairing.OFF),
        "grouped": partial(step, NoisePairing.GROUPED),
    }
    times = processor_seconds(steps, ROUNDS)
    ratio = median_ratio(times["grouped"], times["plain"])
    return Report(
        name="noise_pairing",
        columns=["noise", "median s of processor time"],
        rows=[[name, sorted(found)[len(found) // 2]] for name, found in times.items()],
        ratios={"grouped over plain": ratio},
        allowed={"grouped over plain": ALLOWED},
        notes=[f"Steps of {BATCH} drawings of {TOKENS} tokens, {CAPTIONS} captions, one thread."],
    )
