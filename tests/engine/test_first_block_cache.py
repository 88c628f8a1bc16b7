"""First-block caching: what is left out, what is counted, and how far the result is off."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.errors import RequestError
from engine.models.first_block_cache import FirstBlockCache, relative_error
from engine.models.geometry import Box, make_layout
from engine.models.region_transformer import RegionTransformer
from engine.pipelines.layout_to_layers import RegionSampling, RegionStep, sample_regions
from engine.requests.run_options import (
    Attention,
    RunOptions,
    RunRecord,
    cache_notes,
    check_run_options,
    options_again,
)
from engine.sampling.noise import NoiseKey
from tests.engine.small_models import small_transformer, text_states

STEPS = 6
CANVAS = Box(0, 0, 96, 64)


def sampling(run: RunOptions | None = None) -> RegionSampling:
    layout = make_layout(96, 64, [CANVAS, CANVAS, Box(16, 16, 48, 48)])
    keys = tuple(NoiseKey(7, name) for name in ("whole", "background", "a"))
    return RegionSampling(
        layout, keys, text_states(0), text_states(1), STEPS, true_guidance=2.0,
        run=run or RunOptions(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def network() -> RegionTransformer:
    return small_transformer(num_layers=2, num_single_layers=2)


def test_off_and_a_limit_that_nothing_keeps_give_the_same(network: RegionTransformer) -> None:
    plain = sampling()
    strict = sampling(run=RunOptions(first_block_cache=1e-9))
    a, b = sample_regions(network, plain), sample_regions(network, strict)
    assert relative_error(a, b) == 0
    assert (plain.outcome.evaluations, plain.outcome.reused) == (0, 0)
    assert (strict.outcome.evaluations, strict.outcome.reused) == (2 * STEPS, 0)


def test_the_blocks_are_left_out_and_counted(network: RegionTransformer) -> None:
    computed = []
    last = network.single_transformer_blocks[-1]
    handle = last.register_forward_hook(lambda *_words: computed.append(1))
    asked = sampling(run=RunOptions(first_block_cache=1.0))
    sample_regions(network, asked)
    handle.remove()
    assert asked.outcome.evaluations == 2 * STEPS
    assert asked.outcome.reused == 2 * STEPS - len(computed)
    assert 2 <= len(computed) < STEPS  # each prompt has its own first evaluation


def test_the_error_is_measured_against_the_run_without(network: RegionTransformer) -> None:
    exact = sample_regions(network, sampling())
    seen: list[RegionStep] = []
    asked = sampling(run=RunOptions(first_block_cache=1.0, measure_cache=True))
    made = sample_regions(network, asked, seen.append)
    assert asked.outcome.error == pytest.approx(relative_error(made, exact))
    assert 0 < (asked.outcome.error or 0) < 1
    assert [(step.index, step.steps) for step in seen] == [
        (number, 2 * STEPS) for number in range(2 * STEPS)
    ]
    record = asked.outcome.record(asked.run)
    assert record.cache_error == asked.outcome.error
    assert cache_notes(record)[0].endswith("% off the exact one.")
    assert "was not measured" in cache_notes(replace(record, cache_error=None))[0]
    assert cache_notes(RunRecord()) == ()
    assert options_again(record) == RunOptions(Attention.SDPA, 1.0)
    assert options_again(RunRecord("a kernel of tomorrow", 7.0)) == RunOptions(Attention.AUTO, 1.0)


def test_what_is_held_still_does_not_make_the_error_look_smaller(
    network: RegionTransformer,
) -> None:
    held = (None, torch.full((16, 8, 12), 9.0), None)
    exact = sample_regions(network, replace(sampling(), held=held))
    run = RunOptions(first_block_cache=1.0, measure_cache=True)
    asked = replace(sampling(run), held=held)
    made = sample_regions(network, asked)
    assert made[1] is held[1]
    error = relative_error([made[0], made[2]], [exact[0], exact[2]])
    assert asked.outcome.error == pytest.approx(error)
    assert error > 2 * relative_error(made, exact)


def test_the_rule_is_that_of_the_first_blocks_change() -> None:
    cache = FirstBlockCache(0.1)
    entered, whole = torch.zeros(1, 2, 4), torch.full((1, 2, 4), 5.0)

    def ask(first: float) -> Tensor | None:
        return cache.finished(entered, torch.full((1, 2, 4), first))

    assert ask(1.0) is None
    cache.keep(torch.full((1, 2, 4), 1.0), whole)
    reused = ask(1.09)  # changed by 9 %
    assert reused is not None
    torch.testing.assert_close(reused, torch.full((1, 2, 4), 5.09))
    assert ask(1.11) is None  # by 11 % since the last whole evaluation


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_impossible_limits(threshold: float) -> None:
    with pytest.raises(RequestError, match="The limit of first-block caching"):
        check_run_options(RunOptions(first_block_cache=threshold))


def test_nothing_to_measure() -> None:
    with pytest.raises(RequestError, match="while it is off"):
        check_run_options(RunOptions(measure_cache=True))
