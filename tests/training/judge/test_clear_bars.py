"""From which likeness a drawing of a style is clearly its noun."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.checkpoints import starter
from engine.errors import CheckpointError
from engine.prompts.styles import styles_of
from engine.training.judge import clear_bars
from engine.training.recipe import load_recipe


def test_a_style_has_the_bar_that_most_of_its_real_drawings_reach(tmp_path: Path) -> None:
    plain = np.linspace(0.8, 0.999, 200, dtype=np.float32)
    lines = plain - np.float32(0.2)
    found = clear_bars.bars({"flat": plain, "outlined": lines})
    assert found == {"flat": 0.82, "outlined": 0.62}
    assert 0.85 <= (plain >= found["flat"]).mean() <= 0.9
    (tmp_path / "config.json").write_text('{"styles": ["flat"]}')
    clear_bars.put_bars(found, tmp_path)
    assert starter.clear_likeness(tmp_path) == found
    assert styles_of(tmp_path / "config.json") == ("flat",)
    assert [file.name for file in tmp_path.iterdir()] == ["config.json"]


@pytest.mark.parametrize("bars", ['{"flat": "high"}', '{"flat": 1.5}', '{"flat": true}', "[0.9]"])
def test_broken_bars_are_refused(tmp_path: Path, bars: str) -> None:
    (tmp_path / "config.json").write_text(f'{{"clear_likeness": {bars}}}')
    with pytest.raises(CheckpointError, match="no configuration of the starter"):
        starter.clear_likeness(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    assert starter.clear_likeness(tmp_path) == {}


def test_the_shipped_model_has_a_bar_for_each_style() -> None:
    assert set(starter.clear_likeness(starter.STARTER_FOLDER)) == set(load_recipe().styles)
