"""Opening files of other programs in the window: the share that is read, a cancel, folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from editor.formats import opening
from editor.formats.files import write_any
from editor.formats.process_memory import resident_bytes
from editor.formats.psd import write_psd
from tests.formats.reader_double import WAY
from tests.formats.sample_documents import matrix_document, simple_document
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import layered, names
from tests.gui.window.test_clipboard import drop

_LONGEST_MS = 30_000


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
    qtbot.waitUntil(lambda: not window.files.work.busy, timeout=_LONGEST_MS)
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
    qtbot.waitUntil(lambda: bar.work_bar.value() > 0 and bool(pids), timeout=_LONGEST_MS)
    bar.cancel_work.click()
    qtbot.waitUntil(lambda: not window.files.work.busy, timeout=_LONGEST_MS)
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
    with qtbot.waitSignal(window.session.replaced, timeout=_LONGEST_MS):
        drop(window, [tmp_path / name], QPoint(20, 20))
    assert names(window) == [layer.name for layer in document.all_layers()]
    assert window.session.path is None
