"""Test runs of a model of the list."""

from __future__ import annotations

from dataclasses import dataclass

from engine.requests.parts import RgbaArray


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A small picture on a model of the list, to see whether it works here."""

    checkpoint: str
    prompt: str = "a red apple"
    seed: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class TrialResult:
    """What the model made.

    Attributes:
        pixels: `h w 4` straight RGBA; layers lie over each other.
        seconds: Wall time with loading.
    """

    pixels: RgbaArray
    seconds: float
