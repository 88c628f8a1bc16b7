"""Folders of starter weights that are broken, changed or not there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from engine import runtime
from engine.checkpoints.starter import load_starter
from engine.errors import CheckpointError
from engine.requests import SamplingOptions
from engine.runtime import StarterRuntime
from tests.cli.conftest import STARTER, needs_starter

pytestmark = needs_starter
NEEDED_FILES = (
    "transformer.safetensors", "codec.safetensors", "text_encoder.safetensors",
    "tokenizer.json", "config.json", "concepts.json", "concepts.safetensors",
    runtime.FEATURE_NET_FILE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        *((name, "missing") for name in NEEDED_FILES),
        *((name, "cut off") for name in NEEDED_FILES),
    ],
)
def test_broken_starter_folders(tmp_path: Path, name: str, fault: str) -> None:
    link_starter(tmp_path, without=name)
    if fault == "cut off":
        broken = tmp_path / name
        shutil.copyfile(STARTER / name, broken)
        with broken.open("r+b") as stream:
            stream.truncate(broken.stat().st_size // 2)
    with pytest.raises(CheckpointError) as caught:
        StarterRuntime(tmp_path).load()
    assert str(tmp_path) in caught.value.message
    assert "\n" not in caught.value.message
    if name != "concepts.json":  # its sentence names the folder
        assert name in caught.value.message


@pytest.mark.parametrize(
    "change",
    [
        "[]",
        '{"transformer": {}}',
        '{"sampling": {"steps": 8}, "transformer": 3}',
        '{"sampling": {"steps": "many"}, "transformer": SIZES}',
        '{"sampling": {"steps": 0}, "transformer": SIZES}',
        '{"sampling": {"speed": 1}, "transformer": SIZES}',
        '{"sampling": {"steps": 8}, "transformer": {"max_layer_num": 52, "num_layers": "x"}}',
        '{"sampling": {"steps": 8}, "transformer": {"max_layer_num": 52, "unknown": 1}}',
    ],
)
def test_a_broken_configuration_is_named(tmp_path: Path, change: str) -> None:
    link_starter(tmp_path, without="config.json")
    sizes = json.dumps(json.loads((STARTER / "config.json").read_text("utf-8"))["transformer"])
    (tmp_path / "config.json").write_text(change.replace("SIZES", sizes))
    with pytest.raises(CheckpointError, match="no configuration of the starter") as caught:
        load_starter(tmp_path)
    assert str(tmp_path / "config.json") in caught.value.message


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json", runtime.FEATURE_NET_FILE])
def test_whatever_affects_the_picture_changes_the_hash(tmp_path: Path, name: str) -> None:
    link_starter(tmp_path, without=name)
    if name == runtime.FEATURE_NET_FILE:
        weights = load_file(STARTER / name)
        save_file({key: value * 2 for key, value in weights.items()}, tmp_path / name)
    else:
        (tmp_path / name).write_text((STARTER / name).read_text("utf-8") + " \n", "utf-8")
    assert load_starter(tmp_path).weights_hash != load_starter().weights_hash


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="missing"):
        StarterRuntime(tmp_path / "none").load()


def link_starter(folder: Path, without: str) -> None:
    """A starter folder whose files are those of the shipped one, but for one."""
    for file in STARTER.iterdir():
        if file.is_file() and file.name != without:
            (folder / file.name).symlink_to(file)


def test_defaults_are_those_the_starter_was_scored_with() -> None:
    assert load_starter().sampling == SamplingOptions()
