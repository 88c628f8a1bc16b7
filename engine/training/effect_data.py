"""Single drawings with a soft shadow, with a glow and half transparent, as cached latents.

Scenes have them too, but few, and small: the product draws every object alone as well, and a dog
whose caption asks for soft shadows should be drawn as well as a plain dog.
"""

from __future__ import annotations

import multiprocessing as mp
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.models.geometry import pack_latents
from engine.prompts.captions import EFFECTS, TRANSLUCENT, object_phrase, scene_caption
from engine.training.art import sources as art
from engine.training.cached import built_once
from engine.training.icon_data import (
    TOKEN_PX,
    IconItem,
    code_of,
    drawing,
    encoded,
    fit_in_box,
)
from engine.training.layer_batches import Batch, CaptionTable, random_layout
from engine.training.layered_data import EFFECT_ROOM, with_effect

POOL_VERSION = "effects-1"
VARIANTS = (*EFFECTS, TRANSLUCENT)
# Box shapes in tokens and their share; the product draws on 8 x 8 what it draws alone.
SHAPES = {(8, 8): 0.8, (6, 6): 0.2}
_TRANSLUCENT_ALPHA = 0.5
_CHUNK = 640  # drawings that one process encodes at a time


def effect_caption(item: IconItem, variant: str) -> str:
    """As the product asks for it: "a red apple, flat style with glow".

    Args:
        variant: One of VARIANTS.
    """
    phrase = object_phrase(item.label, item.recolour)
    if variant == TRANSLUCENT:
        return scene_caption([f"{TRANSLUCENT} {phrase}"], "", item.style)
    return scene_caption([phrase], "", item.style, variant)


class EffectBatches:
    """Batches of drawings with one effect each, all effects alike often.

    Args:
        pool: As `build_effect_pool` makes it.
        weights: How often each original is drawn, relative to the others.
    """

    def __init__(
        self, pool: dict[str, Any], captions: CaptionTable, weights: Sequence[float]
    ) -> None:
        self.items: list[IconItem] = pool["items"]
        self.latents: dict[tuple[int, int], Tensor] = pool["latents"]
        self.captions = captions
        self._sums = np.cumsum(np.asarray(weights, np.float64)[: len(self.items)])

    def all_captions(self) -> list[str]:
        """Every caption that can occur."""
        return [effect_caption(item, variant) for item in self.items for variant in VARIANTS]

    def draw(self, rng: np.random.Generator, size: int) -> Batch:
        """As many drawings of one shape as cost about `size` drawings of 64 tokens."""
        shape = list(SHAPES)[rng.choice(len(SHAPES), p=list(SHAPES.values()))]
        count = max(8, round(size * 64 / (shape[0] * shape[1])))
        items = np.searchsorted(self._sums, rng.random(count) * self._sums[-1], side="right")
        variants = rng.integers(len(VARIANTS), size=count)
        data = pack_latents(self.latents[shape][items, variants].float())
        text = self.captions.lookup(
            [
                effect_caption(self.items[item], VARIANTS[variant])
                for item, variant in zip(items, variants, strict=True)
            ]
        )
        return Batch(data, text, random_layout(rng, shape), torch.ones(data.shape[1]))


def build_effect_pool(cache: dict[str, Any], seed: int = 17) -> dict[str, Any]:
    """The originals of an icon cache with every effect; cached in the training cache.

    Returns:
        `items`, and per shape `latents`: `items variants 16 2r 2c` (half).
    """
    mix = f"{SHAPES} {VARIANTS} {EFFECT_ROOM} {_TRANSLUCENT_ALPHA} {seed}"
    digest = art.data_hash([cache["hash"], mix], POOL_VERSION)
    items: list[IconItem] = cache["items"][: cache["originals"]]

    def build() -> dict[str, Any]:
        starts = range(0, len(items), _CHUNK)
        parts = [(shape, start) for shape in SHAPES for start in starts]
        with ProcessPoolExecutor(mp_context=mp.get_context("spawn")) as pool:
            made = pool.map(
                _encode, [shape for shape, _ in parts],
                [items[start : start + _CHUNK] for _, start in parts],
                [(seed, *shape, start // _CHUNK) for shape, start in parts],
                [cache["code"]] * len(parts),
            )  # fmt: skip
            latents = {shape: torch.cat([next(made) for _ in starts]) for shape in SHAPES}
        return {"items": items, "latents": latents, "hash": digest}

    return built_once(art.cache_folder() / f"{POOL_VERSION}-{digest}.pt", build)


def _encode(
    shape: tuple[int, int],
    items: Sequence[IconItem],
    seed: tuple[int, ...],
    code_weights: dict[str, Tensor],
) -> Tensor:
    torch.set_num_threads(1)
    code, rng = code_of(code_weights), np.random.default_rng(seed)
    return torch.stack(
        [encoded(code, [drawn_with(item, shape, v, rng) for v in VARIANTS]) for item in items]
    )


def drawn_with(
    item: IconItem, shape: tuple[int, int], variant: str, rng: np.random.Generator
) -> art.ByteImage:
    """A drawing with one effect in a box of `shape` tokens, slightly scaled and shifted."""
    rows, columns = shape
    room = 1.0 if variant == TRANSLUCENT else EFFECT_ROOM
    picture = fit_in_box(
        drawing(item, max(shape) * TOKEN_PX), columns * TOKEN_PX, rows * TOKEN_PX,
        rng.uniform(0.97, 1.0) * room, (rng.uniform(0.45, 0.55), rng.uniform(0.45, 0.55)),
    )  # fmt: skip
    if variant != TRANSLUCENT:
        return with_effect(picture, variant)
    picture[..., 3] = picture[..., 3] * _TRANSLUCENT_ALPHA
    return picture
