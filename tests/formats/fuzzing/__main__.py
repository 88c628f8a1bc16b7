"""Damages files by the thousand and reads them: `python -m tests.formats.fuzzing`.

Options: --count N (20000), --seed N, --workers N, --one NUMBER (keeps that file as ./NAME and reads
it here). Only a FormatError may leave the readers, no process may pass 512 MB or 5 seconds for a
file, and nothing may be written outside of the chosen folder.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from tests.formats.fuzzing.child import MEMORY_BYTES, SECONDS, make, read

PER_PROCESS = 250
_HANGS_AFTER_S = 60.0


@dataclass
class Outcome:
    """What many files showed."""

    found: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    most_bytes: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.found.total()

    def add(self, result: dict[str, Any]) -> None:
        """One line of a child."""
        what = result["found"] if result["found"] in ("opened", "refused") else "failed"
        self.found[what] += 1
        self.slowest_s = max(self.slowest_s, result["seconds"])
        self.most_bytes = max(self.most_bytes, result["bytes"])
        named = f"{result['number']} ({result['name']})"
        if what == "failed":
            self.failures.append(f"{named}: {result['found']}")
        if result["seconds"] > SECONDS:
            self.failures.append(f"{named}: {result['seconds']:.1f} s")
        if result["bytes"] > MEMORY_BYTES:
            self.failures.append(f"{named}: {result['bytes'] / 2**20:.0f} MiB")
        if result["written"]:
            self.failures.append(f"{named}: wrote {result['written']}")

    def __str__(self) -> str:
        opened, refused = self.found["opened"], self.found["refused"]
        lines = [f"{self.count} damaged files: {opened} opened, {refused} refused with a sentence"]
        lines.append(f"failures: {len(self.failures)}")
        largest = f"{self.most_bytes / 2**20:.0f} MiB"
        lines.append(f"slowest: {self.slowest_s:.2f} s, largest process: {largest}")
        lines += self.failures
        return "\n".join(lines)


def run(
    count: int, seed: int, folder: Path, workers: int = 1, *, progress: bool = False
) -> Outcome:
    """Read `count` damaged files in some processes, a few hundred in each."""
    outcome, lock = Outcome(), Lock()
    begun = time.monotonic()

    def task(first: int) -> None:
        own = folder / str(first)
        own.mkdir()
        waiting = list(range(first, min(count, first + PER_PROCESS)))
        while waiting:
            results, died = _child(own, waiting[0], len(waiting), seed)
            with lock:
                for result in results:
                    outcome.add(result)
                if died is not None:
                    outcome.failures.append(died)
                    outcome.found["failed"] += 1
            over = bool(results) and results[-1]["bytes"] > MEMORY_BYTES
            done = len(results) + (died is not None)
            waiting = waiting[done:] if (died is not None or over or done) else []
            if progress:
                share = f"{outcome.count} of {count}, {len(outcome.failures)} failures"
                sys.stderr.write(f"\r{share}, {time.monotonic() - begun:.0f} s ")

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(task, range(0, count, PER_PROCESS)))
    outcome.failures += [f"left over: {path}" for own in folder.iterdir() for path in own.iterdir()]
    return outcome


def _child(
    folder: Path, first: int, count: int, seed: int
) -> tuple[list[dict[str, Any]], str | None]:
    """(results, how the process died); stops early after a file that took too much memory."""
    words = [sys.executable, "-m", "tests.formats.fuzzing.child", str(folder)]
    words += [str(first), str(count), str(seed)]
    results: list[dict[str, Any]] = []
    number = first
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.startswith("{"):
                number = int(line)
                continue
            results.append(json.loads(line))
            if results[-1]["bytes"] > MEMORY_BYTES:
                process.kill()  # its peak would be counted again for every later file
                return results, None
        code = process.wait(_HANGS_AFTER_S)
    return results, None if code == 0 else f"{number}: the process ended with {code}"


def main() -> int:
    """1 when anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.formats.fuzzing")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--one", type=int, metavar="NUMBER")
    options = parser.parse_args()
    if options.one is not None:
        name, data = make(options.one, options.seed)
        path = Path(f"{options.one}-{name}")
        path.write_bytes(data)
        print(f"{path}: {read(path)}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(options.count, options.seed, Path(folder), options.workers, progress=True)
    print(f"\n{outcome}")
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
