"""Peaks that runs on this machine really had; later estimates are corrected by them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.checkpoints.atomic_json import read_json, write_json
from engine.memory.estimate import Estimate
from engine.memory.machine import Device

MEASURED_FILE = "measured.json"  # beside the list of models
_LOW, _HIGH = 0.5, 2.0  # a factor beyond these is a wrong measurement and not a wrong estimate


@dataclass(frozen=True, slots=True)
class Peak:
    """One run: what was estimated for it, and what it took.

    Attributes:
        vram, seconds: Of the estimate before any correction.
        measured_vram, measured_seconds: Of the run.
    """

    vram: int
    measured_vram: int
    seconds: float
    measured_seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The last run of each model, device and strategy."""

    peaks: dict[str, Peak] = field(default_factory=dict)

    def correct(self, model_id: str, device: Device, estimate: Estimate) -> Estimate:
        """The estimate times what the last run took more or less than its own."""
        peak = self.peaks.get(_key(model_id, device, estimate))
        if peak is None:
            return estimate
        return replace(
            estimate,
            vram=round(estimate.vram * _factor(peak.measured_vram, peak.vram)),
            seconds=estimate.seconds * _factor(peak.measured_seconds, peak.seconds, limited=False),
        )

    def with_run(
        self, model_id: str, device: Device, estimate: Estimate, vram: int, seconds: float
    ) -> Measured:
        """With a run added; `estimate` is the uncorrected one for the same job."""
        peak = Peak(estimate.vram, vram, estimate.seconds, seconds)
        return Measured(self.peaks | {_key(model_id, device, estimate): peak})


def load_measured(path: Path) -> Measured:
    """What `path` holds; nothing when it is missing or damaged, for it is only an improvement."""
    content = read_json(path)
    try:
        return Measured({key: Peak(**value) for key, value in content.items()})
    except (TypeError, AttributeError):
        return Measured()


def save_measured(measured: Measured, path: Path) -> None:
    """Writes it in one piece. Raises CheckpointError."""
    content: dict[str, Any] = {
        key: {name: getattr(peak, name) for name in Peak.__dataclass_fields__}
        for key, peak in measured.peaks.items()
    }
    write_json(path, content)


def _key(model_id: str, device: Device, estimate: Estimate) -> str:
    return json.dumps([model_id, device.value, estimate.strategy.value])


def _factor(measured: float, estimated: float, *, limited: bool = True) -> float:
    if estimated <= 0 or measured <= 0:
        return 1.0
    factor = measured / estimated
    return min(max(factor, _LOW), _HIGH) if limited else factor
