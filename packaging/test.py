"""Runs lint, types, import contracts and tests in an environment of its own making.

python3 packaging/test.py               what continuous integration runs
python3 packaging/test.py --readers     also the checks by other programs (ag-psd, GIMP, Krita ...)
python3 packaging/test.py --slow        also the tests that take minutes
python3 packaging/test.py tests/tools   only these tests, without lint and types
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import environment

STATIC_CHECKS = (
    ("lint", ["ruff", "check"]),
    ("format", ["ruff", "format", "--check"]),
    ("types", ["mypy"]),
    ("import contracts", ["lint-imports"]),
)


def main(arguments: list[str]) -> int:
    """0 when everything passed; runs all checks even when one failed, so that all is seen."""
    try:
        python = environment.ensure(("run", "test"))
    except environment.EnvironmentFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return environment.INTERRUPTED
    flags = {"--readers", "--slow"} & set(arguments)
    chosen = [argument for argument in arguments if argument not in flags]
    failed = [] if chosen else [name for name, command in STATIC_CHECKS if _run(python, command)]
    if "--readers" in flags and _run(python, ["python", "-m", "tests.formats.readers.install"]):
        failed.append("installing the readers")
    if _run(python, ["python", "-m", "pytest", "-m", _marks(flags), *chosen]):
        failed.append("tests")
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _marks(flags: set[str]) -> str:
    """Expression for pytest: marks that were not asked for are left out."""
    left_out = [mark for mark in ("slow", "readers") if f"--{mark}" not in flags]
    return " and ".join(f"not {mark}" for mark in left_out)


def _run(python: Path, words: list[str]) -> bool:
    """Whether a program of the environment failed."""
    print(f"\n== {' '.join(words)}", flush=True)
    surroundings = os.environ | {"QT_QPA_PLATFORM": "offscreen", "HF_HUB_OFFLINE": "1"}
    command = [str(python.parent / words[0]), *words[1:]]
    return environment.run_to_end(command, cwd=environment.ROOT, env=surroundings) != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
