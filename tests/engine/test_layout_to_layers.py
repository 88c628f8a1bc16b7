"""Sampling over regions: independence of layers, null entries, guidance, cancel, previews."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.errors import JobCancelled
from engine.models.geometry import Box, make_layout
from engine.models.region_transformer import RegionTransformer
from engine.pipelines.layout_to_layers import (
    RegionSampling,
    RegionStep,
    draw_noise,
    sample_regions,
)
from engine.sampling.noise import BACKGROUND_ID, WHOLE_IMAGE_ID, NoiseKey
from tests.engine.small_models import small_transformer, text_states

CANVAS = Box(0, 0, 96, 64)
APPLE = Box(16, 16, 48, 48)
DOG = Box(48, 0, 96, 32)
KEYS = (NoiseKey(7, WHOLE_IMAGE_ID), NoiseKey(7, BACKGROUND_ID), NoiseKey(7, "apple"))


@pytest.fixture(scope="module")
def transformer() -> RegionTransformer:
    return small_transformer()


def request(**changes: object) -> RegionSampling:
    base = RegionSampling(
        layout=make_layout(96, 64, [CANVAS, CANVAS, APPLE]),
        noise_keys=KEYS,
        text=text_states(1),
        negative=text_states(2, tokens=3),  # lengths may differ
        steps=3,
        true_guidance=2.0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def present(entry: Tensor | None) -> Tensor:
    assert entry is not None
    return entry


def test_every_layer_comes_back_in_its_box(transformer: RegionTransformer) -> None:
    latents = sample_regions(transformer, request())
    assert [present(entry).shape for entry in latents] == [(16, 8, 12), (16, 8, 12), (16, 4, 4)]
    assert all(bool(present(entry).isfinite().all()) for entry in latents)


def test_equal_requests_give_equal_latents(transformer: RegionTransformer) -> None:
    first, second = (sample_regions(transformer, request()) for _ in range(2))
    assert all(torch.equal(present(a), present(b)) for a, b in zip(first, second, strict=True))


def test_adding_moving_or_retrying_a_layer_leaves_the_noise_of_the_others() -> None:
    before = draw_noise(make_layout(96, 64, [CANVAS, CANVAS, APPLE]), KEYS)
    moved = Box(32, 0, 64, 32)
    layout = make_layout(96, 64, [CANVAS, CANVAS, DOG, moved])
    after = draw_noise(layout, (*KEYS[:2], NoiseKey(7, "dog", attempt=3), KEYS[2]))
    assert torch.equal(present(after[0]), present(before[0]))
    assert torch.equal(present(after[1]), present(before[1]))
    assert torch.equal(present(after[3]), present(before[2]))


def test_keys_and_boxes_must_belong_together() -> None:
    layout = make_layout(96, 64, [CANVAS, None])
    with pytest.raises(ValueError, match="noise key"):
        draw_noise(layout, KEYS[:2])
    with pytest.raises(ValueError, match="shorter"):
        draw_noise(layout, KEYS[:1])


def test_one_object_alone_is_the_same_call(transformer: RegionTransformer) -> None:
    layout = make_layout(96, 64, [None, None, APPLE])
    alone = sample_regions(transformer, request(layout=layout, noise_keys=(None, None, KEYS[2])))
    assert alone[:2] == [None, None]
    assert present(alone[2]).shape == (16, 4, 4)
    together = sample_regions(transformer, request())
    assert not torch.allclose(present(alone[2]), present(together[2]), atol=1e-3)


def test_the_schedule_can_be_that_of_the_recorded_job() -> None:
    assert request().sigmas == request(schedule_tokens=52).sigmas
    assert request().sigmas != request(schedule_tokens=500).sigmas


def count_evaluations(
    transformer: RegionTransformer, asked: RegionSampling, monkeypatch: pytest.MonkeyPatch
) -> int:
    calls: list[int] = []
    forward = transformer.forward

    def counting(*arguments: object, **named: object) -> Tensor:
        calls.append(1)
        return forward(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(transformer, "forward", counting)
    sample_regions(transformer, asked)
    return len(calls)


@pytest.mark.parametrize(("guidance", "evaluations"), [(2.0, 6), (1.0, 3)])
def test_true_guidance_of_one_evaluates_once_per_step(
    transformer: RegionTransformer,
    guidance: float,
    evaluations: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = request(true_guidance=guidance)
    assert count_evaluations(transformer, asked, monkeypatch) == evaluations


def test_distilled_guidance_reaches_checkpoints_that_take_it() -> None:
    distilled = small_transformer(guidance_embeds=True)
    soft, strong = (
        sample_regions(distilled, request(distilled_guidance=value)) for value in (1.0, 4.0)
    )
    assert not torch.allclose(present(soft[2]), present(strong[2]), atol=1e-4)


def test_distilled_guidance_is_ignored_by_the_others(transformer: RegionTransformer) -> None:
    plain, given = (
        sample_regions(transformer, request(distilled_guidance=value)) for value in (None, 4.0)
    )
    assert torch.equal(present(plain[2]), present(given[2]))


def test_steps_are_reported_with_a_preview_per_layer(transformer: RegionTransformer) -> None:
    previews: list[list[Tensor | None]] = []
    seen: list[RegionStep] = []

    def on_step(step: RegionStep) -> None:
        seen.append(step)
        previews.append(step.clean_estimate())

    final = sample_regions(transformer, request(), on_step)
    assert [step.index for step in seen] == [0, 1, 2]
    assert {step.steps for step in seen} == {3}
    assert present(previews[0][2]).shape == (16, 4, 4)
    # At the last sigma the step to 0 is the clean estimate itself.
    torch.testing.assert_close(present(previews[-1][2]), present(final[2]), atol=1e-5, rtol=1e-5)


def test_cancel_is_asked_before_every_step(transformer: RegionTransformer) -> None:
    steps: list[int] = []
    with pytest.raises(JobCancelled):
        sample_regions(
            transformer,
            request(steps=5),
            lambda step: steps.append(step.index),
            lambda: len(steps) == 2,
        )
    assert steps == [0, 1]
