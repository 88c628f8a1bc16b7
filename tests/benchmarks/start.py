"""Time to a visible window, in fresh processes, against a bare PySide6 window of the same size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from editor.document.kernel.machine_code import CACHE_VARIABLE, cache_folder
from tests.benchmarks.report import Report

ROUNDS = 7
KINDS = ("bare", "layerloom")


@dataclass(frozen=True)
class Start:
    """One start of a window.

    Attributes:
        seconds: Wall time from the start of the process to the end of the first paint.
        torch: Whether torch was imported by then.
        modules: Imported Python modules by then.
    """

    seconds: float
    torch: bool
    modules: int


def run() -> Report:
    """Starts both windows in turns; the first round only warms the caches."""
    starts: dict[str, list[Start]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as bytecode:
        for index in range(ROUNDS + 1):
            for kind in KINDS if index % 2 == 0 else reversed(KINDS):
                start = measure(kind, Path(bytecode))
                if index:
                    starts[kind].append(start)
    rows = [
        [
            {"bare": "bare PySide6 window", "layerloom": "Layerloom"}[kind],
            median(s.seconds for s in starts[kind]),
            min(s.seconds for s in starts[kind]),
            float(starts[kind][0].modules),
            "yes" if any(s.torch for s in starts[kind]) else "no",
        ]
        for kind in KINDS
    ]
    pairs = zip(starts["layerloom"], starts["bare"], strict=True)
    torch_free = not any(start.torch for start in starts["layerloom"])
    return Report(
        name="start",
        columns=["window", "median s", "best s", "modules", "torch imported"],
        rows=rows,
        ratios={
            "start_over_bare": median(ours.seconds / bare.seconds for ours, bare in pairs),
            "torch_free": float(torch_free),
        },
        required={"torch_free": 1.0},
        notes=[f"{ROUNDS} starts each, in turns, up to the first paint; platform {_platform()}."],
    )


def measure(kind: str, bytecode: Path | None = None) -> Start:
    """Start one window in a process of its own with empty settings.

    Args:
        bytecode: Folder that keeps compiled modules between starts, as an installed program has
            them; None = as this process is set up.
    """
    with tempfile.TemporaryDirectory() as folder:
        private = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), folder)
        kept = {CACHE_VARIABLE: str(cache_folder())}  # compiled once for a computer, not per start
        surroundings = os.environ | {"QT_QPA_PLATFORM": _platform()} | private | kept
        if bytecode is not None:
            surroundings["PYTHONPYCACHEPREFIX"] = str(bytecode)
            surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
        began = time.time()
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.start_child", kind],
            capture_output=True,
            text=True,
            check=True,
            env=surroundings,
        )
    facts = json.loads(done.stdout)
    return Start(facts["painted"] - began, facts["torch"], facts["modules"])


def _platform() -> str:
    return os.environ.get("QT_QPA_PLATFORM", "offscreen")
