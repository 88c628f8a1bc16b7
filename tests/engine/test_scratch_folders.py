"""Folders of unfinished jobs: found again, kept apart, deleted when nobody wants them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from engine.errors import EngineError, JobCancelled
from engine.pipelines import scratch_folders
from engine.pipelines.scratch_folders import (
    SCRATCH_VARIABLE,
    job_folder,
    passing_folder,
    scratch_root,
)

NAME = "0123456789abcdef" * 2


def stop(root: Path, error: BaseException, *, keep: bool = False) -> None:
    """A job that got half way."""
    with job_folder(root, NAME, keep_on_cancel=keep) as folder:
        (folder / "half").write_text("work")
        raise error


def leave(root: Path) -> None:
    with pytest.raises(MemoryError):
        stop(root, MemoryError())


def test_work_that_was_stopped_is_found_again(tmp_path: Path) -> None:
    leave(tmp_path)
    with job_folder(tmp_path, NAME) as folder:
        assert (folder / "half").read_text() == "work"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keep", [True, False])
def test_a_cancelled_job(tmp_path: Path, *, keep: bool) -> None:
    with pytest.raises(JobCancelled):
        stop(tmp_path, JobCancelled(), keep=keep)
    assert (tmp_path / NAME).exists() == keep


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        stop(tmp_path, EngineError("No."))
    assert list(tmp_path.iterdir()) == []


def test_two_equal_jobs_at_once_do_not_share_a_folder(tmp_path: Path) -> None:
    with job_folder(tmp_path, NAME) as one, job_folder(tmp_path, NAME) as two:
        assert one != two
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_was_replaced_meanwhile_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening a lock and holding it, its owner ends and another job makes its own."""
    lock = scratch_folders._lock
    taken: list[BinaryIO] = []

    def slow(file: BinaryIO) -> None:
        if not taken:
            taken.append(file)
            Path(file.name).unlink()
            Path(file.name).write_text("")
        lock(file)

    monkeypatch.setattr(scratch_folders, "_lock", slow)
    with job_folder(tmp_path, NAME) as folder:
        assert folder.name == f"{NAME}-2"


def test_old_work_goes_and_everything_else_stays(tmp_path: Path) -> None:
    leave(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").write_text("")
    old = time.time() - 8 * 86_400
    for path in tmp_path.rglob("*"):
        os.utime(path, (old, old))
    with job_folder(tmp_path, "f" * 32):
        assert {path.name for path in tmp_path.iterdir()} == {"mine", "f" * 32, "f" * 32 + ".lock"}


def test_young_work_stays(tmp_path: Path) -> None:
    leave(tmp_path)
    with job_folder(tmp_path, "f" * 32):
        assert (tmp_path / NAME).exists()


def test_what_a_kill_left_of_a_plan_goes_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "timed-abc").mkdir()
    (tmp_path / "timed-abc" / "state").write_text("half")
    with passing_folder(tmp_path) as running:
        with job_folder(tmp_path, NAME):
            left = {path.name for path in tmp_path.iterdir() if path.suffix != ".lock"}
            assert left == {running.name, NAME}, "the stale one is gone, the running one is not"
        assert running.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_passing_folder_stays_in_no_case(tmp_path: Path) -> None:
    def fail() -> None:
        with passing_folder(tmp_path) as folder:
            (folder / "half").write_text("work")
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scratch_root(tmp_path) == tmp_path
    monkeypatch.setenv(SCRATCH_VARIABLE, str(tmp_path / "there"))
    assert scratch_root() == tmp_path / "there"
    monkeypatch.delenv(SCRATCH_VARIABLE)
    assert scratch_root().name == "enlarging"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be written"), job_folder(tmp_path / "file", NAME):
        raise AssertionError("it began")
