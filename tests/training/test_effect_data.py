"""Single drawings with a shadow, with a glow and half transparent, and the shares of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from engine.models.text_encoders import TextStates
from engine.prompts.captions import TRANSLUCENT
from engine.training import effect_data
from engine.training.effect_data import (
    SHAPES,
    VARIANTS,
    EffectBatches,
    drawn_with,
    effect_caption,
)
from engine.training.icon_data import IconItem
from engine.training.layer_batches import Shares

ITEMS = [IconItem(label, label, "flat", "", "red") for label in ("apple", "dog", "kite")]


class Captions:
    """Keeps the captions that it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def lookup(self, captions: list[str]) -> TextStates:
        self.asked = captions
        return TextStates(torch.zeros(len(captions), 8, 384), torch.zeros(len(captions), 384))


@pytest.fixture
def captions() -> Captions:
    return Captions()


def batches(captions: Captions, weights: list[float]) -> EffectBatches:
    """Latents that say which item and variant they are of."""
    number = 10.0 * torch.arange(len(ITEMS))[:, None] + torch.arange(len(VARIANTS))
    latents = {
        (rows, columns): number[:, :, None, None, None].expand(-1, -1, 16, 2 * rows, 2 * columns)
        for rows, columns in SHAPES
    }
    table: Any = captions
    return EffectBatches({"items": ITEMS, "latents": latents}, table, weights)


def test_each_drawing_comes_with_its_own_caption(captions: Captions) -> None:
    batch = batches(captions, [1, 1, 1]).draw(np.random.default_rng(0), 32)
    numbers = [divmod(int(value), 10) for value in batch.data[:, 0, 0]]
    assert captions.asked == [effect_caption(ITEMS[i], VARIANTS[k]) for i, k in numbers]
    assert {k for _, k in numbers} == set(range(len(VARIANTS)))
    assert len(batch.layout.boxes) > 2
    assert batch.data.shape[1] == batch.layout.token_count


def test_drawings_are_taken_as_often_as_they_weigh(captions: Captions) -> None:
    source, rng = batches(captions, [1, 0, 3]), np.random.default_rng(1)
    taken = np.zeros(len(ITEMS))
    for _ in range(20):
        values = source.draw(rng, 32).data[:, 0, 0] // 10
        taken += np.bincount(values.long().numpy(), minlength=len(ITEMS))
    assert taken[1] == 0
    assert taken[2] / taken.sum() == pytest.approx(0.75, abs=0.05)


@pytest.mark.parametrize(
    ("variant", "caption"),
    [
        ("soft shadows", "an apple, flat style with soft shadows"),
        ("glow", "an apple, flat style with glow"),
        (TRANSLUCENT, "a translucent apple, flat style"),
    ],
)
def test_captions_are_those_of_the_product(variant: str, caption: str) -> None:
    assert effect_caption(ITEMS[0], variant) == caption


def test_every_variant_is_drawn_into_its_box(monkeypatch: pytest.MonkeyPatch) -> None:
    square = np.zeros((128, 128, 4), np.uint8)
    square[...] = (200, 30, 30, 255)
    monkeypatch.setattr(effect_data, "drawing", lambda *_: square)
    rng = np.random.default_rng(0)
    drawn = {variant: drawn_with(ITEMS[0], (8, 8), variant, rng) for variant in VARIANTS}
    alpha = {variant: picture[..., 3].astype(int) for variant, picture in drawn.items()}
    assert alpha[TRANSLUCENT].max() == 127
    for variant in ("soft shadows", "glow"):
        assert alpha[variant][64, 64] == 255
        assert np.isin(alpha[variant], (0, 255)).mean() < 0.95  # something soft around it
    assert alpha["soft shadows"][:64].sum() < alpha["soft shadows"][64:].sum()


def test_shares_that_take_no_part_leave_the_name_of_a_run_as_it_was() -> None:
    assert Shares(scenes=0.2, backgrounds=0.04).name() == "scenes-0.2-backgrounds-0.04"
    assert Shares(0.1, 0.06, 0.1, 0.05).name() == (
        "scenes-0.1-backgrounds-0.06-wholes-0.1-effects-0.05"
    )
