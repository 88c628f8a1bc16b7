"""The CLIP vision tower that gives Inf-DiT one vector for the whole picture (OpenCLIP's names)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Self

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor, nn

from engine.errors import CheckpointError
from engine.sentences import sentence

PREFIX = "image_encoder.model.visual."  # inside a published Inf-DiT file
_HEAD_DIM = 64
_NORM_EPS = 1e-5
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)


class ClipVision(nn.Module):
    """A vision transformer with a class token; erf GELU, pre-norm.

    Args:
        heads: Attention heads; ViT-L/14 has 16.
    """

    def __init__(
        self, *, image_px: int, patch_px: int, width: int, layers: int, heads: int, out: int
    ) -> None:
        super().__init__()
        self.image_px, self.patch_px = image_px, patch_px
        self.class_embedding = nn.Parameter(torch.zeros(width))
        tokens = 1 + (image_px // patch_px) ** 2
        self.positional_embedding = nn.Parameter(torch.zeros(tokens, width))
        self.conv1 = nn.Conv2d(3, width, patch_px, patch_px, bias=False)
        self.ln_pre = nn.LayerNorm(width, _NORM_EPS)
        self.blocks = nn.ModuleList(_Block(width, heads) for _ in range(layers))
        self.ln_post = nn.LayerNorm(width, _NORM_EPS)
        self.proj = nn.Parameter(torch.zeros(width, out))

    @classmethod
    def from_state_dict(
        cls, weights: Mapping[str, Tensor], source: str, heads: int | None = None
    ) -> Self:
        """From the keys below "visual."; sizes come from the shapes.

        Args:
            heads: None = 64 channels each, as in every OpenCLIP vision transformer.
            source: File name for error messages.

        Raises:
            CheckpointError: A weight is missing, unknown or does not fit.
        """
        own = {key.replace("transformer.resblocks.", "blocks."): v for key, v in weights.items()}
        try:
            width, _, patch, _ = own["conv1.weight"].shape
            side = math.isqrt(own["positional_embedding"].shape[0] - 1)
            numbers = [int(m[1]) for key in own if (m := re.match(r"blocks\.(\d+)\.", key))]
            with torch.device("meta"):
                model = cls(
                    image_px=side * patch, patch_px=patch, width=width, layers=max(numbers) + 1,
                    heads=heads or width // _HEAD_DIM, out=own["proj"].shape[1],
                )  # fmt: skip
            model.load_state_dict(own, assign=True)
        except (KeyError, ValueError, RuntimeError, AssertionError) as error:
            raise CheckpointError(
                sentence(
                    "{source} does not hold a CLIP vision tower; get the file again.", source=source
                ),
                str(error),
            ) from error
        return model.eval().requires_grad_(requires_grad=False)

    @torch.no_grad()
    def embed(self, picture: Tensor) -> Tensor:
        """Unit vectors `b out` of pictures in [-1, 1], `b 3 h w`, of any size."""
        return F.normalize(self(self.prepare(picture)), dim=1)

    def prepare(self, picture: Tensor) -> Tensor:
        """Shorter side to `image_px`, the middle square of it, normalised; not clamped."""
        height, width = picture.shape[2:]
        short, side = min(height, width), self.image_px
        size = (side * height // short, side * width // short)
        small = F.interpolate(
            (picture.float() + 1) / 2, size, mode="bicubic", antialias=True, align_corners=False
        )
        top, left = (round((length - side) / 2) for length in size)
        square = small[:, :, top : top + side, left : left + side]
        mean, std = (torch.tensor(v, device=picture.device)[:, None, None] for v in (_MEAN, _STD))
        return (square - mean) / std

    def forward(self, pixels: Tensor) -> Tensor:
        """Prepared pixels `b 3 n n` -> `b out`."""
        tokens = self.conv1(pixels.to(self.proj.dtype)).flatten(2).transpose(1, 2)
        first = self.class_embedding.expand(len(tokens), 1, -1)
        hidden = self.ln_pre(torch.cat([first, tokens], 1) + self.positional_embedding)
        for block in self.blocks:
            hidden = block(hidden)
        out: Tensor = self.ln_post(hidden[:, 0]) @ self.proj
        return out


class _Block(nn.Module):
    """One pre-norm layer; the names are OpenCLIP's."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, _NORM_EPS)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width, _NORM_EPS)
        self.mlp = nn.ModuleDict(
            {"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)}
        )

    def forward(self, hidden: Tensor) -> Tensor:
        normed = self.ln_1(hidden)
        hidden = hidden + self.attn(normed, normed, normed, need_weights=False)[0]
        out: Tensor = hidden + self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(hidden))))
        return out
