"""Names of Inf-DiT's published weights, and the sizes that can be read from their shapes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from torch import Tensor

from engine.errors import CheckpointError
from engine.sentences import sentence

_A = "mixins.adaln_layer."
# Published name -> ours; {l} is the number of a layer. Whatever follows (weight, bias) stays.
_NAMES = {
    "time_embed.mlp.": "time_mlp.",
    "cond_embed.map_vector.": "vector_mlp.",
    "mixins.patch_embed.proj.": "patch_embed.",
    f"{_A}proj_lr.": "project_lr.",
    f"{_A}re_pos_embed": "slot_vectors",
    f"{_A}adaLN_modulations.{{l}}.1.": "layers.{l}.modulate.",
    f"{_A}q_layer_norm.{{l}}.": "layers.{l}.query_norm.",
    f"{_A}cross_attention.": "cross_attention.",
    f"{_A}cross_q_ln.": "cross_attention.query_norm.",
    f"{_A}cross_k_ln.": "cross_attention.key_norm.",
    f"{_A}lr_query_position_embedding": "cross_attention.query_positions",
    f"{_A}lr_key_position_embedding": "cross_attention.key_positions",
    f"{_A}post_cross_attention_layernorm.": "first_mlp_norm.",
    "transformer.layers.{l}.attention.query_key_value.": "layers.{l}.query_key_value.",
    "transformer.layers.{l}.attention.dense.": "layers.{l}.dense.",
    "transformer.layers.{l}.mlp.dense_h_to_4h.": "layers.{l}.up.",
    "transformer.layers.{l}.mlp.dense_4h_to_h.": "layers.{l}.down.",
    "mixins.final_layer.adaLN_modulation.1.": "head_modulation.",
    "mixins.final_layer.linear.": "head.",
}
# In the published file and never used: position tables, the keys' own norm, the CLIP model.
_IGNORED = (
    f"{_A}rope.",
    f"{_A}k_layer_norm.",
    "transformer.position_embeddings.",
    "image_encoder.",
)
_LAYER = r"(?P<layer>\d+)"
_PATTERNS = [
    (re.compile("^" + re.escape(theirs).replace(r"\{l\}", _LAYER)), ours)
    for theirs, ours in _NAMES.items()
]


def rename_weights(weights: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
    """Published names to ours, without the leftovers.

    Raises:
        CheckpointError: There is a weight that is neither.
    """
    own = {}
    for key, value in weights.items():
        if key.startswith(_IGNORED):
            continue
        name = _our_name(key)
        if name is None:
            raise CheckpointError(
                sentence(
                    "{source} holds the weight {key}, which no Inf-DiT has; choose another file.",
                    source=source,
                    key=key,
                )
            )
        own[name] = value
    return own


def _our_name(key: str) -> str | None:
    for pattern, ours in _PATTERNS:
        if match := pattern.match(key):
            number = match.groupdict().get("layer", "")
            return ours.replace("{l}", number) + key[match.end() :]
    return None


def publish_weights(own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Our names to the published ones; the inverse of `rename_weights`."""
    longest_first = sorted(_NAMES.items(), key=lambda pair: -len(pair[1]))
    published = {}
    for key, value in own.items():
        number = key.split(".")[1] if key.startswith("layers.") else ""
        for theirs, ours in longest_first:
            prefix = ours.replace("{l}", number)
            if key.startswith(prefix):
                published[theirs.replace("{l}", number) + key.removeprefix(prefix)] = value
                break
    return published


def read_sizes(own: Mapping[str, Tensor], source: str) -> dict[str, int]:
    """Fields of `InfDitSizes` from the shapes of renamed weights.

    Raises:
        CheckpointError: A weight that tells a size is missing or has other axes than it must.
    """
    try:
        layers, _, heads, head_dim = own["slot_vectors"].shape
        hidden, in_channels, patch, _ = own["patch_embed.weight"].shape
        _, _, lr_patch, _ = own["project_lr.weight"].shape
        tokens = own["cross_attention.query_positions"].shape[1]
        window = own["cross_attention.key_positions"].shape[1]
        out_channels = own["head.weight"].shape[0] // patch**2
        mlp = own["layers.0.up.weight"].shape[0]
        vector = own["vector_mlp.0.weight"].shape[1]
        time = own["time_mlp.0.weight"].shape[1]
    except (KeyError, ValueError, IndexError, ZeroDivisionError) as error:
        raise CheckpointError(
            sentence(
                "{source} lacks weights of Inf-DiT; the file is incomplete, get it again.",
                source=source,
            ),
            str(error),
        ) from error
    sizes = {
        "hidden": hidden, "layers": layers, "heads": heads, "head_dim": head_dim, "mlp": mlp,
        "patch_px": patch, "block_tokens": math.isqrt(tokens), "lr_patch_px": lr_patch,
        "lr_block_tokens": math.isqrt(window) // 3, "vector": vector, "time": time,
        "in_channels": in_channels, "out_channels": out_channels,
    }  # fmt: skip
    square = math.isqrt(tokens) ** 2 == tokens and (sizes["lr_block_tokens"] * 3) ** 2 == window
    lr_block_px = sizes["lr_block_tokens"] * lr_patch
    if not square or head_dim % 4 or not lr_block_px or sizes["block_tokens"] * patch % lr_block_px:
        raise CheckpointError(
            sentence(
                "The sizes of the weights in {source} are not those of an Inf-DiT.", source=source
            ),
            str(sizes),
        )
    return sizes
