"""How long jobs take on this machine: seconds per phase and size, learned and kept between runs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from engine.progress import Phase
from engine.requests import TOKEN_PX, GenerationRequest, LayerRequest, LayoutRequest

_MEGAPIXEL = 1e6
_KILO = 1e3  # tokens
_MAX_RATE = 1e6
_OCCASIONAL = (Phase.LOAD,)  # in some jobs only: not foreseen
_USUAL_OBJECTS = 2  # of a sentence without boxes


class JobTimes:
    """Seconds per unit of work of each phase, by model.

    The newest measurement counts half, so a machine that becomes busy is noticed at the next job.
    """

    def __init__(self, rates: Mapping[str, float] | None = None) -> None:
        self._rates = dict(rates or {})

    @classmethod
    def from_json(cls, text: str) -> JobTimes:
        """Inverse of `to_json`; anything else is as if nothing had been learned."""
        try:
            data = json.loads(text)
        except ValueError:
            return cls()
        if not isinstance(data, dict):
            return cls()
        return cls({str(k): float(v) for k, v in data.items() if _is_rate(v)})

    def to_json(self) -> str:
        """Text for the settings."""
        return json.dumps({key: round(rate, 6) for key, rate in sorted(self._rates.items())})

    def learn(self, request: GenerationRequest, seconds: Mapping[str, float]) -> None:
        """Take a finished job into account.

        Args:
            seconds: Wall time by the name of the phase.
        """
        for phase in Phase:
            took = seconds.get(phase.value)
            if took is None or phase in _OCCASIONAL or not math.isfinite(took):
                continue
            key, rate = _key(request, phase), took / work_of(request, phase)
            known = self._rates.get(key)
            self._rates[key] = rate if known is None else (known + rate) / 2

    def seconds(self, request: GenerationRequest) -> float | None:
        """Expected wall time of a job; None as long as no job of this model was finished."""
        expected = [
            self._rates[key] * work_of(request, phase)
            for phase in Phase
            if (key := _key(request, phase)) in self._rates
        ]
        return sum(expected) if expected else None


def work_of(request: GenerationRequest, phase: Phase) -> float:
    """The size of a phase, in a unit that grows with its time; above 0."""
    count = request.count if isinstance(request, LayerRequest) else 1
    if phase in (Phase.DENOISE, Phase.CHECK):
        evaluations = 2 if request.sampling.true_guidance > 1 else 1
        steps = request.sampling.steps * evaluations if phase is Phase.DENOISE else 1
        return max(1.0, _pixels(request) / TOKEN_PX**2 / _KILO * steps * count)
    if phase in (Phase.DECODE, Phase.FINISH):
        return max(0.01, _pixels(request) / _MEGAPIXEL * count)
    if phase is Phase.ALONE and isinstance(request, LayoutRequest):
        return float(len(request.boxes) or request.layer_count or _USUAL_OBJECTS)
    return 1.0


def _pixels(request: GenerationRequest) -> float:
    """Pixels of all layers to be made."""
    if isinstance(request, LayerRequest):
        return float(request.box.width * request.box.height)
    whole = float(request.width * request.height)
    if not request.boxes:
        return 2 * whole  # objects of an automatic layout cover about as much as the background
    return whole + sum(box.width * box.height for box in request.boxes)


def _key(request: GenerationRequest, phase: Phase) -> str:
    kind = "layer" if isinstance(request, LayerRequest) else "picture"
    return f"{request.checkpoint}/{kind}/{phase.value}"


def _is_rate(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value) and 0 <= value < _MAX_RATE
