"""The Euler sampler and true guidance with denoisers whose answer is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.errors import JobCancelled
from engine.sampling.guidance import with_true_guidance
from engine.sampling.samplers import SamplerStep, sample_euler
from engine.sampling.schedules import shifted_sigmas

DATA = torch.tensor([1.0, -2.0, 0.5])
NOISE = torch.tensor([0.3, 0.1, -1.0])


def straight(latents: Tensor, sigma: float) -> Tensor:
    """The exact velocity when there is one picture only: (x - data) / sigma."""
    return (latents - DATA) / sigma


@pytest.mark.parametrize("steps", [1, 5])
def test_a_straight_path_is_walked_exactly(steps: int) -> None:
    result = sample_euler(straight, NOISE, shifted_sigmas(steps, 300))
    torch.testing.assert_close(result, DATA, atol=1e-6, rtol=0)


def test_converges_on_a_curved_path_at_first_order() -> None:
    """Velocity of normally distributed data of deviation 1/2: x(0) = x(1) / 2 exactly."""

    def curved(latents: Tensor, sigma: float) -> Tensor:
        variance = (1 - sigma) ** 2 * 0.25 + sigma**2
        return latents * (sigma - (1 - sigma) * 0.25) / variance

    start = torch.tensor([1.0], dtype=torch.float64)
    errors = []
    for steps in (50, 100):
        sigmas = [1 - i / steps for i in range(steps + 1)]
        errors.append(abs(sample_euler(curved, start, sigmas).item() - 0.5))
    assert errors[0] < 0.02
    assert errors[1] == pytest.approx(errors[0] / 2, rel=0.15)


def test_reports_each_step_and_the_clean_estimate() -> None:
    sigmas = shifted_sigmas(3, 300)
    seen: list[SamplerStep] = []
    sample_euler(straight, NOISE, sigmas, seen.append)
    assert [(step.index, step.steps, step.sigma) for step in seen] == [
        (i, 3, sigmas[i]) for i in range(3)
    ]
    for step in seen:
        torch.testing.assert_close(step.clean_estimate(), DATA, atol=1e-6, rtol=0)


def test_cancelling_stops_before_the_next_evaluation() -> None:
    calls: list[float] = []

    def counting(latents: Tensor, sigma: float) -> Tensor:
        calls.append(sigma)
        return straight(latents, sigma)

    with pytest.raises(JobCancelled):
        sample_euler(counting, NOISE, shifted_sigmas(5, 300), cancelled=lambda: len(calls) == 2)
    assert len(calls) == 2


def test_keeps_its_state_in_float32_for_a_bfloat16_network() -> None:
    def coarse(latents: Tensor, sigma: float) -> Tensor:
        return straight(latents, sigma).bfloat16()

    result = sample_euler(coarse, NOISE.bfloat16(), shifted_sigmas(4, 300))
    assert result.dtype == torch.float32


def test_true_guidance_pushes_away_from_the_negative_answer() -> None:
    guided = with_true_guidance(lambda x, s: x + 1, lambda x, s: x - 1, 3.5)
    torch.testing.assert_close(guided(NOISE, 0.5), NOISE - 1 + 3.5 * 2)


def test_true_guidance_of_one_costs_one_evaluation() -> None:
    assert with_true_guidance(straight, lambda x, s: x, 1.0) is straight
    assert with_true_guidance(straight, None, 1.0) is straight
    with pytest.raises(ValueError, match="negative"):
        with_true_guidance(straight, None, 2.0)
