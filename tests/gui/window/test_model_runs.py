"""Run settings of a brought model: set in the manager, kept, and taken by jobs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from editor.jobs.orders import model_use
from editor.model_runs import Lora, ModelRun, run_from_json
from editor.windows.main_window import MainWindow
from editor.windows.models_dialog import ModelsDialog
from engine.requests import AdapterChoice
from engine.requests.run_options import Attention, RunOptions
from tests.gui.window.test_models import StandIn, dialog, window

__all__ = ["dialog", "window"]  # the fixtures

RUN = ModelRun((Lora("/loras/ink.safetensors", 0.7),), "sdpa-math", 0.1, measure_cache=True)


def attention(_library: StandIn) -> tuple[dict[str, str], str]:
    return {"flash": "not here"}, "It takes torch."


def test_settings_are_chosen_kept_and_shown(
    qtbot: QtBot, window: MainWindow, dialog: ModelsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StandIn, "attention", attention)
    for place in range(dialog.list.count()):
        dialog.list.setCurrentRow(place)
        if dialog.entry is not None and dialog.entry.key == "schnell":
            break
    assert dialog.details.run_settings.isVisible()
    dialog.details.run_settings.click()
    asked = window.models.run_dialog
    assert asked is not None
    qtbot.waitUntil(lambda: asked.reason.text() == "It takes torch.")
    asked.add_lora(Lora("/loras/gone.safetensors"))
    asked.add_lora(Lora("/loras/ink.safetensors", 0.7))
    asked.add_lora(Lora("/loras/ink.safetensors"))  # once is enough
    layout = asked.layout()
    assert layout is not None
    assert asked.height() >= layout.totalHeightForWidth(asked.width())  # nothing is squeezed
    item = asked.rows.itemAtPosition(0, 2)
    assert item is not None
    remove = item.widget()
    assert isinstance(remove, QPushButton)
    remove.click()
    asked.kernels.setCurrentIndex(asked.kernels.findData("sdpa-math"))
    asked.cache.setValue(0.1)
    asked.measure.setChecked(True)
    assert asked.run_settings == RUN
    asked.accept()
    assert window.models._settings.model_run("schnell") == RUN
    shown = dialog.details.values["run"].text()
    assert "ink × 0.7" in shown
    assert "sdpa-math" in shown
    qtbot.waitUntil(lambda: window.models.run_dialog is None)
    dialog.close()


def test_wishes_become_requests_of_brought_models_only() -> None:
    for name in ("starter", None):
        plain = model_use(RUN, name)
        assert (plain.name, plain.adapters, plain.run) == (name, (), RunOptions())
    made = model_use(RUN, "schnell")
    assert made.name == "schnell"
    assert made.adapters == (AdapterChoice("/loras/ink.safetensors", 0.7),)
    assert made.run == RunOptions(Attention.SDPA_MATH, 0.1, measure_cache=True)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"loras": 3}', '{"attention": "x"}'])
def test_damaged_settings_are_no_wishes(text: str) -> None:
    assert run_from_json(text) == ModelRun()


def test_settings_survive(tmp_path: Path) -> None:
    assert run_from_json(RUN.to_json()) == RUN
    assert ModelRun().to_json() == ""
