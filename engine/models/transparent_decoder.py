"""The joint transparent decoder: latents of all boxes together become the RGBA pixels of each.

A vision transformer with one token per latent pixel (8-px grid). All layers see one another, so the
whole image and the background help the objects (art-plus, section 3.2). Runs in float32: bfloat16
would show as steps in soft shadows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from diffusers.models.transformers.transformer_flux import FluxPosEmbed
from torch import Tensor, nn

from engine.errors import CheckpointError
from engine.models.geometry import LATENT_PX, Box, position_ids
from engine.models.region_transformer import check_weights
from engine.sentences import sentence

_ROTARY_BASE = 10_000
_LAYER_NORM_EPS = 1e-6
_OLD_NAMES = {".mlp.linear_1.": ".mlp.0.", ".mlp.linear_2.": ".mlp.3."}


@dataclass(frozen=True, slots=True)
class TransparentDecoderConfig:
    """Sizes of the decoder; the defaults are those of the published checkpoints (ViT-B).

    Attributes:
        out_dim: 4 channels x patch_size x patch_size.
        axes_dim: Rotary widths for (entry, row, column); their sum is the head width.
    """

    hidden_dim: int = 768
    num_layers: int = 12
    num_heads: int = 12
    mlp_dim: int = 3072
    in_channels: int = 16
    out_dim: int = 256
    patch_size: int = LATENT_PX
    axes_dim: tuple[int, int, int] = (8, 28, 28)

    def __post_init__(self) -> None:
        if self.hidden_dim != self.num_heads * sum(self.axes_dim):
            raise CheckpointError(
                sentence(
                    "The transparent decoder's hidden_dim must be num_heads times the "
                    "sum of axes_dim."
                )
            )
        if self.out_dim != 4 * self.patch_size**2:
            raise CheckpointError(
                sentence("The transparent decoder's out_dim must be 4 times patch_size squared.")
            )


class _Block(nn.Module):
    """Pre-norm block whose rotation sits before the query and key projections."""

    def __init__(self, config: TransparentDecoderConfig) -> None:
        super().__init__()
        width = config.hidden_dim
        self.heads = config.num_heads
        self.ln_1 = nn.LayerNorm(width, eps=_LAYER_NORM_EPS)
        self.self_attention = nn.MultiheadAttention(width, config.num_heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width, eps=_LAYER_NORM_EPS)
        # The third place was a dropout; it stays so that the weights are named mlp.0 and mlp.3.
        self.mlp = nn.Sequential(
            nn.Linear(width, config.mlp_dim),
            nn.GELU(),
            nn.Identity(),
            nn.Linear(config.mlp_dim, width),
        )

    def forward(self, tokens: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """`b n d` -> `b n d`."""
        normed = self.ln_1(tokens)
        # Unusual but trained so: queries and keys project the rotated norm, values the plain one.
        heads = normed.unflatten(-1, (self.heads, -1))  # b n h c
        turned = _rotate(heads, rotary).flatten(2)
        attended, _ = self.self_attention(turned, turned, normed, need_weights=False)
        tokens = tokens + attended
        result: Tensor = tokens + self.mlp(self.ln_2(tokens))
        return result


def _rotate(heads: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
    """Turns interleaved pairs of `b n h c` by the angles of their position (`n c` each)."""
    cosines, sines = (table[:, None] for table in rotary)  # n 1 c
    first, second = heads.unflatten(-1, (-1, 2)).unbind(-1)
    return heads * cosines + torch.stack([-second, first], dim=-1).flatten(-2) * sines


class _Encoder(nn.Module):
    """The stack of blocks and the final norm, named as in the checkpoints."""

    def __init__(self, config: TransparentDecoderConfig) -> None:
        super().__init__()
        blocks = {f"encoder_layer_{i}": _Block(config) for i in range(config.num_layers)}
        self.layers = nn.ModuleDict(blocks)
        self.ln = nn.LayerNorm(config.hidden_dim, eps=_LAYER_NORM_EPS)


class _JointViT(nn.Module):
    def __init__(self, config: TransparentDecoderConfig) -> None:
        super().__init__()
        self.fc_in = nn.Linear(config.in_channels, config.hidden_dim)
        self.encoder = _Encoder(config)
        self.fc_out = nn.Linear(config.hidden_dim, config.out_dim)


class TransparentDecoder(nn.Module):
    """Decodes the boxes of one layout jointly. Built empty: it never fetches other weights.

    Attributes:
        config: Sizes; every width works as long as the head width is 64.
    """

    def __init__(self, config: TransparentDecoderConfig | None = None) -> None:
        super().__init__()
        self.config = config or TransparentDecoderConfig()
        self.rotary = FluxPosEmbed(theta=_ROTARY_BASE, axes_dim=list(self.config.axes_dim))
        self.decoder = _JointViT(self.config)

    def forward(
        self,
        latents: Sequence[Tensor | None],
        boxes: Sequence[Box | None],
        wanted: Collection[int] | None = None,
    ) -> dict[int, Tensor]:
        """RGBA of the wanted entries; every entry with a box is a condition for the others.

        Args:
            latents: Per entry `16 h w`, cropped to its box on the 8-px grid, in the unscaled space
                of the VAE; None for null entries.
            boxes: Per entry, on the 8-px grid.
            wanted: Entries to return; None = all that have a box.

        Returns:
            Entry -> `4 8h 8w` covering its box: straight RGB and alpha, nominally in [-1, 1],
            unclamped.
        """
        network = self.decoder
        parts = [entry.flatten(1).T for entry in latents if entry is not None]  # each n_i 16
        tokens = network.fc_in(torch.cat(parts).float()[None])  # 1 n d
        cosines, sines = self.rotary(position_ids(boxes, LATENT_PX))
        rotary = (cosines.to(tokens.device), sines.to(tokens.device))
        for block in network.encoder.layers.values():
            tokens = block(tokens, rotary)
        return self._pixels(tokens[0], boxes, wanted)

    def _pixels(
        self, tokens: Tensor, boxes: Sequence[Box | None], wanted: Collection[int] | None
    ) -> dict[int, Tensor]:
        pixels: dict[int, Tensor] = {}
        start = 0
        for index, box in enumerate(boxes):
            if box is None:
                continue
            rows, columns = box.cells(LATENT_PX)
            own = tokens[start : start + rows * columns]
            start += rows * columns
            if wanted is None or index in wanted:
                patches = self.decoder.fc_out(self.decoder.encoder.ln(own))
                pixels[index] = self._unpatch(patches, rows, columns)
        return pixels

    def _unpatch(self, patches: Tensor, rows: int, columns: int) -> Tensor:
        """`rows*columns 256` with the order (c, dy, dx) -> `4 8*rows 8*columns`."""
        size = self.config.patch_size
        cells = patches.reshape(rows, columns, 4, size, size)
        return cells.permute(2, 0, 3, 1, 4).reshape(4, rows * size, columns * size)

    @classmethod
    def from_state_dict(
        cls, config: Mapping[str, Any], state_dict: Mapping[str, Tensor], source: str
    ) -> Self:
        """Builds the decoder and loads all its weights.

        Args:
            config: Fields of `TransparentDecoderConfig`.
            state_dict: Becomes the parameters themselves; old key names are understood.
            source: File name for error messages.

        Raises:
            CheckpointError: A weight is missing, unknown or of another shape, or the configuration
                does not fit.
        """
        with torch.device("meta"):
            model = cls(_read_config(config, source))
        weights = {_current_name(key): value for key, value in state_dict.items()}
        check_weights(model, weights, source)
        model.load_state_dict(weights, assign=True)
        model.eval()
        return model


def _read_config(config: Mapping[str, Any], source: str) -> TransparentDecoderConfig:
    fields = {key: value for key, value in config.items() if not key.startswith("_")}
    try:
        return TransparentDecoderConfig(**fields | {"axes_dim": tuple(fields["axes_dim"])})
    except (KeyError, TypeError) as error:
        raise CheckpointError(
            sentence(
                "The transparent decoder's configuration in {source} is not understood.",
                source=source,
            ),
            detail=str(error),
        ) from error


def _current_name(key: str) -> str:
    for old, new in _OLD_NAMES.items():
        key = key.replace(old, new)
    return key
