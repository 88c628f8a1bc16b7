"""How the user wants a brought model to be run: adapters, attention, caching; kept per model.

Knows neither Qt nor the engine; `editor/jobs/orders.py` makes requests of it.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

AUTO_ATTENTION = "auto"
MAX_WEIGHT = 4.0
MAX_LORAS = 16


@dataclass(frozen=True, slots=True)
class Lora:
    """An adapter file and how strongly it counts; 1 = as it was trained."""

    path: str
    weight: float = 1.0

    @property
    def name(self) -> str:
        """Of the file, without its ending."""
        return Path(self.path).stem


@dataclass(frozen=True, slots=True)
class ModelRun:
    """Wishes for the jobs of one model.

    Attributes:
        loras: Merged in this order.
        attention: A name of the engine's kernels.
        first_block_cache: Largest change of the first block at which the others are left out; 0 =
            off, at most 1.
        measure_cache: Also do each job without the cache, to say how far its result is off.
    """

    loras: tuple[Lora, ...] = ()
    attention: str = AUTO_ATTENTION
    first_block_cache: float = 0.0
    measure_cache: bool = False

    def to_json(self) -> str:
        """For the settings; empty = nothing is wished."""
        return "" if self == ModelRun() else json.dumps(asdict(self))


def run_from_json(text: str) -> ModelRun:
    """Inverse of `to_json`; what is damaged or impossible counts as not wished."""
    try:
        content = json.loads(text) if text else {}
        loras = [Lora(str(each["path"]), float(each["weight"])) for each in content["loras"]]
        cache = float(content["first_block_cache"])
        run = ModelRun(
            tuple(lora for lora in loras if abs(lora.weight) <= MAX_WEIGHT)[:MAX_LORAS],
            str(content["attention"]),
            cache if math.isfinite(cache) and 0 <= cache <= 1 else 0.0,
            bool(content["measure_cache"]),
        )
    except (ValueError, TypeError, KeyError):
        return ModelRun()
    return run
