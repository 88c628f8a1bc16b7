"""The judge's gallery: drawings that nothing was trained on, and how near a drawing is to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.checkpoints.bundle import Checkpoint
from engine.models.feature_net import FeatureNet, centre_drawing
from engine.models.geometry import Box
from engine.training.art import sources as art
from engine.training.icon_data import as_tensor, fit_in_box
from engine.training.recipe import Concept, load_recipe

JUDGE_SET = "twemoji"  # drawn by others than any training set
GALLERY_SIZE = 60


class Gallery:
    """Vectors of concepts in the set that was never trained on.

    Args:
        net: The judge.
        concepts: Which; None for 60 of the first recipe.
    """

    def __init__(self, net: FeatureNet, concepts: Sequence[Concept] | None = None) -> None:
        self.net = net
        self.concepts = list(concepts) if concepts else _usual_concepts()
        self.vectors = self.embed([self._drawing(concept) for concept in self.concepts])

    def embed(self, drawings: Sequence[Tensor]) -> Tensor:
        """Unit vectors of RGBA drawings `4 h w`: `n d`."""
        return self.net.embed(torch.stack([centre_drawing(drawing) for drawing in drawings]))

    def ranks(self, drawings: Sequence[Tensor], asked: Sequence[int]) -> list[int]:
        """Per drawing, how many of the concepts are nearer than the asked one."""
        scores = self.embed(drawings) @ self.vectors.T  # n c
        own = scores.gather(1, torch.tensor(asked)[:, None])
        return [int(row) for row in (scores > own).sum(1)]

    def nearer(self, drawing: Tensor, asked: int, other: int) -> bool:
        """Whether a drawing looks more like the one concept than like the other."""
        vector = self.embed([drawing])[0]
        return bool(vector @ self.vectors[asked] > vector @ self.vectors[other])

    @staticmethod
    def _drawing(concept: Concept) -> Tensor:
        return as_drawing(art.tight_render(JUDGE_SET, concept.hexcode))


def _usual_concepts() -> list[Concept]:
    """The same 60 however the recipe is widened, so that scores stay comparable."""
    first = [concept for concept in load_recipe().concepts if not concept.widening]
    usable = [concept for concept in first if art.has_icon(JUDGE_SET, concept.hexcode)]
    usable.sort(key=lambda concept: art.data_hash([concept.hexcode], "gallery"))
    return usable[:GALLERY_SIZE]


def as_drawing(picture: art.ByteImage) -> Tensor:
    """Straight RGBA bytes as `4 h w` in [0, 1]."""
    return as_tensor([picture])[0]


def shares(ranks: Sequence[int]) -> dict[str, float]:
    """Top-1 and top-5 shares of ranks that count from 0."""
    found = np.array(ranks)
    return {
        "top1": round(float((found < 1).mean()), 3),
        "top5": round(float((found < 5).mean()), 3),
    }


def boxed_art(style: str, concept: Concept) -> Tensor:
    """Real art in a 128 px box."""
    picture = art.tight_render(style, concept.hexcode)
    return as_drawing(fit_in_box(picture, 128, 128, 0.96, (0.5, 0.5)))


def encoded(checkpoint: Checkpoint, drawing: Tensor) -> Tensor:
    """Latents `16 h w` of a drawing `4 8h 8w`."""
    return checkpoint.codec.encode(drawing[None])[0]


def decode_object(checkpoint: Checkpoint, latents: Tensor) -> Tensor:
    """Straight RGBA `4 H W` of one object's latents `16 h w`."""
    box = Box(0, 0, latents.shape[2] * 8, latents.shape[1] * 8)
    return checkpoint.codec.decode([None, None, latents], [None, None, box], [2])[2]
