"""The Anonymous Region Transformer: FLUX blocks over the tokens inside the boxes of all layers.

One sequence holds the tokens of every entry (whole image, background, objects), with full attention
between them. A token knows its layer by an additive learned embedding and by the first rotary axis
(art-plus, sections 1 and 2). Tokens outside the boxes never exist, so cost follows the boxes and
not the number of canvases. The starter model and the full size are this same class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, Self

import torch
from diffusers.configuration_utils import register_to_config
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from torch import Tensor, nn

from engine.errors import CheckpointError
from engine.models.first_block_cache import FirstBlockCache
from engine.models.geometry import MAX_ENTRIES, RegionLayout, position_ids, token_entries
from engine.sentences import sentence

LAYER_EMBEDDING_KEY = "layer_pe"
_NAMED_KEYS = 3  # how many missing keys an error spells out


@dataclass(frozen=True, slots=True)
class RegionPositions:
    """What the transformer must know of a layout; computed once and used at every step.

    Attributes:
        token_entry: Entry index of each image token, int64 `n`.
        rotary: Cosines and sines, float32 `t+n head_dim` each, text tokens first.
    """

    token_entry: Tensor
    rotary: tuple[Tensor, Tensor]


class RegionTransformer(FluxTransformer2DModel):
    """`FluxTransformer2DModel` plus `layer_pe`, evaluated on kept tokens only.

    Weight names are those of diffusers' FLUX; the one addition is `layer_pe`
    `1 max_layer_num 1 1 inner_dim`. Can be built on the meta device. The defaults are the size of
    FLUX.1-dev.
    """

    _supports_gradient_checkpointing = False  # `forward` runs the blocks directly

    @register_to_config  # type: ignore[untyped-decorator]  # diffusers is not annotated
    def __init__(
        self,
        *,
        patch_size: int = 1,
        in_channels: int = 64,
        out_channels: int | None = None,
        num_layers: int = 19,
        num_single_layers: int = 38,
        attention_head_dim: int = 128,
        num_attention_heads: int = 24,
        joint_attention_dim: int = 4096,
        pooled_projection_dim: int = 768,
        guidance_embeds: bool = True,
        axes_dims_rope: tuple[int, int, int] = (16, 56, 56),
        max_layer_num: int = MAX_ENTRIES,
    ) -> None:
        super().__init__(
            patch_size=patch_size,
            in_channels=in_channels,
            out_channels=out_channels,
            num_layers=num_layers,
            num_single_layers=num_single_layers,
            attention_head_dim=attention_head_dim,
            num_attention_heads=num_attention_heads,
            joint_attention_dim=joint_attention_dim,
            pooled_projection_dim=pooled_projection_dim,
            guidance_embeds=guidance_embeds,
            axes_dims_rope=axes_dims_rope,
        )
        self.layer_pe = nn.Parameter(torch.empty(1, max_layer_num, 1, 1, self.inner_dim))
        nn.init.trunc_normal_(self.layer_pe, std=0.02)

    def positions(self, layout: RegionLayout, text_tokens: int) -> RegionPositions:
        """Layer index and rotary table of every token, on the device of the weights.

        Text has the position (0, 0, 0), the same as the first token of the whole image: that is
        how the checkpoints were trained.

        Args:
            text_tokens: Length of the text states this layout is sampled with.
        """
        device = self.layer_pe.device
        ids = torch.cat([torch.zeros(text_tokens, 3), position_ids(layout.boxes)])
        cosines, sines = self.pos_embed(ids)
        rotary = (cosines.to(device), sines.to(device))
        return RegionPositions(token_entries(layout, device), rotary)

    def forward(
        self,
        tokens: Tensor,
        positions: RegionPositions,
        *,
        encoder_hidden_states: Tensor,
        pooled_projections: Tensor,
        timestep: Tensor,
        guidance: Tensor | None = None,
        cache: FirstBlockCache | None = None,
    ) -> Tensor:
        """Velocity (noise - data) of every kept token.

        Args:
            tokens: Packed latents of all boxes, `b n 64` (`geometry.pack_regions`).
            positions: From `positions()` for the same layout and text length.
            encoder_hidden_states: Text states, `b t joint_attention_dim`.
            pooled_projections: Pooled text, `b pooled_projection_dim`.
            timestep: Sigma in [0, 1], `b`; keep it float32, bfloat16 would coarsen it.
            guidance: Distilled guidance, `b`; needed exactly when the config has guidance_embeds.
            cache: May leave all blocks but the first out; None = everything is computed.

        Returns:
            `b n 64`.
        """
        hidden = self.x_embedder(tokens)  # b n d
        # Where weights are moved while they are used, only tensors given directly come along.
        entries = positions.token_entry.to(self.layer_pe.device)
        hidden = hidden + self.layer_pe[0, :, 0, 0][entries].to(hidden.device, hidden.dtype)
        rotary = (positions.rotary[0].to(hidden.device), positions.rotary[1].to(hidden.device))
        text = self.context_embedder(encoder_hidden_states)  # b t d
        condition = self._condition(timestep, guidance, pooled_projections)  # b d
        first, *others = (*self.transformer_blocks, *self.single_transformer_blocks)
        text, begun = first(hidden, text, condition, rotary)
        finished = None if cache is None else cache.finished(hidden, begun)
        if finished is None:
            finished = begun
            for block in others:
                text, finished = block(finished, text, condition, rotary)
            if cache is not None:
                cache.keep(begun, finished)
        output: Tensor = self.proj_out(self.norm_out(finished, condition))
        return output

    def _condition(self, timestep: Tensor, guidance: Tensor | None, pooled: Tensor) -> Tensor:
        if (guidance is None) == self.config["guidance_embeds"]:
            expected = "needs" if guidance is None else "does not take"
            raise ValueError(f"this checkpoint {expected} a guidance value")
        steps = [timestep * 1000] if guidance is None else [timestep * 1000, guidance * 1000]
        condition: Tensor = self.time_text_embed(*steps, pooled)
        return condition

    @classmethod
    def from_state_dict(
        cls, config: Mapping[str, Any], state_dict: Mapping[str, Tensor], source: str
    ) -> Self:
        """Builds the model without spending time on initial values and loads all its weights.

        Args:
            config: As in `config.json`; class and version fields are ignored.
            state_dict: Becomes the parameters themselves; nothing is copied.
            source: File name for error messages.

        Raises:
            CheckpointError: A weight is missing, unknown or of another shape, or the configuration
                has an unknown field.
        """
        known = {key: value for key, value in config.items() if not key.startswith("_")}
        try:
            with torch.device("meta"):
                model: Self = cls(**known)
        except (TypeError, ValueError, RuntimeError) as error:
            raise CheckpointError(
                sentence(
                    "The model configuration of {source} is not understood; it must be "
                    "that of a region transformer.",
                    source=source,
                ),
                detail=str(error),
            ) from error
        check_weights(model, state_dict, source)
        model.load_state_dict(dict(state_dict), assign=True)
        model.eval()
        return model

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | PathLike[str] | None, **kwargs: Any
    ) -> Self:
        """Loads a diffusers folder from disk; takes the options of diffusers' method.

        Raises:
            CheckpointError: The folder lacks `layer_pe` or another weight. diffusers alone would
                only log this, and the pictures would be mush.
        """
        kwargs |= {"output_loading_info": True, "local_files_only": True}
        loaded: Any = super().from_pretrained(pretrained_model_name_or_path, **kwargs)
        model, report = loaded
        _refuse_missing(report["missing_keys"], str(pretrained_model_name_or_path))
        result: Self = model
        return result


def check_weights(model: nn.Module, state_dict: Mapping[str, Tensor], source: str) -> None:
    """Raises CheckpointError, naming the weights, unless `state_dict` fits `model` exactly."""
    expected = {key: value.shape for key, value in model.state_dict().items()}
    _refuse_missing([key for key in expected if key not in state_dict], source)
    unknown = [key for key in state_dict if key not in expected]
    if unknown:
        raise CheckpointError(
            sentence(
                "{source} holds weights this model does not have ({keys}); choose a "
                "checkpoint of the same kind.",
                source=source,
                keys=_name_some(unknown),
            )
        )
    for key, shape in expected.items():
        if state_dict[key].shape != shape:
            raise CheckpointError(
                sentence(
                    "{source}: the weight {key} has the shape {shape}, but the "
                    "configuration asks for {wanted}; weights and configuration do not "
                    "belong together.",
                    source=source,
                    key=key,
                    shape=tuple(state_dict[key].shape),
                    wanted=tuple(shape),
                )
            )


def _refuse_missing(missing: list[str], source: str) -> None:
    if LAYER_EMBEDDING_KEY in missing:
        raise CheckpointError(
            sentence(
                "{source} has no layer embedding ({key}), so it cannot make layers; use "
                "a region transformer checkpoint or add the layer embedding's file.",
                source=source,
                key=LAYER_EMBEDDING_KEY,
            )
        )
    if missing:
        raise CheckpointError(
            sentence(
                "{source} lacks weights of the model ({keys}); the file is incomplete, "
                "get it again.",
                source=source,
                keys=_name_some(missing),
            )
        )


def _name_some(keys: list[str]) -> str:
    rest = len(keys) - _NAMED_KEYS
    return ", ".join(keys[:_NAMED_KEYS]) + (f" and {rest} more" if rest > 0 else "")
