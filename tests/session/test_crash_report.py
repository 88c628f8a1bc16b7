"""Errors that nobody caught: one sentence for the user, all details in the log."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from editor.session.crash_report import CrashReport


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def report(tmp_path: Path, told: list[str]) -> Iterator[CrashReport]:
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    report = CrashReport(tmp_path / "logs", tmp_path / "logs" / "crash-1.log", told.append)
    report.install()
    yield report
    report.remove()
    assert (sys.excepthook, sys.unraisablehook, threading.excepthook) == hooks
    assert not (tmp_path / "logs" / "crash-1.log").exists()  # nothing crashed


def test_unexpected_errors_go_to_the_log(report: CrashReport, told: list[str]) -> None:
    try:
        raise ZeroDivisionError("on demand")
    except ZeroDivisionError:
        sys.excepthook(*sys.exc_info())
    assert len(told) == 1
    assert str(report.path) in told[0]
    assert "Traceback" not in told[0]
    text = report.path.read_text(encoding="utf-8")
    assert "ZeroDivisionError: on demand" in text


def test_errors_of_threads_are_told_too(report: CrashReport, told: list[str]) -> None:
    thread = threading.Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join()
    assert len(told) == 1
    logging.getLogger("layerloom.engine").error("seen too")
    assert "seen too" in report.path.read_text(encoding="utf-8")


def test_errors_of_deleted_objects_go_to_the_log_alone(
    report: CrashReport, told: list[str]
) -> None:
    class Clumsy:
        def __del__(self) -> None:
            raise KeyError("dropped")

    Clumsy()
    assert told == []
    assert "dropped" in report.path.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_leaves_the_sentences(
    tmp_path: Path, told: list[str]
) -> None:
    (tmp_path / "logs").write_text("in the way")
    report = CrashReport(tmp_path / "logs", tmp_path / "logs" / "crash-1.log", told.append)
    report.install()
    try:
        sys.excepthook(ValueError, ValueError("x"), None)
    finally:
        report.remove()
    assert len(told) == 1


def test_a_crash_of_native_code_leaves_a_log(tmp_path: Path) -> None:
    program = (
        "import faulthandler, sys\n"
        "from pathlib import Path\n"
        "from editor.session.crash_report import CrashReport\n"
        "logs = Path(sys.argv[1])\n"
        "CrashReport(logs, logs / 'crash-1.log', print).install()\n"
        "faulthandler._sigsegv()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    assert done.returncode != 0
    assert "Segmentation fault" in (tmp_path / "crash-1.log").read_text()
