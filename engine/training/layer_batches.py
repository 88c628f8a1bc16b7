"""Batches for the generator: single drawings, backgrounds and scenes, one layout per batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.models.geometry import Box, RegionLayout, make_layout, pack_latents
from engine.models.text_encoders import SentenceEncoder, TextStates
from engine.training.cached import write_complete
from engine.training.icon_data import SHAPES, TOKEN_PX, IconItem

CANVAS_TOKENS = 16
_OWN_COLOUR_SHARE = 0.4  # originals whose caption names their own colour
_RECOLOUR_SHARE = 0.5  # single drawings that are colour copies
_ORIGIN_SHARE = 0.5  # boxes in the top left corner, where "alone" generation puts them


@dataclass(frozen=True, slots=True)
class Batch:
    """One training batch.

    Attributes:
        data: Packed clean latents, `b n 64`.
        text: Its captions.
        layout: Shared by all samples.
        token_weight: Loss weight of each token, `n`, mean 1; 0 for tokens that get no noise.
        noised: Which tokens get noise, bool `n`; the others are given clean. None = all do.
    """

    data: Tensor
    text: TextStates
    layout: RegionLayout
    token_weight: Tensor
    noised: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of a run's batches by kind, 0 to 1; what is left is single drawings without effects.

    Attributes:
        scenes: Whole layouts.
        backgrounds: Backgrounds alone.
        wholes: The whole image beside clean layers.
        effects: Single drawings with a shadow, with a glow, half transparent.
    """

    scenes: float = 0.0
    backgrounds: float = 0.0
    wholes: float = 0.0
    effects: float = 0.0

    def name(self) -> str:
        """For the hash of a run's data; kinds that came later only where they take part."""
        told = f"scenes-{self.scenes:g}-backgrounds-{self.backgrounds:g}"
        told += f"-wholes-{self.wholes:g}" if self.wholes else ""
        return told + (f"-effects-{self.effects:g}" if self.effects else "")


class CaptionTable:
    """Captions encoded once and looked up by index."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self.encoder = encoder
        self._known: dict[str, tuple[Tensor, Tensor]] = {}

    def prepare(self, captions: list[str], chunk: int = 128) -> None:
        """Encodes captions ahead of time, half precision, trimmed of padding."""
        for start in range(0, len(captions), chunk):
            part = captions[start : start + chunk]
            encoded = self.encoder.encode(part)
            for caption, states, pooled in zip(part, *_rows(encoded), strict=True):
                used = int(states.abs().sum(1).ne(0).sum())
                self._known[caption] = (states[:used].half(), pooled.half())

    def prepare_cached(self, captions: list[str], path: Path) -> None:
        """`prepare` with a file that keeps the result for the next start."""
        if path.exists():
            self._known |= torch.load(path, weights_only=True)
        missing = [caption for caption in captions if caption not in self._known]
        if missing:
            self.prepare(missing)
            write_complete(path, lambda fresh: torch.save(self._known, fresh))

    def lookup(self, captions: list[str]) -> TextStates:
        """Encoded captions, padded with zeros to a common multiple of 8 tokens."""
        missing = [c for c in dict.fromkeys(captions) if c not in self._known]
        if missing:
            self.prepare(missing)
        rows = [self._known[caption] for caption in captions]
        length = max(8, -(-max(len(states) for states, _ in rows) // 8) * 8)
        states = torch.zeros(len(rows), length, self.encoder.width)
        for index, (row, _) in enumerate(rows):
            states[index, : len(row)] = row
        return TextStates(states, torch.stack([pooled for _, pooled in rows]).float())


def _rows(encoded: TextStates) -> tuple[Tensor, Tensor]:
    return encoded.states, encoded.pooled


class IconBatches:
    """Single drawings: a random box of the canvas, a random object index, no other entry.

    Args:
        weights: How often each item of the cache is drawn, relative to the others; None is alike.
    """

    def __init__(
        self, cache: dict[str, Any], captions: CaptionTable, weights: Sequence[float] | None = None
    ) -> None:
        self.items: list[IconItem] = cache["items"]
        self.originals: int = cache["originals"]
        self.latents: dict[tuple[Any, ...], Tensor] = cache["latents"]
        self.captions = captions
        self._shapes = list(SHAPES)
        shares = np.array(list(SHAPES.values()))
        self._shares = shares / shares.sum()
        each = np.ones(len(self.items)) if weights is None else np.asarray(weights, np.float64)
        self._sums = (np.cumsum(each[: self.originals]), np.cumsum(each[self.originals :]))

    def all_captions(self) -> list[str]:
        """Every caption that can occur."""
        named = [item.caption(name_colour=True) for item in self.items]
        return list(dict.fromkeys(named + [i.caption(False) for i in self.items[: self.originals]]))

    def draw(self, rng: np.random.Generator, size: int) -> Batch:
        """About `size` samples of 64 tokens; more when the box is smaller, fewer when larger."""
        shape = self._shapes[rng.choice(len(self._shapes), p=self._shares)]
        count = max(8, min(2 * size, round(size * 64 / (shape[0] * shape[1]))))
        count = -(-count // 8) * 8
        picked = [self._pick(rng, shape) for _ in range(count)]
        data = pack_latents(torch.stack([latent for _, latent in picked]).float())
        layout = random_layout(rng, shape)
        text = self.captions.lookup([caption for caption, _ in picked])
        return Batch(data, text, layout, torch.ones(data.shape[1]))

    def _pick(self, rng: np.random.Generator, shape: tuple[int, int]) -> tuple[str, Tensor]:
        if (*shape, "recoloured") in self.latents and rng.random() < _RECOLOUR_SHARE:
            store, sums, offset = self.latents[*shape, "recoloured"], self._sums[1], self.originals
        else:
            store, sums, offset = self.latents[shape], self._sums[0], 0
        index = int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))
        latent = store[index, int(rng.integers(store.shape[1]))]
        item = self.items[offset + index]
        return item.caption(bool(rng.random() < _OWN_COLOUR_SHARE)), latent


def random_layout(rng: np.random.Generator, shape: tuple[int, int]) -> RegionLayout:
    """One box of `shape` tokens somewhere on the canvas, at a random object index."""
    row, column = 0, 0
    if rng.random() > _ORIGIN_SHARE:
        row = int(rng.integers(CANVAS_TOKENS - shape[0] + 1))
        column = int(rng.integers(CANVAS_TOKENS - shape[1] + 1))
    entry = int(rng.choice([2, 3, 4, 5, 6], p=[0.4, 0.3, 0.1, 0.1, 0.1]))
    box = token_box(row, column, *shape)
    side = CANVAS_TOKENS * TOKEN_PX
    return make_layout(side, side, [None] * entry + [box])


def token_box(row: int, column: int, rows: int, columns: int) -> Box:
    """A box given in tokens, as one in model pixels."""
    x0, y0 = column * TOKEN_PX, row * TOKEN_PX
    return Box(x0, y0, x0 + columns * TOKEN_PX, y0 + rows * TOKEN_PX)
