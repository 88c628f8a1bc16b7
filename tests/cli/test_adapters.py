"""`generate --lora FILE:WEIGHT` reaches the model that was brought."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from editor.cli import arguments, main
from editor.session.places import user_places
from engine.checkpoints.shelf import Shelf
from engine.requests import AdapterChoice
from tests.engine import tiny_checkpoints as tiny


def test_how_an_adapter_is_written(tmp_path: Path) -> None:
    plain = tmp_path / "a.safetensors"
    colon = tmp_path / "b:c"
    for path in (plain, colon):
        path.write_bytes(b"")
    assert arguments.adapter(str(plain)) == AdapterChoice(str(plain), 1.0)
    assert arguments.adapter(f"{plain}:0.5") == AdapterChoice(str(plain), 0.5)
    assert arguments.adapter(f"{plain}:-1") == AdapterChoice(str(plain), -1.0)
    assert arguments.adapter(str(colon)) == AdapterChoice(str(colon), 1.0)


def test_a_missing_adapter_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["generate", "a dog", "--lora", f"{tmp_path / 'gone'}:1", "-o", str(tmp_path / "a.png")]
    assert main(words) == 3
    assert capsys.readouterr().err == (
        f"layerloom: {tmp_path / 'gone'} is no file; write FILE or FILE:WEIGHT after --lora.\n"
    )


@pytest.mark.slow
def test_adapters_change_the_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shelf = Shelf(user_places().models)
    shelf.add(tiny.flux1_folder(tmp_path / "dev"), name="dev")
    shelf.add(tiny.art_fused(tmp_path / "fused"), name="fused")
    first, second = (tiny.lora(tmp_path / f"{n}.safetensors", seed=n) for n in (1, 2))
    box = {"x0": 16, "y0": 16, "x1": 48, "y1": 48, "name": "apple"}
    layout = tmp_path / "boxes.json"
    layout.write_text(json.dumps({"boxes": [box]}))
    common = [
        "generate", "a red apple", "--model", "fused", "--size", "96x64", "--steps", "2",
        "--seed", "7", "--layout", str(layout),
    ]  # fmt: skip
    pictures = []
    for number, lora in enumerate(([], ["--lora", str(first), "--lora", f"{second}:0.5"])):
        target = tmp_path / f"{number}.png"
        assert main([*common, *lora, "-o", str(target)]) == 0, capsys.readouterr().err
        pictures.append(target.read_bytes())
    assert pictures[0] != pictures[1]
