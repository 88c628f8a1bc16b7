"""Puts networks where a strategy wants them, measures what they take, explains when it is too much.

Rounding to 8 and 4 bits is done by torchao or bitsandbytes where one of them is installed; neither
is part of the program, and neither was tried on a card yet.
"""

from __future__ import annotations

import gc
import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from engine.errors import EngineError
from engine.memory.machine import Device
from engine.memory.plan import Plan, next_cheaper
from engine.memory.strategies import TRAITS, Strategy
from engine.sentences import sentence

_ROUNDERS = ("torchao", "bitsandbytes")
_MEMORY_WORDS = ("out of memory", "not enough memory", "can't allocate memory")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a job really took.

    Attributes:
        vram: Peak bytes on the card; 0 without one.
    """

    vram: int
    seconds: float


def torch_device(device: Device) -> torch.device:
    """PyTorch's name; ROCm calls itself CUDA."""
    names = {Device.CUDA: "cuda", Device.ROCM: "cuda", Device.MPS: "mps", Device.CPU: "cpu"}
    return torch.device(names[device])


def place(network: nn.Module, strategy: Strategy, device: torch.device) -> nn.Module:
    """Prepares one network; computing with it then moves what has to move.

    Raises:
        EngineError: Rounding needs a library that is not installed.
    """
    if strategy in (Strategy.EIGHT_BIT, Strategy.FOUR_BIT):
        return _rounded(network, strategy).to(device)
    if strategy is Strategy.GROUP_OFFLOAD:
        _offload_blocks(network, device)
        return network
    if strategy is Strategy.SEQUENTIAL:
        _offload_blocks(network, device, by_leaf=True)
        return network
    if strategy is Strategy.MODEL_OFFLOAD:
        return network  # `on_device` brings it when its turn comes
    return network.to(device)


@contextmanager
def on_device(network: nn.Module, strategy: Strategy, device: torch.device) -> Iterator[nn.Module]:
    """The network ready to compute; with model offload it leaves afterwards."""
    if strategy is not Strategy.MODEL_OFFLOAD:
        yield network
        return
    network.to(device)
    try:
        yield network
    finally:
        network.to("cpu")
        free_memory()


def missing_library(strategy: Strategy) -> str:
    """Why rounding cannot be done here; "" = it can, or none is needed."""
    if strategy not in (Strategy.EIGHT_BIT, Strategy.FOUR_BIT):
        return ""
    if any(importlib.util.find_spec(name) is not None for name in _ROUNDERS):
        return ""
    return sentence("needs the Python package torchao or bitsandbytes, which is not installed")


def free_memory() -> None:
    """Gives unused memory back: Python's, then the card's."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def measured(job: Callable[[], Any], device: Device) -> tuple[Any, Usage]:
    """(what `job` returns, what it took)."""
    card = device in (Device.CUDA, Device.ROCM)
    if card:
        torch.cuda.reset_peak_memory_stats()
    begun = time.perf_counter()
    result = job()
    vram = int(torch.cuda.max_memory_reserved()) if card else 0
    return result, Usage(vram, time.perf_counter() - begun)


@contextmanager
def explained_memory(plan: Plan, strategy: Strategy) -> Iterator[None]:
    """Turns running out of memory into a sentence with the next cheaper way; the caches are freed.

    Raises:
        EngineError: Memory ran out.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        detail = str(error)
        error.__traceback__ = None  # its frames hold the tensors
        free_memory()
        raise EngineError(out_of_memory_sentence(plan, strategy), detail) from None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch or Python says that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(error).lower() for words in _MEMORY_WORDS)


def out_of_memory_sentence(plan: Plan, strategy: Strategy) -> str:
    """What to do now; names the next cheaper way if there is one."""
    cheaper = next_cheaper(plan, strategy)
    if cheaper is None:
        return sentence(
            "Memory ran out although the most frugal way was used; choose a smaller canvas, fewer "
            "boxes, or close other programs."
        )
    return sentence(
        'Memory ran out with "{used}"; try again with "{cheaper}", or choose a smaller canvas or '
        "fewer boxes.",
        used=TRAITS[strategy].title,
        cheaper=TRAITS[cheaper].title,
    )


def _offload_blocks(network: nn.Module, device: torch.device, *, by_leaf: bool = False) -> None:
    from diffusers.hooks.group_offloading import apply_group_offloading

    streams = device.type == "cuda" and not by_leaf
    options: dict[str, Any] = {"offload_type": "leaf_level"} if by_leaf else {
        "offload_type": "block_level", "num_blocks_per_group": 1,
    }  # fmt: skip
    apply_group_offloading(
        network,
        onload_device=device,
        offload_device=torch.device("cpu"),
        use_stream=streams,
        **options,
    )


def _rounded(network: nn.Module, strategy: Strategy) -> nn.Module:
    missing = missing_library(strategy)
    if missing:
        raise EngineError(
            sentence(
                '"{title}" {reason}; install it or choose another way.',
                title=TRAITS[strategy].title,
                reason=missing,
            )
        )
    if importlib.util.find_spec("torchao") is not None:
        quantization: Any = importlib.import_module("torchao.quantization")
        kinds = {
            Strategy.EIGHT_BIT: "Int8WeightOnlyConfig",
            Strategy.FOUR_BIT: "Int4WeightOnlyConfig",
        }
        quantization.quantize_(network, getattr(quantization, kinds[strategy])())
        return network
    return _rounded_by_bitsandbytes(network, strategy)


def _rounded_by_bitsandbytes(network: nn.Module, strategy: Strategy) -> nn.Module:
    """Replaces every linear layer; the weights are rounded when they reach the card."""
    kinds: Any = importlib.import_module("bitsandbytes.nn")
    for name, layer in _linear_layers(network):
        owner, _, last = name.rpartition(".")
        has_bias = layer.bias is not None
        if strategy is Strategy.EIGHT_BIT:
            made = kinds.Linear8bitLt(
                layer.in_features, layer.out_features, has_bias, has_fp16_weights=False
            )
            made.weight = kinds.Int8Params(layer.weight.data, requires_grad=False)
        else:
            made = kinds.LinearNF4(layer.in_features, layer.out_features, has_bias)
            made.weight = kinds.Params4bit(layer.weight.data, requires_grad=False, quant_type="nf4")
        if has_bias:
            made.bias = layer.bias
        setattr(network.get_submodule(owner), last, made)
    return network


def _linear_layers(network: nn.Module) -> Sequence[tuple[str, nn.Linear]]:
    return [(name, part) for name, part in network.named_modules() if type(part) is nn.Linear]
