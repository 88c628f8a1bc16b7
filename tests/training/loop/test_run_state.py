"""Saved states of a run: there is always a complete one."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from engine.training.loop.optimiser import SharedOptimiser, share_model
from engine.training.loop.run_state import SavePlace, load_run, save_run


def test_a_save_cut_short_leaves_the_older_state(tmp_path: Path) -> None:
    model = nn.Linear(1, 1)
    optimiser = SharedOptimiser(model, share_model(model, 1))
    for step in (1, 2):
        save_run(SavePlace(tmp_path), model, optimiser, {}, step=step, data_hash="x")
    (tmp_path / "last").rename(tmp_path / "lost")  # between the two renames of a save
    state = load_run(tmp_path)
    assert state is not None
    assert state.step == 1
