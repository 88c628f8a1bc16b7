"""Starting: the window is visible before torch is imported, and errors never show a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.jobs import EngineRuntime
from tests.benchmarks.start import measure
from tests.gui.window.conftest import MakeWindow
from tests.helpers.fake_engine import FakeRuntime

HEAVY = ("torch", "diffusers", "transformers", "safetensors")

PROGRAM = """
import sys
from PySide6.QtCore import QTimer
import editor.program as program

def look(window):
    assert window.isVisible()
    print("before", [name for name in {heavy} if name in sys.modules])
    QTimer.singleShot(0, wait)

def wait():
    if "torch" in sys.modules:
        print("later", "torch" in sys.modules)
        program.QApplication.quit()
    else:
        QTimer.singleShot(20, wait)

real = program.make_window
def make_window(application):
    window = real(application)
    window.painted.connect(lambda: look(window))  # before the program connects its own
    application.aboutToQuit.connect(window.close)
    return window
program.make_window = make_window
sys.exit(program.main(["layerloom"]))
"""


def test_torch_is_imported_only_after_the_window_shows(private_user_folders: Path) -> None:
    program = PROGRAM.replace("{heavy}", repr(HEAVY))
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ)
    assert done.stdout.split("\n")[:2] == ["before []", "later True"], done.stderr
    assert done.returncode == 0, done.stderr


def test_the_benchmark_of_the_start_works() -> None:
    start = measure("layerloom")
    assert not start.torch
    assert start.seconds > 0


def test_the_engine_starts_after_the_first_paint(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    started: list[EngineRuntime] = []
    window.painted.connect(window.bridge.warm_up)
    window.painted.connect(lambda: started.append(FakeRuntime()))
    qtbot.waitUntil(lambda: len(started) == 1)
    names = [thread.name for thread in threading.enumerate()]
    assert "layerloom-engine" in names


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_control_c_in_the_terminal_closes_the_window(private_user_folders: Path) -> None:
    program = (
        "import os, signal, engine.service as service, editor.program as program\n"
        "service.starter_factory = lambda **_words: lambda: None\n"
        "real = program.make_window\n"
        "def make_window(application):\n"
        "    window = real(application)\n"
        "    window.painted.connect(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "    return window\n"
        "program.make_window = make_window\n"
        "print('code', program.main(['layerloom']))\n"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "code 0\n", done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_an_engine_that_cannot_be_interrupted_does_not_keep_the_process(
    private_user_folders: Path,
) -> None:
    program = (
        "import time, engine.service as service, editor.program as program\n"
        "from PySide6.QtCore import QTimer\n"
        "service.starter_factory = lambda **_words: lambda: time.sleep(600)\n"
        "service.EngineService.shutdown.__defaults__ = (0.2,)\n"
        "real = program.make_window\n"
        "def make_window(application):\n"
        "    window = real(application)\n"
        "    window.painted.connect(lambda: QTimer.singleShot(0, window.close))\n"
        "    return window\n"
        "program.make_window = make_window\n"
        "print('code', program.main(['layerloom']))\n"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""  # it did not come back from main
    assert "Traceback" not in done.stderr
