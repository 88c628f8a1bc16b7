"""Placing networks by strategy and explaining when memory runs out; on the CPU."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from engine.checkpoints.catalogue import Feature, known_model
from engine.errors import EngineError
from engine.memory import placement
from engine.memory.estimate import Work
from engine.memory.machine import GIB, Device, Machine
from engine.memory.placement import (
    explained_memory,
    is_out_of_memory,
    measured,
    missing_library,
    on_device,
    place,
    torch_device,
)
from engine.memory.plan import Plan, make_plan
from engine.memory.strategies import Strategy
from engine.models.geometry import Box, make_layout
from engine.pipelines.layout_to_layers import RegionSampling, sample_regions
from engine.sampling.noise import NoiseKey
from tests.engine.small_models import small_transformer, text_states

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def plan() -> Plan:
    machine = Machine.of(Device.CUDA, 24 * GIB, 32 * GIB)
    return make_plan(known_model("art-plus"), Work(Feature.TEXT_TO_LAYERS), machine)


@pytest.mark.parametrize(
    "strategy",
    [Strategy.ALL, Strategy.MODEL_OFFLOAD, Strategy.GROUP_OFFLOAD, Strategy.SEQUENTIAL],
)
def test_the_exact_ways_give_the_same_numbers(strategy: Strategy) -> None:
    box = Box(16, 16, 48, 48)
    sampling = RegionSampling(
        layout=make_layout(96, 64, [None, None, box]),
        noise_keys=(None, None, NoiseKey(7, "apple")),
        text=text_states(1), negative=None, steps=2,
    )  # fmt: skip
    (*_, expected) = sample_regions(small_transformer(), sampling)
    network = place(small_transformer(), strategy, CPU)
    with on_device(network, strategy, CPU) as ready:
        (*_, made) = sample_regions(ready, sampling)  # type: ignore[arg-type]
    assert expected is not None
    assert made is not None
    assert torch.equal(made, expected)


@pytest.mark.parametrize("strategy", [Strategy.EIGHT_BIT, Strategy.FOUR_BIT])
def test_rounding_without_its_library_says_what_is_missing(
    strategy: Strategy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement, "_ROUNDERS", ("no_such_library",))
    assert "torchao" in missing_library(strategy)
    with pytest.raises(EngineError, match="torchao or bitsandbytes"):
        place(small_transformer(), strategy, CPU)


def test_running_out_of_memory_offers_the_next_cheaper_way(plan: Plan) -> None:
    with (
        pytest.raises(EngineError, match='try again with "model offload"') as caught,
        explained_memory(plan, Strategy.ALL),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
    assert "Tried to allocate" in caught.value.detail
    with (
        pytest.raises(EngineError, match="most frugal way"),
        explained_memory(plan, Strategy.SEQUENTIAL),
    ):
        raise MemoryError


def test_other_errors_pass(plan: Plan) -> None:
    with pytest.raises(RuntimeError, match="shape"), explained_memory(plan, Strategy.ALL):
        raise RuntimeError("wrong shape")


def test_memory_errors_are_told_by_their_words() -> None:
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you ..."))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory"))
    assert not is_out_of_memory(RuntimeError("size mismatch"))


def test_measuring_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(perf_counter=iter((1.0, 3.5)).__next__)
    monkeypatch.setattr(placement, "time", clock)
    result, usage = measured(lambda: 3, Device.CPU)
    assert result == 3
    assert usage.vram == 0
    assert usage.seconds == 2.5


def test_names_of_devices() -> None:
    assert torch_device(Device.ROCM).type == "cuda"
    assert torch_device(Device.MPS).type == "mps"
