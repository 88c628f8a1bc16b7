"""The compiled compositor: kept in the cache, checked when loaded, replaced when damaged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.kernel import machine_code
from editor.document.kernel.layout import WIDTH_PX
from editor.document.kernel.program import Program

ROOT = Path(__file__).parents[2]


def test_a_start_with_kept_code_imports_no_compiler() -> None:
    machine_code.machine()  # makes sure that it is kept
    code = """
import sys
from editor.document.compositor import flatten
from editor.document.document import Document
flatten(Document(8, 8))
assert "llvmlite" in sys.modules
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=120)


def test_kept_code_comes_back_unless_it_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "code.bin"
    assert machine_code._read(path) is None
    machine_code._write(path, b"machine code")
    assert machine_code._read(path) == b"machine code"
    assert [file.name for file in path.parent.iterdir()] == ["code.bin"]
    path.write_bytes(path.read_bytes()[:-1])
    assert machine_code._read(path) is None
    path.write_bytes(b"")
    assert machine_code._read(path) is None


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    machine_code._write(in_the_way / "code.bin", b"machine code")
    assert machine_code._read(in_the_way / "code.bin") is None


def test_another_process_compiles_the_same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for ten seconds of work: the way of the bytes, and what a failure leads to."""
    real = subprocess.run
    program = (
        "import sys; from editor.document.kernel.machine_code import _digest; "
        "sys.stdout.buffer.write(_digest(b'code') + b'code')"
    )

    def shorter(command: list[str], **options: Any) -> Any:
        assert command[1:] == ["-m", machine_code.__name__]
        return real([command[0], "-c", program], **options)

    monkeypatch.setattr(subprocess, "run", shorter)
    assert machine_code._compiled_apart() == b"code"
    program = "raise SystemExit(3)"
    assert machine_code._compiled_apart() is None
    monkeypatch.setattr(sys, "executable", "/opt/layerloom/layerloom")
    assert machine_code._compiled_apart() is None


@pytest.mark.slow
def test_code_compiled_now_is_the_code_that_was_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(machine_code.CACHE_VARIABLE, str(tmp_path))
    assert machine_code._load() is not machine_code.machine()
    (kept,) = tmp_path.iterdir()
    assert machine_code._read(kept)


def test_the_cache_can_be_put_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(machine_code.CACHE_VARIABLE, str(tmp_path))
    assert machine_code.cache_folder() == tmp_path
    monkeypatch.delenv(machine_code.CACHE_VARIABLE)
    assert "layerloom" in str(machine_code.cache_folder()).lower()


def test_a_failure_is_one_sentence_for_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("no memory may be executed here")

    monkeypatch.setattr(machine_code, "_Target", fail)
    with pytest.raises(DocumentError, match="could not be prepared") as caught:
        machine_code._load()
    assert "no memory" in caught.value.detail


@pytest.mark.parametrize("width", [1, 63, 64, 65, 256, 258, WIDTH_PX])
def test_nothing_is_written_beside_the_rectangle(width: int) -> None:
    around = np.full((4, width + 2, 4), 77, np.uint8)
    rect = Rect(5, -3, 5 + width, -1)
    program = Program(rect)
    program.begin()
    program.write(around[1:3, 1:-1], bgra=False)
    program.run()
    assert not around[1:3, 1:-1].any()
    around[1:3, 1:-1] = 77
    assert (around == 77).all()


def test_wider_rectangles_are_refused() -> None:
    program = Program(Rect(0, 0, WIDTH_PX + 1, 4))
    with pytest.raises(ValueError, match="321"):
        program.begin()
    with pytest.raises(ValueError, match="321"):
        program.begin_bytes(np.zeros((4, WIDTH_PX + 1, 4), np.uint8))
