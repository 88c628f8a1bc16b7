"""The mix of batches a run draws from: single drawings, backgrounds, scenes, whole images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from safetensors.torch import load_file

from engine.checkpoints.starter import STARTER_FOLDER
from engine.models.region_transformer import RegionTransformer
from engine.models.text_encoders import load_sentence_encoder
from engine.training.art import sources as art
from engine.training.background_data import BackgroundBatches, build_background_pool
from engine.training.difficulty import drawing_weights
from engine.training.effect_data import EffectBatches, build_effect_pool
from engine.training.icon_data import build_icon_cache, code_of
from engine.training.layer_batches import Batch, CaptionTable, IconBatches, Shares
from engine.training.layered_data import SceneBatches, build_scene_pool
from engine.training.recipe import load_recipe
from engine.training.whole_data import WholeBatches


class BatchKind(Protocol):
    """Where batches of one kind come from."""

    def draw(self, rng: np.random.Generator, size: int) -> Batch:
        """A batch that costs about `size` drawings of 64 tokens."""


class MixedSource:
    """Draws a batch of some kind at every step."""

    def __init__(
        self, icons: IconBatches, size: int, others: Sequence[tuple[float, BatchKind]] = ()
    ) -> None:
        """What is no share of the others' is single drawings.

        Args:
            size: Drawings of 64 tokens per batch.
            others: Share of the batches and where these come from.
        """
        self.icons, self.size, self.others = icons, size, tuple(others)

    def draw(self, rng: np.random.Generator) -> Batch:
        """The next batch; which kind is drawn by chance."""
        kind = rng.random()
        for share, source in self.others:
            if kind < share:
                return source.draw(rng, self.size)
            kind -= share
        return self.icons.draw(rng, self.size)


def build_source(
    recipe_name: str,
    size: int,
    shares: Shares,
    *,
    added_weight: float = 1.0,
    hard: RegionTransformer | None = None,
) -> tuple[MixedSource, str]:
    """The data of a recipe (cached latents) and the hash of it and of its mix.

    Args:
        size: Drawings of 64 tokens per batch.
        added_weight: How often a drawing of the last widening is taken, one of the others being 1.
        hard: A spare model of the starter's shape. With it, drawings that the shipped weights know
            badly are taken more often (`difficulty.py`).
    """
    recipe = load_recipe(recipe_name)
    cache = build_icon_cache(recipe)
    captions = captions_for()
    latest = max(concept.widening for concept in recipe.concepts)
    added = {concept.hexcode for concept in recipe.concepts if concept.widening == latest}
    weights = [added_weight if item.hexcode in added else 1.0 for item in cache["items"]]
    store = art.cache_folder() / f"captions-{cache['hash']}.pt"
    captions.prepare_cached(IconBatches(cache, captions).all_captions(), store)
    if hard is not None:
        shipped = STARTER_FOLDER / "transformer.safetensors"
        weights = list(np.array(weights) * drawing_weights(hard, shipped, cache, captions))
    icons = IconBatches(cache, captions, weights)
    taken = f"added-{added_weight:g}" + ("-hard" if hard is not None else "")
    if shares == Shares():
        return MixedSource(icons, size), f"{cache['hash']}-{taken}"
    pool = build_scene_pool(recipe)
    scenes = SceneBatches(pool, captions)
    background_pool = build_background_pool(code_of(cache["code"]), recipe.styles)
    backgrounds = BackgroundBatches(background_pool, captions)
    wholes = WholeBatches(pool, captions)
    others: list[tuple[float, BatchKind]] = [
        (shares.scenes, scenes), (shares.backgrounds, backgrounds), (shares.wholes, wholes),
    ]  # fmt: skip
    named = scenes.all_captions() + backgrounds.all_captions()
    if shares.effects:
        effect_pool = build_effect_pool(cache)
        effects = EffectBatches(effect_pool, captions, weights)
        taken += f"-{effect_pool['hash']}"
        others.append((shares.effects, effects))
        named += effects.all_captions()
    captions.prepare_cached(named, store)
    source = MixedSource(icons, size, others)
    return source, f"{pool['hash']}-{background_pool['hash']}-{shares.name()}-{taken}"


def captions_for() -> CaptionTable:
    """The shipped text encoder as a caption table."""
    encoder = load_sentence_encoder(
        load_file(STARTER_FOLDER / "text_encoder.safetensors"), STARTER_FOLDER / "tokenizer.json"
    )
    return CaptionTable(encoder)
