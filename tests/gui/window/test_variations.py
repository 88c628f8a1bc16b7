"""Variations, wishes and records in the window: strip, badges, record panel, copied settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor import translations
from editor.commands.layout_commands import MoveBox
from editor.commands.property_commands import SetLocked
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.panels.layer_model import LayerModel
from editor.panels.record_rows import record_rows
from editor.panels.variation_strip import about
from editor.translations import tr
from editor.windows.main_window import MainWindow
from engine.prompts.captions import COLOUR_WORDS
from engine.requests import DEFAULT_GUIDANCE
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import activate, generate

Key = Qt.Key


def varied(qtbot: QtBot, window: MainWindow, count: int = 2) -> RasterLayer:
    """A generated layer with so many variations, the last of them shown and selected."""
    window.resize(1360, 1000)
    generate(qtbot, window)
    document = window.session.document
    layer_id = document.raster_layers()[1].layer_id
    document.select([layer_id])
    for _ in range(count - 1):
        with qtbot.waitSignal(window.bridge.finished):
            window.regenerate_section.button.click()
    return document.raster(layer_id)


def test_the_strip_appears_with_the_second_picture(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    strip = window.regenerate_section.strip
    layer = varied(qtbot, window, 1)
    assert not strip.isVisible()
    assert not window.actions_by_id["generate.next_variation"].isEnabled()
    with qtbot.waitSignal(window.bridge.finished):
        window.regenerate_section.button.click()
    assert strip.isVisible()
    assert strip.count.text() == "2 of 2"
    window.actions_by_id["generate.next_variation"].trigger()
    document = window.session.document
    assert document.raster(layer.layer_id).pixels.content_hash == layer.pixels.content_hash
    window.actions_by_id["generate.previous_variation"].trigger()
    assert strip.count.text() == "2 of 2"
    assert window.session.history.labels[-2:] == ("Switch Variation", "Switch Variation")
    window.session.undo()
    assert strip.count.text() == "1 of 2"


def test_keys_and_menu_of_the_strip(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    activate(qtbot, window)
    layer = varied(qtbot, window, 3)
    strip, document = window.regenerate_section.strip, window.session.document
    strip.list.setFocus()
    QTest.keyClick(strip.list, Key.Key_Left)
    assert document.raster(layer.layer_id).shown_variation == layer.shown_variation
    QTest.keyClick(strip.list, Key.Key_Return)
    assert strip.count.text() == "2 of 3"
    QTest.keyClick(strip.list, Key.Key_Delete)
    assert len(document.raster(layer.layer_id).variations) == 2
    assert document.has_layer(layer.layer_id)
    menu = strip.make_context_menu(strip.model.index(0))
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles == ["Show This Variation", "Pick as New Layer", "Delete Variation"]
    menu.actions()[1].trigger()
    assert len(document.raster_layers()) == 4
    assert document.layer(document.selected_ids[0]).name == f"{layer.name}, variation 1"
    menu.deleteLater()


def test_several_variations_of_one_job(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    layer = varied(qtbot, window, 1)
    section = window.regenerate_section
    section.counts.setCurrentIndex(section.counts.findData(2))
    steps = len(window.session.history.labels)
    with qtbot.waitSignal(window.bridge.finished):
        section.button.click()
    now = window.session.document.raster(layer.layer_id)
    attempts = [v.record.attempt for v in now.variations if v.record is not None]
    assert attempts == [0, 1, 2]
    assert section.strip.count.text() == "2 of 3"
    assert len(window.session.history.labels) == steps + 1


def test_a_layer_without_a_record_keeps_its_pixels(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    layer = varied(qtbot, window, 2)
    assert about(layer.variations[0]).startswith("a red apple and a dog")
    window.actions_by_id["layer.add"].trigger()
    assert not window.regenerate_section.strip.isVisible()
    window.regenerate_section.record_wanted.emit()
    assert "was not generated, so it has no record" in window.record_panel.hint.text()
    assert not window.record_panel.copy.isEnabled()
    window.actions_by_id["generate.copy_settings"].trigger()
    assert "has no settings to copy" in window.toast.text
    assert not window.actions_by_id["generate.paste_settings"].isEnabled()


def test_words_mark_a_layer_and_the_same_words_do_not(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    activate(qtbot, window)
    layer = varied(qtbot, window, 1)
    section, document = window.regenerate_section, window.session.document
    model = window.layers_panel.tree.model()
    assert isinstance(model, LayerModel)
    section.prompt.setFocus()
    section.prompt.setPlainText("a pear")
    window.canvas.setFocus()
    assert document.raster(layer.layer_id).is_out_of_date
    assert section.badge.isVisible()
    spoken = model.data(model.index_of(layer.layer_id), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith("out of date")
    assert window.actions_by_id["generate.rerun"].isEnabled()
    section.prompt.setFocus()
    section.prompt.setPlainText(f"the {layer.name}.")
    window.canvas.setFocus()
    assert not document.raster(layer.layer_id).is_out_of_date
    assert not section.badge.isVisible()
    window.session.undo()
    assert section.prompt_text == "a pear"


def test_a_locked_layer_refuses_words(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    activate(qtbot, window)
    layer = varied(qtbot, window, 1)
    window.session.push(SetLocked((layer.layer_id,), True))
    section = window.regenerate_section
    section.prompt.setFocus()
    section.prompt.setPlainText("a pear")
    window.canvas.setFocus()
    assert window.toast.text == f'The layer "{layer.name}" is locked; unlock it first.'
    assert section.prompt_text == layer.name
    assert section.button.toolTip() == "This layer is locked; unlock it to make it again"
    window.session.undo()
    section.prompt.clear()
    assert section.button.toolTip() == "Write first what this layer shows"


def test_settings_are_pasted_on_several_layers(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    layer = varied(qtbot, window, 2)
    document = window.session.document
    window.actions_by_id["generate.copy_settings"].trigger()
    assert window.toast.text == f'The settings of "{layer.name}" were copied.'
    others = [item.layer_id for item in document.raster_layers() if item is not layer]
    document.select([others[-1]])
    window.regenerate_section.record_wanted.emit()
    assert window.record_panel.paste.isEnabled()
    window.record_panel.paste.click()
    pasted = document.raster(others[-1])
    assert pasted.wish is not None
    assert layer.record is not None
    assert pasted.wish.prompt == layer.record.typed_prompt
    assert window.record_panel.status.text() == "Out of date"
    assert window.session.history.labels[-1] == "Paste Generation Settings"


def test_the_record_says_everything(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    layer = varied(qtbot, window, 2)
    window.regenerate_section.record_wanted.emit()
    panel = window.record_panel
    qtbot.waitUntil(lambda: panel.status.text() == "Current")
    assert layer.record is not None
    texts = {name: value.replace("\u200b", "") for name, value in panel.texts.items()}
    assert texts["Seed"] == str(layer.record.seed)
    assert texts["Try"] == "2"
    assert texts["Steps"] == "8"
    assert texts["Guidance"] == f"{DEFAULT_GUIDANCE:.1f}"
    assert texts["Model"] == "starter"
    assert texts["Weights"] == "0" * 12
    assert texts["Engine"] == "0"
    assert texts["Made"] == "by itself"
    assert texts["Sent to the model"] == layer.record.effective_prompt
    assert "Refined from" not in texts
    refined = replace(layer.record, source_record=replace(layer.record, seed=5, attempt=2))
    rows = record_rows(window.session.document, replace(layer, record=refined))
    assert ("Refined from", "seed 5 · try 3") in rows


def test_the_record_names_colors_in_the_language_of_the_window(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    layer = varied(qtbot, window, 1)

    def shown(colour: str) -> str:
        assert layer.record is not None
        record = replace(layer.record, recolour=colour)
        rows = dict(record_rows(window.session.document, replace(layer, record=record)))
        return rows[tr("Recolored to")]

    english = [shown(colour) for colour in COLOUR_WORDS]
    assert english == [word.replace("grey", "gray") for word in COLOUR_WORDS]
    assert shown("blue #1b2a57 on white #ffffff") == "blue #1b2a57 – white #ffffff"
    translations.activate("de")
    try:
        german = [shown(colour) for colour in COLOUR_WORDS]
    finally:
        translations.activate("en")
    assert german[:2] == ["Rot", "Orange"]
    assert not set(german) & set(english)


def test_the_record_says_that_a_shadow_was_added(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    layer = varied(qtbot, window, 1)

    def shown(softened: str) -> str | None:
        assert layer.record is not None
        record = replace(layer.record, softened=softened)
        rows = dict(record_rows(window.session.document, replace(layer, record=record)))
        return rows.get(tr("Shadow or glow"))

    assert shown("soft shadows added") == "added under the drawing"
    assert shown("glow") == "drawn, then smoothed"
    assert shown("") is None
    assert shown("by a later version") == "by a later version"


def test_a_try_at_a_moved_box_lands_there_and_fulfils_the_wish(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    layer = varied(qtbot, window, 1)
    window.actions_by_id["generate.boxes_of_layers"].trigger()
    document = window.session.document
    assert document.boxes[0].box_id == layer.layer_id
    rect = Rect(0, 0, 64, 80)
    window.session.push(MoveBox(layer.layer_id, rect))
    assert document.raster(layer.layer_id).is_out_of_date
    with qtbot.waitSignal(window.bridge.finished):
        window.actions_by_id["generate.rerun"].trigger()
    now = document.raster(layer.layer_id)
    assert now.bounds == rect
    assert not now.is_out_of_date
    window.session.push(MoveBox(layer.layer_id, Rect(8, 8, 72, 88)))
    window.session.push(MoveBox(layer.layer_id, rect))
    assert not document.raster(layer.layer_id).is_out_of_date, "back where it was"


@pytest.mark.parametrize("changed_meanwhile", [False, True])
def test_what_is_wished_meanwhile_stays_wished(
    qtbot: QtBot, make_window: MakeWindow, changed_meanwhile: bool
) -> None:
    window = make_window()
    layer = varied(qtbot, window, 1)
    section, document = window.regenerate_section, window.session.document
    section.prompt.setPlainText("a pear")
    section.keep_prompt()
    with qtbot.waitSignal(window.bridge.finished):
        section.button.click()
        if changed_meanwhile:
            section.prompt.setPlainText("a plum")
            section.keep_prompt()
    assert document.raster(layer.layer_id).is_out_of_date is changed_meanwhile
