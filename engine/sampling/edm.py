"""Noise levels, preconditioning and samplers of EDM, as Inf-DiT uses them; all in float32.

D(x; s) = c_skip x + c_out F(c_in [x, up(LR)], ln(s)/4, ...), with sigma_data 0.5.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from torch import Tensor

from engine.errors import JobCancelled

SIGMA_DATA = 0.5

CleanEstimate = Callable[[Tensor, float], Tensor]
"""(noisy pixels, sigma) -> D, of the same shape."""


class EdmMethod(StrEnum):
    """How a step is taken: Heun evaluates twice, but for the last step; Euler once."""

    HEUN = "heun"
    EULER = "euler"

    def evaluations(self, steps: int) -> int:
        """Network evaluations of a run."""
        return 2 * steps - 1 if self is EdmMethod.HEUN else steps


@dataclass(frozen=True, slots=True)
class EdmSchedule:
    """Noise levels of a run: rho-spaced from `sigma_max` to `sigma_min`, then 0."""

    steps: int = 20
    sigma_min: float = 0.002
    sigma_max: float = 40.0
    rho: float = 7.0

    def sigmas(self) -> tuple[float, ...]:
        """`steps` + 1 values."""
        low, high = self.sigma_min ** (1 / self.rho), self.sigma_max ** (1 / self.rho)
        parts = [i / (self.steps - 1) for i in range(self.steps)] if self.steps > 1 else [0.0]
        return (*((high + part * (low - high)) ** self.rho for part in parts), 0.0)


@dataclass(frozen=True, slots=True)
class Preconditioning:
    """Factors around the network at one noise level."""

    c_skip: float
    c_out: float
    c_in: float
    c_noise: float

    @classmethod
    def at(cls, sigma: float, sigma_data: float = SIGMA_DATA) -> Preconditioning:
        """For sigma above 0."""
        total = sigma**2 + sigma_data**2
        return cls(
            c_skip=sigma_data**2 / total,
            c_out=sigma * sigma_data / math.sqrt(total),
            c_in=1 / math.sqrt(total),
            c_noise=math.log(sigma) / 4,
        )


def euler_step(noisy: Tensor, clean: Tensor, sigma: float, following: float) -> Tensor:
    """x + (s' - s)(x - D)/s; at s' = 0 that is D."""
    if following == 0:
        return clean
    return noisy + (following - sigma) * ((noisy - clean) / sigma)


def heun_step(
    noisy: Tensor, clean: Tensor, clean_ahead: Tensor, sigma: float, following: float
) -> Tensor:
    """The step with the mean of both slopes.

    Args:
        clean_ahead: D of Euler's step.
        following: Next noise level, above 0.
    """
    slope = (noisy - clean) / sigma
    slope_ahead = (euler_step(noisy, clean, sigma, following) - clean_ahead) / following
    return noisy + (following - sigma) * (slope + slope_ahead) / 2


def sample_edm(
    estimate: CleanEstimate,
    noisy: Tensor,
    sigmas: Sequence[float],
    *,
    method: EdmMethod = EdmMethod.HEUN,
    on_step: Callable[[int, Tensor], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Tensor:
    """Walks from noise to a picture, everything in memory at once.

    Args:
        noisy: At `sigmas[0]`, float32.
        sigmas: Falling, the last one 0.
        on_step: Gets number and result of each step.
        cancelled: Asked before every evaluation.

    Raises:
        JobCancelled: `cancelled` said so.
    """

    def asked(state: Tensor, level: float) -> Tensor:
        if cancelled is not None and cancelled():
            raise JobCancelled
        return estimate(state, level)

    for index, (sigma, following) in enumerate(itertools.pairwise(sigmas)):
        clean = asked(noisy, sigma)
        ahead = euler_step(noisy, clean, sigma, following)
        if method is EdmMethod.HEUN and following > 0:
            clean_ahead = asked(ahead, following)
            ahead = heun_step(noisy, clean, clean_ahead, sigma, following)
        noisy = ahead
        if on_step is not None:
            on_step(index, noisy)
    return noisy
