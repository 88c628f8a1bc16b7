"""Rough colours of FLUX latents by one small matrix, fitted to the autoencoder that is loaded.

Flat colours are encoded and the matrix that leads back from their latents is found by least
squares, so it fits any autoencoder and no table of numbers has to be trusted.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.latent_codec import LatentCodec

_LEVELS = (0.0, 0.5, 1.0)
_PATCH_PX = 64
_RIDGE = 1e-3  # a little, for autoencoders that use few of their channels for flat colours
_GREY_TO_ALPHA = 4.0  # objects live on mid-grey: what is near it is taken to be transparent


@dataclass(frozen=True, slots=True, eq=False)
class PreviewMatrix:
    """Scaled latents to RGB.

    Attributes:
        weights: `channels 3`.
        bias: `3`.
    """

    weights: Tensor
    bias: Tensor

    def colours(self, latents: Tensor) -> Tensor:
        """Scaled latents `c h w` -> RGB in [0, 1], `3 h w`, on the CPU."""
        flat = latents.float().cpu().flatten(1).T  # n c
        rgb = (flat @ self.weights + self.bias).clamp(0, 1)
        return rgb.T.reshape(3, *latents.shape[1:])

    def object_colours(self, latents: Tensor) -> Tensor:
        """The same with a guess at transparency, `4 h w`."""
        rgb = self.colours(latents)
        alpha = ((rgb - 0.5).abs().amax(0, keepdim=True) * _GREY_TO_ALPHA).clamp(0, 1)
        return torch.cat([rgb, alpha])


@torch.no_grad()
def fit_preview(codec: LatentCodec, device: torch.device) -> PreviewMatrix:
    """Encodes 27 flat colours; takes a moment, once for each loaded model."""
    colours = torch.tensor(list(itertools.product(_LEVELS, repeat=3)))  # n 3
    rows = []
    for colour in colours:
        patch = torch.ones(1, 4, _PATCH_PX, _PATCH_PX, device=device)
        patch[:, :3] = colour.to(device)[None, :, None, None]
        latents = codec.encode(patch).float().cpu()
        rows.append(latents.mean((0, 2, 3)))  # edges are a small part
    seen = torch.cat([torch.stack(rows), torch.ones(len(rows), 1)], 1)  # n c+1
    squares = seen.T @ seen + _RIDGE * torch.eye(seen.shape[1])
    found = torch.linalg.solve(squares, seen.T @ colours)
    return PreviewMatrix(found[:-1], found[-1])
