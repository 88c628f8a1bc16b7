"""One sentence or one per box, styles from data files, earlier prompts, what to leave out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.commands.layout_commands import AddBox
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.settings import MAX_PROMPTS, Settings
from editor.style_presets import StylePreset, presets, read_preset
from engine.prompts.captions import STYLES
from engine.requests import GenerationMode, LayerRequest, LayoutRequest
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import activate, generate, press_generate, type_prompt
from tests.helpers.fake_engine import FakeRuntime


def test_a_sentence_per_box(qtbot: QtBot, make_window: MakeWindow, settings: Settings) -> None:
    runtime = FakeRuntime()
    window = make_window(runtime=runtime)
    activate(qtbot, window)
    panel = window.generate_panel
    assert panel.one_sentence.isChecked()
    assert not panel.box_prompts.isVisible()
    assert not panel.background_title.isVisible()
    panel.per_box.click()
    assert panel.background_title.isVisible()
    press_generate(qtbot, window)
    assert window.toast.text == "Draw a box first; each box becomes a layer."
    for prompt in ("a cat", ""):
        window.session.push(AddBox(LayoutBox(Rect(16, 16, 112, 112), prompt=prompt)))
    lower, upper = reversed(panel.box_prompts.lines)
    assert (lower.text(), upper.text()) == ("a cat", "")
    panel.prompt.setPlainText("a night sky")
    press_generate(qtbot, window)
    assert window.toast.text == "Box 2 is empty; write what it shows."
    assert upper.hasFocus()
    assert not runtime.requests
    QTest.keyClicks(upper, "a moon")
    with qtbot.waitSignal(window.bridge.finished):
        press_generate(qtbot, window)
    assert window.session.document.boxes[1].prompt == "a moon"
    request = runtime.requests[0]
    assert isinstance(request, LayoutRequest)
    assert request.mode is GenerationMode.MULTILAYER
    assert request.background_prompt == "a night sky"
    assert [box.prompt for box in request.boxes] == ["a cat", "a moon"]
    assert settings.prompts == ["a night sky", "a cat", "a moon"]
    panel.set_per_box(per_box=False)
    generate(qtbot, window, "a cat and a moon")
    other = runtime.requests[1]
    assert isinstance(other, LayoutRequest)
    assert (other.mode, other.background_prompt) == (GenerationMode.ART, "")


def test_presets_set_style_and_steps_and_what_to_leave_out_is_sent(
    qtbot: QtBot, make_window: MakeWindow, settings: Settings
) -> None:
    runtime = FakeRuntime()
    window = make_window(runtime=runtime)
    panel = window.generate_panel
    names = [panel.style_box.itemText(i) for i in range(panel.style_box.count())]
    assert names == [preset.name for preset in presets()]
    place = panel.style_box.findData("glossy-fine")
    panel.style_box.setCurrentIndex(place)
    panel.style_box.activated.emit(place)
    assert panel.steps.value() == 20
    panel.negative.setText("blue")
    generate(qtbot, window, "a car")
    request = runtime.requests[0]
    assert isinstance(request, LayoutRequest)
    assert (request.style, request.sampling.steps) == ("glossy", 20)
    assert request.sampling.true_guidance == pytest.approx(3.5)
    assert request.negative_prompt == "blue"
    assert settings.style == "glossy-fine"


def test_a_layer_is_refined_beside_the_others(qtbot: QtBot, make_window: MakeWindow) -> None:
    runtime = FakeRuntime()
    window = make_window(runtime=runtime)
    generate(qtbot, window)
    section = window.regenerate_section
    section.slider.setValue(40)
    assert section.percent.value() == 40
    section.context.setChecked(True)
    section.lock.setChecked(True)
    with qtbot.waitSignal(window.bridge.finished):
        section.button.click()
    request = runtime.requests[1]
    assert isinstance(request, LayerRequest)
    assert request.strength == pytest.approx(0.4)
    assert request.start is not None
    assert len(request.context) == 2
    assert request.box.attempt == 0, "the noise was kept"


def test_plain_styles_ask_with_the_guidance_that_the_starter_was_scored_with() -> None:
    plain = {preset.preset_id: preset.guidance for preset in presets()}
    assert [plain[style] for style in STYLES] == [None] * len(STYLES)


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.preset_id)
def test_the_shipped_presets_are_usable(preset: StylePreset) -> None:
    assert preset.style in STYLES
    assert set(preset.names) >= {"en", "de"}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{", "JSON"),
        ("[]", "object"),
        ('{"names": {"de": "x"}, "style": "flat"}', "names"),
        ('{"names": {"en": "x"}}', "style"),
        ('{"names": {"en": "x"}, "style": "flat", "steps": 0}', "steps"),
        ('{"names": {"en": "x"}, "style": "flat", "guidance": "4"}', "guidance"),
    ],
)
def test_a_preset_that_is_wrong_names_the_field(tmp_path: Path, text: str, field: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=field):
        read_preset(path)


def test_earlier_prompts_are_found_by_their_words(
    qtbot: QtBot, make_window: MakeWindow, settings: Settings
) -> None:
    window = make_window()
    for prompt in ("a red car", "a blue car", "a dog"):
        generate(qtbot, window, prompt)
    type_prompt(qtbot, window, "")
    window.generate_panel.history.click()
    popup = window.generation._history
    assert [popup.list.item(i).text() for i in range(3)] == ["a dog", "a blue car", "a red car"]
    QTest.keyClicks(popup.query, "car b")
    assert popup.list.count() == 1
    QTest.keyClick(popup.query, Qt.Key.Key_Return)
    assert window.generate_panel.prompt_text == "a blue car"
    assert not popup.isVisible()
    window.generate_panel.history.click()
    QTest.keyClicks(popup.query, "zebra")
    assert popup.empty.text() == "No such prompt."
    QTest.keyClick(popup.query, Qt.Key.Key_Escape)
    for number in range(MAX_PROMPTS + 5):
        settings.add_prompt(f"prompt {number}")
    assert len(settings.prompts) == MAX_PROMPTS
    assert settings.prompts[0] == f"prompt {MAX_PROMPTS + 4}"
