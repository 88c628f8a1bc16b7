"""The queue in the window: ordering, cancelling, two jobs for a layer, times, and the panel."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.jobs.orders import LayerSettings, PictureSettings
from editor.jobs.times import JobTimes
from editor.panels.queue_delegate import cancel_area
from editor.settings import Settings
from editor.windows.main_window import MainWindow
from engine.requests import LayerRequest, LayoutRequest
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import (
    APPLE,
    DOG,
    SKY,
    generate,
    layered,
    names,
    press_generate,
    type_prompt,
)
from tests.helpers.fake_engine import FakeRuntime, Outcome

JOBS = {SKY: "sky background", APPLE: "an apple", DOG: "a dog"}


def stalled(make_window: MakeWindow) -> MainWindow:
    """A window whose engine hangs in the first job, with three that wait."""
    window = make_window(layered(), FakeRuntime(Outcome.STALL))
    window.resize(1360, 1000)
    window.bridge.generate(PictureSettings("a boat", "flat", 1, 2))
    for layer_id, prompt in JOBS.items():
        assert window.bridge.regenerate(LayerSettings(layer_id, prompt))
    return window


def titles(window: MainWindow) -> list[str]:
    return [row.title for row in window.bridge.rows]


def test_the_panel_opens_when_jobs_wait_and_shows_them(make_window: MakeWindow) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.STALL))
    assert not window.queue_panel.isVisible()
    window.bridge.generate(PictureSettings("a boat", "flat", 1, 2))
    assert not window.queue_panel.isVisible(), "one job is shown below the button"
    window.bridge.generate(PictureSettings("a car", "flat", 1, 2))
    assert window.queue_panel.isVisible()
    dock = next(dock for dock in window.docks() if dock.objectName() == "dock_queue")
    dock.hide()
    window.bridge.generate(PictureSettings("a tree", "flat", 1, 2))
    assert not dock.isVisible(), "whoever closed it does not want it"


def test_the_panel_goes_by_itself_only_if_it_came_by_itself(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.STALL))
    for asked_for in (False, True):
        if asked_for:
            window.generation.open_queue()
        for prompt in ("a boat", "a car"):
            window.bridge.generate(PictureSettings(prompt, "flat", 1, 2))
        assert window.queue_panel.isVisible()
        window.actions_by_id["generate.cancel_all"].trigger()
        qtbot.waitUntil(lambda: not window.bridge.busy)
        assert window.queue_panel.isVisible() == asked_for


def test_jobs_are_dragged_to_another_place(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = stalled(make_window)
    model = window.queue_panel.model
    assert titles(window) == ["a boat", "sky", "apple", "dog"]
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled
    data: QMimeData = model.mimeData([model.index(3)])
    assert not model.dropMimeData(data, Qt.DropAction.MoveAction, 1, 0, QModelIndex())
    qtbot.waitUntil(lambda: titles(window) == ["a boat", "dog", "sky", "apple"])
    model.dropMimeData(data, Qt.DropAction.MoveAction, 4, 0, QModelIndex())
    qtbot.waitUntil(lambda: titles(window) == ["a boat", "sky", "apple", "dog"])
    model.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    qtbot.waitUntil(lambda: titles(window) == ["a boat", "dog", "sky", "apple"])


def test_a_click_on_a_cross_cancels_that_job(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = stalled(make_window)
    panel, before = window.queue_panel, window.session.document.snapshot()
    index = panel.model.index(2)
    place = cancel_area(panel.list.visualRect(index)).center()
    QTest.mouseClick(
        panel.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    )
    assert titles(window) == ["a boat", "sky", "dog"]
    with qtbot.waitSignal(window.bridge.cancelled):
        place = cancel_area(panel.list.visualRect(panel.model.index(0))).center()
        QTest.mouseClick(
            panel.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
        )
    assert titles(window) == ["sky", "dog"], "the next one begins"
    assert window.bridge.rows[0].running
    with qtbot.waitSignal(window.bridge.cancelled):
        panel.cancel_all.click()
    assert titles(window) == []
    assert window.session.document.snapshot() is before


def test_delete_in_the_queue_leaves_the_layers(make_window: MakeWindow) -> None:
    window = stalled(make_window)
    window.session.document.select([DOG])
    panel = window.queue_panel
    panel.choose(window.bridge.rows[1].job_id)
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert titles(window) == ["a boat", "apple", "dog"]
    assert len(names(window)) == 4


def test_two_jobs_for_a_layer(qtbot: QtBot, make_window: MakeWindow) -> None:
    runtime = FakeRuntime(Outcome.STALL)
    window = make_window(layered(), runtime)
    window.bridge.regenerate(LayerSettings(DOG, "a dog"))
    assert not window.bridge.regenerate(LayerSettings(DOG, "a cat"))
    sentence = '"dog" is being made at this moment; wait for it or cancel that job first.'
    assert window.toast.text == sentence
    window.bridge.regenerate(LayerSettings(APPLE, "an apple"))
    window.bridge.regenerate(LayerSettings(SKY, "sky"))
    assert window.bridge.regenerate(LayerSettings(APPLE, "a pear"))
    assert window.toast.text == 'The waiting job for "apple" was replaced by the new one.'
    assert titles(window) == ["dog", "apple", "sky"]
    qtbot.waitUntil(lambda: len(runtime.requests) == 1)  # cancelled earlier, it is never asked for
    with qtbot.waitSignal(window.bridge.cancelled):
        window.bridge.cancel()
    qtbot.waitUntil(lambda: len(runtime.requests) == 2)
    request = runtime.requests[1]
    assert isinstance(request, LayerRequest)
    assert request.prompt == "a pear"


def test_generating_next_goes_before_those_that_wait(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = stalled(make_window)
    type_prompt(qtbot, window, "a kite")
    assert window.generate_panel.button.text() == "Add to Queue"
    press_generate(qtbot, window)
    window.generate_panel.prompt.setPlainText("a moon")
    window.actions_by_id["generate.run_next"].trigger()
    assert titles(window) == ["a boat", "a moon", "sky", "apple", "dog", "a kite"]


def test_a_job_whose_layer_is_gone_says_so_and_the_next_one_runs(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(layered(), FakeRuntime(steps=4, step_seconds=0.05))
    for layer_id in (SKY, DOG, APPLE):
        window.bridge.regenerate(LayerSettings(layer_id, JOBS[layer_id]))
    window.session.document.select([DOG])
    window.actions_by_id["edit.delete"].trigger()
    with qtbot.waitSignal(window.bridge.failed):
        pass
    assert "no longer" in window.toast.text
    qtbot.waitUntil(lambda: not window.bridge.busy)
    assert window.session.document.raster(APPLE).record is not None


def test_times_are_foreseen_and_kept(
    qtbot: QtBot, make_window: MakeWindow, settings: Settings
) -> None:
    runtime = FakeRuntime(steps=2, step_seconds=0.05)
    window = make_window(runtime=runtime)
    generate(qtbot, window)
    window.bridge.generate(PictureSettings("a boat", "flat", 1, 2))
    window.bridge.generate(PictureSettings("a car", "flat", 1, 2))
    first, second = window.bridge.rows
    assert first.eta_seconds is not None
    assert second.eta_seconds is not None
    assert second.eta_seconds > first.eta_seconds
    qtbot.waitUntil(lambda: not window.bridge.busy)
    window.close_without_question()
    again = JobTimes.from_json(settings.job_times)
    request = runtime.requests[0]
    assert isinstance(request, LayoutRequest)
    assert again.seconds(request) is not None
