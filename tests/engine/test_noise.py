"""Noise of a layer depends on its key alone, and is standard normal."""

from __future__ import annotations

import pytest
import torch

from engine.sampling.noise import NoiseKey, layer_noise

KEY = NoiseKey(seed=7, layer_id="apple", attempt=0)
PINNED = [-1.656972, -1.968478, 0.023531, 1.225127, -1.601623, 0.336627, -1.201882, 2.108223]


def test_equal_keys_give_equal_noise() -> None:
    assert torch.equal(layer_noise(KEY, 16, 8, 12), layer_noise(KEY, 16, 8, 12))


@pytest.mark.parametrize(
    "other",
    [
        NoiseKey(8, "apple"),
        NoiseKey(7, "apples"),
        NoiseKey(7, "apple", 1),
        NoiseKey(71, "pple"),
        NoiseKey(2**63 - 1, "林檎"),
    ],
)
def test_other_keys_give_unrelated_noise(other: NoiseKey) -> None:
    pair = torch.stack([layer_noise(key, 16, 32, 32).flatten() for key in (KEY, other)])
    assert abs(float(torch.corrcoef(pair)[0, 1])) < 0.04  # 5 standard errors of 16384 values


def test_a_resized_box_keeps_the_noise_of_the_part_it_had() -> None:
    large = layer_noise(KEY, 16, 20, 30)
    assert torch.equal(layer_noise(KEY, 16, 8, 12), large[:, :8, :12])


def test_is_standard_normal() -> None:
    noise = layer_noise(KEY, 16, 96, 96).double()
    count = noise.numel()
    assert bool(noise.isfinite().all())
    assert abs(float(noise.mean())) < 5 / count**0.5
    assert abs(float(noise.var()) - 1) < 5 * (2 / count) ** 0.5
    assert abs(float((noise**4).mean()) - 3) < 5 * (96 / count) ** 0.5
    for shifted in (noise[:, 1:] * noise[:, :-1], noise[:, :, 1:] * noise[:, :, :-1]):
        assert abs(float(shifted.mean())) < 5 / shifted.numel() ** 0.5
    channels = torch.corrcoef(noise.flatten(1)) - torch.eye(16)
    assert float(channels.abs().max()) < 5 / 96


def test_the_stream_is_pinned() -> None:
    """Documents store seeds, so these numbers may never change."""
    noise = layer_noise(KEY, 16, 2, 2)
    expected = torch.tensor(PINNED)
    torch.testing.assert_close(noise[:2].flatten(), expected, atol=1e-6, rtol=0)
