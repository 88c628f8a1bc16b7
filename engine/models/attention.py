"""Which kernels can compute attention on this machine, which one is taken, and why.

The names are ours, the kernels those of diffusers' attention dispatch, which every FLUX block goes
through. Each is tried on a few numbers before it is offered: a package that is installed but was
built for another torch or another card is found out here and not in the middle of a job. Kernels
that diffusers would fetch from a hub are not offered.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import torch

from engine.errors import RequestError
from engine.requests.run_options import Attention, RunOptions
from engine.sentences import sentence

_KERNELS = {
    Attention.SDPA: "native",
    Attention.SDPA_FLASH: "_native_flash",
    Attention.SDPA_EFFICIENT: "_native_efficient",
    Attention.SDPA_CUDNN: "_native_cudnn",
    Attention.SDPA_MATH: "_native_math",
    Attention.FLASH: "flash",
    Attention.XFORMERS: "xformers",
    Attention.SAGE: "sage",
}
_PACKAGES = {
    Attention.FLASH: ("flash_attn", "flash-attn"),
    Attention.XFORMERS: ("xformers", "xformers"),
    Attention.SAGE: ("sageattention", "sageattention"),
}
_TRIED_TOKENS, _TRIED_HEADS = 64, 2
_FLUX_HEAD = 128
_CLOSE = 0.1  # to torch's own, of values about 1; kernels that round to 8 bits are within it
_OWN_FLASH_SINCE = (8, 0)  # compute capability of the cards that torch's flash kernel is built for


@dataclass(frozen=True, slots=True)
class AttentionChoice:
    """Who computes attention.

    Attributes:
        kernel: Never AUTO.
        reason: A sentence.
    """

    kernel: Attention
    reason: str


def choose_attention(
    wanted: Attention, device: torch.device, dtype: torch.dtype, head_dim: int
) -> AttentionChoice:
    """The kernel for a network whose heads are `head_dim` wide.

    AUTO takes only exact kernels: flash-attn where it works, xformers on cards that torch's own
    fast kernel is not made for, else torch.

    Raises:
        RequestError: The wanted one does not work here; the sentence says why.
    """
    if wanted is not Attention.AUTO:
        missing = why_not(wanted, device, dtype, head_dim)
        if missing:
            raise RequestError(
                sentence(
                    'Attention by "{name}" cannot be used: {reason}. Choose "auto" or another one.',
                    name=wanted.value,
                    reason=missing,
                )
            )
        return AttentionChoice(wanted, sentence("It was chosen by hand."))
    if device.type != "cuda":
        return AttentionChoice(
            Attention.SDPA, sentence("The other kernels are made for graphics cards of NVIDIA.")
        )
    if not why_not(Attention.FLASH, device, dtype, head_dim):
        return AttentionChoice(
            Attention.FLASH, sentence("flash-attn is installed, works here and is exact.")
        )
    old = torch.cuda.get_device_capability(device) < _OWN_FLASH_SINCE
    if old and not why_not(Attention.XFORMERS, device, dtype, head_dim):
        return AttentionChoice(
            Attention.XFORMERS,
            sentence("xformers works here; torch has no fast kernel of its own for this card."),
        )
    return AttentionChoice(
        Attention.SDPA, sentence("torch picks the fastest of its own exact kernels for this card.")
    )


@cache
def why_not(wanted: Attention, device: torch.device, dtype: torch.dtype, head_dim: int) -> str:
    """Why a kernel cannot be used on a device; "" = it can. Found out once, by trying it."""
    if wanted in (Attention.AUTO, Attention.SDPA):
        return ""
    if wanted in _PACKAGES:
        module, package = _PACKAGES[wanted]
        if importlib.util.find_spec(module) is None:
            return sentence("the Python package {package} is not installed", package=package)
        if device.type != "cuda":
            return sentence("it needs a graphics card of NVIDIA")
    try:
        off = _tried(wanted, device, dtype, head_dim)
    except (RuntimeError, ValueError, NotImplementedError, ImportError):
        return sentence("it does not work on this device")
    return "" if off <= _CLOSE else sentence("it gives wrong numbers on this device")


def usable_here(
    options: RunOptions, device: torch.device, dtype: torch.dtype, head_dim: int
) -> RunOptions:
    """The same, by the best kernel of this machine if the wanted one does not work on it.

    For doing again what was made on another machine: all exact kernels give nearly the same.
    """
    missing = why_not(options.attention, device, dtype, head_dim)
    return replace(options, attention=Attention.AUTO) if missing else options


def usable(device: torch.device, dtype: torch.dtype, head_dim: int) -> dict[Attention, str]:
    """All kernels, each with the reason why it cannot be used here; "" = it can."""
    return {each: why_not(each, device, dtype, head_dim) for each in Attention}


def described(device: torch.device) -> tuple[dict[str, str], str]:
    """For people: (name -> why it cannot be used here; what AUTO takes and why), of full FLUX."""
    choice = choose_attention(Attention.AUTO, device, torch.bfloat16, _FLUX_HEAD)
    reasons = usable(device, torch.bfloat16, _FLUX_HEAD)
    taken = sentence(
        '"auto" takes "{name}". {reason}', name=choice.kernel.value, reason=choice.reason
    )
    return {kernel.value: reason for kernel, reason in reasons.items()}, taken


@contextmanager
def attention_by(kernel: Attention) -> Iterator[None]:
    """FLUX blocks that are computed inside use this kernel."""
    from diffusers.models.attention_dispatch import attention_backend

    within: Any = attention_backend
    with within(_KERNELS[kernel]):
        yield


def _tried(wanted: Attention, device: torch.device, dtype: torch.dtype, head_dim: int) -> float:
    """Largest distance to torch's own choice on a few numbers."""
    from diffusers.models.attention_dispatch import dispatch_attention_fn

    generator = torch.Generator().manual_seed(0)
    shape = (3, 1, _TRIED_TOKENS, _TRIED_HEADS, head_dim)
    query, key, value = torch.randn(shape, generator=generator).to(device, dtype)
    dispatch: Any = dispatch_attention_fn
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch explains at length why a kernel is not there
        with attention_by(wanted):
            answer = dispatch(query, key, value)
        with attention_by(Attention.SDPA):
            expected = dispatch(query, key, value)
    return float((answer.float() - expected.float()).abs().max())
