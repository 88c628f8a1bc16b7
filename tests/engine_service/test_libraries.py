"""Large libraries are imported by one thread at a time; one that failed is tried again."""

from __future__ import annotations

import queue
import sys
import threading
from pathlib import Path

import pytest

from engine import libraries
from engine.jobs import EngineRuntime, JobEvent
from engine.libraries import load_libraries
from engine.service import EngineService
from tests.helpers.fake_engine import FakeRuntime

TIMEOUT_S = 60


def test_the_engine_and_a_plan_never_import_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libraries, "_PARTS", (("json", ()),))
    inside, leave, order = threading.Event(), threading.Event(), queue.Queue[str]()

    def factory() -> EngineRuntime:
        inside.set()
        assert leave.wait(TIMEOUT_S)
        order.put("engine")
        return FakeRuntime()

    def plan() -> None:
        load_libraries()
        order.put("plan")

    events: queue.Queue[JobEvent] = queue.Queue()
    service = EngineService(events.put, runtime_factory=factory, niceness=0)
    service.start()
    assert inside.wait(TIMEOUT_S)
    planner = threading.Thread(target=plan)
    planner.start()
    planner.join(0.2)  # time enough to come first, if nothing held it back
    leave.set()
    planner.join(TIMEOUT_S)
    assert [order.get(timeout=TIMEOUT_S) for _ in range(2)] == ["engine", "plan"]
    assert service.shutdown(TIMEOUT_S)


def test_a_failed_import_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "half_made_library"
    package.mkdir()
    (package / "__init__.py").write_text("from half_made_library import part")
    (package / "part.py").write_text("from half_made_library import missing")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(libraries, "_PARTS", ((package.name, ()),))
    with pytest.raises(ImportError):
        load_libraries()
    (package / "missing.py").write_text("")
    load_libraries()
    assert sys.modules[package.name].part.missing
