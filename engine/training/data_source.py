"""The mix of batches a run draws from: single drawings, backgrounds, groups and full scenes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file

from engine.models.text_encoders import load_sentence_encoder
from engine.training.icon_data import build_icon_cache
from engine.training.layer_batches import Batch, CaptionTable, IconBatches
from engine.training.recipe import load_recipe

RESOURCES = Path(__file__).resolve().parents[2] / "resources" / "starter_model"


class MixedSource:
    """Draws a batch of some kind at every step."""

    def __init__(self, icons: IconBatches, size: int, scenes: Any = None,
                 scene_share: float = 0.0, backgrounds: Any = None,
                 background_share: float = 0.0) -> None:  # fmt: skip
        self.icons, self.scenes, self.backgrounds = icons, scenes, backgrounds
        self.size, self.scene_share = size, scene_share
        self.background_share = background_share

    def draw(self, rng: np.random.Generator, step: int) -> Batch:
        """The next batch; which kind is drawn by chance."""
        kind = rng.random()
        if kind < self.scene_share:
            batch: Batch = self.scenes.draw(rng, self.size)
        elif kind < self.scene_share + self.background_share:
            batch = self.backgrounds.draw(rng, self.size)
        else:
            batch = self.icons.draw(rng, self.size)
        return batch


def build_source(
    recipe_name: str, size: int, scene_share: float, background_share: float
) -> tuple[MixedSource, str]:
    """The data of a recipe (cached latents) and its hash."""
    cache = build_icon_cache(load_recipe(recipe_name))
    encoder = load_sentence_encoder(
        load_file(RESOURCES / "text_encoder.safetensors"), RESOURCES / "tokenizer.json"
    )
    captions = CaptionTable(encoder)
    icons = IconBatches(cache, captions)
    captions.prepare(icons.all_captions())
    return MixedSource(icons, size), cache["hash"]


def captions_for() -> CaptionTable:
    """The shipped text encoder as a caption table."""
    encoder = load_sentence_encoder(
        load_file(RESOURCES / "text_encoder.safetensors"), RESOURCES / "tokenizer.json"
    )
    return CaptionTable(encoder)
