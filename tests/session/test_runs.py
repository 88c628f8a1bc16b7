"""Runs: crashed ones are found once, running ones never, and good ends leave nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from editor.formats.errors import FormatError
from editor.session import run_lock
from editor.session.autosave import Autosaver, Offer
from editor.session.autosave_store import AutosaveStore
from editor.session.places import Places, user_places
from editor.session.runs import Run, find_abandoned, trim_crash_logs
from tests.session.test_autosave_store import entry, large, painted

CRASH = """
import os, signal, sys
from pathlib import Path
from editor.session.places import Places
from editor.session.runs import Run
run = Run(Places(Path(sys.argv[1])))
os._exit(9)
"""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data")


def crash(places: Places) -> None:
    """A process that begins a run and dies."""
    subprocess.run([sys.executable, "-c", CRASH, str(places.data)], check=False)


def crashed_run(places: Places, *, entries: bool = True) -> None:
    """As `crash`, with one document stored."""
    crash(places)
    (lock,) = places.runs.glob("*.lock")
    store = AutosaveStore(lock.with_suffix(".sqlite"))
    state = large()
    store.keep(state, entry(state) if entries else None)
    store.close()


def test_a_run_that_ends_well_leaves_nothing(places: Places) -> None:
    run = Run(places)
    assert run.trouble is None
    assert len(list(places.runs.iterdir())) == 1
    assert find_abandoned(places) == []
    run.end()
    assert list(places.runs.iterdir()) == []
    assert find_abandoned(places) == []


def test_a_crashed_run_is_found_by_one_instance_at_a_time(places: Places) -> None:
    crashed_run(places)
    own = Run(places)
    (found,) = find_abandoned(places)
    assert [e.name for e in found.entries] == ["Untitled"]
    assert not found.is_damaged
    assert found.crash_log is None
    assert find_abandoned(places) == []  # as another instance sees it now
    found.leave()
    (again,) = find_abandoned(places)
    assert again.load(again.entries[0].key) == large()
    again.discard(again.entries[0].key)
    assert find_abandoned(places) == []
    own.end()
    assert list(places.runs.iterdir()) == []


def test_a_crashed_run_without_changes_says_only_that_it_crashed(places: Places) -> None:
    crashed_run(places, entries=False)
    (found,) = find_abandoned(places)
    assert found.entries == []
    found.remove()
    assert list(places.runs.iterdir()) == []


def test_the_crash_log_of_a_run_is_named_when_it_says_something(places: Places) -> None:
    crash(places)
    (lock,) = places.runs.glob("*.lock")
    places.logs.mkdir()
    log = places.logs / f"crash-{lock.stem}.log"
    log.write_text("Fatal Python error: Segmentation fault")
    (found,) = find_abandoned(places)
    assert found.crash_log == log
    found.remove()
    assert log.exists()


def test_a_damaged_autosave_is_told_and_kept(places: Places) -> None:
    crashed_run(places)
    (store,) = places.runs.glob("*.sqlite")
    store.write_bytes(b"no database" * 500)
    (found,) = find_abandoned(places)
    assert found.is_damaged
    with pytest.raises(FormatError, match="could not be read"):
        found.load("any")
    found.remove()
    assert found.kept_path.exists()
    assert list(places.runs.iterdir()) == []
    assert find_abandoned(places) == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE documents SET name = 'no JSON'",
        "UPDATE documents SET name = NULL",
        "UPDATE blobs SET tiles = NULL",
    ],
)
def test_a_damaged_row_is_a_damaged_autosave(places: Places, damage: str) -> None:
    crashed_run(places)
    (path,) = places.runs.glob("*.sqlite")
    database = sqlite3.connect(path)
    with database:
        database.execute(damage)
    database.close()
    (found,) = find_abandoned(places)
    assert found.is_damaged
    found.remove()
    assert found.kept_path.exists()


def test_of_damaged_autosaves_the_newest_are_kept(places: Places) -> None:
    places.damaged.mkdir(parents=True)
    for number in range(9):
        (places.damaged / f"0{number}.sqlite").write_text("x")
        (places.damaged / f"0{number}.sqlite-wal").write_text("x")
    crashed_run(places)
    (path,) = places.runs.glob("*.sqlite")
    path.write_bytes(b"no database" * 500)
    (found,) = find_abandoned(places)
    found.remove()
    kept = sorted(file.name for file in places.damaged.glob("*.sqlite"))
    assert kept == ["05.sqlite", "06.sqlite", "07.sqlite", "08.sqlite", found.kept_path.name]
    assert not (places.damaged / "04.sqlite-wal").exists()


def test_a_run_that_cannot_be_looked_into_hides_no_other(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashed_run(places)
    crash(places)
    stat = Path.stat

    def failing(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.suffix in {".log", ".sqlite"} and path.stem.endswith(newest):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, follow_symlinks=follow_symlinks)

    newest = max(places.runs.glob("*.lock")).stem
    monkeypatch.setattr(Path, "stat", failing)
    found = find_abandoned(places)
    assert [run.is_damaged for run in found] == [True, False]
    assert found[0].crash_log is None
    for run in found:
        run.leave()


def test_recovering_ends_with_the_document_in_the_next_run(places: Places) -> None:
    crashed_run(places)
    (found,) = find_abandoned(places)
    state = found.load(found.entries[0].key)
    own = Run(places)
    saver = Autosaver(own.autosave_path, on_trouble=lambda text: pytest.fail(str(text)))
    saver.offer(Offer(painted(state, 1), entry(state)))
    assert saver.wait_stored(60)
    found.discard(found.entries[0].key)
    saver.close(remove=False)
    assert sorted(path.name for path in places.runs.iterdir() if "-" not in path.suffix) == [
        f"{own.run_id}.lock",
        f"{own.run_id}.sqlite",
    ]
    own.end()


def test_without_locks_the_process_number_tells(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(_file: object) -> None:
        raise OSError(next(iter(run_lock._UNSUPPORTED)), "no locks here")

    crash(places)
    monkeypatch.setattr(run_lock, "_lock", unsupported)
    own = Run(places)
    (found,) = find_abandoned(places)
    assert found.run_id != own.run_id
    found.remove()
    own.end()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    run = Run(Places(blocked))
    assert str(run.trouble).startswith("Autosave is off")
    assert find_abandoned(Places(blocked)) == []
    run.end()


def test_old_crash_logs_are_removed(places: Places) -> None:
    places.logs.mkdir(parents=True)
    for number in range(15):
        (places.logs / f"crash-{number:02}.log").write_text("x")
    (places.logs / "crash-20.log").write_text("")
    own = Run(places)
    own.crash_log_path.write_text("")
    trim_crash_logs(places)
    assert own.crash_log_path.exists()  # its run goes on
    own.crash_log_path.unlink()
    own.end()
    assert max(path.name for path in places.logs.iterdir()) == "crash-14.log"
    assert min(path.name for path in places.logs.iterdir()) == "crash-06.log"  # ten with our own


def test_the_places_follow_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert user_places().backups == tmp_path / "layerloom" / "backups"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert user_places().data == Path.home() / ".local" / "share" / "layerloom"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert user_places().data == tmp_path / "layerloom"
