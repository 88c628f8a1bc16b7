"""The model manager shows what is there and what can be had, and says what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from editor.document.errors import DocumentError
from editor.model_library import ModelEntry, ModelLibrary, ModelState, starter_entry
from editor.windows.main_window import MainWindow
from editor.windows.models_dialog import ModelsDialog
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import activate
from tests.helpers.fake_engine import FakeRuntime, Outcome

FREE = "Free for any use, commercial use included."
HERE = ModelEntry(
    "schnell", "FLUX.1 schnell", ModelState.READY, ("single layers",), "Apache-2.0", FREE, True,
    33_700_000_000, path="/models/schnell", makes_pictures=True,
)  # fmt: skip
BROKEN = replace(
    HERE,
    key="art",
    title="ART+",
    makes_pictures=False,
    state=ModelState.CHANGED,
    changed=("/models/a",),
)
ON_HUB = ModelEntry(
    "dev", "FLUX.1 dev", ModelState.ON_HUB, (), "Non-Commercial", "No sales.", False,
    33_700_000_000, hub="lab/dev", gated=True,
)  # fmt: skip
TO_BRING = replace(ON_HUB, key="dit", title="Inf-DiT", state=ModelState.TO_BRING, hub="", bytes=0)


class StandIn(ModelLibrary):
    """Answers at once, or when it is let go; remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"), Path("nowhere"))
        self.rows = [HERE, BROKEN, ON_HUB, TO_BRING]
        self.error: Exception | None = None
        self.gate: threading.Event | None = None
        self.asked: list[tuple[str, str]] = []

    def entries(self) -> tuple[ModelEntry, ...]:
        return (starter_entry(Path(__file__).parent), *self.rows)

    def plan(self, entry: ModelEntry) -> str:
        return f"Fits: {entry.key}."

    def add(
        self, path: Path, report: Callable[[int, int], object], cancelled: Callable[[], bool]
    ) -> str:
        self.asked.append(("add", str(path)))
        report(1_000_000_000, 4_000_000_000)
        while self.gate is not None and not self.gate.wait(0.01):
            if cancelled():
                raise DocumentError("stopped")
        if self.error is not None:
            raise self.error
        self.rows.append(replace(HERE, key="new", title="New one"))
        return "new"

    def check(
        self, key: str, report: Callable[[int, int], object], cancelled: Callable[[], bool]
    ) -> None:
        self.asked.append(("check", key))
        if self.error is not None:
            raise self.error

    def remove(self, key: str) -> None:
        self.asked.append(("remove", key))
        self.rows = [row for row in self.rows if row.key != key]

    def download(
        self,
        key: str,
        token: str,
        report: Callable[[int, int], object],
        cancelled: Callable[[], bool],
    ) -> str:
        self.asked.append(("download", f"{key} {token}"))
        return key


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow) -> MainWindow:
    window = make_window()
    activate(qtbot, window)
    window.models.library = StandIn()
    return window


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow) -> ModelsDialog:
    window.actions_by_id["edit.models"].trigger()
    dialog = window.models.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.list.count() > 0)
    return dialog


def library(window: MainWindow) -> StandIn:
    found = window.models.library
    assert isinstance(found, StandIn)
    return found


def choose(dialog: ModelsDialog, key: str) -> None:
    for place in range(dialog.list.count()):
        entry = dialog.list.item(place).data(Qt.ItemDataRole.UserRole)
        if entry is not None and entry.key == key:
            dialog.list.setCurrentRow(place)
            return
    raise AssertionError(key)


def answer(qtbot: QtBot, dialog: ModelsDialog, *, agreed: bool) -> str:
    """Press a button of the question; its text."""
    qtbot.waitUntil(lambda: bool(dialog.findChildren(QMessageBox)))
    (box,) = dialog.findChildren(QMessageBox)
    role = QMessageBox.ButtonRole.AcceptRole if agreed else QMessageBox.ButtonRole.RejectRole
    text = f"{box.text()} {box.informativeText()}"
    (button,) = [one for one in box.buttons() if box.buttonRole(one) == role]
    button.click()
    return text


def test_rows_stand_under_headings_and_the_first_is_chosen(dialog: ModelsDialog) -> None:
    spoken = [
        dialog.list.item(place).data(Qt.ItemDataRole.AccessibleTextRole)
        for place in range(dialog.list.count())
    ]
    assert [text.split(",")[0] for text in spoken] == [
        "Built in", "Starter", "On this computer", "FLUX.1 schnell", "ART+",
        "To be had", "FLUX.1 dev", "Inf-DiT",
    ]  # fmt: skip
    assert dialog.entry is not None
    assert dialog.entry.key == "starter"
    assert not dialog.details.remove.isVisible()


@pytest.mark.parametrize(
    ("key", "buttons", "says"),
    [
        ("schnell", {"check", "test_run", "show_folder", "remove"}, "33.7 GB"),
        ("art", {"check", "show_folder", "remove"}, "/models/a is gone or is not what was checked"),
        ("dev", {"download", "token"}, "No sales."),
        ("dit", set(), "size not known"),
    ],
)
def test_each_state_has_its_buttons_and_words(
    qtbot: QtBot, dialog: ModelsDialog, key: str, buttons: set[str], says: str
) -> None:
    choose(dialog, key)
    details = dialog.details
    names = ("check", "test_run", "show_folder", "remove", "download", "token")
    assert {name for name in names if getattr(details, name).isVisible()} == buttons
    texts = [details.note.text(), *(value.text() for value in details.values.values())]
    assert any(says in text for text in texts)
    qtbot.waitUntil(lambda: details.values["here"].text() == f"Fits: {key}.")


def test_the_window_keeps_its_width_whichever_model_is_chosen(
    qtbot: QtBot, dialog: ModelsDialog
) -> None:
    widths = []
    for key in ("starter", HERE.key, BROKEN.key, ON_HUB.key, TO_BRING.key):
        choose(dialog, key)
        QTest.qWait(1)
        widths.append((dialog.width(), dialog.minimumSizeHint().width()))
    assert len(set(widths)) == 1


def test_a_dropped_folder_is_checked_and_chosen(
    qtbot: QtBot, window: MainWindow, dialog: ModelsDialog, tmp_path: Path
) -> None:
    library(window).gate = gate = threading.Event()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    drop = QDropEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, data,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    dialog.dropEvent(drop)
    qtbot.waitUntil(lambda: "1.00 of 4.00 GB" in dialog.progress.text.text())
    assert dialog.progress.isVisible()
    assert not dialog.bring.isEnabled()
    gate.set()
    qtbot.waitUntil(lambda: not window.models.busy and not dialog.progress.isVisible())
    assert dialog.entry is not None
    assert dialog.entry.key == "new"
    assert "was checked and is ready" in dialog.message.text()
    assert dialog.bring.isEnabled()


def test_a_refusal_is_told_in_its_sentence(
    qtbot: QtBot, window: MainWindow, dialog: ModelsDialog, tmp_path: Path
) -> None:
    library(window).error = DocumentError("weights.safetensors is cut off; get it again.")
    window.models.bring(tmp_path)
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.text() == "weights.safetensors is cut off; get it again."
    assert dialog.bring.isEnabled()
    assert len(library(window).rows) == 4


def test_cancel_stops_and_changes_nothing(
    qtbot: QtBot, window: MainWindow, dialog: ModelsDialog, tmp_path: Path
) -> None:
    library(window).gate = threading.Event()
    window.models.bring(tmp_path)
    qtbot.waitUntil(dialog.progress.isVisible)
    QTest.mouseClick(dialog.progress.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.text() == "Cancelled"
    assert len(library(window).rows) == 4


@pytest.mark.parametrize("agreed", [True, False])
def test_a_download_asks_first_and_tells_the_licence(
    qtbot: QtBot, window: MainWindow, dialog: ModelsDialog, agreed: bool
) -> None:
    choose(dialog, "dev")
    dialog.details.token.setText(" secret ")
    dialog.details.download.click()
    text = answer(qtbot, dialog, agreed=agreed)
    assert "33.7 GB" in text
    assert "No sales." in text
    qtbot.waitUntil(lambda: not window.models.busy)
    assert library(window).asked == ([("download", "dev secret")] if agreed else [])


def test_removing_asks_first(qtbot: QtBot, window: MainWindow, dialog: ModelsDialog) -> None:
    choose(dialog, "schnell")
    dialog.details.remove.click()
    answer(qtbot, dialog, agreed=True)
    qtbot.waitUntil(lambda: ("remove", "schnell") in library(window).asked)
    qtbot.waitUntil(lambda: dialog.list.count() == 7)


def test_checking_again_names_the_model(
    qtbot: QtBot, window: MainWindow, dialog: ModelsDialog
) -> None:
    choose(dialog, "art")
    dialog.details.check.click()
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.text() == "“ART+” is what it was when it was added."
    assert library(window).asked == [("check", "art")]


def open_manager(qtbot: QtBot, window: MainWindow) -> ModelsDialog:
    window.models.library = StandIn()
    window.actions_by_id["edit.models"].trigger()
    dialog = window.models.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.list.count() > 0)
    return dialog


def test_a_test_run_shows_its_picture(
    qtbot: QtBot, window: MainWindow, dialog: ModelsDialog
) -> None:
    choose(dialog, "schnell")
    before = window.session.document.snapshot()
    assert not dialog.details.picture.isVisible()
    dialog.details.test_run.click()
    assert not dialog.details.test_run.isEnabled()
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.text() == "The model works here; the picture took 1.5 s."
    assert dialog.details.picture.isVisible()
    assert dialog.details.picture.pixmap().width() == 8
    choose(dialog, "dev")
    assert not dialog.details.picture.isVisible()
    choose(dialog, "schnell")
    assert dialog.details.picture.isVisible()
    assert window.session.document.snapshot() is before


def test_a_test_run_that_fails_says_why(qtbot: QtBot, make_window: MakeWindow) -> None:
    dialog = open_manager(qtbot, make_window(runtime=FakeRuntime(Outcome.FAIL)))
    choose(dialog, "schnell")
    dialog.details.test_run.click()
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.text() == "The fake engine refuses this job; ask another one."
    assert dialog.details.test_run.isEnabled()
    assert not dialog.details.picture.isVisible()


def test_a_test_run_can_be_stopped(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(runtime=FakeRuntime(Outcome.STALL))
    dialog = open_manager(qtbot, window)
    choose(dialog, "schnell")
    dialog.details.test_run.click()
    qtbot.waitUntil(lambda: dialog.progress.bar.maximum() > 0)
    assert window.models.busy
    QTest.mouseClick(dialog.progress.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.text() == "Cancelled"
    assert not window.models.busy


def test_closing_the_window_ends_what_runs(
    qtbot: QtBot, window: MainWindow, dialog: ModelsDialog, tmp_path: Path
) -> None:
    library(window).gate = threading.Event()
    window.models.bring(tmp_path)
    qtbot.waitUntil(lambda: bool(library(window).asked))
    window.close_without_question()
    assert not window.isVisible()
