"""Batches of single drawings: how often each is taken."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.training.icon_data import SHAPES, IconItem
from engine.training.layer_batches import CaptionTable, IconBatches


def test_added_concepts_are_drawn_as_often_as_asked() -> None:
    items = [IconItem(label, label, "flat", "", "red") for label in ("dog", "wolf")]
    latents = {shape: torch.zeros(2, 1, 16, 2, 2) for shape in SHAPES}
    cache = {"items": items, "originals": 2, "latents": latents}
    batches = IconBatches(cache, CaptionTable.__new__(CaptionTable), [1.0, 3.0])
    rng = np.random.default_rng(0)
    drawn = [batches._pick(rng, (7, 5))[0] for _ in range(400)]
    share = np.mean(["wolf" in caption for caption in drawn])
    assert share == pytest.approx(0.75, abs=0.06)
