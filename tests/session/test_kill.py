"""Killing the program at any moment costs at most one gesture or ten seconds, never a file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from editor.document.document import Document
from editor.formats.native import write_native
from tests.formats.sample_documents import simple_document
from tests.session.kill import Journal, Outcome, check, run
from tests.session.kill_child import target_of


def test_a_few_kills_lose_nothing(tmp_path: Path) -> None:
    outcome = run(5, seed=7, folder=tmp_path)
    assert outcome.failures == []
    assert outcome.rounds == 5


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    outcome = run(200, seed=1, folder=tmp_path)
    print(outcome)
    assert outcome.failures == []
    assert outcome.in_a_save > 10
    assert outcome.at_the_start > 10
    assert outcome.recovered > 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A killed process that had saved a document and changed it since."""
    document = simple_document()
    write_native(document, target_of(tmp_path))
    saved = document.state_hash()
    lines = [f"save {saved}", f"saved {saved}", f"state {saved} 100.0", "state later 101.0"]
    (tmp_path / "journal").write_text("\n".join([*lines, ""]))
    return tmp_path


def faults(folder: Path, killed_at: float) -> list[str]:
    outcome = Outcome()
    check(folder, Journal(), killed_at, "kill", outcome)
    return outcome.failures


def add(folder: Path, line: str) -> None:
    with (folder / "journal").open("a") as journal:
        journal.write(f"{line}\n")


def test_the_check_accepts_one_gesture_or_ten_seconds(folder: Path) -> None:
    assert faults(folder, 200.0) == []  # one gesture, whenever it was
    add(folder, "state still_later 102.0")
    assert faults(folder, 110.0) == []
    assert "2 gestures and 99.0 s are lost" in faults(folder, 200.0)[0]


def test_the_check_finds_a_third_document(folder: Path) -> None:
    other = Document(10, 10)
    write_native(other, target_of(folder))
    assert "neither old nor new" in faults(folder, 101.0)[0]
    add(folder, f"save {other.state_hash()}")
    assert faults(folder, 101.0) == []


def test_the_check_finds_a_broken_and_a_lost_file(folder: Path) -> None:
    target = target_of(folder)
    target.write_bytes(target.read_bytes()[:-100])
    assert "damaged" in faults(folder, 101.0)[0]
    target.unlink()
    assert "the file holds nothing" in faults(folder, 101.0)[0]


def test_the_check_finds_trouble_and_damaged_autosaves(folder: Path) -> None:
    add(folder, "trouble Autosave is off")
    assert "Autosave is off" in faults(folder, time.time())[0]
