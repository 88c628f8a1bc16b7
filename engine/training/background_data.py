"""Backgrounds by themselves as cached latents: many of each canvas, every one drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from engine.models.geometry import make_layout, pack_latents
from engine.models.starter_codec import LinearPatchCode, to_colour_form
from engine.prompts.captions import background_caption
from engine.training.art import sources as art
from engine.training.art.backgrounds import draw_background
from engine.training.cached import built_once
from engine.training.icon_data import as_tensor
from engine.training.layer_batches import Batch, CaptionTable, token_box

POOL_VERSION = "backgrounds-2"
# Canvases in tokens (rows, columns) and their share. Square pictures are sampled on 12 x 12; 8 x 8
# is there because colours and their places are learned on it at a third of the cost.
CANVASES = {(12, 12): 0.5, (8, 8): 0.2, (12, 16): 0.1, (9, 16): 0.1, (16, 12): 0.1}
_ENTRY = 1  # of the background in a layout


class BackgroundBatches:
    """Batches of backgrounds alone, one canvas per batch."""

    def __init__(self, pool: dict[str, Any], captions: CaptionTable) -> None:
        self.canvases: dict[tuple[int, int], dict[str, Any]] = pool["canvases"]
        self.captions = captions
        self._sizes = list(CANVASES)
        self._shares = list(CANVASES.values())

    def all_captions(self) -> list[str]:
        """Every caption that can occur."""
        made = [caption for canvas in self.canvases.values() for caption in canvas["captions"]]
        return list(dict.fromkeys(made))

    def draw(self, rng: np.random.Generator, size: int) -> Batch:
        """As many backgrounds as cost about `size` drawings of 64 tokens, at least 4."""
        rows, columns = self._sizes[rng.choice(len(self._sizes), p=self._shares)]
        canvas = self.canvases[rows, columns]
        count = max(4, round(size * 64 / (rows * columns)))
        picked = rng.choice(len(canvas["captions"]), count, replace=False)
        data = pack_latents(canvas["latents"][picked].float())
        text = self.captions.lookup([canvas["captions"][i] for i in picked])
        box = token_box(0, 0, rows, columns)
        layout = make_layout(box.width, box.height, [None] * _ENTRY + [box])
        return Batch(data, text, layout, torch.ones(data.shape[1]))


def build_background_pool(
    code: LinearPatchCode, styles: Sequence[str], count: int = 4000, seed: int = 11
) -> dict[str, Any]:
    """Captions and latents `n 16 2r 2c` (half) per canvas; cached in the training cache.

    Args:
        styles: Words of the captions; the drawings have no style.
        count: Backgrounds over all canvases.
    """
    weights = [f"{key}{value.tolist()}" for key, value in code.state_dict().items()]
    mix = [str(CANVASES), str(count), str(seed), *sorted(styles)]
    digest = art.data_hash([*mix, *weights], POOL_VERSION)

    def build() -> dict[str, Any]:
        rng = np.random.default_rng(seed)
        canvases = {
            canvas: _drawn(canvas, round(count * share), styles, code, rng)
            for canvas, share in CANVASES.items()
        }
        return {"canvases": canvases, "hash": digest}

    return built_once(art.cache_folder() / f"{POOL_VERSION}-{digest}.pt", build)


def _drawn(
    canvas: tuple[int, int],
    count: int,
    styles: Sequence[str],
    code: LinearPatchCode,
    rng: np.random.Generator,
) -> dict[str, Any]:
    captions, latents = [], []
    for _ in range(count):
        made = draw_background(canvas[0] * 16, canvas[1] * 16, rng)
        rgba = np.full((*made.pixels.shape[:2], 4), 255, np.uint8)
        rgba[..., :3] = np.rint(made.pixels * 255)
        captions.append(background_caption(made.phrase, str(rng.choice(sorted(styles)))))
        latents.append(code.encode(to_colour_form(as_tensor([rgba])))[0].half())
    return {"captions": captions, "latents": torch.stack(latents)}
