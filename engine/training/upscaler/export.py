"""Writes a run's averaged weights into the shipped starter upscaler.

Run: `python -m engine.training.upscaler.export RUN [--steps N]`. The weights get the published
names, so that one loader reads both sizes; the gain of the head goes into the head.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from engine.checkpoints.starter_upscaler import STARTER_UPSCALER_FOLDER
from engine.models.inf_dit_weights import publish_weights
from engine.training.art import sources as art
from engine.training.cached import write_tensors
from engine.training.loop.run_state import load_run
from engine.training.upscaler.model import HEAD_GAIN, SIGMA_MAX, SIGMA_MIN


def exported(ema: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Averaged weights as they are shipped: published names, half precision."""
    folded = {
        name: value * HEAD_GAIN if name in ("head.weight", "head.bias") else value
        for name, value in ema.items()
    }
    return {name: value.half().contiguous() for name, value in publish_weights(folded).items()}


def export_upscaler(run: str, folder: Path, steps: int) -> int:
    """Writes weights and configuration; returns the step that they are from."""
    state = load_run(art.cache_folder() / "runs" / run)
    if state is None:
        raise SystemExit(f"The run '{run}' has no saved state.")
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(exported(state.ema), folder / "upscaler.safetensors")
    config = {
        "schedule": {"steps": steps, "sigma_min": SIGMA_MIN, "sigma_max": SIGMA_MAX},
        "trained_steps": state.step,
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    return state.step


def main() -> None:
    """Exports the run named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--steps", type=int, default=1, choices=(1, 2))
    parser.add_argument("-o", "--output", type=Path, default=STARTER_UPSCALER_FOLDER)
    options = parser.parse_args()
    step = export_upscaler(options.run, options.output, options.steps)
    print(f"step {step} of {options.run} -> {options.output}")


if __name__ == "__main__":
    main()
