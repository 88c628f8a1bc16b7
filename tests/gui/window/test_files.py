"""Saving, opening, exporting, closing: what the window asks and what it says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from editor.actions.table import Menu
from editor.commands.property_commands import RenameLayer
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.formats.files import read_document, write_any
from editor.formats.native import write_native
from editor.formats.psd import read_psd, write_psd
from editor.formats.psd_losses import not_kept
from editor.settings import Settings
from editor.windows import file_controller
from editor.windows.export_dialog import ExportDialog, ExportFormat
from editor.windows.main_window import MainWindow
from editor.windows.new_document_dialog import NewDocumentDialog
from tests.document.scenes import noise_layer
from tests.formats.filled_values import filled_state
from tests.formats.test_native_faults import foreign, pack
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import DOG, generate, layered, names

_LONGEST_MS = 60_000  # a file is read by a process of its own, which a busy machine starts slowly
FILES = [kind for kind in ExportFormat if kind is not ExportFormat.FOLDER]


def edit(window: MainWindow) -> None:
    """Make the document differ from its file."""
    window.session.document.select([DOG])
    window.actions_by_id["layer.toggle_visible"].trigger()


def question(window: MainWindow) -> QMessageBox:
    box = window.findChild(QMessageBox)
    assert box is not None
    return box


def answer(window: MainWindow, button: QMessageBox.StandardButton) -> None:
    box = question(window)
    box.button(button).click()


def wait_for_files(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.files.work.busy, timeout=_LONGEST_MS)


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
    assert all(record is not None for record in records)
    assert window.session.path == target
    assert not window.session.history.can_undo


def test_the_last_files_are_offered(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    window = make_window(layered())
    window.session.path = tmp_path / "a.psd"
    window.actions_by_id["file.save"].trigger()
    wait_for_files(qtbot, window)
    window.session.open(Document(10, 10), None)
    file_menu = window.actions_by_id.menu(Menu.FILE)
    recent = next(menu for menu in file_menu.findChildren(QMenu) if "Recent" in menu.title())
    recent.aboutToShow.emit()
    texts = [action.text() for action in recent.actions() if action.text()]
    assert texts == ["a.psd", "&Clear List"]
    recent.actions()[0].trigger()
    wait_for_files(qtbot, window)
    assert len(names(window)) == 4


def recent_actions(window: MainWindow) -> list[QAction]:
    """What the menu of the last files shows when it opens."""
    file_menu = window.actions_by_id.menu(Menu.FILE)
    recent = next(menu for menu in file_menu.findChildren(QMenu) if "Recent" in menu.title())
    recent.aboutToShow.emit()
    return [action for action in recent.actions() if action.text()]


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


def test_what_was_lost_of_another_programs_file_is_said(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    path = pack(tmp_path / "theirs.ora", foreign())
    window = make_window()
    window.files.open_path(path)
    wait_for_files(qtbot, window)
    assert window.session.path is None
    assert "other:plaid" in window.toast.text


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


def test_a_psd_of_a_plain_document_holds_everything() -> None:
    assert not_kept(layered().snapshot()) == ()
    assert len(not_kept(filled_state())) == 4
    scaled = noise_layer(9, 9, 1)
    scaled = replace(scaled, source=noise_layer(20, 20, 2).pixels)
    assert not_kept(Document(9, 9, (scaled,)).snapshot()) == ("transforms",)


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


def test_a_change_during_the_save_of_the_question_is_asked_about(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    window.session.path = tmp_path / "a.psd"
    edit(window)
    window.close()
    answer(window, QMessageBox.StandardButton.Save)
    edit(window)
    wait_for_files(qtbot, window)
    assert window.isVisible()
    assert window.session.document.modified
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    box.button(QMessageBox.StandardButton.Discard).click()
    qtbot.waitUntil(lambda: not window.isVisible())


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


@pytest.mark.parametrize("kind", FILES)
def test_exporting_a_copy(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, kind: ExportFormat
) -> None:
    window = make_window(layered())
    edit(window)
    target = tmp_path / f"copy.{kind.value}"
    window.files.export_to(target, include_prompts=True)
    wait_for_files(qtbot, window)
    assert window.session.document.modified
    assert window.toast.text == f"Exported {target.name}"
    if kind.keeps_layers:
        opened = read_document(target).document
        assert [layer.name for layer in opened.all_layers()] == names(window)
        return
    with Image.open(target) as image:
        assert image.size == (window.session.document.width, window.session.document.height)
        if kind is not ExportFormat.JPEG:
            pixels = np.asarray(image.convert("RGBA"))
            assert np.array_equal(pixels, flatten(window.session.document))


def test_exporting_a_folder(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    window = make_window(layered())
    window.files.export_to(tmp_path / "pictures", include_prompts=True)
    wait_for_files(qtbot, window)
    assert window.toast.text == "Exported pictures"
    assert len(list((tmp_path / "pictures").glob("*.png"))) > 3


def test_prompts_are_left_out_on_request(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window()
    generate(qtbot, window, "a secret dog")
    target = tmp_path / "copy.psd"
    window.files.export_to(target, include_prompts=False)
    wait_for_files(qtbot, window)
    assert all(layer.record is None for layer in read_psd(target).raster_layers())
    assert b"secret" not in target.read_bytes()


def test_an_unwritable_place_is_one_sentence(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    target = tmp_path / "missing" / "a.psd"
    window.files.export_to(target, include_prompts=True)
    wait_for_files(qtbot, window)
    assert "missing" in window.toast.text
    assert "Traceback" not in window.toast.text


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


def test_the_dialog_offers_the_export(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    window.actions_by_id["file.export"].trigger()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    dialog.png.click()
    assert not dialog.include_prompts.isEnabled()
    dialog.psd.click()
    dialog.include_prompts.setChecked(False)
    dialog.accept()
    files = window.findChild(QFileDialog)
    assert files is not None
    assert files.windowTitle() == "Export"
    files.fileSelected.emit(str(tmp_path / "x.psd"))
    files.close()
    wait_for_files(qtbot, window)
    assert (tmp_path / "x.psd").is_file()


def test_the_dialog_asks_for_a_folder_and_a_smaller_psd(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    for kind, name in ((ExportFormat.FOLDER, "pictures"), (ExportFormat.PSD, "small.psd")):
        window.actions_by_id["file.export"].trigger()
        dialog = window.findChildren(ExportDialog)[-1]
        dialog.buttons[kind].click()
        assert dialog.compact.isEnabled() == (kind is ExportFormat.PSD)
        dialog.compact.setChecked(True)
        dialog.accept()
        files = window.findChildren(QFileDialog)[-1]
        files.fileSelected.emit(str(tmp_path / name))
        files.close()
        wait_for_files(qtbot, window)
    assert (tmp_path / "pictures" / "manifest.json").is_file()
    write_psd(window.session.document, tmp_path / "plain.psd")
    sizes = [(tmp_path / name).stat().st_size for name in ("small.psd", "plain.psd")]
    assert sizes[0] < sizes[1]


def test_the_dialog_says_what_a_format_cannot_hold(make_window: MakeWindow) -> None:
    window = make_window(Document.from_state(filled_state()))
    window.actions_by_id["file.export"].trigger()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    assert "becomes pixels" in dialog._hint.text()
    dialog.buttons[ExportFormat.JPEG].click()
    assert "becomes white" in dialog._hint.text()
    dialog.png.click()
    assert "becomes" not in dialog._hint.text()
    dialog.reject()


def test_closing_with_changes_asks(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    edit(window)
    window.close()
    assert window.isVisible()
    assert "Untitled" in question(window).text()
    answer(window, QMessageBox.StandardButton.Cancel)
    qtbot.wait(10)
    assert window.isVisible()
    window.close()
    answer(window, QMessageBox.StandardButton.Discard)
    qtbot.waitUntil(lambda: not window.isVisible())


def test_save_in_the_question_saves_and_closes(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(layered())
    window.session.path = tmp_path / "a.psd"
    edit(window)
    window.close()
    answer(window, QMessageBox.StandardButton.Save)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not read_psd(tmp_path / "a.psd").layers[-1].visible


def test_an_unchanged_document_closes_at_once(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.close()
    assert not window.isVisible()


class SlowFiles:
    """Stands before the writing of files: it begins when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        write = write_any

        def wait_and_write(*arguments: Any, **options: Any) -> None:
            assert self.go_on.wait(30)
            write(*arguments, **options)

        monkeypatch.setattr(file_controller, "write_any", wait_and_write)


@pytest.fixture
def slow_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowFiles]:
    slow = SlowFiles(monkeypatch)
    yield slow
    slow.go_on.set()


def test_closing_waits_for_an_export_and_says_so(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, slow_files: SlowFiles
) -> None:
    window = make_window(layered())
    target = tmp_path / "a.png"
    window.files.export_to(target, include_prompts=True)
    window.close()
    assert window.isVisible()
    assert "closes after" in window.toast.text
    slow_files.go_on.set()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert target.is_file()


def test_an_export_that_fails_while_closing_keeps_the_window(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, slow_files: SlowFiles
) -> None:
    window = make_window(layered())
    window.files.export_to(tmp_path / "gone" / "a.png", include_prompts=True)
    window.close()
    slow_files.go_on.set()
    wait_for_files(qtbot, window)
    qtbot.wait(50)
    assert window.isVisible()
    assert "gone" in window.toast.text
    window.close()
    assert not window.isVisible()


@pytest.mark.parametrize("kind", FILES)
def test_an_export_shows_progress_and_can_be_cancelled(
    qtbot: QtBot,
    make_window: MakeWindow,
    tmp_path: Path,
    slow_files: SlowFiles,
    kind: ExportFormat,
) -> None:
    window = make_window(layered())
    bar = window.status_bar
    target = tmp_path / f"a.{kind.value}"
    window.files.export_to(target, include_prompts=True)
    qtbot.waitUntil(bar.work.isVisible)
    assert bar.work_text.text() == f"Exporting a.{kind.value}"
    bar.cancel_work.click()
    slow_files.go_on.set()
    wait_for_files(qtbot, window)
    assert not bar.work.isVisible()
    assert "cancelled" in window.toast.text
    assert list(tmp_path.glob("a.*")) == []


def test_writing_reports_its_share(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    window = make_window(layered())
    shares: list[float] = []
    window.files.work.progressed.connect(lambda _text, share: shares.append(share))
    window.files.export_to(tmp_path / "a.psd", include_prompts=True)
    wait_for_files(qtbot, window)
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize(
    ("kind", "wrong"), [(ExportFormat.PSD, "a.png"), (ExportFormat.PNG, "a.psd")]
)
def test_a_name_of_another_format_is_corrected(
    make_window: MakeWindow, tmp_path: Path, kind: ExportFormat, wrong: str
) -> None:
    window = make_window(layered())
    right = f"a.{kind.value}"
    written: list[Path] = []
    window.files._ask_target(kind, written.append)
    first = window.findChildren(QFileDialog)[-1]
    first.fileSelected.emit(str(tmp_path / wrong))
    assert written == []
    assert f"save it as {right}" in window.toast.text
    second = window.findChildren(QFileDialog)[-1]
    assert second is not first
    assert Path(second.selectedFiles()[0]).name == right
    second.fileSelected.emit(str(tmp_path / right.upper()))
    assert written == [tmp_path / right.upper()]
    for dialog in (first, second):
        dialog.close()


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
