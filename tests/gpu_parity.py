"""The starter and a FLUX-shaped network on a card in bfloat16, against float32 on the processor.

python -m tests.gpu_parity [--device cuda|cpu] [--small]

The FLUX-shaped one has FLUX.1's width, few blocks and random weights. Exit status: 0; 1 when a
result is too far off or memory exceeds the plan; 77 when there is no such card.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

import torch

from engine.checkpoints.architectures import PUBLISHED, Network
from engine.checkpoints.starter import load_starter
from engine.memory.estimate import TEXT_TOKENS, transformer_working
from engine.models.first_block_cache import relative_error
from engine.models.geometry import Box, make_layout
from engine.models.region_transformer import RegionTransformer
from engine.models.text_encoders import TextStates
from engine.pipelines.layout_to_layers import RegionSampling, RegionStep, sample_regions
from engine.sampling.noise import NoiseKey
from tests.engine.small_models import TRANSFORMER

NO_CARD = 77  # what test programs say when they were skipped
STEPS = 4
SIDE_PX, SMALL_SIDE_PX = 512, 64
FEWER_BLOCKS = {"num_layers": 1, "num_single_layers": 2}
MAX_ERROR = 0.05  # of the final latents, as a share of their length
MAX_MEMORY = 1.1  # of the plan, which is tied to counted bytes within a tenth


@dataclass(frozen=True, slots=True)
class Subject:
    """A network and what it is to denoise."""

    name: str
    network: RegionTransformer
    job: RegionSampling
    is_flux_wide: bool = False

    @property
    def planned(self) -> int | None:
        """Bytes on the card: weights and working memory; None = not of FLUX's width."""
        if not self.is_flux_wide:
            return None
        weights: int = 2 * sum(weight.numel() for weight in self.network.parameters())
        return weights + transformer_working(self.job.layout.token_count)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a subject's run on the device gave.

    Attributes:
        error: See `MAX_ERROR`.
        seconds: Median of the steps after the first.
        peak: Bytes on the card; None = it was no card.
        planned: See `Subject.planned`.
    """

    name: str
    error: float
    seconds: float
    peak: int | None
    planned: int | None

    @property
    def passed(self) -> bool:
        """Whether it is near enough and within the plan."""
        if self.peak is not None and self.planned is not None:
            return self.error <= MAX_ERROR and self.peak <= MAX_MEMORY * self.planned
        return self.error <= MAX_ERROR

    def __str__(self) -> str:
        peak = "no card" if self.peak is None else f"{self.peak / 2**20:.0f} MiB"
        plan = "none" if self.planned is None else f"{self.planned / 2**20:.0f} MiB"
        return (
            f"{self.name}: error {100 * self.error:.2f} % (at most {100 * MAX_ERROR:g} %), "
            f"{self.seconds:.3f} s per step, peak {peak}, plan {plan}: "
            f"{'pass' if self.passed else 'fail'}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.gpu_parity")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--small", action="store_true", help="tiny picture and tiny network")
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not torch.cuda.is_available():
        print("There is no CUDA card here; --device cpu compares bfloat16 on the processor.")
        return NO_CARD
    outcomes = []
    for make in (starter, flux_shaped):
        outcomes.append(compared(make(small=options.small), torch.device(options.device)))
        print(outcomes[-1], flush=True)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def starter(*, small: bool) -> Subject:
    """The starter's own weights and words."""
    model = load_starter()
    text = model.text.encode(["a red apple and a brown dog"])
    return Subject("starter", model.transformer, _job(_side(small=small), text))


def flux_shaped(*, small: bool) -> Subject:
    """FLUX.1's width with few blocks and random weights; small = a few thousand weights."""
    sizes = TRANSFORMER if small else PUBLISHED[Network.REGION] | FEWER_BLOCKS
    torch.manual_seed(0)
    network = RegionTransformer(**sizes).eval()
    network.bfloat16().float()  # both runs have the same weights
    generator = torch.Generator().manual_seed(1)
    tokens = 8 if small else TEXT_TOKENS
    text = TextStates(
        torch.randn(1, tokens, sizes["joint_attention_dim"], generator=generator),
        torch.randn(1, sizes["pooled_projection_dim"], generator=generator),
    )
    job = replace(_job(_side(small=small), text), distilled_guidance=3.5)
    return Subject("FLUX-shaped", network, job, is_flux_wide=not small)


def compared(subject: Subject, device: torch.device) -> Outcome:
    """Samples on the processor in float32, then on the device in bfloat16."""
    exact = sample_regions(subject.network, subject.job)
    copied: Any = copy.deepcopy(subject.network)  # the types of diffusers' `to` are wrong
    network: RegionTransformer = copied.bfloat16().to(device)
    on_card = device.type == "cuda"
    times: list[float] = []

    def note(_step: RegionStep) -> None:
        if on_card:
            torch.cuda.synchronize()
        times.append(time.perf_counter())

    if on_card:
        torch.cuda.reset_peak_memory_stats()
    made = sample_regions(network, subject.job, note)
    peak = int(torch.cuda.max_memory_allocated()) if on_card else None
    near = [None if entry is None else entry.float().cpu() for entry in made]
    steps = [after - before for before, after in pairwise(times)]
    return Outcome(subject.name, relative_error(near, exact), median(steps), peak, subject.planned)


def _side(*, small: bool) -> int:
    return SMALL_SIDE_PX if small else SIDE_PX


def _job(side: int, text: TextStates) -> RegionSampling:
    canvas = Box(0, 0, side, side)
    layout = make_layout(side, side, [canvas, canvas, Box(0, side // 4, side // 2, 3 * side // 4)])
    keys = tuple(NoiseKey(7, name) for name in ("whole", "background", "object"))
    return RegionSampling(layout, keys, text, None, STEPS)


if __name__ == "__main__":
    sys.exit(main())
