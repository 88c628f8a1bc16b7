"""Sheets for judges: what they show, and what the judges' answers say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.training.evaluation.judged_words import (
    CONCEPT,
    KEY,
    OTHER,
    SAME,
    WORD,
    Shown,
    choose,
    read_scores,
    scores,
)


def test_sheets_show_both_pictures_of_words_that_differ_among_controls() -> None:
    words = [f"word {number}" for number in range(10)]
    shown = choose(words, [number < 3 for number in range(10)], np.random.default_rng(0))
    assert sorted(one.word for one in shown if one.whose == WORD) == words[:3]
    assert sorted(one.word for one in shown if one.whose == CONCEPT) == words[:3]
    for whose, count in ((SAME, 3), (OTHER, 2)):
        of_kind = [one.word for one in shown if one.whose == whose]
        assert len(of_kind) == len(set(of_kind)) == count
        assert not {*of_kind} & {*words[:3]}
    assert [one.whose for one in shown] != sorted(one.whose for one in shown)


def test_words_are_behind_where_only_the_concepts_drawing_is_taken() -> None:
    shown = [
        Shown("fir", WORD), Shown("fir", CONCEPT), Shown("bunny", WORD), Shown("bunny", CONCEPT),
        Shown("puppy", SAME), Shown("puppy", OTHER),
    ]  # fmt: skip
    found = scores(shown, [0.0, 1.0, 1.0, 1.0, 1.0, 0.0], total=10)
    assert found["behind"] == 0.1
    assert found["error"] == pytest.approx(0.1)
    assert found["good, drawings of differing words"] == 0.5
    assert found["good, drawings of other words"] == 0


def test_the_mean_of_the_judges_counts(tmp_path: Path) -> None:
    shown = [{"word": "fir", "whose": WORD}, {"word": "fir", "whose": CONCEPT}]
    (tmp_path / KEY).write_text(json.dumps({"words": 4, "shown": shown}), "utf-8")
    (tmp_path / "good-first.txt").write_text("1 2\n", "utf-8")
    (tmp_path / "good-second.txt").write_text("2\n", "utf-8")
    found = read_scores(tmp_path)
    assert found["judges"] == 2
    assert found["good, drawings of differing words"] == 0.5
    assert found["behind"] == 0.125


def test_sheets_that_nobody_judged_are_told_so(tmp_path: Path) -> None:
    (tmp_path / KEY).write_text(json.dumps({"words": 0, "shown": []}), "utf-8")
    with pytest.raises(SystemExit, match=r"no good-NAME\.txt with"):
        read_scores(tmp_path)
