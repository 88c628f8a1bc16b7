"""Test runs of a model of the list."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.requests.parts import AdapterChoice, RgbaArray
from engine.requests.run_options import RunOptions


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A small picture on a model of the list, to see whether it works here.

    Attributes:
        adapters, run: As in `LayoutRequest`.
    """

    checkpoint: str
    prompt: str = "a red apple"
    seed: int = 1
    adapters: tuple[AdapterChoice, ...] = ()
    run: RunOptions = field(default_factory=RunOptions)


@dataclass(frozen=True, slots=True, eq=False)
class TrialResult:
    """What the model made.

    Attributes:
        pixels: `h w 4` straight RGBA; layers lie over each other.
        seconds: Wall time with loading.
        notes: Sentences for the user.
    """

    pixels: RgbaArray
    seconds: float
    notes: tuple[str, ...] = ()
