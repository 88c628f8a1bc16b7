"""How noise pairing is measured: distances of distributions; arms that differ in noise only."""

from __future__ import annotations

import pytest
import torch

from engine.training.evaluation.noise_digits import (
    ARMS,
    Flow,
    Score,
    frechet_distance,
    sample,
    table,
    train_flow,
)


def test_the_distance_is_that_of_two_normal_distributions() -> None:
    generator = torch.Generator().manual_seed(0)
    first = torch.randn(20000, 3, generator=generator)
    second = 2 * torch.randn(20000, 3, generator=generator) + torch.tensor([1.0, 0, 0])
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(first, second) == pytest.approx(1 + 3 * (1 - 2) ** 2, rel=0.03)


def test_arms_differ_in_the_noise_only() -> None:
    generator = torch.Generator().manual_seed(0)
    digits = torch.rand(200, 64, generator=generator) * 2 - 1, torch.arange(200) % 10
    plain, again = (train_flow(ARMS["plain"], digits, seed=1, steps=3) for _ in range(2))
    seen = []

    def remember(data: torch.Tensor, noise: torch.Tensor, _labels: torch.Tensor) -> torch.Tensor:
        seen.append((data, noise))
        return noise

    train_flow(remember, digits, seed=1, steps=3)
    first = list(seen)
    seen.clear()

    def trade(data: torch.Tensor, noise: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return ARMS["grouped"](data, remember(data, noise, labels), labels)

    train_flow(trade, digits, seed=1, steps=3)
    for (data, noise), (other_data, other_noise) in zip(first, seen, strict=True):
        assert torch.equal(data, other_data)
        assert torch.equal(noise, other_noise)
    for a, b in zip(plain.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)


def test_sampling_begins_with_the_same_noise_for_every_model() -> None:
    model = Flow()
    torch.nn.init.zeros_(model.leave.weight)
    torch.nn.init.zeros_(model.leave.bias)
    labels = torch.zeros(2, dtype=torch.int64)
    expected = torch.randn(2, 64, generator=torch.Generator().manual_seed(7))
    assert torch.equal(sample(model, 4, labels, seed=7), expected)


def test_the_table_gives_ratios_seed_by_seed() -> None:
    plain = [Score({4: 2.0, 32: 1.0}, 0.9, 1.0), Score({4: 4.0, 32: 1.0}, 0.9, 1.0)]
    grouped = [Score({4: 1.0, 32: 1.0}, 0.9, 1.1), Score({4: 4.0, 32: 0.5}, 0.9, 1.1)]
    rows = table({"plain": plain, "grouped": grouped}).splitlines()
    expected = "| grouped | 2.50 (0.75; 0.50 to 1.00) | 0.75 (0.75; 0.50 to 1.00) | 90.0% | 1.10 |"
    assert rows[3] == expected
