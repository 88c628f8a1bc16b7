"""The program run in this process on a fake engine, and as a process of its own on the real one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from editor import cli, terminal
from tests.helpers.fake_engine import FakeRuntime

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "resources" / "starter_model"
TIMEOUT_S = 300

needs_starter = pytest.mark.skipif(
    not (STARTER / "transformer.safetensors").exists(), reason="no starter weights in this clone"
)


@dataclass(frozen=True)
class Outcome:
    """What a run left: exit code and both outputs."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every line of stdout must be a JSON object."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def result(self) -> dict[str, Any]:
        assert self.code == 0, self.err
        last = self.events[-1]
        assert last["event"] == "result"
        return last

    @property
    def sentence(self) -> str:
        """The one line of complaint; fails on tracebacks."""
        assert "Traceback" not in self.err
        (line,) = [line for line in self.err.splitlines() if line.startswith("layerloom: ")]
        return line.removeprefix("layerloom: ")


RunFake = Callable[..., Outcome]


@pytest.fixture
def fake_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunFake:
    """`cli.main` with the networks replaced by a fake runtime."""

    def run(*words: str | Path, runtime: FakeRuntime | None = None) -> Outcome:
        fake = runtime or FakeRuntime()
        monkeypatch.setattr(terminal, "starter_factory", lambda _folder, **_more: lambda: fake)
        try:
            code = cli.main([str(word) for word in words])
        except SystemExit as end:  # argparse
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


def start(*words: str | Path) -> subprocess.Popen[str]:
    """The program as a process, with pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "editor.cli", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def real_run(*words: str | Path) -> Outcome:
    """The program as a process, to its end."""
    process = start(*words)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Outcome(process.returncode, out, err)
