"""Backups: three of each file, in a folder of their own, and never a reason for a failed save."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from editor.session import backups
from editor.session.backups import folder_of, keep_copy


def save(path: Path, text: str, moment: int) -> None:
    path.write_text(text)
    os.utime(path, (moment, moment))


def texts(folder: Path) -> list[str]:
    return [file.read_text() for file in sorted(folder.iterdir())]


def test_the_last_three_stay(tmp_path: Path) -> None:
    path, store = tmp_path / "Bild 図.layerloom", tmp_path / "backups"
    assert keep_copy(path, store) is None  # nothing there yet
    for number in range(5):
        save(path, f"version {number}", 1000 + number)
        copy = keep_copy(path, store)
        assert copy is not None
        assert copy.name.endswith("Bild 図.layerloom")
    assert texts(folder_of(path, store)) == ["version 2", "version 3", "version 4"]
    assert path.read_text() == "version 4"


def test_an_unchanged_file_is_not_copied_again(tmp_path: Path) -> None:
    path, store = tmp_path / "a.psd", tmp_path / "backups"
    save(path, "old", 900)
    keep_copy(path, store)
    save(path, "same", 1000)
    assert keep_copy(path, store) == keep_copy(path, store)
    assert texts(folder_of(path, store)) == ["old", "same"]


def test_files_of_one_name_have_folders_of_their_own(tmp_path: Path) -> None:
    store = tmp_path / "backups"
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        save(tmp_path / place / "a.psd", place, 1000)
        keep_copy(tmp_path / place / "a.psd", store)
    assert len(list(store.iterdir())) == 2


def test_the_oldest_go_when_all_together_are_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "MAX_TOTAL_BYTES", 25)
    store = tmp_path / "backups"
    for name in ("a", "b", "c"):
        save(tmp_path / name, name * 10, 1000)
        keep_copy(tmp_path / name, store)
    left = sorted(file.read_text()[0] for file in store.glob("*/*"))
    assert left == ["b", "c"]
    assert len(list(store.iterdir())) == 2


def test_a_failure_is_no_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, store = tmp_path / "a.psd", tmp_path / "backups"
    save(path, "x", 1000)

    def full(_source: Path, target: Path) -> None:
        target.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert keep_copy(path, store) is None
    assert list(store.glob("*/*")) == []
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert keep_copy(path, blocked) is None
