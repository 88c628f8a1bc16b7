"""Ctrl+C while the engine is in a library that cannot be interrupted."""

from __future__ import annotations

import queue
from typing import cast

import pytest

from editor import terminal
from engine.jobs import JobEvent
from engine.service import EngineService


class _BusyEngine:
    """An engine that hears of the cancel and says nothing."""

    cancelled = ""

    def cancel(self, job_id: str) -> None:
        self.cancelled = job_id


def test_an_engine_that_does_not_stop_is_left_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left: list[int] = []
    monkeypatch.setattr(terminal, "_PATIENCE_S", 0.01)
    monkeypatch.setattr(terminal, "leave_at_once", left.append)
    engine, events = _BusyEngine(), queue.Queue[JobEvent]()
    terminal._stop(cast("EngineService", engine), "job-1", events, terminal.Terminal(as_json=False))
    assert (engine.cancelled, left) == ("job-1", [130])
    assert capsys.readouterr().err == "layerloom: Cancelled; nothing was written.\n"
