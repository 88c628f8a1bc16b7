"""The window stores the open document, offers what a crash left, and ends without a trace."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from editor.commands.property_commands import RenameLayer
from editor.document.document import Document
from editor.document.state import DocumentState
from editor.session.autosave_store import AutosaveEntry, AutosaveStore
from editor.session.places import Places, user_places
from editor.session.runs import Run, find_abandoned
from editor.windows.main_window import MainWindow
from editor.windows.recovery_dialog import RecoveryDialog
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import DOG, layered, names, wait_for_files
from tests.session.test_runs import crash


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data")


@pytest.fixture
def run(places: Places) -> Iterator[Run]:
    run = Run(places)
    yield run
    run.end()


@pytest.fixture
def safe_window(make_window: MakeWindow, run: Run) -> Callable[[Document], MainWindow]:
    def make(document: Document) -> MainWindow:
        window = make_window(document)
        window.safety.begin(run)
        return window

    return make


def rename(window: MainWindow, name: str) -> None:
    window.session.push(RenameLayer(DOG, name))


def stored(run: Run) -> list[tuple[str, DocumentState]] | None:
    """What another process would find: names and contents; None while the file is being made."""
    if not run.autosave_path.exists():
        return []
    try:
        store = AutosaveStore(run.autosave_path)
    except sqlite3.OperationalError:  # the running program changes its journal: no wait helps
        return None
    try:
        return [(entry.name, store.load(entry.key)) for entry in store.entries()]
    finally:
        store.close()


def leave_unsaved(places: Places, state: DocumentState, path: Path | None, name: str) -> None:
    """A crashed run with one document."""
    crash(places)
    lock = max(places.runs.glob("*.lock"), key=lambda file: file.stat().st_mtime_ns)
    store = AutosaveStore(lock.with_suffix(".sqlite"))
    store.keep(state, AutosaveEntry(state.document_id, name, path))
    store.close()


def dialog_of(window: MainWindow) -> RecoveryDialog:
    return next(d for d in window.findChildren(RecoveryDialog) if d.isVisible())


def rows(dialog: RecoveryDialog) -> list[str]:
    """What a screen reader says of each row."""
    spoken = Qt.ItemDataRole.AccessibleTextRole
    return [dialog.list.item(i).data(spoken) for i in range(dialog.list.count())]


def test_changes_are_stored_until_they_are_saved(
    qtbot: QtBot, safe_window: Callable[[Document], MainWindow], run: Run, tmp_path: Path
) -> None:
    window = safe_window(layered())
    rename(window, "wolf")
    state = window.session.document.snapshot()
    qtbot.waitUntil(lambda: stored(run) == [("Untitled", state)])
    window.session.path = tmp_path / "a.layerloom"
    window.actions_by_id["file.save"].trigger()
    wait_for_files(qtbot, window)
    qtbot.waitUntil(lambda: stored(run) == [])
    window.actions_by_id["edit.undo"].trigger()
    qtbot.waitUntil(lambda: [name for name, _ in stored(run) or []] == ["a.layerloom"])


def test_a_long_gesture_is_stored_on_the_way(
    qtbot: QtBot, safe_window: Callable[[Document], MainWindow], run: Run
) -> None:
    window = safe_window(layered())
    window.safety._on_the_way.setInterval(10)
    window.session.history.begin_gesture()
    rename(window, "wolf")
    state = window.session.document.snapshot()
    qtbot.waitUntil(lambda: stored(run) == [("Untitled", state)])
    window.session.history.end_gesture()


def test_closing_properly_leaves_nothing(
    qtbot: QtBot, safe_window: Callable[[Document], MainWindow], run: Run, places: Places
) -> None:
    window = safe_window(layered())
    rename(window, "wolf")
    qtbot.waitUntil(lambda: bool(stored(run)))
    window.close_without_question()
    assert window.safety.ended
    run.end()
    assert list(places.runs.iterdir()) == []


def test_a_document_of_a_crashed_run_is_recovered(
    qtbot: QtBot,
    safe_window: Callable[[Document], MainWindow],
    run: Run,
    places: Places,
    tmp_path: Path,
) -> None:
    lost = layered().snapshot()
    leave_unsaved(places, lost, tmp_path / "lost.layerloom", "lost.layerloom")
    window = safe_window(Document(10, 10))
    window.safety.look_back()
    dialog = dialog_of(window)
    (row,) = rows(dialog)
    assert row.startswith(f"lost.layerloom, {tmp_path / 'lost.layerloom'}, ")
    dialog.recover.click()
    wait_for_files(qtbot, window)
    assert window.session.document.snapshot() == lost
    assert window.session.document.modified
    assert window.session.path == tmp_path / "lost.layerloom"
    assert window.toast.text == "Recovered lost.layerloom"
    # The old copy goes once the new run holds the document.
    qtbot.waitUntil(lambda: len(list(places.runs.glob("*.lock"))) == 1)
    assert stored(run) == [("lost.layerloom", lost)]
    rename(window, "wolf")
    window.actions_by_id["edit.undo"].trigger()
    assert window.session.document.modified  # no undo leads back to the file


def test_enter_recovers_once(
    qtbot: QtBot, safe_window: Callable[[Document], MainWindow], places: Places
) -> None:
    leave_unsaved(places, layered().snapshot(), None, "lost")
    window = safe_window(Document(10, 10))
    window.safety.look_back()
    dialog = dialog_of(window)
    chosen: list[object] = []
    dialog.recovered.connect(chosen.append)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    wait_for_files(qtbot, window)
    assert len(chosen) == 1
    assert DOG in [layer.layer_id for layer in window.session.document.layers]


def test_later_keeps_it_for_the_menu(
    qtbot: QtBot, safe_window: Callable[[Document], MainWindow], places: Places
) -> None:
    leave_unsaved(places, layered().snapshot(), None, "Untitled")
    window = safe_window(Document(10, 10))
    window.safety.look_back()
    dialog_of(window).reject()
    found = find_abandoned(places)  # as another instance finds it
    assert len(found) == 1
    found[0].leave()
    window.actions_by_id["file.recover"].trigger()
    assert dialog_of(window).list.count() == 1
    dialog_of(window).reject()


def test_discarding_asks_and_removes(
    qtbot: QtBot, safe_window: Callable[[Document], MainWindow], places: Places
) -> None:
    for name in ("one", "two"):
        leave_unsaved(places, layered().snapshot(), None, name)
    window = safe_window(Document(10, 10))
    window.safety.look_back()
    dialog = dialog_of(window)
    assert [row.split(", ")[:2] for row in rows(dialog)] == [
        ["two", "never saved"],
        ["one", "never saved"],
    ]
    for answer, left in (
        (QMessageBox.StandardButton.Cancel, 2),
        (QMessageBox.StandardButton.Discard, 1),
        (QMessageBox.StandardButton.Discard, 0),
    ):
        dialog.discard.click()
        box = next(b for b in dialog.findChildren(QMessageBox) if b.isVisible())
        assert "cannot be brought back" in box.informativeText()
        box.button(answer).click()
        assert dialog.list.count() == left
    assert not dialog.isVisible()
    assert len(list(places.runs.glob("*.lock"))) == 1
    window.actions_by_id["file.recover"].trigger()
    assert "no unsaved work" in window.toast.text


def test_unsaved_changes_are_asked_about_before_another_document_is_recovered(
    qtbot: QtBot, safe_window: Callable[[Document], MainWindow], places: Places
) -> None:
    leave_unsaved(places, Document(20, 20).snapshot(), None, "lost")
    window = safe_window(layered())
    rename(window, "wolf")
    window.safety.look_back()
    dialog_of(window).recover.click()
    box = next(b for b in window.findChildren(QMessageBox) if b.isVisible())
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert "wolf" in names(window)
    assert len(list(places.runs.glob("*.lock"))) == 2


def test_what_is_changed_while_another_document_is_recovered_is_asked_about(
    qtbot: QtBot, safe_window: Callable[[Document], MainWindow], places: Places
) -> None:
    leave_unsaved(places, Document(20, 20).snapshot(), None, "lost")
    window = safe_window(layered())
    window.safety.look_back()
    dialog_of(window).recover.click()
    rename(window, "wolf")
    wait_for_files(qtbot, window)
    assert "wolf" in names(window)
    box = next(b for b in window.findChildren(QMessageBox) if b.isVisible())
    box.button(QMessageBox.StandardButton.Discard).click()
    assert window.session.document.width == 20
    assert window.session.document.modified


def test_a_damaged_autosave_is_one_sentence(
    qtbot: QtBot, safe_window: Callable[[Document], MainWindow], places: Places
) -> None:
    leave_unsaved(places, layered().snapshot(), None, "lost")
    window = safe_window(layered())
    window.safety.look_back()
    (run,) = window.safety._abandoned
    store = AutosaveStore(run.path)
    store._database.execute("DELETE FROM tiles")
    store.close()
    dialog_of(window).recover.click()
    wait_for_files(qtbot, window)
    assert "damaged" in window.toast.text
    assert window.safety._abandoned == []  # others may look at it
    assert DOG in [layer.layer_id for layer in window.session.document.layers]


def test_an_autosave_that_cannot_be_read_is_said_and_kept(
    safe_window: Callable[[Document], MainWindow], places: Places
) -> None:
    leave_unsaved(places, layered().snapshot(), None, "lost")
    (file,) = places.runs.glob("*.sqlite")
    file.write_bytes(b"no database" * 500)
    window = safe_window(layered())
    window.safety.look_back()
    kept = places.damaged / file.name
    assert str(kept) in window.toast.text
    assert kept.exists()
    assert not file.exists()


def test_the_old_copy_stays_until_what_was_recovered_is_stored(
    qtbot: QtBot,
    safe_window: Callable[[Document], MainWindow],
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An earlier state of the same document is still being stored when it is recovered."""
    old = layered()
    lost = replace(old.snapshot(), seed=77)
    leave_unsaved(places, lost, None, "lost")
    keep, may_store = AutosaveStore.keep, threading.Event()

    def kept(store: AutosaveStore, state: DocumentState, entry: AutosaveEntry | None) -> None:
        may_store.wait(60)
        if state.seed == 77:
            raise sqlite3.OperationalError("database or disk is full")
        keep(store, state, entry)

    monkeypatch.setattr(AutosaveStore, "keep", kept)
    window = safe_window(old)
    window.safety.look_back()
    dialog_of(window).recover.click()
    wait_for_files(qtbot, window)
    assert window.session.document.seed == 77
    with qtbot.waitSignal(window.safety.trouble_changed, timeout=60_000):
        may_store.set()
    qtbot.wait(1)  # what came before is delivered
    assert len(list(places.runs.glob("*.lock"))) == 2


def test_a_crash_without_unsaved_work_is_mentioned_with_its_log(
    safe_window: Callable[[Document], MainWindow], places: Places
) -> None:
    crash(places)
    window = safe_window(layered())
    window.safety.look_back()
    assert "nothing was unsaved" in window.toast.text
    crash(places)
    lock = next(
        lock
        for lock in places.runs.glob("*.lock")
        if lock.stem != window.safety._run.run_id  # type: ignore[union-attr]
    )
    places.logs.mkdir()
    log = places.logs / f"crash-{lock.stem}.log"
    log.write_text("Fatal Python error")
    window.safety.look_back()
    dialog = dialog_of(window)
    texts = [
        label.text().replace("\u200b", "")
        for label in dialog.findChildren(type(window.toast._text))
    ]
    assert any(str(log) in text for text in texts)
    assert not dialog.list.isVisible()
    dialog.reject()
    assert len(list(places.runs.glob("*.lock"))) == 1


def test_a_folder_that_cannot_be_written_is_said_in_the_status_bar_and_editing_goes_on(
    make_window: MakeWindow, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("in the way")
    window = make_window(layered())
    window.safety.begin(Run(Places(tmp_path / "data")))
    bar = window.status_bar
    assert bar.trouble.isVisible()
    assert bar.hint.text().startswith("Autosave is off")
    bar.show_hint("another")
    rename(window, "wolf")
    assert "wolf" in names(window)
    assert bar.hint.text() == "another"  # it was said once
    bar.trouble.click()
    assert bar.hint.text().startswith("Autosave is off")
    window.safety.look_back()


def test_trouble_that_ends_leaves_the_status_bar(
    qtbot: QtBot,
    safe_window: Callable[[Document], MainWindow],
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    window = safe_window(layered())
    saver = window.safety._saver
    assert saver is not None
    assert saver.wait_stored(30)
    saver._retry_s = 0.01
    with monkeypatch.context() as patched:
        patched.setattr(AutosaveStore, "keep", full)
        rename(window, "wolf")
        qtbot.waitUntil(window.status_bar.trouble.isVisible)
        assert "is full" in window.status_bar.trouble.toolTip()
    qtbot.waitUntil(lambda: not window.status_bar.trouble.isVisible())
    assert stored(run) == [("Untitled", window.session.document.snapshot())]


PROGRAM = """
import os, signal, sys
import engine.service as service, editor.program as program
from PySide6.QtCore import QTimer
from editor.commands.layer_commands import AddLayer
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer

service.starter_factory = lambda **_words: lambda: None
real = program.make_window

def make_window(application):
    window = real(application)
    window.painted.connect(lambda: QTimer.singleShot(0, begin))
    program.window = window
    return window

def begin():
    layer = RasterLayer(name="lost", pixels=PixelBuffer.filled(9, 9, (1, 2, 3, 255)))
    program.window.session.push(AddLayer(layer))
    {then}

program.make_window = make_window
print("code", program.main(["layerloom"]), flush=True)
"""


def run_program(then: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", PROGRAM.replace("{then}", then)]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_program_leaves_its_document(private_user_folders: Path) -> None:
    done = run_program(
        "program.window.safety._saver.wait_stored(60, with_picture=True);"
        " os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    (found,) = find_abandoned(user_places())
    (entry,) = found.entries
    state = found.load(entry.key)
    assert [layer.name for layer in state.layers] == ["lost"]
    assert entry.thumbnail.startswith(b"\x89PNG")
    found.leave()
    done = run_program(
        "look()\n"
        "def look():\n"
        "    from editor.windows.recovery_dialog import RecoveryDialog\n"
        "    dialogs = program.window.findChildren(RecoveryDialog)\n"
        "    if not dialogs:\n"
        "        QTimer.singleShot(20, look)\n"
        "        return\n"
        "    print('offered', dialogs[0].list.count())\n"
        "    dialogs[0].reject()\n"
        "    program.window.close_without_question()"
    )
    assert done.stdout == "offered 1\ncode 0\n", done.stderr
    (again,) = find_abandoned(user_places())  # put off, not lost
    again.remove()


def test_an_error_in_a_slot_is_one_sentence_and_loses_nothing(private_user_folders: Path) -> None:
    done = run_program(
        "QTimer.singleShot(0, lambda: 1 // 0); QTimer.singleShot(300, look)\n"
        "def look():\n"
        "    print(program.window.toast.text, len(program.window.session.document.layers))\n"
        "    program.window.close_without_question()"
    )
    said, code = done.stdout.splitlines()
    log = user_places().logs / "layerloom.log"
    assert said == f"Something went wrong; your document is still open. Details: {log} 1"
    assert code == "code 0"
    assert "Traceback" not in done.stderr
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    assert list(user_places().runs.iterdir()) == []
    assert list(user_places().logs.iterdir()) == [log]


def test_warnings_of_qt_go_to_the_log(private_user_folders: Path) -> None:
    done = run_program(
        "from PySide6.QtCore import qWarning; qWarning('odd thing');"
        " program.window.close_without_question()"
    )
    assert done.stdout == "code 0\n", done.stderr
    assert "odd thing" not in done.stderr
    assert "odd thing" in (user_places().logs / "layerloom.log").read_text(encoding="utf-8")


def test_a_closed_program_leaves_no_run(private_user_folders: Path) -> None:
    done = run_program("program.window.close_without_question()")
    assert done.stdout == "code 0\n", done.stderr
    assert list(user_places().runs.iterdir()) == []
