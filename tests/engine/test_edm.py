"""EDM's noise levels, preconditioning and steps."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from engine.errors import JobCancelled
from engine.sampling.edm import EdmMethod, EdmSchedule, Preconditioning, sample_edm

PUBLISHED = (
    40, 30.0923, 22.3671, 16.4083, 11.8654, 8.4463, 5.909, 4.0552, 2.7241, 1.7865, 1.1404, 0.7059,
    0.4218, 0.2419, 0.1322, 0.0683, 0.0329, 0.0146, 0.0058, 0.002, 0,
)  # fmt: skip


def test_the_published_schedule() -> None:
    assert EdmSchedule().sigmas() == pytest.approx(PUBLISHED, abs=1e-4)
    assert EdmSchedule(steps=1).sigmas() == pytest.approx((40.0, 0.0))


def test_preconditioning_keeps_variance_one() -> None:
    for sigma in (0.01, 0.5, 40.0):
        factors = Preconditioning.at(sigma)
        assert factors.c_in == pytest.approx(1 / math.hypot(sigma, 0.5))
        assert factors.c_skip + sigma**2 / (sigma**2 + 0.25) == pytest.approx(1)
        assert factors.c_noise == pytest.approx(math.log(sigma) / 4)


@pytest.mark.parametrize("method", EdmMethod)
def test_a_known_picture_is_reached_with_the_stated_evaluations(method: EdmMethod) -> None:
    target, calls = torch.randn(1, 3, 4, 4), []

    def estimate(noisy: Tensor, sigma: float) -> Tensor:
        calls.append(sigma)
        return target

    sigmas = EdmSchedule(steps=5).sigmas()
    seen: dict[int, Tensor] = {}
    out = sample_edm(
        estimate, 40 * torch.randn(1, 3, 4, 4), sigmas, method=method, on_step=seen.__setitem__
    )
    torch.testing.assert_close(out, target)
    assert len(calls) == method.evaluations(5)
    assert list(seen) == [0, 1, 2, 3, 4]


def test_heun_follows_a_curved_path_better_than_euler() -> None:
    def estimate(noisy: Tensor, sigma: float) -> Tensor:  # data of variance 1
        return noisy / (1 + sigma**2)

    start = torch.full((1, 1, 1, 1), math.hypot(40, 1))
    sigmas = EdmSchedule(steps=12, sigma_min=0.02).sigmas()
    errors = [
        abs(float(sample_edm(estimate, start, sigmas, method=method)) - 1) for method in EdmMethod
    ]
    assert errors[0] < errors[1] / 2


def test_cancelling() -> None:
    answers = iter([False, False, True])
    with pytest.raises(JobCancelled):
        sample_edm(
            lambda noisy, _sigma: noisy, torch.zeros(1), EdmSchedule().sigmas(),
            cancelled=lambda: next(answers),
        )  # fmt: skip
