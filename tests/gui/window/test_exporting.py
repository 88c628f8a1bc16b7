"""Exporting copies: every format, the dialog, progress, a cancel, and while the window closes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from editor.document.compositor import flatten
from editor.document.document import Document
from editor.formats.files import read_document, write_any
from editor.formats.psd import read_psd, write_psd
from editor.windows import file_controller
from editor.windows.export_dialog import ExportDialog, ExportFormat
from tests.formats.filled_values import filled_state
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import edit, generate, layered, names, wait_for_files

FILES = [kind for kind in ExportFormat if kind is not ExportFormat.FOLDER]


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
    records = [layer.record for layer in read_psd(target).raster_layers()]
    assert len(records) > 1
    assert set(records) == {None}
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
        asks_for = "Folder" if kind is ExportFormat.FOLDER else "File"
        assert dialog.choose.text() == f"Choose {asks_for}…"
        assert asks_for.lower() in dialog._hint.text()
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
