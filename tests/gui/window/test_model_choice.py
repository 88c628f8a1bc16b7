"""A brought model can be chosen for pictures, runs on the real engine, and refuses in words."""

from __future__ import annotations

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
from engine.pipelines import full_size_job
from engine.requests import LayoutRequest
from engine.runtime import StarterRuntime
from tests.engine import tiny_checkpoints as tiny
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import activate, generate, press_generate, type_prompt
from tests.helpers.fake_engine import FakeRuntime

ART = ModelEntry(
    "art", "ART+", ModelState.READY, (), "", "", False, 10**9, path="/m/art", makes_layers=True
)
PICTURES = replace(ART, key="schnell", title="FLUX.1 schnell", makes_layers=False)
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
    window.models.listed.emit((PICTURES,))
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
    assert offered(window) == ["Starter", "ART+ (art)", "ART+ (other)"]
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
    assert len(offered(window)) == 2  # FLUX's own pictures are no layers
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
    assert "has changed since it was checked" in failed.args[0]
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
