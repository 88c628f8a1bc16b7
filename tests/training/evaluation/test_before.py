"""Earlier and new results beside each other."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.training.evaluation.before import earlier_scores, table_lines, write_beside


def test_the_table_has_the_earlier_row_under_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text(json.dumps({"weights": "ab", "flat": {"top1": 0.5}}))
    before = earlier_scores(tmp_path)
    first, second, third = table_lines({"flat": {"top1": 0.7}, "glossy": {"top1": 0.6}}, before)
    assert first.split() == ["flat", "top1", "0.7"]
    assert second.split() == ["before", "top1", "0.5"]
    assert third.split() == ["glossy", "top1", "0.6"]


def test_a_folder_without_scores_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"scores\.json is missing"):
        earlier_scores(tmp_path)


def test_earlier_sheets_stand_above_the_new_ones(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, value in ((before, 10), (after, 200)):
        folder.mkdir()
        cv2.imwrite(str(folder / "documents.png"), np.full((20, 30, 3), value, np.uint8))
    (written,) = write_beside(before, after)
    picture = np.asarray(cv2.imread(str(written)))
    assert picture[10, 10].tolist() == [10, 10, 10]
    assert picture[45, 10].tolist() == [200, 200, 200]
