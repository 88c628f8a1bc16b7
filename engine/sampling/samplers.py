"""Samplers: walk from noise to data, given any denoiser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from engine.errors import JobCancelled

Denoiser = Callable[[Tensor, float], Tensor]
"""(noisy latents, sigma) -> velocity (noise - data) of the same shape."""


@dataclass(frozen=True, slots=True)
class SamplerStep:
    """State before a step is taken.

    Attributes:
        index: From 0.
        steps: Number of steps of the run.
        sigma: Noise level of `latents`.
        latents: Before the step, float32.
        velocity: The denoiser's answer at this sigma.
    """

    index: int
    steps: int
    sigma: float
    latents: Tensor
    velocity: Tensor

    def clean_estimate(self) -> Tensor:
        """The clean latents as the model sees them now: z0 = x - sigma v."""
        return self.latents - self.sigma * self.velocity


def sample_euler(
    denoiser: Denoiser,
    latents: Tensor,
    sigmas: Sequence[float],
    on_step: Callable[[SamplerStep], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Tensor:
    """Euler's method on the rectified flow: x <- x + (sigma_next - sigma) v, kept in float32.

    Args:
        latents: At `sigmas[0]`; any shape.
        sigmas: One more than there are steps, falling, usually from 1 to 0.
        on_step: Called once per step, after the evaluation.
        cancelled: Asked before every step.

    Raises:
        JobCancelled: `cancelled` said so.
    """
    state = latents.float()
    steps = len(sigmas) - 1
    for index in range(steps):
        if cancelled is not None and cancelled():
            raise JobCancelled
        velocity = denoiser(state, sigmas[index]).float()
        if on_step is not None:
            on_step(SamplerStep(index, steps, sigmas[index], state, velocity))
        state = state + (sigmas[index + 1] - sigmas[index]) * velocity
    return state
