"""Crops of vector art for the upscaler: rendered large, colours bled under the alpha, cached.

One file of the training cache holds all crops; processes map it. Concepts whose code point hashes
into the held-out tenth are in no set, so that the evaluation can draw them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.multiprocessing as mp
from torch import Tensor

from engine.checkpoints.starter import load_starter_feature_net
from engine.checkpoints.starter_upscaler import embed_picture
from engine.training.art import sources as art
from engine.training.cached import only_one, write_complete

ART_VERSION = "upscale-1"
CROP_PX = 192  # a training picture is 128; the rest is for blur and resampling to look beyond
CROPS_PER_PICTURE = 8
# Drawings per set, and long sides in pixels that they are rendered at.
PICTURES = {"flat": 500, "cartoon": 500, "glossy": 150}
LONG_SIDES = (288, 384, 512, 768, 1024, 1400)
_GROUPS = (3, 4, 5, 6, 7, 8)  # animals, food, travel, activities, objects, symbols
_EDGE_STEP = 20  # levels between neighbouring pixels
_EDGE_SHARE = 0.8  # of the crops are centred on an edge

FloatImage = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CropPool:
    """All crops.

    Attributes:
        pixels: Colours bled under the alpha, and the alpha, 8-bit `n h w 4`; memory-mapped.
        vectors: Feature vector of the picture that each is from, `n d`.
        sides: Long side in pixels of the drawing that each is from.
        digest: Names what they were made from.
    """

    pixels: npt.NDArray[np.uint8]
    vectors: Tensor
    sides: list[int]
    digest: str


def is_held_out(hexcode: str) -> bool:
    """Whether a concept is kept from training; by hash, a tenth of all."""
    digest = hashlib.blake2b(f"upscaler {hexcode}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % 10 == 0


def concept_codes(style: str, *, held_out: bool) -> list[str]:
    """Code points that a set draws, in an order of their hashes."""
    codes = [
        code for code, entry in art.emoji_labels().items()
        if entry.get("group") in _GROUPS and art.has_icon(style, code)
        and is_held_out(code) is held_out
    ]  # fmt: skip
    return sorted(codes, key=lambda code: art.data_hash([code], "order"))


def render_tight(style: str, hexcode: str, long_side: int) -> art.ByteImage:
    """Straight RGBA of a drawing, cropped to its alpha, long side about `long_side`."""
    small = art.crop_to_alpha(art.render_svg(art.icon_svg(style, hexcode), 128))
    side = round(long_side * 128 / max(small.shape[:2]))
    return art.crop_to_alpha(art.render_svg(art.icon_svg(style, hexcode), side))


def bleed(rgba: FloatImage) -> FloatImage:
    """Straight RGBA in [0, 1] `h w 4` -> RGB with the colours of the drawing carried under its
    transparent parts, by averages over ever larger surroundings."""
    alpha = rgba[..., 3:]
    return _filled(rgba[..., :3] * alpha, alpha)


def _filled(premultiplied: FloatImage, alpha: FloatImage) -> FloatImage:
    height, width = alpha.shape[:2]
    if max(height, width) == 1:
        return np.asarray(premultiplied / np.maximum(alpha, 1e-4), np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse = cv2.resize(premultiplied, half, interpolation=cv2.INTER_AREA).reshape(*half[::-1], 3)
    cover = cv2.resize(alpha, half, interpolation=cv2.INTER_AREA).reshape(*half[::-1], 1)
    trusted = np.asarray(np.minimum(cover * 4, 1), np.float32)
    mean = coarse / np.maximum(cover, 1e-4)
    below = _filled(np.asarray(mean * trusted, np.float32), trusted)
    large = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(premultiplied + (1 - alpha) * large.reshape(height, width, 3), np.float32)


def load_crops(pictures: dict[str, int] | None = None) -> CropPool:
    """The pool; rendered on first use, which takes some minutes."""
    wanted = pictures or PICTURES
    names = [
        f"{style}/{code}"
        for style, count in wanted.items()
        for code in concept_codes(style, held_out=False)[:count]
    ]
    digest = art.data_hash(names, ART_VERSION)
    path = art.cache_folder() / f"{ART_VERSION}-{digest}.npy"
    with only_one(path):
        if not path.exists():
            _build(names, path)
    vectors = torch.load(path.with_suffix(".pt"), weights_only=True)
    sides = [_long_side(name) for name in names for _ in range(CROPS_PER_PICTURE)]
    return CropPool(np.load(path, mmap_mode="r"), vectors, sides, digest)


def _build(names: list[str], path: Path) -> None:
    crops: list[art.ByteImage] = []
    vectors: list[Tensor] = []
    with mp.get_context("spawn").Pool(2) as pool:
        for number, (taken, vector) in enumerate(pool.imap(_crops_of, names, chunksize=8)):
            crops += taken
            vectors += [vector] * len(taken)
            if number % 100 == 0:
                print(f"{number} of {len(names)} drawings", flush=True)
    write_complete(path.with_suffix(".pt"), lambda fresh: torch.save(torch.stack(vectors), fresh))
    write_complete(path, lambda fresh: np.save(fresh, np.stack(crops)))


def _long_side(name: str) -> int:
    return int(_generator(name).choice(LONG_SIDES))  # the first thing that is drawn from it


def _generator(name: str) -> np.random.Generator:
    return np.random.default_rng(int(art.data_hash([name], "crops"), 16))


def _crops_of(name: str) -> tuple[list[art.ByteImage], Tensor]:
    torch.set_num_threads(1)
    style, code = name.split("/")
    rng = _generator(name)
    picture = render_tight(style, code, int(rng.choice(LONG_SIDES)))
    prepared, vector = prepare(picture, rng)
    return draw_crops(prepared, rng, CROPS_PER_PICTURE), vector


def prepare(picture: art.ByteImage, rng: np.random.Generator) -> tuple[art.ByteImage, Tensor]:
    """A drawing with a margin of nothing around, its colours bled, and its feature vector."""
    short = np.maximum(0, CROP_PX - np.array(picture.shape[:2]))
    before = [int(rng.integers(8, 48)) + int(side) // 2 for side in short]
    after = [int(rng.integers(8, 48)) + int(side) - int(side) // 2 for side in short]
    margins = [(before[0], after[0]), (before[1], after[1]), (0, 0)]
    rgba = np.asarray(np.pad(picture, margins) / np.float32(255), np.float32)
    rgb = bleed(rgba)
    rgba[..., :3] = rgb
    levels = np.clip(np.rint(rgba * 255), 0, 255).astype(np.uint8)
    net, _ = load_starter_feature_net()
    return levels, embed_picture(net, levels[..., :3])[0]


def draw_crops(
    prepared: art.ByteImage, rng: np.random.Generator, count: int
) -> list[art.ByteImage]:
    """Crops of a prepared drawing, most of them around an edge of colour or alpha."""
    across = cv2.absdiff(prepared[:-1, 1:], prepared[:-1, :-1]).max(2)
    down = cv2.absdiff(prepared[1:, :-1], prepared[:-1, :-1]).max(2)
    rows, columns = np.nonzero(np.maximum(across, down) > _EDGE_STEP)
    limits = np.array(prepared.shape[:2]) - CROP_PX
    crops = []
    for _ in range(count):
        corner = rng.integers(0, limits + 1)
        if len(rows) and rng.random() < _EDGE_SHARE:
            chosen = int(rng.integers(len(rows)))
            shift = rng.integers(-48, 49, 2)
            corner = np.array([rows[chosen], columns[chosen]]) - CROP_PX // 2 + shift
        y, x = (int(v) for v in np.clip(corner, 0, limits))
        crops.append(np.ascontiguousarray(prepared[y : y + CROP_PX, x : x + CROP_PX]))
    return crops
