"""Binding check: does each box show the noun that was asked for, and not its neighbour's?

Regions are anonymous, so a small model sometimes puts a noun into the wrong box, twice, or
nowhere. The shipped feature net compares each drawing with the mean drawing of every concept
(its prototype). What is not clearly its noun is made again by itself, where nothing can be mixed up
(MultiLayerFLUX's way), with several noises, and the best one stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.models.feature_net import FeatureNet, centre_drawing
from engine.pipelines.asked_colours import colour_share, has_enough, in_other_hues
from engine.pipelines.drawing_fit import is_small
from engine.prompts.english.shades import Colour

# Share of the box that a drawing covers, weighted by alpha (art-plus 7.3, step 6).
MIN_COVER, MAX_COVER = 0.02, 0.98
# Share of an edge of the box where the drawing is cut off; drawings end inside their box.
CUT_EDGE, CUT_EDGE_OF_SEVERAL = 0.5, 0.2
# Below this rank among all concepts a last try is doubtful, and the user is told.
DOUBTFUL_RANK = 5
# Cosine to the prototype from which no other try is made, in styles without a bar of their own.
CLEAR_LIKENESS = 0.88


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a drawing shows.

    Attributes:
        cover: Mean alpha, 0 to 1.
        likeness: Cosine to the asked concept's prototype; 0 when it is not judged.
        rank: How many concepts are nearer than the asked one.
        beaten: Whether another concept of the same sentence is nearer.
        cut: Whether the drawing runs out of its box.
        small: Whether it would have to be enlarged too much to fill its box.
        off_colour: Whether it has not the colour that was asked for.
        partly: Whether a good part of it has, though it is `off_colour`.
        judged: Whether likeness, rank and beaten say anything: a judge knows the asked concept.
        clear_from: Likeness from which it is clearly its noun; most real drawings of its style
            reach it.
    """

    cover: float = 0.0
    likeness: float = 0.0
    rank: int = 0
    beaten: bool = False
    cut: bool = False
    small: bool = False
    off_colour: bool = False
    partly: bool = False
    judged: bool = True
    clear_from: float = CLEAR_LIKENESS

    @property
    def empty_or_full(self) -> bool:
        """No drawing at all, or no transparency."""
        return not MIN_COVER <= self.cover <= MAX_COVER

    @property
    def passes(self) -> bool:
        """Whether the drawing may stay without another try: whole, and its noun is nearest."""
        return not (self.empty_or_full or self.cut or self.small or self.rank > 0)

    @property
    def clear(self) -> bool:
        """Whether another try would hardly be better, or could not be told to be."""
        alike = not self.judged or self.likeness >= self.clear_from
        return self.passes and not self.off_colour and alike

    @property
    def doubtful(self) -> bool:
        """Whether a person may not recognise it."""
        return self.empty_or_full or self.rank >= DOUBTFUL_RANK

    def better_than(self, other: Verdict) -> bool:
        """Usable before unusable, right before wrong, whole before cut, large before small, what
        can be recognised before what has the asked colour, then more alike."""
        return self._merit > other._merit

    @property
    def _merit(self) -> tuple[bool, bool, bool, bool, bool, int, float]:
        usable, whole, large = not self.empty_or_full, not self.cut, not self.small
        right, plain = not self.beaten, self.rank < DOUBTFUL_RANK
        colour = 2 * (not self.off_colour) + self.partly
        return (usable, right, whole, large, plain, colour, self.likeness)


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
    colours: Sequence[str] = (),
) -> list[Verdict]:
    """A verdict for each drawing.

    Args:
        drawings: Straight RGBA in [0, 1], `4 h w`.
        asked: Concept label of each.
        judge: None = look at the transparency only.
        sentence: Labels of all objects of the job, which may have changed places.
        colours: Colour word that was asked for each, or empty; none at all = no colours.
    """
    wanted = colours or [""] * len(drawings)
    shapes = [_shape(rgba, colour) for rgba, colour in zip(drawings, wanted, strict=True)]
    if judge is None or not drawings:
        return shapes
    verdicts = []
    likenesses = _likenesses(judge, drawings, asked, wanted)
    for shape, label, likeness in zip(shapes, asked, likenesses, strict=True):
        own = likeness.get(label)
        if own is None:  # a concept without prototype cannot be judged
            verdicts.append(shape)
            continue
        rank = sum(value > own for value in likeness.values())
        beaten = any(likeness.get(other, -1.0) > own for other in sentence if other != label)
        verdicts.append(replace(shape, likeness=own, rank=rank, beaten=beaten, judged=True))
    return verdicts


def _shape(rgba: Tensor, colour: str) -> Verdict:
    """What can be said of a drawing without a judge."""
    alpha, asked = rgba[3], Colour(colour)
    return Verdict(
        float(alpha.mean()), cut=is_cut(alpha), small=is_small(alpha),
        off_colour=bool(colour) and not has_enough(colour_share(rgba, asked), asked), judged=False,
    )  # fmt: skip


def _likenesses(
    judge: ConceptJudge, drawings: Sequence[Tensor], asked: Sequence[str], colours: Sequence[str]
) -> list[dict[str, float]]:
    """As the judge sees them; those in an asked colour in the hues that are best for them."""
    found = list(judge.likeness(drawings))
    for index, (rgba, label, colour) in enumerate(zip(drawings, asked, colours, strict=True)):
        if colour:
            found[index] = _most_like(label, judge.likeness(in_other_hues(rgba, colour)))
    return found


def _most_like(label: str, likenesses: Sequence[dict[str, float]]) -> dict[str, float]:
    return max(likenesses, key=lambda likeness: likeness.get(label, -1.0))


def is_cut(alpha: Tensor) -> bool:
    """Whether a drawing touches one edge of its box for long, or several for a while.

    Args:
        alpha: In [0, 1], `h w`.
    """
    edges = (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1])
    shares = [float((edge > 0.5).float().mean()) for edge in edges]
    several = sum(share > CUT_EDGE_OF_SEVERAL for share in shares) > 1
    return several or max(shares) > CUT_EDGE
