"""Where the program begins: Ctrl+C before its parts are imported ends it without a word."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import ROOT, TIMEOUT_S

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


def test_the_launcher_runs_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "editor.launch", "inspect", "missing.psd"],
        cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "missing.psd" in done.stderr
