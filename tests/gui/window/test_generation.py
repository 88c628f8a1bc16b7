"""Generating in the window: progress, one undo step, cancel, faults, and results that wait."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from editor.canvas.view import CanvasView
from editor.commands.generation_commands import InsertGeneratedLayers
from editor.commands.layout_commands import AddBox, RenameBox
from editor.commands.pixel_commands import ReplaceLayerContent
from editor.commands.property_commands import SetLocked
from editor.commands.transform_commands import MoveLayers, ScaleLayer
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.document.pixels import PixelBuffer
from editor.jobs.orders import PictureSettings
from editor.jobs.progress import JobProgressView
from editor.jobs_bridge import GESTURE_RETRY_MS
from editor.tools.overlay import BoxFrame
from editor.tools.tool import ToolId
from editor.windows.main_window import MainWindow
from engine.requests import LayerRequest, LayoutRequest
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import (
    APPLE,
    DOG,
    FRUIT,
    activate,
    generate,
    layered,
    names,
    press_cancel,
    press_generate,
    type_prompt,
)
from tests.helpers.fake_engine import FakeRuntime, Outcome


def test_layers_land_as_one_undo_step(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    generate(qtbot, window)
    assert len(window.session.document.layers) == 3
    assert window.session.history.labels == ("Generate Layers",)
    assert window.generate_panel.status.phase.text().startswith("3 layers in ")
    window.session.undo()
    assert names(window) == []
    window.session.redo()
    assert len(names(window)) == 3


def test_the_request_holds_what_the_panel_says(qtbot: QtBot, make_window: MakeWindow) -> None:
    runtime = FakeRuntime()
    window = make_window(runtime=runtime)
    panel = window.generate_panel
    panel.steps.setValue(5)
    panel.set_style("glossy")
    panel.seed.value = 41
    generate(qtbot, window, "a green tree")
    request = runtime.requests[0]
    assert isinstance(request, LayoutRequest)
    assert (request.prompt, request.style, request.seed) == ("a green tree", "glossy", 41)
    assert (request.width, request.height, request.sampling.steps) == (256, 192, 5)
    assert request.boxes == ()


def test_drawn_boxes_are_the_layout(qtbot: QtBot, make_window: MakeWindow) -> None:
    runtime = FakeRuntime()
    window = make_window(runtime=runtime)
    assert window.generate_panel.layout_hint.text() == "No boxes: placed automatically"
    box = LayoutBox(Rect(16, 16, 112, 112), prompt="a cat")
    window.session.push(AddBox(box))
    said = window.generate_panel.layout_hint.text()
    assert said == "1 box drawn (a cat). Things without a box are left out."
    assert window.canvas.layout_mode
    generate(qtbot, window, "a cat")
    request = runtime.requests[0]
    assert isinstance(request, LayoutRequest)
    assert [(b.x0, b.y0, b.x1, b.y1, b.prompt) for b in request.boxes] == [
        (16, 16, 112, 112, "a cat")
    ]
    assert not window.canvas.layout_mode  # now the picture is to be seen
    for tool in (ToolId.MOVE, ToolId.BRUSH):
        window.canvas.set_tool(tool)
        (shown,) = boxes_on(window.canvas)
        assert shown.faint
        assert (shown.label, shown.number) == ("a cat", 0), "no tag covers what was made"
    window.session.push(RenameBox(window.session.document.boxes[0].box_id, prompt="a dog"))
    (shown,) = boxes_on(window.canvas)
    assert (shown.out_of_date, shown.number) == (True, 1)
    assert window.generate_panel.clear_boxes.isVisible()
    QTest.mouseClick(window.generate_panel.clear_boxes, Qt.MouseButton.LeftButton)
    assert window.session.document.boxes == ()
    assert not boxes_on(window.canvas)
    assert not window.generate_panel.clear_boxes.isVisible()


def test_a_note_says_what_work_was_replaced(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    status = window.generate_panel.status
    generate(qtbot, window)
    generate(qtbot, window)
    assert not any("replaced" in note for note in status.notes), "nobody had touched them"
    window.session.document.select([window.session.document.layers[-1].layer_id])
    window.actions_by_id["layer.mask_reveal_all"].trigger()
    generate(qtbot, window)
    assert status.notes[0] == "1 layer that you had changed was replaced. Undo brings it back."
    window.session.undo()
    assert window.session.document.layers[-1].mask is not None


def test_boxes_leave_a_finished_picture_alone(qtbot: QtBot, make_window: MakeWindow) -> None:
    """No tint over what was made, and no boxes at all with other tools when they are not wanted."""
    window = make_window()
    switch = window.actions_by_id["view.boxes"]
    assert switch.isChecked()
    window.canvas.set_tool(ToolId.LAYOUT)
    window.session.push(AddBox(LayoutBox(Rect(16, 16, 112, 112), prompt="a cat")))
    assert [box.filled for box in boxes_on(window.canvas)] == [True]
    generate(qtbot, window, "a cat")
    assert [box.filled for box in boxes_on(window.canvas)] == [False]
    switch.trigger()
    assert not switch.isChecked()
    assert len(boxes_on(window.canvas)) == 1, "always there for their own tool"
    window.canvas.set_tool(ToolId.MOVE)
    assert boxes_on(window.canvas) == []
    window.session.undo()
    assert len(boxes_on(window.canvas)) == 1, "there is nothing else to see"
    window.session.redo()
    switch.trigger()
    assert len(boxes_on(window.canvas)) == 1


def boxes_on(canvas: CanvasView) -> list[BoxFrame]:
    return [item for item in canvas._overlay if isinstance(item, BoxFrame)]


def test_the_line_about_boxes_says_what_will_happen(make_window: MakeWindow) -> None:
    window = make_window()
    line = window.generate_panel.layout_hint
    for number, prompt in enumerate(("", "star", "rocket", "moon", "dog")):
        box = LayoutBox(Rect(16 * number, 16, 112, 112), prompt=prompt)
        window.session.push(AddBox(box))
        if not prompt:
            assert line.text() == "1 box drawn. Things without a box are left out."
    ending = "Things without a box are left out."
    assert line.text() == f"5 boxes drawn (star, rocket, moon, …). {ending}"


def test_notes_are_shown_and_go_with_the_next_job(qtbot: QtBot, make_window: MakeWindow) -> None:
    status = make_window().generate_panel.status
    status.finish("3 layers in 2.0 s", ["Understood puppy as dog."] * 8)
    assert status.notes[0] == "Understood puppy as dog."
    assert status.notes[-1] == "… and 2 more"
    status.start("Waiting for the model")
    assert status.notes == []
    status.show_progress("Drawing · 2/8", 0.3, 200.0)
    assert status.time_left.text() == "4 min left"


def test_cancel_leaves_the_document_untouched(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(runtime=FakeRuntime(Outcome.STALL))
    before = window.session.document.snapshot()
    type_prompt(qtbot, window, "a dog")
    press_generate(qtbot, window)
    qtbot.waitUntil(lambda: window.canvas.showing_previews)
    assert window.generate_panel.button.text() == "Add to Queue"
    with qtbot.waitSignal(window.bridge.cancelled):
        press_cancel(window)
    assert window.session.document.snapshot() is before
    assert not window.canvas.showing_previews
    assert window.generate_panel.button.text() == "Generate"
    assert window.generate_panel.status.phase.text() == "Cancelled"


def test_progress_never_falls_and_names_the_phase(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(runtime=FakeRuntime(steps=6, step_seconds=0.03))
    seen: list[JobProgressView] = []
    window.bridge.progressed.connect(seen.append)
    generate(qtbot, window)
    shares = [view.share for view in seen]
    assert shares == sorted(shares)
    assert shares[-1] <= 1
    assert any(view.text.startswith("Drawing · ") for view in seen)
    assert any(view.eta_seconds is not None for view in seen)


def test_previews_come_at_most_five_times_a_second(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(runtime=FakeRuntime(steps=50, step_seconds=0.01))
    arrived: list[tuple[float, int]] = []
    window.bridge.previewed.connect(lambda rows: arrived.append((time.monotonic(), len(rows))))
    generate(qtbot, window)
    assert arrived
    assert {count for _, count in arrived} == {3}
    times = [at for at, _ in arrived]
    # Qt's timers may be a twentieth early; late they may be as much as they like.
    assert all(later - at > 0.18 for at, later in itertools.pairwise(times))


def test_failures_are_one_sentence(qtbot: QtBot, make_window: MakeWindow) -> None:
    for outcome, words in (
        (Outcome.FAIL, "ask another one"),
        (Outcome.CRASH, "failed unexpectedly"),
        (Outcome.OUT_OF_MEMORY, "not enough memory"),
    ):
        window = make_window(runtime=FakeRuntime(outcome))
        type_prompt(qtbot, window, "a dog")
        with qtbot.waitSignal(window.bridge.failed):
            press_generate(qtbot, window)
        assert words in window.toast.text
        assert "Traceback" not in window.toast.text
        assert names(window) == []
        assert not window.bridge.busy


def test_an_empty_prompt_is_answered_at_once(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    activate(qtbot, window)
    press_generate(qtbot, window)
    assert not window.bridge.busy
    assert "Write first" in window.toast.text
    assert window.generate_panel.prompt.hasFocus()


def test_a_result_waits_for_the_end_of_a_drag(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    history = window.session.history
    type_prompt(qtbot, window, "a dog")
    history.begin_gesture()
    press_generate(qtbot, window)
    qtbot.wait(300)
    assert names(window) == []
    assert window.bridge.busy
    with qtbot.waitSignal(window.bridge.finished):
        history.end_gesture()
    assert len(names(window)) == 3


def test_changes_made_meanwhile_are_kept(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    generate(qtbot, window)
    document = window.session.document
    chosen = document.raster_layers()[1]
    document.select([chosen.layer_id])
    window.regenerate_section.button.click()
    # Until the result arrives the layer is moved with every turn of the event loop.
    while window.bridge.busy:
        if document.raster(chosen.layer_id).offset[0] < chosen.offset[0] + 20:
            window.session.push(MoveLayers((chosen.layer_id,), 1, 0))
        qtbot.wait(5)
    moved = document.raster(chosen.layer_id)
    assert moved.offset[0] > chosen.offset[0]
    assert moved.record is not None
    assert moved.record.attempt == 1


def test_a_layer_deleted_meanwhile_is_a_sentence(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(runtime=FakeRuntime(steps=10, step_seconds=0.02))
    generate(qtbot, window)
    document = window.session.document
    document.select([document.raster_layers()[1].layer_id])
    window.regenerate_section.button.click()
    window.actions_by_id["edit.delete"].trigger()
    with qtbot.waitSignal(window.bridge.failed):
        pass
    assert "no longer" in window.toast.text
    assert len(names(window)) == 2


def test_another_document_gets_nothing_of_the_old_job(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    bring_result_to_the_door(qtbot, window)
    with qtbot.waitSignal(window.bridge.cancelled):
        window.session.open(Document(64, 64), None)
    qtbot.wait(3 * GESTURE_RETRY_MS)
    assert names(window) == []
    assert window.session.document.width == 64


def bring_result_to_the_door(qtbot: QtBot, window: MainWindow) -> None:
    """Generate while a gesture is held open, until the result waits for its end."""
    runs: list[int] = []

    def not_yet() -> bool:
        runs.append(1)
        return False

    window.bridge.may_land = not_yet
    type_prompt(qtbot, window, "a dog")
    press_generate(qtbot, window)
    qtbot.waitUntil(lambda: len(runs) > 0)
    assert window.bridge.busy
    assert names(window) == []


def test_a_finished_result_can_still_be_cancelled(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    before = window.session.document.snapshot()
    bring_result_to_the_door(qtbot, window)
    with qtbot.waitSignal(window.bridge.cancelled):
        press_cancel(window)
    window.bridge.may_land = lambda: True
    qtbot.wait(3 * GESTURE_RETRY_MS)
    assert window.session.document.snapshot() is before
    assert not window.bridge.busy


def test_a_result_on_its_way_when_cancelled_is_dropped(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    runtime = FakeRuntime(Outcome.IGNORE_CANCEL, steps=1, step_seconds=0)
    window = make_window(runtime=runtime)
    type_prompt(qtbot, window, "a dog")
    press_generate(qtbot, window)
    time.sleep(0.5)  # the engine finishes while its events wait for the event loop
    assert runtime.requests
    window.bridge.cancel()
    qtbot.wait(3 * GESTURE_RETRY_MS)
    assert names(window) == []
    assert not window.bridge.busy


def test_a_running_job_that_ignores_cancel_lands_nothing(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(runtime=FakeRuntime(Outcome.IGNORE_CANCEL, steps=20, step_seconds=0.03))
    arrived: list[int] = []
    type_prompt(qtbot, window, "a dog")
    press_generate(qtbot, window)
    qtbot.waitUntil(lambda: window.canvas.showing_previews)
    window.bridge.previewed.connect(lambda rows: arrived.append(len(rows)))
    window.bridge.progressed.connect(lambda _view: arrived.append(1))
    with qtbot.waitSignal(window.bridge.cancelled):
        press_cancel(window)
        assert window.generate_panel.status.phase.text() == "Cancelling"
    assert arrived == []
    assert names(window) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [(MemoryError(), "not enough memory"), (ZeroDivisionError("listener"), "the log has")],
)
def test_a_result_that_cannot_land_leaves_the_bridge_free(
    qtbot: QtBot,
    make_window: MakeWindow,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    words: str,
) -> None:
    window = make_window()

    def refuse(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(InsertGeneratedLayers, "apply", refuse)
    type_prompt(qtbot, window, "a dog")
    with qtbot.waitSignal(window.bridge.failed):
        press_generate(qtbot, window)
    assert words in window.toast.text
    assert not window.bridge.busy
    monkeypatch.undo()
    generate(qtbot, window)
    assert len(names(window)) == 3


@pytest.mark.parametrize("tool_id", list(ToolId))
def test_a_result_waits_for_any_pressed_button(
    qtbot: QtBot, make_window: MakeWindow, tool_id: ToolId
) -> None:
    window = make_window(layered())
    canvas = window.canvas
    canvas.set_tool(tool_id)
    middle = canvas.rect().center()
    type_prompt(qtbot, window, "a dog")
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    selected = window.session.document.selected_ids
    press_generate(qtbot, window)
    qtbot.wait(300)
    assert "background" not in names(window)
    assert window.session.document.selected_ids == selected
    with qtbot.waitSignal(window.bridge.finished):
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle)
        if canvas.busy:  # the lasso goes on after a click
            QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert "background" in names(window)  # a brush may have made a layer of its own too


def test_a_result_waits_while_a_name_is_written(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    activate(qtbot, window)
    window.session.document.select([DOG])
    window.bridge.generate(PictureSettings("a dog", "flat", 1, 2))
    window.layers_panel.tree.rename_active()
    qtbot.wait(300)
    editor = window.layers_panel.tree.findChild(QLineEdit)
    assert editor is not None
    assert len(names(window)) == 4
    editor.setText("hound")
    with qtbot.waitSignal(window.bridge.finished):
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert "hound" in names(window)


def test_seeds_roll_unless_locked(qtbot: QtBot, make_window: MakeWindow) -> None:
    runtime = FakeRuntime()
    window = make_window(runtime=runtime)
    seed = window.generate_panel.seed
    first = seed.value
    generate(qtbot, window)
    assert runtime.requests[0].seed == seed.value == first, "the seed of the picture stays"
    generate(qtbot, window)
    second = seed.value
    assert runtime.requests[1].seed == second != first
    seed.dice.click()
    rolled = seed.value
    generate(qtbot, window)
    assert runtime.requests[2].seed == seed.value == rolled != second
    seed.edit.clear()
    QTest.keyClicks(seed.edit, "1234")
    assert seed.locked
    generate(qtbot, window)
    assert runtime.requests[3].seed == seed.value == 1234
    generate(qtbot, window)
    assert runtime.requests[4].seed == seed.value == 1234
    seed.dice.click()
    assert seed.value != 1234
    seed.edit.setText("99999999999999999999")
    seed.edit.editingFinished.emit()
    assert seed.value == 2**63 - 1


def test_one_layer_is_regenerated_and_the_others_stay(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    runtime = FakeRuntime()
    window = make_window(runtime=runtime)
    generate(qtbot, window)
    document = window.session.document
    chosen = document.raster_layers()[1]
    hashes = {layer.layer_id: layer.pixels.content_hash for layer in document.raster_layers()}
    document.select([chosen.layer_id])
    section = window.regenerate_section
    assert section.isVisible()
    section.prompt.setPlainText("a pear")
    with qtbot.waitSignal(window.bridge.finished):
        QTest.mouseClick(section.button, Qt.MouseButton.LeftButton)
    after = {layer.layer_id: layer.pixels.content_hash for layer in document.raster_layers()}
    assert [key for key in after if after[key] != hashes[key]] == [chosen.layer_id]
    request = runtime.requests[1]
    assert isinstance(request, LayerRequest)
    assert (request.prompt, request.box.attempt) == ("a pear", 1)
    record = document.raster(chosen.layer_id).record
    assert record is not None
    assert record.attempt == 1
    assert "try 2" in section.recipe.text()
    window.session.undo()
    assert np.array_equal(document.raster(chosen.layer_id).pixels.array, chosen.pixels.array)


def test_pixels_that_were_edited_are_told(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    generate(qtbot, window)
    document, section = window.session.document, window.regenerate_section
    layer = document.raster_layers()[1]
    document.select([layer.layer_id])
    with qtbot.waitSignal(section.edits.ready):
        section.refresh()
    assert "edited" not in section.recipe.text()
    window.session.push(ScaleLayer(layer.layer_id, Rect(0, 0, 20, 20)))
    assert "edited" not in section.recipe.text()
    other = PixelBuffer.filled(30, 30, (1, 2, 3, 255))
    assert layer.record is not None
    with qtbot.waitSignal(section.edits.ready):
        window.session.push(ReplaceLayerContent(layer.layer_id, other, (0, 0), layer.record))
    assert section.recipe.text().endswith("edited since")
    window.session.undo()
    qtbot.waitUntil(lambda: "edited" not in section.recipe.text())


def test_a_layer_in_a_locked_group_is_not_offered(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    document = window.session.document
    document.select([APPLE])
    action, button = window.actions_by_id["generate.regenerate"], window.regenerate_section.button
    assert action.isEnabled()
    assert button.isEnabled()
    window.session.push(SetLocked((FRUIT,), True))
    assert not action.isEnabled()
    assert not button.isEnabled()
    assert not window.properties_panel.x_px.isEnabled()
    window.session.undo()
    assert button.isEnabled()


def test_generating_again_replaces_what_was_generated(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    generate(qtbot, window)
    document = window.session.document
    first = [layer.layer_id for layer in document.layers]
    kept = first[2]
    document.select([kept])
    window.actions_by_id["layer.toggle_locked"].trigger()
    window.actions_by_id["layer.add"].trigger()
    own = str(document.active_id)
    generate(qtbot, window)
    ids = [layer.layer_id for layer in document.layers]
    assert len(ids) == 5
    assert ids[3:] == [kept, own]  # the new background lies below them
    window.session.undo()
    assert [layer.layer_id for layer in document.layers][:3] == first
    window.generate_panel.replaces.setChecked(False)
    generate(qtbot, window)
    assert len(document.layers) == 7
