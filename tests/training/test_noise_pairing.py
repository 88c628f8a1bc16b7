"""Noise pairing: trades noises inside groups, keeps the pool, and does nothing when it is off."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor

from engine.training import noise_pairing
from engine.training.noise_pairing import (
    EXACT_UP_TO,
    NoisePairing,
    assign,
    distance_fall,
    equal_rows,
    nearest_of,
    pair,
    pair_in_groups,
    plan_epoch,
    seeded_noise,
)


def _normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _total(items: Tensor, noises: Tensor) -> float:
    return float((items * noises).sum())


def test_a_small_assignment_is_the_best_of_all() -> None:
    items, noises = _normal(5, 6), _normal(5, 6, seed=1)
    best = max(_total(items, noises[list(order)]) for order in itertools.permutations(range(5)))
    assert _total(items, noises[assign(items, noises)]) == pytest.approx(best)


@pytest.mark.parametrize("count", [2, EXACT_UP_TO, EXACT_UP_TO + 1, 200])
def test_an_assignment_is_a_permutation_that_brings_pairs_nearer(count: int) -> None:
    items, noises = _normal(count, 16), _normal(count, 16, seed=1)
    order = assign(items, noises)
    assert sorted(order) == list(range(count))
    assert _total(items, noises[order]) >= _total(items, noises)


def test_greedy_keeps_most_of_the_exact_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    items, noises = _normal(128, 64), _normal(128, 64, seed=1)
    greedy = _total(items, noises[assign(items, noises)])
    monkeypatch.setattr(noise_pairing, "EXACT_UP_TO", 128)
    exact = _total(items, noises[assign(items, noises)])
    assert 0.75 * exact < greedy < exact


def test_noises_stay_in_their_group() -> None:
    items, noises = _normal(30, 8), _normal(30, 8, seed=1)
    groups = ["apple"] * 11 + ["pear"] * 13 + ["single"] + [""] * 5
    paired = pair_in_groups(items, noises, groups)
    for name in set(groups):
        here = [index for index, group in enumerate(groups) if group == name]
        pool = {tuple(row.tolist()) for row in noises[here]}
        assert {tuple(row.tolist()) for row in paired[here]} == pool
    assert distance_fall(items, noises, paired) > 0


def test_groups_too_small_to_trade_keep_their_noise() -> None:
    items, noises = _normal(7, 8), _normal(7, 8, seed=1)
    assert torch.equal(pair_in_groups(items, noises, [1, 1, 1, 2, 2, 2, 3]), noises)
    assert torch.equal(pair_in_groups(items[:1], noises[:1], [1]), noises[:1])


def test_the_pool_of_noise_is_unchanged() -> None:
    items, noises = _normal(90, 12) + 2, _normal(90, 12, seed=1)
    paired = pair_in_groups(items, noises, [0] * 90)
    assert torch.equal(paired.sort(0).values, noises.sort(0).values)


def test_nearest_of_one_is_plain_noise() -> None:
    items, noises = _normal(9, 8), _normal(9, 8, seed=1)
    assert torch.equal(nearest_of(items, noises, 1), noises)


@pytest.mark.parametrize(("count", "expected_maximum", "number"), [(4, 1.03, 900), (64, 2.34, 150)])
def test_nearest_of_k_moves_the_noise_as_far_as_theory_says(
    count: int, expected_maximum: float, number: int
) -> None:
    """The formulas for items of unit variance; c_k is the mean of the largest of k normals."""
    size = 4096
    items, noises = _normal(number, size), _normal(number, size, seed=1)
    chosen = nearest_of(items, noises, count)
    along = (chosen * items).sum(1) / items.norm(dim=1)
    assert float(along.mean()) == pytest.approx(expected_maximum * math.sqrt(2 / 3), rel=0.05)
    fall = expected_maximum * math.sqrt(6) / (4 * math.sqrt(size))
    assert distance_fall(items, noises, chosen) == pytest.approx(fall, rel=0.05)


def test_off_returns_the_noise_itself() -> None:
    items, noises = _normal(6, 4), _normal(6, 4, seed=1)
    assert pair(NoisePairing.OFF, items, noises, lambda: [0] * 6) is noises


def test_a_condition_blind_pairing_would_move_a_class_as_a_whole() -> None:
    """Why there are groups: two classes apart; blind trades give each class noise of its side."""
    middle = torch.cat([torch.full((40, 8), 2.0), torch.full((40, 8), -2.0)])
    items, noises = _normal(80, 8) + middle, _normal(80, 8, seed=1)
    blind = pair_in_groups(items, noises, [0] * 80)
    grouped = pair_in_groups(items, noises, [0] * 40 + [1] * 40)
    assert float(blind[:40].mean()) > 0.15
    assert float(grouped[:40].mean()) == pytest.approx(float(noises[:40].mean()), abs=1e-6)


def test_equal_conditions_are_one_group() -> None:
    conditions = torch.tensor([[0.0, 1], [0, 0], [0, 1], [0, 0]])
    groups = equal_rows(conditions)
    assert groups[0] == groups[2] != groups[1] == groups[3]


def test_a_plan_is_a_permutation_of_seeds_inside_groups_and_repeats() -> None:
    items = list(_normal(20, 4, 4))
    groups = [index % 2 for index in range(20)]
    plan = plan_epoch(items, groups, epoch_seed=3)
    assert plan == plan_epoch(items, groups, epoch_seed=3)
    assert plan != plan_epoch(items, groups, epoch_seed=4)
    alone = plan_epoch(items, list(range(20)), epoch_seed=3)  # nobody to trade with
    for group in (0, 1):
        assert set(plan.seeds[group::2]) == set(alone.seeds[group::2])
    before = torch.stack([alone.noise(index, (4, 4)) for index in range(20)])
    after = torch.stack([plan.noise(index, (4, 4)) for index in range(20)])
    assert distance_fall(torch.stack(items), before, after) > 0.02


def test_large_groups_are_planned_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise_pairing, "LARGEST_GROUP", 8)
    items = list(_normal(21, 5))
    plan = plan_epoch(items, [0] * 21, epoch_seed=3)
    assert len(set(plan.seeds)) == 21


def test_a_seed_is_always_the_same_noise() -> None:
    assert torch.equal(seeded_noise(5, (3, 40)), seeded_noise(5, (3, 40)))
    assert float(seeded_noise(5, (100, 100)).std()) == pytest.approx(1, abs=0.02)
    assert seeded_noise(2**63 - 1, (3,)).isfinite().all()
