"""The check of drawings: transparency, edges, and a judge whose answers are given."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.models.feature_net import FeatureNet
from engine.pipelines.binding import (
    CLEAR_LIKENESS,
    ConceptJudge,
    Verdict,
    is_cut,
    judge_drawings,
)


class Judge(ConceptJudge):
    """Says what it was told."""

    def __init__(self, *answers: dict[str, float]) -> None:
        self._answers = list(answers)

    def likeness(self, drawings: Sequence[Tensor]) -> list[dict[str, float]]:
        assert len(drawings) == len(self._answers)
        return self._answers


def drawing(rows: slice = slice(4, 28), columns: slice = slice(4, 28)) -> Tensor:
    rgba = torch.zeros(4, 32, 32)
    rgba[3, rows, columns] = 1
    return rgba


def test_a_good_drawing_passes() -> None:
    (verdict,) = judge_drawings([drawing()], ["cat"], Judge({"cat": 0.9, "dog": 0.1}), ["cat"])
    assert verdict == Verdict(0.5625, 0.9, 0)
    assert verdict.passes


def test_changed_places_are_found() -> None:
    judge = Judge({"cat": 0.2, "dog": 0.7, "car": 0.1}, {"cat": 0.6, "dog": 0.3, "car": 0.1})
    verdicts = judge_drawings([drawing()] * 2, ["cat", "dog"], judge, ["cat", "dog"])
    assert [verdict.beaten for verdict in verdicts] == [True, True]
    assert not any(verdict.passes for verdict in verdicts)


def test_another_noun_that_is_nearer() -> None:
    near = {"cat": 0.5, "lion": 0.6, "dog": 0.1, "car": 0.0}
    (verdict,) = judge_drawings([drawing()], ["cat"], Judge(near), ["cat"])
    assert (verdict.rank, verdict.beaten) == (1, False)
    assert not verdict.passes
    assert not verdict.doubtful
    far = {"cat": 0.0, **{f"noun {i}": 0.1 for i in range(5)}}
    (verdict,) = judge_drawings([drawing()], ["cat"], Judge(far), ["cat"])
    assert verdict.doubtful


@pytest.mark.parametrize("rows", [slice(0, 0), slice(0, 32)])
def test_empty_and_full_drawings_fail(rows: slice) -> None:
    (verdict,) = judge_drawings([drawing(rows, rows)], ["cat"], None)
    assert verdict.empty_or_full
    assert not verdict.passes


@pytest.mark.parametrize(
    ("rows", "columns", "small"),
    [
        (slice(6, 26), slice(6, 26), False),
        (slice(12, 14), slice(0, 21), False),  # long and thin, but as long as its box
        (slice(7, 26), slice(7, 26), True),
        (slice(12, 14), slice(0, 19), True),
    ],
)
def test_specks_fail(rows: slice, columns: slice, small: bool) -> None:
    good = Judge({"cat": 0.9})
    (verdict,) = judge_drawings([drawing(rows, columns)], ["cat"], good, ["cat"])
    assert (verdict.small, verdict.passes) == (small, not small)


@pytest.mark.parametrize(
    ("rows", "columns", "cut"),
    [
        (slice(8, 24), slice(8, 24), False),
        (slice(8, 24), slice(0, 24), False),  # half of one edge
        (slice(8, 28), slice(0, 24), True),
        (slice(0, 16), slice(0, 16), True),
        (slice(0, 5), slice(0, 5), False),
    ],
)
def test_drawings_that_run_out_of_their_box(rows: slice, columns: slice, cut: bool) -> None:
    assert is_cut(drawing(rows, columns)[3]) == cut


def test_what_is_clearly_good() -> None:
    assert Verdict(0.5, CLEAR_LIKENESS).clear
    assert not Verdict(0.5, CLEAR_LIKENESS - 0.01).clear
    assert Verdict(0.5, 0.8, clear_from=0.8).clear
    assert not Verdict(0.5, CLEAR_LIKENESS, clear_from=0.95).clear
    assert not Verdict(0.5, 0.99, rank=1).clear
    assert not Verdict(0.5, 0.99, off_colour=True).clear


def test_a_concept_that_the_judge_does_not_know_cannot_be_clearer_than_it_is() -> None:
    known = {"dog": 0.7}
    unknown, without_judge, judged = (
        *judge_drawings([drawing()], ["cat"], Judge(known), ["cat"]),
        *judge_drawings([drawing()], ["cat"], None),
        *judge_drawings([drawing()], ["dog"], Judge(known), ["dog"]),
    )
    assert [verdict.judged for verdict in (unknown, without_judge, judged)] == [False, False, True]
    assert [verdict.clear for verdict in (unknown, without_judge, judged)] == [True, True, False]
    (cut,) = judge_drawings([drawing(slice(8, 28), slice(0, 24))], ["cat"], Judge(known), ["cat"])
    assert not cut.clear
    assert not replace(unknown, off_colour=True).clear


def test_a_colour_is_asked_for_and_does_not_make_a_thing_less_itself() -> None:
    """The judge sees a drawing in all hues, and takes those in which the thing is usual."""
    blue = drawing()
    blue[2] = blue[3]

    class LikesRed(ConceptJudge):
        def __init__(self) -> None:
            pass

        def likeness(self, drawings: Sequence[Tensor]) -> list[dict[str, float]]:
            return [
                {"apple": float(rgba[0].mean() - rgba[2].mean()), "car": 0} for rgba in drawings
            ]

    usual, asked, other = judge_drawings(
        [blue] * 3, ["apple"] * 3, LikesRed(), colours=["", "blue", "green"]
    )
    assert (usual.passes, asked.passes, other.passes) == (False, True, True)
    assert (usual.off_colour, asked.off_colour, other.off_colour) == (False, False, True)
    assert asked.better_than(other)


def test_which_of_two_is_better() -> None:
    order = [
        Verdict(0.0, 0.9),
        Verdict(0.5, 0.9, beaten=True),
        Verdict(0.5, 0.9, cut=True),
        Verdict(0.5, 0.9, small=True),
        Verdict(0.5, 0.9, rank=5),
        Verdict(0.5, 0.8, rank=4, off_colour=True),
        Verdict(0.5, 0.3),
        Verdict(0.5, 0.4),
    ]
    for worse, better in itertools.pairwise(order):
        assert better.better_than(worse)
        assert not worse.better_than(better)


def test_the_real_judge_knows_its_own_prototypes() -> None:
    torch.manual_seed(0)
    net = FeatureNet().eval()
    round_one, tall = drawing(), drawing(slice(2, 30), slice(12, 20))
    from engine.models.feature_net import centre_drawing

    with torch.no_grad():
        prototypes = net.embed(torch.stack([centre_drawing(round_one), centre_drawing(tall)]))
    judge = ConceptJudge(net, prototypes, ["ball", "pole"])
    one, two = judge.likeness([round_one, tall])
    assert one["ball"] > one["pole"]
    assert two["pole"] > two["ball"]
    assert one["ball"] == pytest.approx(1, abs=1e-4)
    with pytest.raises(ValueError, match="concepts"):
        ConceptJudge(net, prototypes, ["ball"])
