"""The sigma schedule against the sheet's numbers and diffusers' scheduler."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from diffusers.schedulers.scheduling_flow_match_euler_discrete import (
    FlowMatchEulerDiscreteScheduler,
)

from engine.sampling.schedules import DynamicShift, shift_sigma, shifted_sigmas


@pytest.mark.parametrize(
    ("tokens", "mu"),
    [
        (256, 0.5),
        (1024, 0.630),
        (3346, 1.023),
        (4096, 1.15),
        (8192, 1.843),  # not clamped above 4096
        (20480, 3.923),
    ],
)
def test_mu_follows_the_line_beyond_its_ends(tokens: int, mu: float) -> None:
    assert DynamicShift().mu(tokens) == pytest.approx(mu, abs=5e-4)


def test_the_middle_moves_up_with_many_tokens() -> None:
    assert shift_sigma(0.5, DynamicShift().mu(8192)) == pytest.approx(0.863, abs=5e-4)


@pytest.mark.parametrize("steps", [1, 4, 28])
@pytest.mark.parametrize("tokens", [120, 3346, 11380])
def test_equals_the_scheduler_of_flux(steps: int, tokens: int) -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True)
    mu = DynamicShift().mu(tokens)
    scheduler.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps), mu=mu)
    sigmas = torch.tensor(shifted_sigmas(steps, tokens))
    torch.testing.assert_close(sigmas, scheduler.sigmas, atol=1e-6, rtol=0)


@pytest.mark.parametrize("steps", [1, 6, 100])
def test_runs_from_pure_noise_to_none(steps: int) -> None:
    sigmas = shifted_sigmas(steps, 700)
    assert len(sigmas) == steps + 1
    assert sigmas[0] == 1.0
    assert sigmas[-1] == 0.0
    assert all(high > low for high, low in pairwise(sigmas))
