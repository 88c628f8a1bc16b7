"""Binding check: does each box show the noun that was asked for, and not its neighbour's?

Regions are anonymous, so a small model sometimes puts a noun into the wrong box, twice, or
nowhere. The shipped feature net compares each drawing with the mean drawing of every concept
(its prototype). A drawing that fails is made again by itself, where nothing can be mixed up
(MultiLayerFLUX's way), and the better one of the two stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.feature_net import FeatureNet, centre_drawing

# Share of the box that a drawing covers, weighted by alpha (art-plus 7.3, step 6).
MIN_COVER, MAX_COVER = 0.02, 0.98
# The asked concept must be among this many nearest of all concepts.
ACCEPTED_RANK = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a drawing shows.

    Attributes:
        cover: Mean alpha, 0 to 1.
        likeness: Cosine to the asked concept's prototype; 0 when there is no judge.
        rank: How many concepts are nearer than the asked one.
        beaten: Whether another concept of the same sentence is nearer.
    """

    cover: float = 0.0
    likeness: float = 0.0
    rank: int = 0
    beaten: bool = False

    @property
    def empty_or_full(self) -> bool:
        """No drawing at all, or no transparency."""
        return not MIN_COVER <= self.cover <= MAX_COVER

    @property
    def passes(self) -> bool:
        """Whether the drawing may stay."""
        return not (self.empty_or_full or self.beaten or self.rank >= ACCEPTED_RANK)

    def better_than(self, other: Verdict) -> bool:
        """Usable before unusable, right before wrong, then the more alike."""
        mine = (not self.empty_or_full, not self.beaten, self.likeness)
        return mine > (not other.empty_or_full, not other.beaten, other.likeness)


class ConceptJudge:
    """Likeness of drawings to every concept.

    Args:
        prototypes: Unit vectors, `n d`, one row per concept.
        labels: Concept of each row.

    Raises:
        ValueError: There are more or fewer labels than rows.
    """

    def __init__(self, net: FeatureNet, prototypes: Tensor, labels: Sequence[str]) -> None:
        if len(labels) != len(prototypes):
            raise ValueError(f"{len(prototypes)} prototypes for {len(labels)} concepts")
        self._net = net
        self._prototypes = prototypes.float()
        self._labels = tuple(labels)

    @torch.no_grad()
    def likeness(self, drawings: Sequence[Tensor]) -> list[dict[str, float]]:
        """Per drawing (straight RGBA, `4 h w`) the cosine to each concept's prototype."""
        inputs = torch.stack([centre_drawing(drawing) for drawing in drawings])
        cosines = self._net.embed(inputs) @ self._prototypes.T  # b n
        return [dict(zip(self._labels, row, strict=True)) for row in cosines.tolist()]


def judge_drawings(
    drawings: Sequence[Tensor],
    asked: Sequence[str],
    judge: ConceptJudge | None,
    sentence: Sequence[str] = (),
) -> list[Verdict]:
    """A verdict for each drawing.

    Args:
        drawings: Straight RGBA in [0, 1], `4 h w`.
        asked: Concept label of each.
        judge: None = look at the transparency only.
        sentence: Labels of all objects of the job, which may have changed places.
    """
    covers = [float(drawing[3].mean()) for drawing in drawings]
    if judge is None or not drawings:
        return [Verdict(cover) for cover in covers]
    verdicts = []
    for cover, label, likeness in zip(covers, asked, judge.likeness(drawings), strict=True):
        own = likeness.get(label)
        if own is None:  # a concept without prototype cannot be judged
            verdicts.append(Verdict(cover))
            continue
        rank = sum(value > own for value in likeness.values())
        beaten = any(likeness.get(other, -1.0) > own for other in sentence if other != label)
        verdicts.append(Verdict(cover, own, rank, beaten))
    return verdicts
