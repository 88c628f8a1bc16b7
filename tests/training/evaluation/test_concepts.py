"""Scores of concepts beside those of real art, and their sheet."""

from __future__ import annotations

import numpy as np

from engine.training.evaluation.concepts import Judged, relative, score_table, sheet
from engine.training.recipe import Concept


def test_scores_are_relative_to_real_art_and_by_group() -> None:
    row = relative(np.array([0, 3, 9, 9]), np.array([0, 0, 9, 1]))
    assert (row["top1"], row["real top1"], row["top1 of real"]) == (0.25, 0.5, 0.5)
    assert (row["top5"], row["real top5"], row["top5 of real"]) == (0.5, 0.75, 0.667)
    asked = [Concept("dog", "1"), Concept("wolf", "2", 1)]
    cells = np.zeros((2, 80, 80, 3), np.uint8)
    table = score_table({"flat": Judged(cells, np.array([0, 7]), np.array([0, 0]))}, asked)
    assert table["flat, first concepts"]["top1"] == 1
    assert table["flat, added concepts"]["top5 of real"] == 0
    assert table["all"]["prompts"] == 2


def test_the_sheet_shows_the_earlier_drawing_above_the_new_one() -> None:
    before, after = (np.full((3, 80, 80, 3), value, np.uint8) for value in (10, 200))
    picture = sheet({"flat": after}, {"flat": before})
    assert picture[40, 40].tolist() == [10, 10, 10]
    assert picture[120, 40].tolist() == [200, 200, 200]
    assert picture[120, 80 * 4].tolist() == [255, 255, 255]
