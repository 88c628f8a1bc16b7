"""Merging adapters: formula, order of rounding, and what does not fit."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from engine.checkpoints.lora import LoraAdapter, assemble_split_checkpoint, merge_lora
from engine.errors import CheckpointError

KEY = "transformer.blocks.0.to_q"


def adapter(
    rank: int = 2, weight: float = 0.5, extra: Mapping[str, Tensor] | None = None
) -> LoraAdapter:
    generator = torch.Generator().manual_seed(rank)
    tensors = {
        KEY + ".lora_A.weight": torch.randn(rank, 3, generator=generator),
        KEY + ".lora_B.weight": torch.randn(4, rank, generator=generator),
    }
    return LoraAdapter(tensors | dict(extra or {}), weight, "adapter.safetensors")


def base(dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(9)
    weight = torch.randn(4, 3, generator=generator).to(dtype)
    return {"blocks.0.to_q.weight": weight, "blocks.0.to_q.bias": torch.zeros(4)}


def test_adds_the_scaled_product_to_its_module_only() -> None:
    lora, weights = adapter(), base()
    merged = merge_lora(weights, lora)
    product = lora.tensors[KEY + ".lora_B.weight"] @ lora.tensors[KEY + ".lora_A.weight"]
    expected = base()["blocks.0.to_q.weight"] + 0.5 * product
    torch.testing.assert_close(merged["blocks.0.to_q.weight"], expected)
    assert merged["blocks.0.to_q.bias"] is weights["blocks.0.to_q.bias"]
    assert torch.equal(weights["blocks.0.to_q.weight"], base()["blocks.0.to_q.weight"])


def test_alpha_over_rank_scales() -> None:
    plain = merge_lora(base(), adapter(rank=2, weight=1.0))
    with_alpha = adapter(rank=2, weight=0.5, extra={KEY + ".alpha": torch.tensor(4.0)})
    for key, value in merge_lora(base(), with_alpha).items():
        torch.testing.assert_close(value, plain[key])


def test_each_merge_rounds_to_the_base_before_the_next() -> None:
    first, second = adapter(2, 1.0), adapter(3, 0.5)
    merged = assemble_split_checkpoint(base(torch.bfloat16), torch.ones(1), [first, second])
    step = merge_lora(base(torch.bfloat16), first)
    assert step["blocks.0.to_q.weight"].dtype == torch.bfloat16
    expected = merge_lora(step, second)["blocks.0.to_q.weight"]
    assert torch.equal(merged["blocks.0.to_q.weight"], expected)
    assert torch.equal(merged["layer_pe"], torch.ones(1))


def test_adapters_of_another_model_are_refused() -> None:
    with pytest.raises(CheckpointError, match=r"adapter\.safetensors does not fit this model"):
        merge_lora({"other.weight": torch.zeros(4, 3)}, adapter())
    with pytest.raises(CheckpointError, match="does not fit"):
        merge_lora({"blocks.0.to_q.weight": torch.zeros(4, 5)}, adapter())


@pytest.mark.parametrize(
    "key", ["blocks.0.to_q.lora_A.weight", KEY + ".dora_scale", "transformer.x.lora_B.weight"]
)
def test_keys_that_would_be_skipped_are_refused(key: str) -> None:
    with pytest.raises(CheckpointError, match="not understood"):
        merge_lora(base(), adapter(extra={key: torch.zeros(1)}))


def test_half_an_adapter_is_refused() -> None:
    tensors = dict(adapter().tensors)
    del tensors[KEY + ".lora_B.weight"]
    with pytest.raises(CheckpointError, match="does not fit"):
        merge_lora(base(), LoraAdapter(tensors, 1.0, "adapter"))
