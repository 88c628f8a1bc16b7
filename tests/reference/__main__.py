"""Runs every golden case of a folder and prints one line for each.

python -m tests.reference FOLDER [--kind PATTERN ...] [--verbose]

A line is `name kind max_error tolerance pass|fail`, for the check of the case that uses most of its
tolerance; --verbose prints all checks. A case that cannot be read or run, or whose kind has no
runner, gets a line with `-` for what is not known, a sentence on stderr, and counts as failed.
Exit status: 0 all passed, 1 a case failed, 3 there is no case to run, 2 wrong use.
"""

from __future__ import annotations

import argparse
import sys
from fnmatch import fnmatch
from pathlib import Path

import torch

from engine.errors import EngineError
from tests.reference.cases import (
    CaseError,
    Check,
    find_descriptions,
    read_case,
    read_description,
    worst,
)
from tests.reference.kinds import KINDS

EXIT_FAILED = 1
EXIT_UNREADABLE = 3


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    options = _parse(arguments)
    status: list[int] = []
    try:
        paths = find_descriptions(options.folder)
    except CaseError as error:
        print(error, file=sys.stderr)
        return EXIT_UNREADABLE
    for path in paths:
        try:
            kind = read_description(path)["kind"]
        except CaseError as error:
            status.append(_failed(path.stem, "-", str(error)))
            continue
        if any(fnmatch(kind, pattern) for pattern in options.kind):
            status.append(_run(path, kind, options.verbose))
    if not status:
        print(f"No case in {options.folder} has such a kind.", file=sys.stderr)
        return EXIT_UNREADABLE
    return max(status)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.reference", description="Compares with golden cases of a folder."
    )
    parser.add_argument("folder", type=Path, help="folder of *.json beside *.safetensors")
    parser.add_argument(
        "--kind", action="append", metavar="PATTERN", help="only these kinds, e.g. 'art_*'"
    )
    parser.add_argument("--verbose", action="store_true", help="print every check of a case")
    options = parser.parse_args(arguments)
    options.kind = options.kind or ["*"]
    return options


def _run(path: Path, kind: str, verbose: bool) -> int:
    if kind not in KINDS:
        return _failed(path.stem, kind, f"{path.stem} has the unknown kind {kind!r}.")
    try:
        with torch.no_grad():
            checks = KINDS[kind](read_case(path))
    except (CaseError, EngineError) as error:
        return _failed(path.stem, kind, str(error))
    except Exception as error:  # whatever one case does, the others are to be run
        return _failed(path.stem, kind, f"{path.stem} stopped with {type(error).__name__}: {error}")
    print(_line(path.stem, kind, worst(checks)), flush=True)
    if verbose:
        for check in checks:
            print(_line(f"  {path.stem}/{check.name}", kind, check))
    return 0 if all(check.passed for check in checks) else EXIT_FAILED


def _failed(name: str, kind: str, reason: str) -> int:
    print(f"{name} {kind} - - fail", flush=True)
    print(reason, file=sys.stderr, flush=True)
    return EXIT_FAILED


def _line(name: str, kind: str, check: Check) -> str:
    verdict = "pass" if check.passed else "fail"
    return f"{name} {kind} {check.max_error:.3g} {check.tolerance:.3g} {verdict}"


if __name__ == "__main__":
    sys.exit(main())
