"""Layers that are held still while others are made, and layers that are refined."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.models.geometry import make_layout
from engine.models.region_transformer import RegionTransformer
from engine.pipelines.layout_to_layers import RegionSampling, draw_noise, sample_regions
from engine.sampling.noise import NoiseKey
from tests.engine.small_models import small_transformer, text_states
from tests.engine.test_layout_to_layers import APPLE, CANVAS, DOG, present


@pytest.fixture(scope="module")
def transformer() -> RegionTransformer:
    return small_transformer()


def scene(**changes: object) -> RegionSampling:
    base = RegionSampling(
        layout=make_layout(96, 64, [None, CANVAS, APPLE, DOG]),
        noise_keys=(None, NoiseKey(7, "background"), NoiseKey(7, "apple"), NoiseKey(7, "dog")),
        text=text_states(1),
        negative=text_states(2, tokens=3),
        steps=4,
        true_guidance=2.0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def latents(seed: int, like: Tensor) -> Tensor:
    return torch.randn(like.shape, generator=torch.Generator().manual_seed(seed))


def held_scene(seed: int = 5) -> RegionSampling:
    """Background and dog held, the apple made."""
    noise = draw_noise(scene().layout, scene().noise_keys)
    background, dog = latents(seed, present(noise[1])), latents(seed + 1, present(noise[3]))
    return scene(held=(None, background, None, dog))


def test_held_layers_come_back_bit_for_bit(transformer: RegionTransformer) -> None:
    asked = held_scene()
    made = sample_regions(transformer, asked)
    assert torch.equal(present(made[1]), present(asked.held[1]))
    assert torch.equal(present(made[3]), present(asked.held[3]))
    assert present(made[2]).isfinite().all()


def test_what_is_made_depends_on_what_is_held(transformer: RegionTransformer) -> None:
    one, other = (present(sample_regions(transformer, held_scene(seed))[2]) for seed in (5, 9))
    assert not torch.allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("held_clean", [False, True])
def test_held_layers_are_as_noisy_as_the_step_or_clean(
    transformer: RegionTransformer, monkeypatch: pytest.MonkeyPatch, held_clean: bool
) -> None:
    asked = replace(held_scene(), held_clean=held_clean)
    seen: list[Tensor] = []
    forward = transformer.forward

    def watching(tokens: Tensor, *rest: object, **named: object) -> Tensor:
        seen.append(tokens.clone())
        return forward(tokens, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(transformer, "forward", watching)
    sample_regions(transformer, replace(asked, true_guidance=1.0))
    from engine.models.geometry import pack_latents

    noise = draw_noise(asked.layout, asked.noise_keys)
    clean, start = (pack_latents(present(x[3])[None]) for x in (asked.held, noise))
    for tokens, sigma in zip(seen, asked.sigmas, strict=False):
        expected = clean if held_clean else (1 - sigma) * clean + sigma * start
        torch.testing.assert_close(tokens[:, -expected.shape[1] :], expected)


def test_a_strength_shortens_the_way() -> None:
    full = scene().sigmas
    weak = scene(strength=0.4).sigmas
    assert weak[0] == 0.4
    assert weak[1:] == tuple(sigma for sigma in full if sigma < 0.4)
    assert scene(strength=1.0).sigmas == full


def test_a_small_strength_stays_near_the_start(transformer: RegionTransformer) -> None:
    noise = draw_noise(scene().layout, scene().noise_keys)
    start = latents(3, present(noise[2]))
    starts = (None, None, start, None)

    def distance(strength: float) -> float:
        made = sample_regions(transformer, scene(starts=starts, strength=strength))
        return float((present(made[2]) - start).square().mean())

    assert distance(0.05) < distance(0.4) < distance(0.95)
