"""What is remembered between runs survives wrong values in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction

from editor.canvas.view import CanvasView
from editor.settings import MAX_RECENT_FILES, Settings
from editor.theme import ThemeMode
from tests.gui.window.conftest import MakeWindow


def store(folder: Path, **values: object) -> Settings:
    """Settings whose file has these values, read anew."""
    path = str(folder / "settings.ini")
    written = QSettings(path, QSettings.Format.IniFormat)
    for key, value in values.items():
        written.setValue(key, value)
    written.sync()
    return Settings(QSettings(path, QSettings.Format.IniFormat))


def test_defaults(tmp_path: Path) -> None:
    settings = store(tmp_path)
    assert settings.theme_mode is ThemeMode.SYSTEM
    assert settings.include_prompts
    assert settings.steps is None
    assert settings.new_size == (1024, 1024)
    assert settings.recent_files == []
    assert settings.geometry is None
    assert settings.last_folder.is_dir()


def test_motion_follows_the_choice_or_the_desktop(
    make_window: MakeWindow, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(CanvasView, "set_reduced_motion", lambda _view, still: seen.append(still))
    window = make_window()
    assert settings.reduced_motion is None
    assert seen == [False]
    action = window.findChild(QAction, "view.reduce_motion")
    assert action is not None
    action.trigger()
    assert settings.reduced_motion is True
    make_window()
    assert seen == [False, True, True]


def test_undo_keeps_to_the_memory_that_was_set(make_window: MakeWindow, settings: Settings) -> None:
    assert settings.undo_megabytes == 512
    settings.undo_megabytes = 100
    assert make_window().session.history.budget_bytes == 100 << 20
    settings.undo_megabytes = 0
    assert settings.undo_megabytes == 16


def test_wrong_values_fall_back(tmp_path: Path) -> None:
    settings = store(
        tmp_path, theme="pink", steps="-3", new_width="0", new_height="x", recent_files=7,
        geometry_2="text", last_folder="nowhere",
    )  # fmt: skip
    assert settings.theme_mode is ThemeMode.SYSTEM
    assert settings.steps is None
    assert settings.new_size == (1024, 1024)
    assert settings.recent_files == []
    assert settings.geometry is None
    assert settings.last_folder.is_dir()


def test_values_come_back(tmp_path: Path) -> None:
    first = store(tmp_path)
    first.theme_mode = ThemeMode.LIGHT
    first.include_prompts = False
    first.steps = 12
    first.style = "glossy"
    first.new_size = (640, 480)
    first.last_folder = tmp_path
    first.sync()
    again = store(tmp_path)
    assert again.theme_mode is ThemeMode.LIGHT
    assert not again.include_prompts
    assert (again.steps, again.style, again.new_size) == (12, "glossy", (640, 480))
    assert again.last_folder == tmp_path


def test_recent_files_are_few_and_stay_when_they_are_gone(tmp_path: Path) -> None:
    settings = store(tmp_path)
    files = [tmp_path / f"{i}.psd" for i in range(MAX_RECENT_FILES + 2)]
    for file in files:
        file.touch()
        settings.add_recent_file(file)
    settings.add_recent_file(files[5])
    assert settings.recent_files[0] == files[5]
    assert len(settings.recent_files) == MAX_RECENT_FILES
    files[5].unlink()  # perhaps its disk comes back
    assert files[5] in settings.recent_files
    settings.clear_recent_files()
    assert settings.recent_files == []
