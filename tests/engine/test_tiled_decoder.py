"""Decoding tile by tile gives what decoding the whole picture gives."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor

from engine.models import tiled_decoder
from engine.models.tiled_decoder import TiledDecoder, with_tiles
from tests.engine.small_models import VAE, randomise

TOLERANCE = 2e-5  # of values about 1, float32: sums in another order


@pytest.fixture(scope="module")
def vae() -> Any:
    sizes = {"block_out_channels": (8, 8, 16, 16), "layers_per_block": 2}
    made: Any = AutoencoderKL(**VAE | sizes)
    randomise(made)
    return made


def latents(height: int, width: int, count: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(height * width)
    return torch.randn(count, 16, height, width, generator=generator)


@pytest.mark.parametrize(
    ("height", "width", "tile"), [(40, 24, 16), (33, 17, 8), (20, 20, 20), (9, 30, 64)]
)
@torch.no_grad()
def test_the_numbers_are_those_of_the_whole(vae: Any, height: int, width: int, tile: int) -> None:
    asked = latents(height, width, count=2)
    whole = vae.decoder(asked)
    tiled = TiledDecoder(vae.decoder, tile=tile, whole=1)(asked)
    assert tiled.shape == whole.shape == (2, 3, 8 * height, 8 * width)
    assert float((tiled - whole).abs().max()) < TOLERANCE
    assert float(whole.std()) > 0.05


@torch.no_grad()
def test_a_margin_less_would_show(vae: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = latents(40, 24)
    needed = tiled_decoder._margins(vae.decoder.up_blocks)
    monkeypatch.setattr(tiled_decoder, "_margins", lambda _blocks: [side // 2 for side in needed])
    off = TiledDecoder(vae.decoder, tile=16, whole=1)(asked) - vae.decoder(asked)
    assert float(off.abs().max()) > 10 * TOLERANCE


@torch.no_grad()
def test_what_waits_outside_comes_back(vae: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = latents(24, 24)
    waited = []
    put_away = tiled_decoder._Walk.put_away

    def counted(walk: Any, values: Tensor) -> Tensor:
        waited.append(values.nbytes * len(walk.tiles) > tiled_decoder.KEPT_ON_CARD)
        return put_away(walk, values)

    monkeypatch.setattr(tiled_decoder, "KEPT_ON_CARD", 400_000)
    monkeypatch.setattr(tiled_decoder._Walk, "put_away", counted)
    tiled = TiledDecoder(vae.decoder, tile=8, whole=1)(asked)
    assert float((tiled - vae.decoder(asked)).abs().max()) < TOLERANCE
    assert {True, False} == set(waited)


@torch.no_grad()
def test_small_pictures_go_through_whole(vae: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_words: object) -> None:
        raise AssertionError("a small picture was cut")

    asked = latents(16, 16)
    expected = vae.decode(asked).sample
    monkeypatch.setattr(TiledDecoder, "_by_tiles", never)
    made = with_tiles(vae)
    assert made is vae
    assert torch.equal(vae.decode(asked).sample, expected)
    assert with_tiles(vae).decoder is vae.decoder  # once is enough
    vae.decoder = vae.decoder.decoder
