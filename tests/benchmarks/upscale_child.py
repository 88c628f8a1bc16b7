"""One row of the benchmark `upscale`: enlarges one picture and prints by how much memory grew."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.models.inf_dit import InfDit
from engine.pipelines.low_resolution import BlockPixels, RgbArray
from engine.pipelines.upscale import FinishedLine, upscale
from engine.sampling.edm import Preconditioning, sample_edm
from tests.benchmarks.upscale import OPTIONS, SMALL
from tests.engine.small_inf_dit import tiny_model

WARM_UP_PX = 128


def main() -> None:
    """Arguments: whole or blocks, width, height."""
    mode, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(1)
    model = tiny_model(SMALL)
    enlarge = whole if mode == "whole" else by_blocks
    enlarge(model, WARM_UP_PX, WARM_UP_PX)
    before = resident_mb()
    enlarge(model, width, height)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"growth_mb": peak - before}))


def picture(width: int, height: int) -> RgbArray:
    """A row of random pixels, repeated without a copy."""
    row = np.random.default_rng(0).integers(0, 256, (1, width // SMALL.scale, 3), np.uint8)
    return np.broadcast_to(row, (height // SMALL.scale, *row.shape[1:]))


def by_blocks(model: InfDit, width: int, height: int) -> None:
    """The scheduler; every finished pixel is counted."""
    counted = 0

    def count(line: FinishedLine) -> None:
        nonlocal counted
        counted += line.pixels.size

    with tempfile.TemporaryDirectory() as folder:
        upscale(
            model, picture(width, height), (width, height), torch.zeros(1, SMALL.vector), OPTIONS,
            scratch=Path(folder) / "scratch", on_line=count,
        )  # fmt: skip
    assert counted == width * height * 3


@torch.no_grad()
def whole(model: InfDit, width: int, height: int) -> None:
    """All tokens of the picture in one forward, as the published code does by default."""
    cut = BlockPixels(picture(width, height), width, height, SMALL.block_px, SMALL.lr_block_px)
    lr, large = cut.whole()
    sigmas = OPTIONS.schedule.sigmas()

    def estimate(noisy: Tensor, sigma: float) -> Tensor:
        factors = Preconditioning.at(sigma)
        inputs = torch.cat([noisy, large], 1) * factors.c_in
        network: Tensor = model(
            inputs, torch.tensor([factors.c_noise]), torch.zeros(1, SMALL.vector), lr
        )
        return factors.c_skip * noisy + factors.c_out * network

    start = large + sigmas[0] * torch.randn(large.shape)
    sample_edm(estimate, start, sigmas, method=OPTIONS.method)


def resident_mb() -> float:
    """Present resident memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
