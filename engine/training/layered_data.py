"""Layered scenes in the manner of PrismLayers: whole image, background and objects with boxes.

Scenes are composed once into a pool of latents, one layout per pool entry, because the samples of
a batch share their layout. Run: `python -m engine.training.layered_data` builds the pool.
"""

from __future__ import annotations

import functools
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.models.geometry import Box, RegionLayout, make_layout, pack_regions
from engine.prompts.captions import TRANSLUCENT, object_phrase, scene_caption
from engine.training.art import sources as art
from engine.training.art.backgrounds import draw_background
from engine.training.cached import built_once
from engine.training.icon_data import (
    IconItem,
    build_icon_cache,
    code_of,
    drawing,
    encoded,
    fit_in_box,
)
from engine.training.layer_batches import Batch, CaptionTable, token_box
from engine.training.recipe import Recipe, load_recipe

POOL_VERSION = "scenes-3"
# Canvases in tokens (rows, columns) and their share; 16 x 16 tokens = 256 px, the product's size.
CANVASES = {(16, 16): 0.45, (12, 16): 0.2, (16, 12): 0.1, (12, 12): 0.25}
OBJECT_COUNTS = np.array([0.2, 0.47, 0.18, 0.09, 0.04, 0.02])  # 1 to 6 objects
ENTRY_WEIGHTS = (1.0, 0.5, 2.0)  # loss: whole, background, each object; the first two are easy
_RECOLOUR_SHARE, _NAMED_SHARE = 0.25, 0.35
_SHADOW_SHARE, _GLOW_SHARE, _TRANSLUCENT_SHARE = 0.12, 0.06, 0.05
EFFECT_ROOM = 0.86  # of the box for a drawing with a shadow or a glow
_MAX_OVERLAP = 0.2  # share of the smaller box


@dataclass(frozen=True, slots=True)
class Scene:
    """A composed scene.

    Attributes:
        whole, background: Opaque RGBA of the canvas, `h w 4`.
        objects: RGBA of each box, bottom to top.
    """

    caption: str
    whole: art.ByteImage
    background: art.ByteImage
    objects: list[art.ByteImage]


def draw_layout(rng: np.random.Generator) -> tuple[tuple[int, int], list[Box]]:
    """A canvas (rows, columns in tokens) and 1 to 6 object boxes, bottom to top."""
    sizes = list(CANVASES)
    canvas = sizes[rng.choice(len(sizes), p=list(CANVASES.values()))]
    count = 1 + int(rng.choice(6, p=OBJECT_COUNTS))
    largest = min(min(canvas) - 1, {1: 10, 2: 8, 3: 7}.get(count, 6))
    boxes: list[Box] = []
    for _ in range(400):
        if len(boxes) == count:
            break
        side = int(rng.integers(min(5, largest), largest + 1))
        rows = min(canvas[0], max(4, side + int(rng.choice([-1, 0, 0, 0, 1]))))
        row = int(rng.integers(canvas[0] - rows + 1))
        column = int(rng.integers(canvas[1] - side + 1))
        box = token_box(row, column, rows, side)
        if all(_overlap(box, other) <= _MAX_OVERLAP for other in boxes):
            boxes.append(box)
    order = rng.permutation(len(boxes))
    return canvas, [boxes[i] for i in order]


def _overlap(a: Box, b: Box) -> float:
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    smaller = min(a.width * a.height, b.width * b.height)
    return max(0, width) * max(0, height) / smaller


def compose_scene(
    items: list[IconItem], canvas: tuple[int, int], boxes: list[Box], rng: np.random.Generator
) -> Scene:
    """Draws a background and one drawing per box, all in one style, with the caption."""
    style = str(rng.choice(sorted({item.style for item in items})))
    effect = str(
        rng.choice(["", "soft shadows", "glow"],
                   p=[1 - _SHADOW_SHARE - _GLOW_SHARE, _SHADOW_SHARE, _GLOW_SHARE])
    )  # fmt: skip
    background = draw_background(canvas[0] * 16, canvas[1] * 16, rng)
    phrases, objects = [], []
    for box in boxes:
        phrase, picture = _draw_object(items, style, box, effect, rng)
        phrases.append(phrase)
        objects.append(picture)
    base = np.full((*background.pixels.shape[:2], 4), 255, np.uint8)
    base[..., :3] = np.rint(background.pixels * 255)
    caption = scene_caption(phrases, background.phrase, style, effect)
    return Scene(caption, _stack(base, objects, boxes), base, objects)


def _draw_object(
    items: list[IconItem], style: str, box: Box, effect: str, rng: np.random.Generator
) -> tuple[str, art.ByteImage]:
    """Phrase and RGBA of a random drawing fitted into a box."""
    wanted = bool(rng.random() < _RECOLOUR_SHARE)
    while True:
        item = items[int(rng.integers(len(items)))]
        if item.style == style and bool(item.recolour) == wanted:
            break
    colour = item.recolour or (item.own_colour if rng.random() < _NAMED_SHARE else "")
    phrase = object_phrase(item.label, colour)
    scale = rng.uniform(0.9, 1.0) * (EFFECT_ROOM if effect else 1.0)
    shift = (rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.65))
    picture = fit_in_box(drawing(item, 160), box.width, box.height, scale, shift)
    if rng.random() < _TRANSLUCENT_SHARE:
        picture[..., 3] = picture[..., 3] * 0.5
        phrase = f"{TRANSLUCENT} {phrase}"
    if effect:
        picture = with_effect(picture, effect)
    return phrase, picture


def with_effect(rgba: art.ByteImage, effect: str) -> art.ByteImage:
    """A blurred dark copy below and right of the drawing, or a bright halo around it."""
    side = max(rgba.shape[:2])
    alpha = rgba[..., 3].astype(np.float32) / 255
    if effect == "glow":
        halo = np.clip(cv2.GaussianBlur(alpha, (0, 0), side * 0.035) * 1.3, 0, 1) * 0.75
        colour = np.array([255, 250, 200], np.float32)
    else:
        move = np.array([[1, 0, side * 0.02], [0, 1, side * 0.045]], np.float32)
        shifted = cv2.warpAffine(alpha, move, (rgba.shape[1], rgba.shape[0]))
        halo = cv2.GaussianBlur(shifted, (0, 0), side * 0.025) * 0.4
        colour = np.zeros(3, np.float32)
    out_alpha = alpha + halo * (1 - alpha)
    top = rgba[..., :3] * alpha[..., None] + colour * (halo * (1 - alpha))[..., None]
    out = np.concatenate(
        [top / np.maximum(out_alpha, 1e-3)[..., None], out_alpha[..., None] * 255], 2
    )
    return np.asarray(np.clip(np.rint(out), 0, 255), np.uint8)


def _stack(base: art.ByteImage, objects: list[art.ByteImage], boxes: list[Box]) -> art.ByteImage:
    out = base.astype(np.float32)
    for picture, box in zip(objects, boxes, strict=True):
        place = out[box.y0 : box.y1, box.x0 : box.x1, :3]
        alpha = picture[..., 3:].astype(np.float32) / 255
        place += (picture[..., :3] - place) * alpha
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def build_scene_pool(
    recipe: Recipe, layouts: int = 160, scenes: int = 40, seed: int = 5
) -> dict[str, Any]:
    """Composes and encodes the pool; cached in the training cache."""
    cache = build_icon_cache(recipe)
    mix = f"{CANVASES} {OBJECT_COUNTS} {_RECOLOUR_SHARE} {_NAMED_SHARE} {_MAX_OVERLAP}"
    mix += f" {_SHADOW_SHARE} {_GLOW_SHARE} {_TRANSLUCENT_SHARE} {layouts} {scenes} {seed}"
    digest = art.data_hash([cache["hash"], mix], POOL_VERSION)

    def build() -> dict[str, Any]:
        one = functools.partial(_pool_entry, cache["items"], cache["code"], scenes)
        with ProcessPoolExecutor(mp_context=mp.get_context("spawn")) as pool:
            entries = list(pool.map(one, [(seed, index) for index in range(layouts)]))
        return {"entries": entries, "hash": digest}

    return built_once(art.cache_folder() / f"{POOL_VERSION}-{digest}.pt", build)


def _pool_entry(
    items: list[IconItem], code_weights: dict[str, Tensor], count: int, seed: tuple[int, int]
) -> dict[str, Any]:
    """Scenes of one layout: canvas, boxes, captions, and per entry latents `s 16 h w` (half)."""
    torch.set_num_threads(1)
    code, rng = code_of(code_weights), np.random.default_rng(seed)
    canvas, boxes = draw_layout(rng)
    made = [compose_scene(items, canvas, boxes, rng) for _ in range(count)]
    columns = [[s.whole for s in made], [s.background for s in made]]
    columns += [[s.objects[i] for s in made] for i in range(len(boxes))]
    latents = [encoded(code, column) for column in columns]
    return {
        "canvas": canvas, "boxes": boxes, "captions": [s.caption for s in made],
        "latents": latents,
    }  # fmt: skip


class SceneBatches:
    """Batches from the pool: full scenes, scenes without the whole image, objects only.

    Leaving out entries is training for the product, which may regenerate some layers only, and
    costs a fraction of a full scene.
    """

    def __init__(self, pool: dict[str, Any], captions: CaptionTable) -> None:
        self.entries: list[dict[str, Any]] = pool["entries"]
        self.captions = captions

    def all_captions(self) -> list[str]:
        """Every caption that can occur."""
        return list(dict.fromkeys(c for entry in self.entries for c in entry["captions"]))

    def draw(self, rng: np.random.Generator, size: int) -> Batch:
        """As many scenes as cost about `size` drawings of 64 tokens, at least 4."""
        entry = self.entries[int(rng.integers(len(self.entries)))]
        kept = self._kept_entries(rng)
        layout = _layout_of(entry, kept)
        count = int(np.clip(round(size * 64 / layout.token_count), 4, len(entry["captions"])))
        picked = rng.choice(len(entry["captions"]), count, replace=False)
        latents = [
            entry["latents"][i][picked].float() if layout.boxes[i] else None
            for i in range(len(layout.boxes))
        ]
        text = self.captions.lookup([entry["captions"][i] for i in picked])
        return Batch(pack_regions(latents), text, layout, _token_weights(layout))

    @staticmethod
    def _kept_entries(rng: np.random.Generator) -> tuple[bool, bool]:
        """Whether the whole image and the background take part."""
        kinds = ((True, True), (False, True), (False, False))
        return kinds[rng.choice(3, p=[0.12, 0.13, 0.75])]


def _layout_of(entry: dict[str, Any], kept: tuple[bool, bool]) -> RegionLayout:
    rows, columns = entry["canvas"]
    whole = token_box(0, 0, rows, columns)
    boxes: list[Box | None] = [whole if keep else None for keep in kept]
    return make_layout(whole.width, whole.height, boxes + entry["boxes"])


def _token_weights(layout: RegionLayout) -> Tensor:
    """Loss weight per token: each entry counts by ENTRY_WEIGHTS, however many tokens it has."""
    parts = []
    for index, tokens in enumerate(layout.token_counts):
        if tokens:
            parts.append(torch.full((tokens,), ENTRY_WEIGHTS[min(index, 2)] / tokens))
    weights = torch.cat(parts)
    return weights / weights.mean()


if __name__ == "__main__":
    build_scene_pool(load_recipe())
