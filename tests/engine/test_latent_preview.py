"""The preview matrix fits whatever autoencoder is loaded."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from engine.models.latent_preview import fit_preview
from tests.engine.small_models import small_codec

CPU = torch.device("cpu")


class LinearCodec:
    """An autoencoder whose latents are a mixture of the colours."""

    latent_channels, stride_px, output_scale = 16, 8, 1

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(3)
        self.mixture = torch.randn(16, 3, generator=generator)

    def encode(self, rgba: Tensor) -> Tensor:
        small = torch.nn.functional.avg_pool2d(rgba[:, :3] * 2 - 1, 8)
        return torch.einsum("cd,bdhw->bchw", self.mixture, small)


def test_colours_come_back_from_their_latents() -> None:
    codec: Any = LinearCodec()
    matrix = fit_preview(codec, CPU)
    picture = torch.rand(1, 4, 32, 48, generator=torch.Generator().manual_seed(1))
    latents = codec.encode(picture)[0]
    expected = torch.nn.functional.avg_pool2d(picture[:, :3], 8)[0]
    torch.testing.assert_close(matrix.colours(latents), expected, atol=0.01, rtol=0)


def test_grey_is_taken_to_be_transparent() -> None:
    codec: Any = LinearCodec()
    matrix = fit_preview(codec, CPU)
    half = torch.full((1, 4, 8, 16), 0.5)
    half[:, :3, :, 8:] = torch.tensor([1.0, 0.0, 0.0])[None, :, None, None]
    rgba = matrix.object_colours(codec.encode(half)[0])
    assert rgba.shape == (4, 1, 2)
    assert rgba[3, 0, 0] < 0.05
    assert rgba[3, 0, 1] == 1


def test_any_autoencoder_gives_numbers() -> None:
    matrix = fit_preview(small_codec(), CPU)
    rgba = matrix.object_colours(torch.randn(16, 4, 6))
    assert bool(rgba.isfinite().all())
    assert float(rgba.min()) >= 0
    assert float(rgba.max()) <= 1
