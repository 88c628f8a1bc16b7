"""Where the program begins: with and without a display, and Ctrl+C while parts are imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from editor.cli.registry import COMMANDS
from editor.launch import JOBS
from tests.cli.conftest import ROOT, TIMEOUT_S

# Leaves at the moment when the first part begins to be imported.
LEAVE_AT_IMPORT = """
import os, sys

class Leaver:
    def find_spec(self, name, path=None, target=None):
        if name == "editor.cli":
            os._exit(99)

sys.meta_path.insert(0, Leaver())
from editor.launch import main
main(sys.argv[1:])
"""

# Presses Ctrl+C at the moment when a module begins to be imported.
PRESS_AT_IMPORT = """
import os, signal, sys

class Presser:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Presser())
from editor.launch import main
sys.exit(main(["inspect", "missing.psd"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is no signal there")
@pytest.mark.parametrize("module", ["editor.cli", "numpy", "editor.formats.files"])
def test_ctrl_c_while_importing(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRESS_AT_IMPORT, module],
        cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def launched(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "editor.launch", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip


def test_the_launcher_runs_the_program() -> None:
    done = launched("inspect", "missing.psd")
    assert done.returncode == 3
    assert done.stderr.startswith("layerloom: missing.psd")


def test_a_long_command_says_that_it_has_begun_before_anything_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEAVE_AT_IMPORT, "generate", "a dog", "-o", "a.psd"],
        cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (99, "", "Starting Layerloom\n")


def test_the_greeting_stays_out_of_the_events() -> None:
    done = launched("generate", "", "--json", "-o", "a.psd")
    assert done.stderr.splitlines()[0] == "Starting Layerloom"
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["error"]


def test_who_does_not_wait_long_is_not_greeted() -> None:
    assert set(JOBS) < set(COMMANDS)
    assert "Starting" not in launched("generate", "--help").stderr


DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def without_a_display(*words: str | Path) -> subprocess.CompletedProcess[str]:
    surroundings = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
    return subprocess.run(
        [sys.executable, "-m", "editor", *map(str, words)],
        cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="a window needs no display variable there")
def test_only_the_window_needs_a_display(tmp_path: Path) -> None:
    drawing, made = tmp_path / "words.svg", tmp_path / "words.layerloom"
    drawing.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
        '<text x="2" y="15">Ab</text></svg>'
    )
    done = without_a_display("import", drawing, "-o", made)  # Qt draws it
    assert (done.returncode, done.stderr) == (0, "")
    assert made.is_file()
    window = without_a_display(made)
    assert window.returncode == 2
    assert "There is no display for a window" in window.stderr
