"""The Upscale dialog in the real window: plan, preview, progress, cancel, one undo step."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.commands.paint_commands import SetSelection
from editor.commands.property_commands import SetLocked
from editor.commands.upscale_commands import UpscaleScope
from editor.document.geometry import Rect
from editor.document.masks import CoverageBuffer, Mask
from editor.jobs.orders import PictureSettings
from editor.theme import Theme, ThemeMode
from editor.windows import upscale_dialog
from editor.windows.main_window import MainWindow
from editor.windows.upscale_dialog import UpscaleDialog
from engine.requests.upscale import UpscaleMode, UpscaleRequest
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import DOG, layered, names
from tests.helpers.fake_engine import FakeRuntime, Outcome


def opened(window: MainWindow, layer_id: str | None = None) -> UpscaleDialog:
    window.session.document.select([layer_id] if layer_id else [])
    window.actions_by_id["image.upscale"].trigger()
    dialog = window.upscaling.dialog
    assert isinstance(dialog, UpscaleDialog)
    return dialog


def choose(dialog: UpscaleDialog, scope: UpscaleScope) -> None:
    dialog.scope_box.setCurrentIndex(dialog.scope_box.findData(scope))


def upscales(runtime: FakeRuntime) -> list[UpscaleRequest]:
    """Jobs that were neither plans nor previews."""
    return [
        request
        for request in runtime.requests
        if isinstance(request, UpscaleRequest)
        and not request.plan_only
        and request.pictures[0].key != "preview"
    ]


def test_a_document_is_upscaled_in_one_undo_step(qtbot: QtBot, make_window: MakeWindow) -> None:
    runtime = FakeRuntime()
    window = make_window(layered(), runtime)
    before, layer_names = window.session.document.snapshot(), names(window)
    dialog = opened(window)
    assert dialog.size_px == (800, 640)
    qtbot.waitUntil(lambda: "4 blocks" in dialog.plan.text())
    assert "6 s" in dialog.plan.text()
    dialog.factors[0].click()
    assert dialog.size_px == (400, 320)
    with qtbot.waitSignal(window.upscaling.jobs.finished):
        dialog.start.click()
        assert not dialog.start.isEnabled()
        assert not dialog.width_px.isEnabled()
    document = window.session.document
    assert (document.width, document.height) == (400, 320)
    assert names(window) == layer_names
    assert window.upscaling.dialog is None
    (request,) = upscales(runtime)
    assert request.mode is UpscaleMode.INFDIT
    assert request.seed == document.seed
    window.actions_by_id["edit.undo"].trigger()
    assert document.snapshot().state_hash() == before.state_hash()
    assert not window.session.history.can_undo


def test_a_layer_and_a_region(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    dialog = opened(window)
    assert dialog.scope_box.count() == 1
    dialog.reject()
    coverage = CoverageBuffer.filled(20, 10, 255)
    window.session.push(SetSelection(Mask(coverage=coverage, offset=(5, 6))))
    box = window.session.document.layer(DOG).bounds
    dialog = opened(window, DOG)
    assert dialog.scope_box.count() == 3
    choose(dialog, UpscaleScope.LAYER)
    assert dialog.size_px == (4 * box.width, 4 * box.height)
    with qtbot.waitSignal(window.upscaling.jobs.finished):
        dialog.accept()
    assert window.session.document.layer(DOG).bounds.size == (4 * box.width, 4 * box.height)
    assert window.session.document.width == 200
    dialog = opened(window)
    choose(dialog, UpscaleScope.SELECTION)
    assert dialog.size_px == (80, 40)
    with qtbot.waitSignal(window.upscaling.jobs.finished):
        dialog.accept()
    assert window.session.document.canvas == Rect(0, 0, 80, 40)


def test_cancel_leaves_the_document(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.STALL))
    before = window.session.document.snapshot()
    dialog = opened(window)
    told: list[object] = []
    window.upscaling.jobs.progressed.connect(told.append)
    dialog.accept()
    qtbot.waitUntil(lambda: len(told) > 3)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert "Cancelled" in dialog.status.phase.text()
    told.clear()
    assert dialog.isVisible()
    assert dialog.start.isEnabled()
    qtbot.wait(100)
    assert told == []  # nothing is told after a cancel
    assert window.session.document.snapshot() is before
    assert not window.session.history.can_undo
    dialog.reject()
    assert window.upscaling.dialog is None


def test_a_result_that_comes_after_cancel_is_dropped(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.IGNORE_CANCEL))
    before = window.session.document.snapshot()
    dialog = opened(window)
    dialog.accept()
    qtbot.waitUntil(lambda: dialog.status.bar.maximum() > 0)
    dialog.reject()
    qtbot.wait(200)
    assert window.session.document.snapshot() is before


def test_upscaling_goes_on_in_the_queue(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.STALL))
    before = window.session.document.snapshot()
    dialog = opened(window)
    assert not dialog.background.isVisible()
    dialog.accept()
    assert [row.title for row in window.bridge.rows] == ["Upscale to 800 × 640 px"]
    dialog.background.click()
    assert window.upscaling.dialog is None
    panel = window.queue_panel
    assert panel.isVisible()
    qtbot.waitUntil(lambda: window.bridge.rows[0].text == "Making pixels")
    window.bridge.generate(PictureSettings("a boat", "flat", 1, 2))
    window.bridge.generate(PictureSettings("a car", "flat", 1, 2))
    titles = [row.title for row in window.bridge.rows]
    assert titles == ["Upscale to 800 × 640 px", "a boat", "a car"]
    assert [row.running for row in window.bridge.rows] == [True, True, False]
    window.actions_by_id["image.upscale"].trigger()
    assert window.upscaling.dialog is None
    sentence = "Something is being upscaled; wait for it or cancel it in the queue first."
    assert window.toast.text == sentence
    panel.choose(window.bridge.rows[0].job_id)
    with qtbot.waitSignal(window.upscaling.jobs.cancelled):
        QTest.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    assert [row.title for row in window.bridge.rows] == ["a boat", "a car"]
    with qtbot.waitSignal(window.bridge.cancelled):
        panel.cancel_all.click()
    assert window.bridge.rows == ()
    assert window.session.document.snapshot() is before


def test_cancelling_all_ends_upscaling_too(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.STALL))
    dialog = opened(window)
    dialog.accept()
    with qtbot.waitSignal(window.upscaling.jobs.cancelled):
        window.bridge.cancel_all()
    assert window.bridge.rows == ()
    assert "Cancelled" in dialog.status.phase.text()


def test_what_is_upscaled_in_the_background_lands(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    dialog = opened(window)
    with qtbot.waitSignal(window.upscaling.jobs.finished):
        dialog.accept()
        dialog.background.click()
    assert (window.session.document.width, window.bridge.rows) == (800, ())
    assert window.toast.text.startswith("Upscaled to 800 × 640 px in")


def test_a_failure_is_said_in_the_dialog(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.FAIL))
    dialog = opened(window)
    dialog.accept()
    qtbot.waitUntil(lambda: "refuses this job" in dialog.plan.text())
    assert dialog.start.isEnabled()
    assert not window.session.history.can_undo


def test_a_locked_layer_is_refused(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.push(SetLocked((DOG,), True))
    dialog = opened(window, DOG)
    choose(dialog, UpscaleScope.LAYER)
    qtbot.waitUntil(lambda: "locked" in dialog.plan.text())


def test_a_preview_is_not_pushed_out_by_the_plan_that_was_about_to_be_asked_for(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upscale_dialog, "_WAIT_MS", 0)
    dialog = opened(make_window(layered()))
    dialog.preview.click()
    qtbot.waitUntil(lambda: dialog.picture.has_pictures)
    qtbot.waitUntil(lambda: "blocks" in dialog.plan.text())


def test_the_preview_shows_both_pictures(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    dialog = opened(window)
    assert not dialog.split.isEnabled()
    dialog.preview.click()
    qtbot.waitUntil(lambda: dialog.picture.has_pictures)
    assert dialog.split.isEnabled()
    QTest.mouseClick(dialog.picture, Qt.MouseButton.LeftButton, pos=QPoint(90, 100))
    assert dialog.split.value() == 250
    dialog.split.setValue(1000)
    assert dialog.picture.share == 1.0
    left = dialog.picture.grab().toImage()
    dialog.split.setValue(0)
    right = dialog.picture.grab().toImage()
    assert left != right
    dialog.factors[2].click()  # another size: the preview is no longer true
    assert not dialog.picture.has_pictures


def test_a_preview_asked_for_early_does_not_lose_the_plan(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(layered())
    dialog = opened(window)
    qtbot.waitUntil(lambda: "blocks" in dialog.plan.text())
    dialog.plan.clear()
    dialog.plan_wanted.emit()
    dialog.preview.click()  # before the plan has come
    qtbot.waitUntil(lambda: dialog.picture.has_pictures)
    qtbot.waitUntil(lambda: "blocks" in dialog.plan.text())


def test_sizes_keep_proportions_and_stay_possible(window: MainWindow) -> None:
    dialog = opened(window)
    width, height = window.session.document.width, window.session.document.height
    dialog.width_px.setValue(3 * width)
    assert dialog.size_px == (3 * width, 3 * height)
    dialog.height_px.setValue(2 * height)
    assert dialog.size_px == (2 * width, 2 * height)
    dialog.width_px.setValue(width)
    assert not dialog.start.isEnabled()  # nothing would change
    dialog.width_px.setValue(30_000)
    assert "too large" in dialog.note.text()
    assert not dialog.start.isEnabled()


@pytest.mark.parametrize("mode", [ThemeMode.DARK, ThemeMode.LIGHT, ThemeMode.CONTRAST])
def test_nothing_is_cut_off(window: MainWindow, theme: Theme, mode: ThemeMode) -> None:
    theme.set_mode(mode)
    dialog = opened(window)
    dialog.show_plan(16, 10.0, 2_400_000_000, 900_000_000)
    assert '"Filter"' not in dialog.plan.text()
    dialog.show_plan(16_384, 300.0, 2_400_000_000, 900_000_000)
    assert '"Filter" under "How" is done at once' in dialog.plan.text()
    QApplication.processEvents()
    for label in (dialog.note, dialog.plan):
        needed = label.heightForWidth(label.width())
        assert label.height() >= needed, label.text()
    pixels = np.zeros((360, 360, 4), np.uint8)
    dialog.show_preview(pixels, pixels)
    assert dialog.picture.has_pictures


def test_a_job_that_ends_without_us_leaves_the_queue(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.STALL))
    ids: list[str] = []
    window.bridge.beside.connect(lambda event: ids.append(event.job_id))
    dialog = opened(window)
    dialog.accept()
    qtbot.waitUntil(lambda: [row.text for row in window.bridge.rows] == ["Making pixels"])
    with qtbot.waitSignal(window.upscaling.jobs.cancelled):
        window.bridge.cancel_beside(ids[-1])
    assert window.bridge.rows == ()
    assert not window.upscaling.jobs.busy
