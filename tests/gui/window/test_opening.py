"""Opening files in the window: the last ones, other programs', damaged ones, over changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialogButtonBox, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from editor.actions.table import Menu
from editor.document.document import Document
from editor.formats import opening
from editor.formats.files import write_any
from editor.formats.native import write_native
from editor.formats.process_memory import resident_bytes
from editor.formats.psd import write_psd
from editor.settings import Settings
from editor.windows.main_window import MainWindow
from editor.windows.new_document_dialog import NewDocumentDialog
from tests.formats.reader_double import WAY
from tests.formats.sample_documents import matrix_document, simple_document
from tests.formats.test_native_faults import foreign, pack
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import LONGEST_MS, answer, edit, layered, names, wait_for_files
from tests.gui.window.test_clipboard import drop


def test_opening_a_psd_tells_its_share(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    write_psd(matrix_document(), tmp_path / "a.psd")
    window = make_window(layered())
    bar = window.status_bar
    shares: list[float] = []
    window.files.work.progressed.connect(lambda _text, share: shares.append(share))
    window.files.open_path(tmp_path / "a.psd")
    qtbot.waitUntil(bar.work.isVisible)
    assert bar.work_text.text() == "Opening a.psd"
    wait_for_files(qtbot, window)
    assert not bar.work.isVisible()
    told = [share for share in shares if share >= 0]
    assert told == sorted(told)
    assert len(told) > 10
    assert window.session.path == tmp_path / "a.psd"
    assert len(window.session.document.all_layers()) == len(matrix_document().all_layers())


def test_a_cancel_while_a_psd_is_read_ends_its_process(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_psd(simple_document(), tmp_path / "a.psd")
    pids: set[int] = set()

    def spy(pid: int) -> int | None:
        pids.add(pid)
        return resident_bytes(pid)

    monkeypatch.setattr(opening, "_CHILD", "tests.formats.reader_double")
    monkeypatch.setattr(opening, "resident_bytes", spy)
    monkeypatch.setenv(WAY, "half")
    window = make_window(layered())
    bar, before = window.status_bar, window.session.document
    window.files.open_path(tmp_path / "a.psd")
    qtbot.waitUntil(lambda: bar.work_bar.value() > 0 and bool(pids), timeout=LONGEST_MS)
    bar.cancel_work.click()
    wait_for_files(qtbot, window)
    assert not bar.work.isVisible()
    assert "ancelled" in window.toast.text
    assert window.session.document is before
    assert names(window) == ["sky", "fruit", "apple", "dog"]
    assert [resident_bytes(pid) for pid in pids] == [None]


@pytest.mark.parametrize("name", ["out", "out/manifest.json"])
def test_a_dropped_folder_of_pictures_is_opened(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, name: str
) -> None:
    document = simple_document()
    write_any(document.snapshot(), tmp_path / "out")
    window = make_window(layered())
    with qtbot.waitSignal(window.session.replaced, timeout=LONGEST_MS):
        drop(window, [tmp_path / name], QPoint(20, 20))
    assert names(window) == [layer.name for layer in document.all_layers()]
    assert window.session.path is None


def recent_actions(window: MainWindow) -> list[QAction]:
    """What the menu of the last files shows when it opens."""
    file_menu = window.actions_by_id.menu(Menu.FILE)
    recent = next(menu for menu in file_menu.findChildren(QMenu) if "Recent" in menu.title())
    recent.aboutToShow.emit()
    return [action for action in recent.actions() if action.text()]


def test_the_last_files_are_offered(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    window = make_window(layered())
    window.session.path = tmp_path / "a.psd"
    window.actions_by_id["file.save"].trigger()
    wait_for_files(qtbot, window)
    window.session.open(Document(10, 10), None)
    recent = recent_actions(window)
    assert [action.text() for action in recent] == ["a.psd", "&Clear List"]
    recent[0].trigger()
    wait_for_files(qtbot, window)
    assert len(names(window)) == 4


def test_files_that_are_gone_are_shown_as_such_and_the_list_can_be_cleared(
    make_window: MakeWindow, settings: Settings, tmp_path: Path
) -> None:
    window = make_window()
    for name in ("one/a.psd", "two/a.psd", "b&c.ora"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
        settings.add_recent_file(tmp_path / name)
    (tmp_path / "one" / "a.psd").unlink()
    ora, there, gone, clear = recent_actions(window)
    assert ora.text() == "b&&c.ora"
    assert (there.text(), there.isEnabled()) == ("a.psd – two", True)
    assert (gone.text(), gone.isEnabled()) == ("a.psd – one (not found)", False)
    assert gone.toolTip() == str(tmp_path / "one" / "a.psd")
    clear.trigger()
    assert settings.recent_files == []
    assert [action.text() for action in recent_actions(window)] == ["No files yet"]


def test_what_was_lost_of_another_programs_file_is_said(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    path = pack(tmp_path / "theirs.ora", foreign())
    window = make_window()
    window.files.open_path(path)
    wait_for_files(qtbot, window)
    assert window.session.path is None
    assert "other:plaid" in window.toast.text


def test_a_file_read_meanwhile_does_not_replace_new_changes(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    target = tmp_path / "other.psd"
    write_psd(Document(40, 30), target)
    window.files.open_path(target)
    edit(window)
    wait_for_files(qtbot, window)
    assert len(names(window)) == 4
    answer(window, QMessageBox.StandardButton.Discard)
    assert window.session.document.width == 40
    assert window.session.path == target


def test_of_two_documents_opened_in_a_row_the_last_is_shown(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    paths = [tmp_path / f"{width}.layerloom" for width in (40, 50)]
    shown: list[int] = []
    window.session.replaced.connect(lambda: shown.append(window.session.document.width))
    for path in paths:
        write_native(Document(int(path.stem), 30), path)
    for path in paths:
        window.files.open_path(path)
    wait_for_files(qtbot, window)
    assert shown == [40, 50]
    assert window.session.path == paths[1]
    assert not window.session.document.modified


def test_two_documents_opened_over_a_change_are_asked_about_one_after_the_other(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    """With both questions on the screen, answering the lower one last showed the first file."""
    window = make_window(layered())
    paths = [tmp_path / f"{width}.layerloom" for width in (40, 50)]
    for path in paths:
        write_native(Document(int(path.stem), 30), path)
        window.files.open_path(path)
    edit(window)

    def visible() -> list[QMessageBox]:
        return [box for box in window.findChildren(QMessageBox) if box.isVisible()]

    qtbot.waitUntil(lambda: len(window.files.work._arrived) == 1 and bool(visible()))
    qtbot.wait(120)  # the second file has been offered again meanwhile
    (box,) = visible()
    assert len(names(window)) == 4
    box.button(QMessageBox.StandardButton.Discard).click()
    assert window.session.path == paths[0]
    wait_for_files(qtbot, window)
    assert window.session.path == paths[1]
    assert visible() == []


def test_an_unreadable_file_changes_nothing(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    bad = tmp_path / "bad.psd"
    bad.write_bytes(b"8BPS\x00\x01 and no more")
    window.files.open_path(bad)
    wait_for_files(qtbot, window)
    assert "bad.psd" in window.toast.text
    assert len(names(window)) == 4


def test_a_new_document_has_the_chosen_size(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.actions_by_id["file.new"].trigger()
    dialog = window.findChild(NewDocumentDialog)
    assert dialog is not None
    preset = next(b for b in dialog.findChildren(QPushButton) if "16:9" in b.text())
    preset.click()
    assert (dialog.width_px.value(), dialog.height_px.value()) == (1920, 1080)
    dialog.findChildren(QDialogButtonBox)[0].accepted.emit()
    document = window.session.document
    assert (document.width, document.height) == (1920, 1080)
    assert window.status_bar.document_size.text() == "1920 × 1080 px"
    assert window.canvas.document is document
    assert document.layers == ()
