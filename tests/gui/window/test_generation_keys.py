"""Keys, focus, seeds, the bar and names around a generation in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from editor.commands.layout_commands import AddBox
from editor.commands.property_commands import RenameLayer
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.tools.tool import ToolId
from engine.progress import Phase, Progress
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import (
    APPLE,
    DOG,
    activate,
    generate,
    layered,
    names,
    press_generate,
    type_prompt,
)
from tests.helpers.fake_engine import FakeRuntime, Outcome


def test_control_return_in_the_prompt_generates(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    activate(qtbot, window)
    type_prompt(qtbot, window, "a dog")
    with qtbot.waitSignal(window.bridge.finished):
        QTest.keyClick(
            window.generate_panel.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier
        )
    assert len(names(window)) == 3


def test_an_example_fills_the_prompt(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    panel = window.generate_panel
    assert panel.examples.isVisible()
    chip = panel.examples.findChildren(QPushButton)[0]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert panel.choices.prompt == "a red apple and a brown dog on a sunset gradient"
    assert not panel.examples.isVisible()


def test_every_window_begins_with_another_seed(make_window: MakeWindow) -> None:
    seeds = {make_window().generate_panel.seed.value for _ in range(3)}
    assert len(seeds) > 1


def test_regenerating_leaves_the_seed_of_the_panel(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    generate(qtbot, window)
    seed = window.generate_panel.seed.value
    with qtbot.waitSignal(window.bridge.finished):
        window.regenerate_section.button.click()
    assert window.generate_panel.seed.value == seed


def test_only_the_topmost_object_is_selected(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    generate(qtbot, window)
    document = window.session.document
    assert document.selected_ids == (document.layers[-1].layer_id,)
    first = document.raster_layers()[1]
    before = {layer.layer_id: layer.bounds for layer in document.raster_layers()}
    place = window.canvas._on_screen(first.opaque_box).center()
    QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(window.canvas, place + QPoint(0, 40))
    QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, pos=place + QPoint(0, 40))
    after = {layer.layer_id: layer.bounds for layer in document.raster_layers()}
    assert [key for key in after if after[key] != before[key]] == [first.layer_id]


def test_arrows_after_regenerate_move_the_layer(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(runtime=FakeRuntime(steps=3, step_seconds=0.02))
    activate(qtbot, window)
    generate(qtbot, window)
    document = window.session.document
    layer = document.raster_layers()[-1]
    with qtbot.waitSignal(window.bridge.finished):
        window.regenerate_section.button.setFocus()
        QTest.mouseClick(window.regenerate_section.button, Qt.MouseButton.LeftButton)
        focus = QApplication.focusWidget()
        assert focus is window.canvas
        QTest.keyClick(focus, Qt.Key.Key_Down)
    now = document.raster(layer.layer_id)
    assert now.blend_mode is layer.blend_mode
    assert now.offset == (layer.offset[0], layer.offset[1] + 1)


def test_arrows_show_the_list_of_blend_modes_and_change_none(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(layered())
    activate(qtbot, window)
    window.session.document.select([DOG])
    mode = window.layers_panel.look.mode
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_PageDown):
        mode.setFocus()
        QTest.keyClick(mode, key)
        assert mode.view().isVisible()
        mode.hidePopup()
    assert window.session.history.labels == ()


def test_letters_after_control_return_are_for_the_canvas(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(runtime=FakeRuntime(Outcome.STALL))
    activate(qtbot, window)
    prompt = window.generate_panel.prompt
    prompt.setFocus()
    type_prompt(qtbot, window, "a dog")
    QTest.keyClick(prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert window.canvas.hasFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_H)
    assert window.canvas.tool_id is ToolId.HAND
    assert window.generate_panel.prompt_text == "a dog"


@pytest.mark.parametrize("in_prompt", [False, True])
def test_escape_cancels_the_job(qtbot: QtBot, make_window: MakeWindow, in_prompt: bool) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.STALL))
    activate(qtbot, window)
    window.session.document.select([DOG])
    type_prompt(qtbot, window, "a dog")
    press_generate(qtbot, window)
    qtbot.waitUntil(lambda: window.canvas.showing_previews)
    place = window.generate_panel.prompt if in_prompt else window.canvas
    place.setFocus()
    with qtbot.waitSignal(window.bridge.cancelled):
        QTest.keyClick(place, Qt.Key.Key_Escape)
    selected = window.session.document.selected_ids
    assert selected == (DOG,)
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert not window.session.document.selected_ids


def test_escape_ends_a_drag_before_the_job(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered(), FakeRuntime(Outcome.STALL))
    canvas = window.canvas
    type_prompt(qtbot, window, "a dog")
    press_generate(qtbot, window)
    place = canvas._on_screen(window.session.document.raster(DOG).bounds).center()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(canvas, place + QPoint(30, 0))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert window.bridge.busy
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(window.bridge.cancelled):
        QTest.keyClick(canvas, Qt.Key.Key_Escape)


def test_the_bar_never_falls_while_objects_are_drawn_one_by_one(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(runtime=FakeRuntime(Outcome.STALL, steps=1))
    type_prompt(qtbot, window, "a dog")
    press_generate(qtbot, window)
    bridge, bar = window.bridge, window.generate_panel.status.bar
    qtbot.waitUntil(lambda: window.canvas.showing_previews)  # some time has passed
    shares = []
    for progress in (
        Progress(Phase.CHECK, 0, 1, None),
        Progress(Phase.ALONE, 0, 24, None),
        Progress(Phase.ALONE, 16, 24, None),
        Progress(Phase.ALONE, 12, 24, None),
        Progress(Phase.FINISH, 0, 1, 0.0),
    ):
        assert bridge._running is not None
        bridge._show(progress, bridge._running.job)
        shares.append(bar.value())
    assert shares[1:] == [max(300, shares[0]), 700, 700, 1000]


def test_an_automatic_name_follows_the_prompt(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    document, section = window.session.document, window.regenerate_section

    def again(prompt: str) -> str:
        section.prompt.setPlainText(prompt)
        with qtbot.waitSignal(window.bridge.finished):
            section.button.click()
        return document.layer(document.selected_ids[0]).name

    window.session.push(AddBox(LayoutBox(Rect(16, 16, 112, 112), prompt="cat")))
    generate(qtbot, window, "a cat")
    assert again("cat") == "cat"
    assert again("pear") == "pear"
    assert again("kite") == "kite"
    window.session.undo()
    assert document.layer(document.selected_ids[0]).name == "pear"
    window.session.push(RenameLayer(document.selected_ids[0], "hero"))
    assert again("boat") == "hero", "a name of the user's own stays"


def test_the_prompt_follows_the_name_until_one_is_written(make_window: MakeWindow) -> None:
    window = make_window(layered())
    document, section = window.session.document, window.regenerate_section
    document.select([APPLE])
    assert document.raster(APPLE).record is None
    window.session.push(RenameLayer(APPLE, "melon"))
    assert section.prompt_text == "melon"
    section.prompt.setPlainText("a plum")
    window.session.push(RenameLayer(APPLE, "pear"))
    assert section.prompt_text == "a plum"
