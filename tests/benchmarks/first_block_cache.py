"""First-block caching on the starter: evaluations left out, and how far the latents are off."""

from __future__ import annotations

from dataclasses import replace

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.starter import load_starter
from engine.models.first_block_cache import relative_error
from engine.models.geometry import Box, make_layout
from engine.pipelines.layout_to_layers import RegionSampling, sample_regions
from engine.requests.run_options import RunOptions, RunOutcome
from engine.sampling.noise import NoiseKey
from tests.benchmarks.report import Report

SIDE_PX = 256
PROMPT = "a red apple and a brown dog"
OBJECTS = (Box(16, 64, 112, 192), Box(128, 48, 240, 208))
GUIDANCE = 3.0
LIMITS = {28: (0.05, 0.1, 0.2, 0.4), 8: (0.2, 0.4)}  # by steps


def run() -> Report:
    """Does the same job exactly and at each limit, for many steps and for few."""
    starter = load_starter()
    rows: list[list[str | float]] = []
    ratios: dict[str, float] = {}
    for steps, limits in LIMITS.items():
        job = _job(starter, steps)
        exact = sample_regions(starter.transformer, job)
        for limit in limits:
            cached = replace(job, run=RunOptions(first_block_cache=limit), outcome=RunOutcome())
            made = sample_regions(starter.transformer, cached)
            error = 100 * relative_error(made, exact)
            counts = cached.outcome
            rows.append([f"{steps}", limit, f"{counts.reused} of {counts.evaluations}", error])
            ratios[f"error in % at {steps} steps and {limit:g}"] = error
    return Report(
        name="first_block_cache",
        columns=["steps", "limit", "evaluations left out", "error in %"],
        rows=rows,
        ratios=ratios,
        notes=[
            f"{SIDE_PX} px, background and two objects, guidance {GUIDANCE:g}.",
            "Error: length of the difference of the final latents as a share of the exact ones'.",
            f"Weights {starter.weights_hash}.",
        ],
    )


def _job(starter: Checkpoint, steps: int) -> RegionSampling:
    canvas = Box(0, 0, SIDE_PX, SIDE_PX)
    layout = make_layout(SIDE_PX, SIDE_PX, [None, canvas, *OBJECTS], starter.max_entries)
    names = ("background", *(f"object {number}" for number in range(len(OBJECTS))))
    keys = (None, *(NoiseKey(7, name) for name in names))
    text = starter.text.encode
    return RegionSampling(layout, keys, text([PROMPT]), text([""]), steps, GUIDANCE)
