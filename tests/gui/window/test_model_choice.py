"""A brought model can be chosen for pictures, runs on the real engine, and refuses in words."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.commands.layout_commands import AddBox
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.model_library import ModelEntry, ModelState
from editor.session.places import user_places
from editor.settings import Settings
from editor.windows.main_window import MainWindow
from engine.checkpoints.shelf import Shelf
from engine.models import drawing_size
from engine.pipelines import full_size_job, layer_flux
from engine.requests import LayerRequest, LayoutRequest
from engine.runtime import StarterRuntime
from tests.engine import tiny_checkpoints as tiny
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import activate, generate, press_generate, type_prompt
from tests.helpers.fake_engine import FakeRuntime

ART = ModelEntry(
    "art", "ART+", ModelState.READY, (), "", "", False, 10**9, path="/m/art", makes_pictures=True
)
PICTURES = replace(ART, key="schnell", title="FLUX.1 schnell")
PART = replace(ART, key="decoder", title="A decoder", makes_pictures=False)
LIMIT_MS = 120_000  # torch and diffusers are imported for the first time


def choose(window: MainWindow, key: str) -> None:
    """As a user does in the list."""
    box = window.generate_panel.model.box
    place = box.findData(key)
    assert place >= 0
    box.setCurrentIndex(place)
    box.activated.emit(place)


def offered(window: MainWindow) -> list[str]:
    box = window.generate_panel.model.box
    return [box.itemText(row) for row in range(box.count())]


def test_without_brought_models_there_is_nothing_to_choose(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    runtime = FakeRuntime()
    window = make_window(runtime=runtime)
    window.models.listed.emit((PART,))
    assert not window.generate_panel.model.isVisible()
    generate(qtbot, window, "a dog")
    assert runtime.requests[0].checkpoint == "starter"


def test_the_choice_is_remembered_and_never_changes_in_silence(
    qtbot: QtBot, make_window: MakeWindow, settings: Settings
) -> None:
    window = make_window()
    usual = window.generate_panel.steps.value()
    window.models.listed.emit((ART, PICTURES, replace(ART, key="other")))
    assert window.generate_panel.model.isVisible()
    assert offered(window) == ["Starter", "ART+ (art)", "FLUX.1 schnell", "ART+ (other)"]
    choose(window, "art")
    assert window.generate_panel.steps.value() == 28
    assert settings.model == "art"
    window.models.listed.emit((ART, replace(ART, key="other", state=ModelState.CHANGED)))
    assert offered(window) == ["Starter", "ART+"]
    runtime = FakeRuntime()
    second = make_window(runtime=runtime)
    second.models.listed.emit((replace(ART, state=ModelState.CHANGED),))
    assert second.generate_panel.choices.model == "art"  # refused by the engine, not replaced
    generate(qtbot, second, "a dog")
    request = runtime.requests[0]
    assert isinstance(request, LayoutRequest)
    assert request.checkpoint == "art"
    assert request.sampling.true_guidance == pytest.approx(3.5)
    choose(second, "starter")
    assert second.generate_panel.steps.value() == usual
    assert settings.model == "starter"


@pytest.mark.slow
def test_a_brought_model_makes_the_layers(
    qtbot: QtBot,
    make_window: MakeWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf = Shelf(user_places().models)
    parts = tiny.flux1_folder(tmp_path / "dev")
    shelf.add(tiny.art_fused(tmp_path / "fused"), name="fused")
    shelf.add(parts, name="dev")
    window = make_window(Document(96, 64), runtime=StarterRuntime(models=shelf.folder))
    activate(qtbot, window)
    panel = window.generate_panel
    qtbot.waitUntil(panel.model.isVisible, timeout=LIMIT_MS)
    assert len(offered(window)) == 3
    choose(window, "fused")
    window.session.push(AddBox(LayoutBox(Rect(16, 16, 48, 48), name="apple")))
    qtbot.waitUntil(lambda: "GiB" in panel.model.plan.text(), timeout=LIMIT_MS)
    panel.steps.setValue(2)
    type_prompt(qtbot, window, "a red apple")
    with qtbot.waitSignal(window.bridge.finished, timeout=LIMIT_MS):
        press_generate(qtbot, window)
    layers = window.session.document.raster_layers()
    assert [layer.name for layer in layers] == ["background", "apple"]
    assert layers[1].record is not None
    assert layers[1].record.checkpoint == "fused"
    before = window.session.document.snapshot()

    def exhausted(*_words: object) -> None:
        raise torch.OutOfMemoryError("Tried to allocate 2 GiB")

    with monkeypatch.context() as patched:
        patched.setattr(full_size_job, "generate_full_size", exhausted)
        with qtbot.waitSignal(window.bridge.failed, timeout=LIMIT_MS) as failed:
            press_generate(qtbot, window)
    assert failed.args is not None
    assert "Memory ran out" in failed.args[0]
    next((parts / "vae").glob("*.safetensors")).unlink()
    with qtbot.waitSignal(window.bridge.failed, timeout=LIMIT_MS) as failed:
        press_generate(qtbot, window)
    assert failed.args is not None
    assert "is incomplete" in failed.args[0]
    assert window.toast.text == failed.args[0]
    panel.set_per_box(per_box=True)
    panel.box_prompts.lines[0].setText("an apple")
    panel.box_prompts.lines[0].editingFinished.emit()
    with qtbot.waitSignal(window.bridge.failed, timeout=LIMIT_MS) as failed:
        press_generate(qtbot, window)
    assert failed.args is not None
    assert "instead of a sentence per box" in failed.args[0]
    after = window.session.document.snapshot()
    assert after.layers == before.layers
    QApplication.processEvents()


def chosen_for_layer(window: MainWindow) -> tuple[str, list[str]]:
    """(what the choice beside Regenerate shows, what it offers)."""
    box = window.regenerate_section.model.box
    return box.currentText(), [box.itemText(row) for row in range(box.count())]


def test_a_layer_is_made_by_its_own_model_until_another_is_chosen(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    runtime = FakeRuntime()
    window = make_window(runtime=runtime)
    generate(qtbot, window, "a dog")
    section = window.regenerate_section
    assert not section.model.isVisible()  # there is nothing to choose from
    window.models.listed.emit((ART, PICTURES, PART))
    assert section.model.isVisible()
    assert chosen_for_layer(window) == ("Starter", ["Starter", "ART+", "FLUX.1 schnell"])
    section.model.box.setCurrentIndex(section.model.box.findData("art"))
    section.prompt.setPlainText("a cat")
    with qtbot.waitSignal(window.bridge.finished):
        section.button.click()
    request = runtime.requests[-1]
    assert isinstance(request, LayerRequest)
    assert (request.checkpoint, request.sampling.steps) == ("art", 28)
    assert chosen_for_layer(window)[0] == "ART+"  # what made it now
    window.models.listed.emit((PICTURES,))  # the model was taken off the list
    assert chosen_for_layer(window) == (
        "art (missing)",
        ["Starter", "FLUX.1 schnell", "art (missing)"],
    )
    other = window.session.document.raster_layers()[0]
    window.session.document.select([other.layer_id])
    assert chosen_for_layer(window) == ("Starter", ["Starter", "FLUX.1 schnell"])
    section.prompt.setPlainText("a night sky")
    section.keep_prompt()
    section.model.box.setCurrentIndex(1)
    window.generation.rerun()  # as each layer was made, whatever stands beside the button
    qtbot.waitUntil(lambda: not window.bridge.busy)
    assert runtime.requests[-1].checkpoint == "starter"


def flux_window(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    """A window on the real engine with a plain FLUX folder chosen; drawings are small."""
    # Random weights may draw next to nothing, which is for another test to refuse.
    monkeypatch.setattr("engine.runtime.refuse_empty", lambda result, _request: result)
    for module in (layer_flux, drawing_size):
        monkeypatch.setattr(module, "DRAWING_AREAS", (32**2, 64**2))
    shelf = Shelf(user_places().models)
    shelf.add(tiny.flux1_folder(tmp_path / "dev"), name="dev")
    window = make_window(Document(96, 64), runtime=StarterRuntime(models=shelf.folder))
    activate(qtbot, window)
    panel = window.generate_panel
    qtbot.waitUntil(panel.model.isVisible, timeout=LIMIT_MS)
    choose(window, "dev")
    assert panel.steps.value() == 28
    panel.steps.setValue(2)
    return window


@pytest.mark.slow
def test_plain_flux_makes_documents_and_layers_in_the_window(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = flux_window(qtbot, make_window, tmp_path, monkeypatch)
    panel, section = window.generate_panel, window.regenerate_section
    panel.set_per_box(per_box=True)
    window.session.push(AddBox(LayoutBox(Rect(16, 16, 48, 48), prompt="a red apple")))
    qtbot.waitUntil(lambda: "GiB" in panel.model.plan.text(), timeout=LIMIT_MS)
    type_prompt(qtbot, window, "a night sky")
    with qtbot.waitSignal(window.bridge.finished, timeout=LIMIT_MS):
        press_generate(qtbot, window)
    ground, apple = window.session.document.raster_layers()
    assert apple.record is not None
    assert (apple.record.checkpoint, apple.record.mode) == ("dev", "multilayer")
    window.session.document.select([apple.layer_id])
    assert chosen_for_layer(window)[0] == "FLUX.1 dev"
    section.prompt.setPlainText("a brown dog")
    section.keep_prompt()  # a step of its own
    section.slider.setValue(60)
    before = window.session.document.snapshot()
    with qtbot.waitSignal(window.bridge.finished, timeout=LIMIT_MS):
        section.button.click()
    after = window.session.document
    assert after.raster(ground.layer_id).pixels.content_hash == ground.pixels.content_hash
    made = after.raster(apple.layer_id)
    assert made.record is not None
    assert (made.record.checkpoint, made.record.typed_prompt) == ("dev", "a brown dog")
    assert made.record.strength == pytest.approx(0.6)
    window.session.history.undo()
    assert window.session.document.snapshot().layers == before.layers


@pytest.mark.slow
def test_one_sentence_on_plain_flux_and_what_goes_wrong(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = flux_window(qtbot, make_window, tmp_path, monkeypatch)
    section = window.regenerate_section
    type_prompt(qtbot, window, "a red apple and a gryphon")
    with qtbot.waitSignal(window.bridge.finished, timeout=LIMIT_MS) as done:
        press_generate(qtbot, window)
    assert done.args is not None
    assert "drawn by itself" in " ".join(done.args[0].notes)
    names = [layer.name for layer in window.session.document.raster_layers()]
    assert names == ["background", "red apple", "gryphon"]
    before = window.session.document.snapshot()

    def exhausted(*_words: object) -> None:
        raise torch.OutOfMemoryError("Tried to allocate 2 GiB")

    gryphon = window.session.document.raster_layers()[2]
    window.session.document.select([gryphon.layer_id])
    with monkeypatch.context() as patched:
        patched.setattr(full_size_job, "generate_flux_layer", exhausted)
        with qtbot.waitSignal(window.bridge.failed, timeout=LIMIT_MS) as failed:
            section.button.click()
    assert failed.args is not None
    assert "Memory ran out" in failed.args[0]
    shutil.rmtree(tmp_path / "dev")
    with qtbot.waitSignal(window.bridge.failed, timeout=LIMIT_MS) as failed:
        section.button.click()
    assert failed.args is not None
    assert "is incomplete" in failed.args[0]
    assert window.session.document.snapshot().layers == before.layers


@pytest.mark.slow
def test_art_makes_a_layer_again_in_the_window(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    shelf = Shelf(user_places().models)
    shelf.add(tiny.flux1_parts(tmp_path / "parts"))
    shelf.add(tiny.art_fused(tmp_path / "fused"), name="fused")
    window = make_window(Document(96, 64), runtime=StarterRuntime(models=shelf.folder))
    activate(qtbot, window)
    qtbot.waitUntil(window.generate_panel.model.isVisible, timeout=LIMIT_MS)
    choose(window, "fused")
    for left in (0, 48):
        window.session.push(AddBox(LayoutBox(Rect(left, 16, left + 48, 64), name=f"thing {left}")))
    window.generate_panel.steps.setValue(2)
    type_prompt(qtbot, window, "a red apple and a dog")
    with qtbot.waitSignal(window.bridge.finished, timeout=LIMIT_MS):
        press_generate(qtbot, window)
    layers = window.session.document.raster_layers()
    window.session.document.select([layers[1].layer_id])
    section = window.regenerate_section
    section.context.setChecked(True)
    section.counts.setCurrentIndex(1)
    section.prompt.setPlainText("a brown dog")
    with qtbot.waitSignal(window.bridge.finished, timeout=LIMIT_MS):
        section.button.click()
    after = window.session.document.raster_layers()
    for place in (0, 2):
        assert after[place].pixels.content_hash == layers[place].pixels.content_hash
    record = after[1].record
    assert record is not None
    assert (record.checkpoint, record.route) == ("fused", "context")
    assert len(after[1].variations) == 3  # what it was, and the two new ones
