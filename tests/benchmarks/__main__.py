"""Runs one benchmark side by side and prints its table.

python -m tests.benchmarks NAME [--json]

Exit status: 0, or 1 when a ratio is not what is required or allowed, or 2 for an unknown name.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from tests.benchmarks.report import Report

# Name -> module with a function `run() -> Report`; imported only when asked for.
BENCHMARKS = {
    "canvas": "tests.benchmarks.canvas",
    "compositor": "tests.benchmarks.compositor",
    "first_block_cache": "tests.benchmarks.first_block_cache",
    "flatten": "tests.benchmarks.flatten",
    "noise_pairing": "tests.benchmarks.noise_pairing",
    "psd": "tests.benchmarks.psd",
    "regions": "tests.benchmarks.regions",
    "responsiveness": "tests.benchmarks.responsiveness",
    "start": "tests.benchmarks.start",
    "starter": "tests.benchmarks.starter",
    "strokes": "tests.benchmarks.strokes",
    "undo": "tests.benchmarks.undo",
    "regions_full_size": "tests.benchmarks.regions_full_size",
    "upscale": "tests.benchmarks.upscale",
}


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("name", choices=sorted(BENCHMARKS))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    report: Report = importlib.import_module(BENCHMARKS[options.name]).run()
    print(report.as_json() if options.json else report.as_text())
    if report.missed and not options.json:
        print(f"Not as required: {', '.join(report.missed)}")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
