"""Starts Layerloom from a clone: makes `.venv` on first use, then opens the editor.

Arguments are passed on: `python3 packaging/run.py generate "a red apple" -o apple.psd`.
Without a display and without arguments it does the main job headless and says where the files are.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import environment

SAMPLE_PROMPT = "a red apple and a brown dog on a sunset gradient"


def main(arguments: list[str]) -> int:
    """Exit code of the program, or 1 when the environment cannot be made."""
    try:
        python = environment.ensure(("run",))
    except environment.EnvironmentFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return environment.INTERRUPTED
    if arguments or has_display():
        return _layerloom(python, arguments)
    return _make_sample(python)


def has_display() -> bool:
    """Whether a window can be seen: always on Windows and macOS, by variable elsewhere."""
    if os.environ.get("QT_QPA_PLATFORM") in {"offscreen", "minimal"}:
        return False
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _make_sample(python: Path) -> int:
    print("No display was found, so the sample is generated without a window.", file=sys.stderr)
    files = [Path.cwd() / "sample.psd", Path.cwd() / "sample.png"]
    outputs = [word for file in files for word in ("-o", str(file))]
    code = _layerloom(python, ["generate", SAMPLE_PROMPT, "--seed", "7", *outputs])
    if code != 0:
        return code
    print("To open the window, run the same command in a desktop session (or under xvfb-run).")
    return 0


def _layerloom(python: Path, arguments: list[str]) -> int:
    command = [str(python), "-m", "editor.launch", *arguments]
    return environment.run_to_end(command, env=dict(os.environ))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(environment.INTERRUPTED)
