"""Which drawings training takes more often."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.models.text_encoders import TextStates
from engine.training.art import sources as art
from engine.training.difficulty import LEAST, MOST, clean_errors, drawing_weights
from engine.training.icon_data import IconItem
from engine.training.layer_batches import CaptionTable
from engine.training.train_layers import STARTER_CONFIG, new_transformer

TINY = STARTER_CONFIG | {
    "num_attention_heads": 1, "num_single_layers": 1, "max_layer_num": 4,
    "joint_attention_dim": 8, "pooled_projection_dim": 8,
}  # fmt: skip
LABELS = ("plain", "usual", "rich")


class NoWords(CaptionTable):
    """Captions that say nothing."""

    def __init__(self) -> None: ...

    def lookup(self, captions: list[str]) -> TextStates:
        return TextStates(torch.zeros(len(captions), 8, 8), torch.zeros(len(captions), 8))


@pytest.fixture
def cache() -> dict[str, Any]:
    """Three drawings, of which each has more in it than the one before, and a copy of the last.

    An untrained model's estimate is off by what is in a drawing, and by the noise.
    """
    generator = torch.Generator().manual_seed(1)
    sizes = torch.tensor([0.1, 1.0, 4.0])[:, None, None, None, None]
    latents = sizes * torch.randn(3, 1, 16, 16, 16, generator=generator)
    items = [IconItem(label, label, "flat", "", "red") for label in LABELS]
    items.append(IconItem("rich", "rich", "flat", "blue", "red"))
    return {"items": items, "originals": 3, "latents": {(8, 8): latents}, "hash": "tiny"}


def test_an_estimate_is_worse_where_the_model_knows_less(cache: dict[str, Any]) -> None:
    errors = clean_errors(new_transformer(TINY, 0), cache, NoWords())
    assert errors.shape == (3, 2)
    assert (errors.diff(dim=0) > 0).all()
    # The zero velocity of a new model leaves all of noise and drawing as the error.
    assert errors[0].tolist() == pytest.approx([0.25 * 1.01, 0.64 * 1.01], rel=0.05)


def test_hard_drawings_are_taken_more_often_within_bounds(
    cache: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(art.CACHE_VARIABLE, str(tmp_path))
    weights = tmp_path / "weights.safetensors"
    model = new_transformer(TINY, 0)
    save_file(model.state_dict(), weights)
    taken = drawing_weights(new_transformer(TINY, 5), weights, cache, NoWords())
    assert taken.shape == (4,)
    assert taken[0] == LEAST
    assert LEAST <= taken[1] < taken[2] <= MOST
    assert taken[3] == taken[2], "a colour copy is as hard as its original"

    monkeypatch.setattr("engine.training.difficulty.clean_errors", None)
    again = drawing_weights(new_transformer(TINY, 5), weights, cache, NoWords())
    assert np.array_equal(again, taken), "known from the cache"
