"""How often a generated background looks like its own words: part of the fixed evaluation.

Each kind is generated in its usual colours and compared, as 16 x 16 pixels, with freshly drawn
backgrounds of all kinds in theirs. Fresh drawings are scored beside, as the most that is possible.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch

from engine.checkpoints.bundle import Checkpoint
from engine.models.geometry import Box, make_layout
from engine.pipelines.layout_to_layers import RegionSampling, sample_regions
from engine.prompts.captions import STYLES, background_caption
from engine.prompts.english.scenery import BACKGROUND_KINDS
from engine.sampling.noise import BACKGROUND_ID, NoiseKey
from engine.training.art.backgrounds import draw_kind

SIDE_PX = 192  # what square pictures are sampled on
_COMPARED_PX = 16
_DRAWN_PER_KIND = 24
_ENTRY = 1

Small = npt.NDArray[np.float32]  # 16 16 3 in [0, 1]


def background_ranks(checkpoint: Checkpoint, per_kind: int) -> tuple[list[int], list[int]]:
    """How many kinds look nearer than the asked one, counted from 0, for every picture.

    Args:
        per_kind: Pictures of each kind.

    Returns:
        Ranks of generated pictures, and of fresh drawings.
    """
    rng = np.random.default_rng(77)
    gallery = np.stack([[_drawn(kind, rng) for _ in range(_DRAWN_PER_KIND)] for kind in _kinds()])
    made, drawn = [], []
    for kind in _kinds():
        for seed in range(per_kind):
            made.append(_rank(_generated(checkpoint, kind, seed), gallery, kind))
            drawn.append(_rank(_drawn(kind, rng), gallery, kind))
    return made, drawn


def _kinds() -> range:
    return range(len(BACKGROUND_KINDS))


def _drawn(kind: int, rng: np.random.Generator) -> Small:
    colours = BACKGROUND_KINDS[kind].default_colours
    return _small(draw_kind(kind, colours, SIDE_PX, SIDE_PX, rng).pixels)


def _generated(checkpoint: Checkpoint, kind: int, seed: int) -> Small:
    asked = BACKGROUND_KINDS[kind]
    phrase = asked.phrase.format(*asked.default_colours)
    caption = background_caption(phrase, STYLES[seed % len(STYLES)])
    box = Box(0, 0, SIDE_PX, SIDE_PX)
    request = RegionSampling(
        make_layout(SIDE_PX, SIDE_PX, [None, box]), (None, NoiseKey(seed, BACKGROUND_ID)),
        checkpoint.text.encode([caption]), checkpoint.text.encode([""]),
        checkpoint.sampling.steps, checkpoint.sampling.true_guidance,
    )  # fmt: skip
    latents = sample_regions(checkpoint.transformer, request)
    with torch.inference_mode():
        pixels = checkpoint.codec.decode(latents, request.layout.boxes, {_ENTRY})[_ENTRY]
    return _small(pixels[:3].permute(1, 2, 0).float().numpy())


def _small(pixels: Small) -> Small:
    size = (_COMPARED_PX, _COMPARED_PX)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)


def _rank(picture: Small, gallery: npt.NDArray[np.float32], kind: int) -> int:
    """Kinds whose nearest drawing is nearer than that of the asked kind."""
    distances = np.square(gallery - picture).mean((2, 3, 4)).min(1)
    return int((distances < distances[kind]).sum())
