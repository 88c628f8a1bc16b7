"""What the model manager says of how a model would run fits the files that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor.model_library import ModelLibrary
from engine.checkpoints.shelf import Shelf
from engine.memory import picture_plan
from engine.memory.machine import GIB, Device, Machine
from tests.engine import tiny_checkpoints as tiny


def test_only_a_gguf_file_is_planned_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Machine.of(Device.CPU, 0, 24 * GIB)
    monkeypatch.setattr(picture_plan, "this_machine", lambda: small)
    folder = tiny.flux1_folder(tmp_path / "dev")
    shelf = Shelf(tmp_path / "list")
    shelf.add(folder, name="folder")
    packed = tiny.flux1_gguf(tmp_path / "packed.gguf", tiny.transformer_weights(folder))
    shelf.add(packed, name="packed")
    library = ModelLibrary(tmp_path / "list", tmp_path)
    plans = {entry.key: library.plan(entry) for entry in library.entries() if entry.is_here}
    assert "GGUF" not in plans["folder"]
    assert plans["folder"].startswith("Everything fits"), "planned by the sizes of its own files"
    assert plans["packed"].startswith("GGUF file: ")
