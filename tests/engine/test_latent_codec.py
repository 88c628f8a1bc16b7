"""The FLUX codec: what is decoded, by which network, and how transparency is encoded."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from engine.models.geometry import Box, make_layout
from engine.models.latent_codec import FluxCodec
from tests.engine.small_models import small_codec

CANVAS = Box(0, 0, 64, 48)
BOXES: list[Box | None] = [CANVAS, CANVAS, Box(16, 16, 48, 48), Box(0, 0, 32, 16)]


@pytest.fixture(scope="module")
def codec() -> FluxCodec:
    return small_codec()


def latents() -> list[Tensor | None]:
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(16, box.height // 8, box.width // 8, generator=generator) if box else None
        for box in BOXES
    ]


def test_only_the_wanted_canvases_pass_the_vae(
    codec: FluxCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    decode = codec.vae.decode

    def counting(z: Tensor, **options: bool) -> Any:
        seen.append(len(z))
        return decode(z, **options)

    monkeypatch.setattr(codec.vae, "decode", counting)
    pixels = codec.decode(latents(), BOXES, [1, 2, 3])
    assert seen == [1]
    assert {index: tuple(value.shape) for index, value in pixels.items()} == {
        1: (4, 48, 64),
        2: (4, 32, 32),
        3: (4, 16, 32),
    }


def test_pixels_are_those_of_decoding_everything(codec: FluxCodec) -> None:
    """The published way: every entry grey-filled on the full canvas, then both decoders."""
    layout = make_layout(64, 48, BOXES)
    everything = codec.decode_rgb(codec.unscale(codec.fill_grey(latents(), layout)))
    pixels = codec.decode(latents(), BOXES, range(4))
    for index in (0, 1):
        torch.testing.assert_close(pixels[index][:3], everything[index], atol=1e-5, rtol=1e-5)
        assert bool((pixels[index][3] == 1).all())
    assert float(pixels[2].min()) >= 0
    assert float(pixels[2].max()) <= 1


def test_an_object_alone_needs_no_vae(codec: FluxCodec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec.vae, "decode", None)
    alone = latents()
    pixels = codec.decode([None, None, alone[2]], [None, None, BOXES[2]], [0, 1, 2])
    assert set(pixels) == {2}


def test_colour_under_full_transparency_is_not_encoded(codec: FluxCodec) -> None:
    red = torch.zeros(1, 4, 48, 64)
    red[:, 0] = 1
    blue = torch.zeros(1, 4, 48, 64)
    blue[:, 2] = 1
    assert torch.equal(codec.encode(red), codec.encode(blue))
    layout = make_layout(64, 48, [CANVAS, None])
    grey = codec.fill_grey([None, None], layout)
    torch.testing.assert_close(codec.encode(red)[0], grey[1])
    red[:, 3] = 1
    assert not torch.allclose(codec.encode(red)[0], grey[1], atol=1e-3)


def test_encoding_is_scaled_for_the_transformer(codec: FluxCodec) -> None:
    rgba = torch.rand(2, 4, 48, 64, generator=torch.Generator().manual_seed(3))
    colour = (rgba[:, :3] * 2 - 1) * rgba[:, 3:]
    with torch.no_grad():
        mode = codec.vae.encode(colour).latent_dist.mode()
    torch.testing.assert_close(codec.encode(rgba), (mode - 0.1159) * 0.3611)
    torch.testing.assert_close(codec.unscale(codec.encode(rgba)), mode)
