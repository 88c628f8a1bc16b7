"""Single drawings as cached latents: every concept, style and colour copy, in a few box shapes."""

from __future__ import annotations

import hashlib
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER
from engine.models.starter_codec import PATCH_PX, LinearPatchCode, to_colour_form
from engine.prompts.captions import object_caption, object_phrase
from engine.training.art import sources as art
from engine.training.art.recolour import (
    RECOLOUR_TARGETS,
    body_of,
    colour_word,
    recoloured,
)
from engine.training.cached import built_once
from engine.training.recipe import Recipe

DATA_VERSION = "icons-3"
SHIPPED_CODEC = STARTER_FOLDER / "codec.safetensors"
TOKEN_PX = 16
# Box shapes in tokens (rows, columns) and their share of the single-object batches. 8 x 8 = 128 px
# is the main one; the others are what scenes and hand-drawn boxes need.
SHAPES: dict[tuple[int, int], float] = {
    (8, 8): 0.60, (6, 6): 0.11, (5, 5): 0.06, (4, 4): 0.03, (7, 7): 0.06, (10, 10): 0.02,
    (6, 8): 0.03, (8, 6): 0.03, (5, 7): 0.03, (7, 5): 0.03,
}  # fmt: skip
RECOLOUR_SHAPES = ((8, 8), (6, 6), (5, 5), (7, 7))
# Copies per drawing, one for the other shapes. Few and alike: the drawing fills its box in the
# product anyway, and at this length of training each copy more is a picture less well learned.
JITTERS = {(8, 8): 2}
_MARGIN_PX = 2


@dataclass(frozen=True, slots=True)
class IconItem:
    """One drawing: concept, style, and the colour word it was recoloured to (or "")."""

    label: str
    hexcode: str
    style: str
    recolour: str
    own_colour: str

    def caption(self, name_colour: bool) -> str:
        """Its caption; copies always name their colour, originals only when asked to."""
        colour = self.recolour or (self.own_colour if name_colour else "")
        return object_caption(object_phrase(self.label, colour), self.style)


def list_items(recipe: Recipe) -> list[IconItem]:
    """All drawings of a recipe: originals first, then the colour copies (figures have none)."""
    originals, copies = [], []
    for concept in recipe.concepts:
        for style in recipe.styles:
            own = colour_word(art.tight_render(style, concept.hexcode), body_of(concept.label))
            originals.append(IconItem(concept.label, concept.hexcode, style, "", own))
            copies += [
                IconItem(concept.label, concept.hexcode, style, colour, own)
                for colour in RECOLOUR_TARGETS
                if colour != own and not concept.figure
            ]
    return originals + copies


def drawing(item: IconItem, long_side: int = art.MASTER_SIDE_PX) -> art.ByteImage:
    """Straight RGBA of an item, cropped to its alpha."""
    image = art.tight_render(item.style, item.hexcode)
    if long_side < art.MASTER_SIDE_PX:
        scale = long_side / max(image.shape[:2])
        image = art.resize_premultiplied(
            image, max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        )
    return recoloured(image, item.recolour, body_of(item.label)) if item.recolour else image


def fit_in_box(
    rgba: art.ByteImage, width: int, height: int, scale: float, shift: tuple[float, float]
) -> art.ByteImage:
    """The drawing contained in a transparent `height width 4` box.

    Args:
        scale: Share of the largest size that fits, 0 to 1.
        shift: Position within the free space, each in [0, 1]; 0.5 is the centre.
    """
    inner_w, inner_h = width - 2 * _MARGIN_PX, height - 2 * _MARGIN_PX
    factor = scale * min(inner_w / rgba.shape[1], inner_h / rgba.shape[0])
    new_w, new_h = max(1, int(rgba.shape[1] * factor)), max(1, int(rgba.shape[0] * factor))
    small = art.resize_premultiplied(rgba, new_w, new_h)
    x = _MARGIN_PX + round((inner_w - new_w) * shift[0])
    y = _MARGIN_PX + round((inner_h - new_h) * shift[1])
    out = np.zeros((height, width, 4), np.uint8)
    out[y : y + new_h, x : x + new_w] = small
    return out


def as_tensor(images: list[art.ByteImage]) -> Tensor:
    """uint8 `h w 4` list -> float `b 4 h w` in [0, 1]."""
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255


def jittered(item: IconItem, shape: tuple[int, int], rng: np.random.Generator) -> art.ByteImage:
    """One copy of a drawing in a box of `shape` tokens, slightly scaled and shifted."""
    rows, columns = shape
    image = drawing(item, max(rows, columns) * TOKEN_PX)
    scale = rng.uniform(0.97, 1.0)
    shift = (rng.uniform(0.45, 0.55), rng.uniform(0.45, 0.55))
    return fit_in_box(image, columns * TOKEN_PX, rows * TOKEN_PX, scale, shift)


def fit_code(items: list[IconItem], seed: int = 0) -> LinearPatchCode:
    """PCA over patches of the originals, those that are wholly transparent thinned to a tenth."""
    rng = np.random.default_rng(seed)
    images = [jittered(i, (8, 8), rng) for i in items if not i.recolour]
    colour = to_colour_form(as_tensor(images))
    patches = torch.nn.functional.pixel_unshuffle(colour, PATCH_PX).permute(0, 2, 3, 1)
    patches = patches.reshape(-1, 4 * PATCH_PX**2)
    seen = patches[:, -(PATCH_PX**2) :].amax(1) > -0.99
    keep = seen | (torch.from_numpy(rng.random(len(patches))) < 0.1)
    code = LinearPatchCode()
    code.fit(patches[keep])
    return code


def linear_code(items: list[IconItem]) -> LinearPatchCode:
    """The shipped codec's linear half, so that new latents fit old weights; else a new fit."""
    weights = _shipped_code()
    if not weights:
        return fit_code(items)
    return code_of(weights)


def code_of(weights: dict[str, Tensor]) -> LinearPatchCode:
    """The linear code of these weights, such as a cache holds."""
    code = LinearPatchCode()
    code.load_state_dict(weights)
    return code


def encoded(code: LinearPatchCode, pictures: list[art.ByteImage]) -> Tensor:
    """Latents of pictures of one size for a cache: `n 16 2r 2c`, half."""
    return code.encode(to_colour_form(as_tensor(pictures))).half()


def _shipped_code() -> dict[str, Tensor]:
    """Weights of the shipped codec's linear half; empty when no codec is shipped."""
    if not SHIPPED_CODEC.exists():
        return {}
    start = "code."
    weights = load_file(SHIPPED_CODEC)
    return {k.removeprefix(start): v for k, v in weights.items() if k.startswith(start)}


def build_icon_cache(recipe: Recipe, seed: int = 0) -> dict[str, Any]:
    """Latents per shape (`items jitters 16 2r 2c`, half), items, and the code's weights; cached."""
    items = list_items(recipe)
    digest = art.data_hash(_ingredients(items), DATA_VERSION)
    path = art.cache_folder() / f"icons-{digest}.pt"
    return built_once(path, lambda: _build_icon_cache(items, digest, seed))


def _ingredients(items: list[IconItem]) -> list[str]:
    """What the cached latents depend on: drawings, versions of the art, shapes, the linear code."""
    names = [f"{i.style}/{i.hexcode}/{i.recolour}/{i.label}/{body_of(i.label)}" for i in items]
    sets = [art.drawn_version(style) for style in sorted({i.style for i in items})]
    mix = f"{SHAPES} {RECOLOUR_SHAPES} {JITTERS} {_MARGIN_PX} {art.MASTER_SIDE_PX}"
    code = hashlib.blake2b(digest_size=8)
    for name, values in sorted(_shipped_code().items()):
        code.update(name.encode() + values.numpy().tobytes())
    return [*names, *sets, mix, code.hexdigest()]


def _build_icon_cache(items: list[IconItem], digest: str, seed: int) -> dict[str, Any]:
    code = linear_code(items)
    originals = sum(not i.recolour for i in items)
    parts: list[tuple[tuple[Any, ...], list[IconItem], int]] = []
    for shape in SHAPES:
        parts.append((shape, items[:originals], JITTERS.get(shape, 1)))
        if shape in RECOLOUR_SHAPES:
            parts.append(((*shape, "recoloured"), items[originals:], 1))
    # Thousands of small resizes: a process per core, since threads wait for each other.
    with ProcessPoolExecutor(mp_context=mp.get_context("spawn")) as pool:
        made = pool.map(
            _encode_shape, [part[1] for part in parts], [part[0][:2] for part in parts],
            [part[2] for part in parts], [code.state_dict()] * len(parts),
            [(seed, index) for index in range(len(parts))],
        )  # fmt: skip
        latents = {part[0]: rows for part, rows in zip(parts, made, strict=True)}
    return {
        "items": items, "originals": originals, "latents": latents, "hash": digest,
        "code": code.state_dict(),
    }  # fmt: skip


def _encode_shape(
    items: list[IconItem],
    shape: tuple[int, int],
    jitters: int,
    code_weights: dict[str, Tensor],
    seed: tuple[int, int],
) -> Tensor:
    torch.set_num_threads(1)
    code, rng = code_of(code_weights), np.random.default_rng(seed)
    return torch.stack(
        [encoded(code, [jittered(item, shape, rng) for _ in range(jitters)]) for item in items]
    )
