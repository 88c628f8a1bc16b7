"""Which kernels compute attention here, which one is taken, and that they agree."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers.models import attention_dispatch

from engine.errors import RequestError
from engine.models import attention
from engine.models.attention import attention_by, choose_attention, usable, why_not
from engine.requests.run_options import Attention
from tests.engine.small_models import small_transformer
from tests.engine.test_first_block_cache import sampling

CPU, CARD, FLOAT = torch.device("cpu"), torch.device("cuda"), torch.float32


@pytest.fixture(autouse=True)
def forgotten() -> None:
    why_not.cache_clear()


def test_every_kernel_says_whether_it_works_here() -> None:
    found = usable(CPU, FLOAT, 16)
    assert set(found) == set(Attention)
    assert [name for name, reason in found.items() if not reason][:2] == ["auto", "sdpa"]
    assert found[Attention.SDPA_MATH] == ""
    for name in (Attention.FLASH, Attention.XFORMERS, Attention.SAGE):
        assert "is not installed" in found[name] or "needs a graphics card" in found[name]


def test_a_processor_takes_torchs_own_and_says_why() -> None:
    choice = choose_attention(Attention.AUTO, CPU, FLOAT, 16)
    assert choice.kernel is Attention.SDPA
    assert choice.reason.endswith(".")
    assert choose_attention(Attention.SDPA_MATH, CPU, FLOAT, 16).reason == "It was chosen by hand."
    with pytest.raises(RequestError, match=r"flash-attn is not installed|needs a graphics card"):
        choose_attention(Attention.FLASH, CPU, FLOAT, 16)


@pytest.mark.parametrize(
    ("capability", "works", "expected"),
    [
        ((9, 0), {Attention.FLASH, Attention.XFORMERS, Attention.SAGE}, Attention.FLASH),
        ((8, 6), {Attention.XFORMERS, Attention.SAGE}, Attention.SDPA),
        ((7, 5), {Attention.XFORMERS}, Attention.XFORMERS),
        ((7, 5), set(), Attention.SDPA),
    ],
)
def test_the_choice_for_cards(
    monkeypatch: pytest.MonkeyPatch,
    capability: tuple[int, int],
    works: set[Attention],
    expected: Attention,
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    monkeypatch.setattr(
        attention, "why_not", lambda kernel, *_words: "" if kernel in works else "not here"
    )
    choice = choose_attention(Attention.AUTO, CARD, torch.bfloat16, 128)
    assert choice.kernel is expected
    assert choice.reason


def test_a_kernel_with_wrong_numbers_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "_tried", lambda *_words: 0.5)
    assert why_not(Attention.SDPA_MATH, CPU, FLOAT, 16) == "it gives wrong numbers on this device"


def test_the_kernel_holds_for_what_is_computed_inside() -> None:
    registry: Any = attention_dispatch._AttentionBackendRegistry
    before = registry.get_active_backend()[0]
    with attention_by(Attention.SDPA_MATH):
        assert registry.get_active_backend()[0] == "_native_math"
    assert registry.get_active_backend()[0] == before


def test_layers_are_sampled_by_the_wanted_kernel() -> None:
    from dataclasses import replace

    from engine.models.first_block_cache import relative_error
    from engine.pipelines.layout_to_layers import sample_regions
    from engine.requests.run_options import RunOptions

    network = small_transformer()
    usual = sampling()
    by_hand = replace(sampling(), run=RunOptions(Attention.SDPA_MATH))
    a, b = sample_regions(network, usual), sample_regions(network, by_hand)
    assert relative_error(b, a) < 1e-5
    assert (usual.outcome.attention, by_hand.outcome.attention) == ("sdpa", "sdpa-math")
    assert by_hand.outcome.record(by_hand.run).attention == "sdpa-math"
