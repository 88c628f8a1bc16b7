"""Saving from the window: names, formats, what is said, and what counts as a change."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from editor.commands.property_commands import RenameLayer
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.formats.files import read_document
from editor.formats.psd import read_psd
from editor.formats.psd_losses import not_kept
from editor.windows import file_controller
from tests.document.scenes import noise_layer
from tests.formats.filled_values import filled_state
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import DOG, edit, generate, layered, names, wait_for_files


def test_saving_and_opening_again(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    window = make_window()
    generate(qtbot, window)
    target = tmp_path / "Bild 图.psd"
    window.session.path = target
    assert window.isWindowModified()
    window.actions_by_id["file.save"].trigger()
    wait_for_files(qtbot, window)
    assert not window.isWindowModified()
    assert window.toast.text == "Saved Bild 图.psd"
    assert window.windowTitle().startswith("Bild 图.psd")
    before, picture = names(window), flatten(window.session.document)
    window.session.open(Document(10, 10), None)
    window.files.open_path(target)
    wait_for_files(qtbot, window)
    assert names(window) == before
    assert np.array_equal(flatten(window.session.document), picture)
    records = [layer.record for layer in window.session.document.raster_layers()]
    assert len(records) > 1
    assert None not in records
    assert window.session.path == target
    assert not window.session.history.can_undo


def test_a_new_document_is_saved_in_the_native_format(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    edit(window)
    state = window.session.document.snapshot()
    window.actions_by_id["file.save"].trigger()
    dialog = window.findChildren(QFileDialog)[-1]
    assert "*.layerloom" in dialog.selectedNameFilter()
    assert dialog.defaultSuffix() == "layerloom"
    assert Path(dialog.selectedFiles()[0]).name == "Untitled.layerloom"
    dialog.fileSelected.emit(str(tmp_path / "mine.layerloom"))
    dialog.close()
    wait_for_files(qtbot, window)
    assert window.session.path == tmp_path / "mine.layerloom"
    assert not window.session.document.modified
    window.session.open(Document(10, 10), None)
    window.files.open_path(tmp_path / "mine.layerloom")
    wait_for_files(qtbot, window)
    assert window.session.document.snapshot() == state
    assert window.session.path == tmp_path / "mine.layerloom"


def test_save_as_follows_the_format_that_is_chosen(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    window.session.path = tmp_path / "a.psd"
    window.actions_by_id["file.save_as"].trigger()
    dialog = window.findChildren(QFileDialog)[-1]
    assert dialog.defaultSuffix() == "psd"  # a PSD stays a PSD
    ora = next(text for text in dialog.nameFilters() if "*.ora" in text)
    dialog.selectNameFilter(ora)
    dialog.filterSelected.emit(ora)
    assert dialog.defaultSuffix() == "ora"
    dialog.fileSelected.emit(str(tmp_path / "a.gif"))
    dialog.close()
    assert "save it as a.ora" in window.toast.text
    second = window.findChildren(QFileDialog)[-1]
    second.fileSelected.emit(str(tmp_path / "a.ora"))
    second.close()
    wait_for_files(qtbot, window)
    assert read_document(tmp_path / "a.ora").is_ours


def test_what_a_psd_does_not_hold_is_said_when_it_is_saved(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(Document.from_state(filled_state()))
    said = []
    for name in ("a.psd", "a.layerloom"):
        window.session.path = tmp_path / name
        window.actions_by_id["file.save"].trigger()
        wait_for_files(qtbot, window)
        said.append(window.toast.text)
    missing = ", ".join(not_kept(filled_state()))
    advice = "save as .layerloom to keep everything."
    assert said == [f"Saved a.psd without {missing}; {advice}", "Saved a.layerloom"]


def test_a_psd_of_a_plain_document_holds_everything() -> None:
    assert not_kept(layered().snapshot()) == ()
    assert len(not_kept(filled_state())) == 4
    scaled = noise_layer(9, 9, 1)
    scaled = replace(scaled, source=noise_layer(20, 20, 2).pixels)
    assert not_kept(Document(9, 9, (scaled,)).snapshot()) == ("transforms",)


def test_undoing_past_what_was_written_is_a_change(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window(layered())
    session, may_write, write = window.session, threading.Event(), file_controller._save

    def slow(*args: Any) -> Any:
        may_write.wait(60)
        return write(*args)

    monkeypatch.setattr(file_controller, "_save", slow)
    session.path = tmp_path / "a.layerloom"
    session.push(RenameLayer(DOG, "written"))
    window.actions_by_id["file.save"].trigger()
    session.push(RenameLayer(DOG, "later"))
    may_write.set()
    wait_for_files(qtbot, window)
    assert session.document.modified
    session.undo()
    assert not session.document.modified
    session.undo()
    assert session.document.modified  # as before the first change; the file holds that change


def test_saving_over_a_file_keeps_copies(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    window.files.backups = tmp_path / "backups"
    window.session.path = tmp_path / "a.layerloom"
    states = []
    for _ in range(5):
        edit(window)
        states.append(window.session.document.snapshot())
        window.actions_by_id["file.save"].trigger()
        wait_for_files(qtbot, window)
    copies = sorted((tmp_path / "backups").glob("*/*"))
    assert [read_document(copy).document.snapshot() for copy in copies] == states[1:4]


def test_a_change_during_saving_stays_unsaved(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    window.session.path = tmp_path / "a.psd"
    window.actions_by_id["file.save"].trigger()
    edit(window)
    wait_for_files(qtbot, window)
    assert window.session.document.modified
    assert read_psd(tmp_path / "a.psd").layers[-1].visible


def test_a_file_of_another_program_is_not_saved_over(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    from psd_tools import PSDImage  # takes half a second

    foreign = PSDImage.new("RGB", (32, 32), color=(10, 20, 30))
    target = tmp_path / "foreign.psd"
    foreign.save(target)
    window = make_window()
    window.files.open_path(target)
    wait_for_files(qtbot, window)
    assert window.session.document.raster_layers()
    assert window.session.path is None
    assert "another program" in window.toast.text
