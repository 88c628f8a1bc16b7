"""Low-rank adapters (LoRA) merged into plain weights, as split ART checkpoints need it.

A split checkpoint is a FLUX base without `layer_pe`, the layer embedding in a file of its own, and
adapters in a fixed order: the pre-fused one, the layer adapter, optionally an aesthetic one at half
weight (art-plus, sections 2.4 and 5.2). Each merge rounds to the dtype of the base before the next
begins, as the published pipeline does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from engine.errors import CheckpointError
from engine.models.region_transformer import LAYER_EMBEDDING_KEY
from engine.sentences import sentence

_PREFIX = "transformer."
_DOWN = ".lora_A.weight"
_UP = ".lora_B.weight"
_ALPHA = ".alpha"


@dataclass(frozen=True, slots=True)
class LoraAdapter:
    """One adapter file.

    Attributes:
        tensors: Keys `transformer.<module>.lora_A.weight` `r in` and `...lora_B.weight` `out r`;
            optionally `transformer.<module>.alpha`.
        weight: How strongly it is merged; 1 = as trained.
        source: File name for error messages.
    """

    tensors: Mapping[str, Tensor]
    weight: float
    source: str


def assemble_split_checkpoint(
    base: Mapping[str, Tensor], layer_embedding: Tensor, adapters: Sequence[LoraAdapter]
) -> dict[str, Tensor]:
    """Weights of a region transformer from a FLUX base, the layer embedding and adapters in order.

    Raises:
        CheckpointError: An adapter does not fit the base.
    """
    weights = dict(base)
    for adapter in adapters:
        weights = merge_lora(weights, adapter)
    return weights | {LAYER_EMBEDDING_KEY: layer_embedding}


def merge_lora(weights: Mapping[str, Tensor], adapter: LoraAdapter) -> dict[str, Tensor]:
    """W + weight alpha/r B A for every adapted module; untouched weights are shared.

    A missing alpha means alpha = r. The sum is taken in float32 and rounded to the dtype of W.

    Raises:
        CheckpointError: A key is not understood, or its module is missing or of another shape.
    """
    _refuse_unknown_keys(adapter)
    merged = dict(weights)
    for key, down in adapter.tensors.items():
        if not key.endswith(_DOWN):
            continue
        module = key.removesuffix(_DOWN)
        up = adapter.tensors.get(module + _UP)
        target = module.removeprefix(_PREFIX) + ".weight"
        fits = up is not None and target in merged
        if up is None or not fits or merged[target].shape != (up.shape[0], down.shape[1]):
            raise CheckpointError(
                sentence(
                    "{source} does not fit this model: there is no place for its weight "
                    "{key}. Choose an adapter made for this checkpoint.",
                    source=adapter.source,
                    key=key,
                )
            )
        scale = adapter.weight * _alpha_scale(adapter.tensors.get(module + _ALPHA), down)
        change = scale * (up.float() @ down.float())
        merged[target] = (merged[target].float() + change).to(merged[target].dtype)
    return merged


def _alpha_scale(alpha: Tensor | None, down: Tensor) -> float:
    return 1.0 if alpha is None else float(alpha) / down.shape[0]


def _refuse_unknown_keys(adapter: LoraAdapter) -> None:
    """A key that is skipped silently would be an adapter that does half of its work."""
    for key in adapter.tensors:
        orphan = key.endswith(_UP) and key.removesuffix(_UP) + _DOWN not in adapter.tensors
        if orphan or not key.startswith(_PREFIX) or not key.endswith((_DOWN, _UP, _ALPHA)):
            raise CheckpointError(
                sentence(
                    "{source} holds a weight that is not understood ({key}); only LoRA "
                    "files in the diffusers form can be merged.",
                    source=adapter.source,
                    key=key,
                )
            )
