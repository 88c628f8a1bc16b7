"""Memory of enlarging: whole pictures at once against blocks one by one, same random weights.

Every row is a process of its own. It loads the model, enlarges one small picture so that libraries
are warm, and notes its resident memory; the table shows by how much the peak rises above that. Both
sides do two Euler steps. The pictures are a row of pixels repeated, and finished lines are counted
and dropped: input and result belong to the caller and grow with the picture by nature.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from engine.models.inf_dit import InfDitSizes
from engine.pipelines.upscale_plan import UpscaleOptions, plan_upscale
from engine.sampling.edm import EdmMethod, EdmSchedule
from tests.benchmarks.report import Report

# The published network at a twentieth of its width, with 6 layers instead of 28 and 64-px blocks.
SMALL = InfDitSizes(
    hidden=64, layers=6, heads=4, head_dim=16, mlp=256, patch_px=4, block_tokens=16,
    lr_patch_px=2, lr_block_tokens=8, vector=8, time=32,
)  # fmt: skip
PUBLISHED = InfDitSizes(
    hidden=1280, layers=28, heads=16, head_dim=80, mlp=5120, patch_px=4, block_tokens=32,
    lr_patch_px=2, lr_block_tokens=16, vector=768, time=192,
)  # fmt: skip
OPTIONS = UpscaleOptions(seed=1, schedule=EdmSchedule(steps=2), method=EdmMethod.EULER)
WHOLE = ((512, 512), (1024, 1024), (2048, 2048))
BLOCKS = (*WHOLE, (2048, 8192), (2048, 32768))
MAX_SHARE, MAX_GROWTH = 0.2, 1.05


def run() -> Report:
    """Some minutes; the tallest picture takes most of them. Two processes at a time."""
    jobs = [("blocks", size) for size in reversed(BLOCKS)] + [("whole", size) for size in WHOLE]
    with ThreadPoolExecutor(2) as pool:
        peaks = dict(zip(jobs, pool.map(lambda job: _peak_mb(*job), jobs), strict=True))
    whole, blocks = ({size: peaks[mode, size] for size in sizes} for mode, sizes in
                     (("whole", WHOLE), ("blocks", BLOCKS)))  # fmt: skip
    rows = [
        (f"{width} x {height}", whole.get((width, height), "-"), ours)
        for (width, height), ours in blocks.items()
    ]
    square = (2048, 2048)
    tall = [ours for (_, height), ours in blocks.items() if height > 2048]
    return Report(
        name="upscale",
        columns=("target [px]", "whole at once [MB]", "by blocks [MB]"),
        rows=rows,
        ratios={
            "blocks_to_whole_2048": blocks[square] / whole[square],
            "tallest_to_square": max(tall) / blocks[square],
        },
        allowed={"blocks_to_whole_2048": MAX_SHARE, "tallest_to_square": MAX_GROWTH},
        notes=_notes(),
    )


def _notes() -> list[str]:
    plan = plan_upscale(PUBLISHED, torch.bfloat16, 4096, 4096, UpscaleOptions(seed=0))
    small = plan_upscale(SMALL, torch.float32, 2048, 32768, OPTIONS)
    size = f"{plan.memory_bytes / 1e9:.2f} GB beside 1.5 GB of weights"
    disk = f"{plan.scratch_bytes / 1e9:.2f} GB on the disk"
    return [
        "Growth of peak resident memory over the loaded and warmed-up model, float32.",
        f"Planned for blocks at 2048 px of width: {small.memory_bytes / 1e6:.1f} MB.",
        f"Planned for the published size, 4096 x 4096 px in bfloat16: {size}, {disk}.",
    ]


def _peak_mb(mode: str, size: tuple[int, int]) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.upscale_child", mode, *map(str, size)],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    return float(json.loads(done.stdout)["growth_mb"])
