"""`layerloom models`: what people and programs get to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from editor.cli import main
from engine.checkpoints.shelf import Shelf
from tests.engine import tiny_checkpoints as tiny
from tests.helpers.onnx_files import write_mean_network


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main(["models", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out, err


def events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_plans_for_five_cards(capsys: pytest.CaptureFixture[str]) -> None:
    for card, chosen in (
        ("8G", "group_offload"), ("12G", "group_offload"), ("16G", "group_offload"),
        ("24G", "group_offload"), ("48G", "all_on_gpu"),
    ):  # fmt: skip
        code, out, _ = run(capsys, "plan", "--vram", card, "--ram", "32G", "--json")
        assert code == 0
        (plan,) = events(out)
        assert plan["chosen"] == chosen
        assert plan["model"] == "art-plus"
        fitting = [each["strategy"] for each in plan["strategies"] if each["fits"]]
        assert chosen in fitting


def test_a_plan_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "plan", "--vram", "12G", "--ram", "32G")
    assert code == 0
    assert "*group offload with streams" in out
    assert "does not fit" in out
    assert "gives the same picture" in out


def test_plans_of_other_features(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "plan", "--feature", "layer_flux", "--vram", "12G", "--ram", "16G", "--json"
    )
    assert code == 0
    chosen = {plan["model"]: plan["chosen"] for plan in events(out)}
    assert chosen["flux2-klein-4b"] == "all_on_gpu"
    assert set(chosen) == {"flux2-klein-4b", "flux1-schnell", "flux1-dev"}


@pytest.mark.parametrize("words", [["plan", "--vram", "lots"], ["plan", "nothing", "--vram", "8G"]])
def test_wrong_plans(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    code, _, err = run(capsys, *words)
    assert code == 3
    assert err.startswith("layerloom: ")
    assert len(err.splitlines()) == 1


def test_add_list_check_and_remove(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = tiny.flux1_folder(tmp_path / "dev")
    shelf = ("--shelf", tmp_path / "shelf")
    code, out, _ = run(capsys, "add", place, *shelf)
    assert code == 0
    assert "FLUX.1 dev" in out
    assert "Licence: FLUX.1 [dev] Non-Commercial License." in out
    code, out, _ = run(capsys, "list", *shelf, "--json")
    (listed,) = events(out)
    assert [model["name"] for model in listed["shelf"]] == ["dev"]
    there = {entry["id"]: entry["there"] for entry in listed["known"]}
    assert there["flux1-dev"] == "dev"
    assert there["flux2-klein-4b"] is None
    _, out, _ = run(capsys, "list", *shelf)
    assert "\n  FLUX.1 dev: 0.00 GB, healthy\n      in commands: dev. " in out
    assert "\n  FLUX.2 klein 4B (recommended): missing, " in out
    assert "; for single layers, a sentence per box\n      in commands: flux2-klein-4b. " in out
    assert run(capsys, "check", *shelf)[0] == 0
    shard = next((place / "transformer").glob("*.safetensors"))
    shard.unlink()
    code, out, err = run(capsys, "check", "--json", *shelf)
    assert code == 4
    assert events(out)[0]["healthy"] is False
    assert "Not healthy: dev" in err
    code, out, _ = run(capsys, "remove", "dev", *shelf)
    assert code == 0
    assert "its files stay" in out
    assert place.exists()


def test_only_matting_networks_are_taken_as_onnx(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shelf = ("--shelf", tmp_path / "shelf")
    good = write_mean_network(tmp_path / "good.onnx", (1024, 1024))
    code, out, _ = run(capsys, "add", good, *shelf)
    assert code == 0
    assert "a matting network (ONNX)" in out
    assert "Licence not stated: ask whoever made this network" in out
    for number, (channels, axis) in enumerate(((1, 1), (3, 2))):  # no colours; no single plane
        other = tmp_path / f"{number}.onnx"
        write_mean_network(other, (1024, 1024), channels, axis)
        code, _, err = run(capsys, "add", other, *shelf)
        assert code == 3
        assert err == (
            f"layerloom: {other} is no matting model; choose an ONNX file of U2-Net or BiRefNet, "
            "or none.\n"
        )
    assert [model.name for model in Shelf(tmp_path / "shelf").models()] == ["good"]


def test_add_says_where_art_comes_from(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = tiny.art_fused(tmp_path / "art")
    code, out, _ = run(capsys, "add", place, "--shelf", tmp_path / "shelf")
    assert code == 0
    assert "withdrew its weights" in out


def test_convert(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source = tiny.decoder_pickle(tmp_path / "decoder.pt")
    code, _, err = run(capsys, "convert", source, tmp_path / "decoder.bin")
    assert code == 3
    assert "must end in .safetensors" in err
    target = tmp_path / "decoder.safetensors"
    assert run(capsys, "convert", source, target)[0] == 0
    code, out, _ = run(capsys, "add", target, "--shelf", tmp_path / "shelf")
    assert code == 0
    assert "transparent decoder" in out


def test_nothing_is_fetched_offline(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, "download", "flux1-schnell", "--offline", "--shelf", tmp_path)
    assert code == 3
    assert "stay offline" in err
    code, _, err = run(capsys, "download", "art-plus", "--shelf", tmp_path)
    assert code == 3
    assert "you bring yourself" in err


def test_generating_with_a_model_that_was_brought(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("editor.session.places._data_home", lambda: tmp_path / "data")
    tiny.flux1_folder(tmp_path / "dev")
    tiny.art_fused(tmp_path / "art")
    for name in ("dev", "art"):
        assert run(capsys, "add", tmp_path / name)[0] == 0
    layout = {"boxes": [{"x0": 16, "y0": 16, "x1": 64, "y1": 48, "name": "apple"}]}
    (tmp_path / "boxes.json").write_text(json.dumps(layout))
    words = [
        "generate", "a red apple", "--model", "art", "--size", "96x64", "--steps", "2",
        "--layout", str(tmp_path / "boxes.json"), "-o", str(tmp_path / "a.psd"), "--json",
    ]  # fmt: skip
    assert main(words) == 0
    result = events(capsys.readouterr().out)[-1]
    assert [layer["name"] for layer in result["layers"]] == ["background", "apple"]
    assert result["layers"][1]["recipe"]["checkpoint"] == "art"
    assert (tmp_path / "a.psd").stat().st_size > 1000
    assert main([*words[:3], "nothing", *words[4:]]) == 3
    assert 'There is no model "nothing"' in capsys.readouterr().err


def test_a_brought_model_is_planned_by_its_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shelf = ("--shelf", tmp_path / "shelf")
    assert run(capsys, "add", tiny.flux1_folder(tmp_path / "dev"), "--name", "mine", *shelf)[0] == 0
    code, out, _ = run(capsys, "plan", "mine", "--vram", "24G", "--ram", "64G", "--json", *shelf)
    assert code == 0
    (plan,) = events(out)
    assert plan["model"] == "flux1-dev"
    assert plan["feature"] == "layer_flux"
    gguf = [each for each in plan["strategies"] if each["strategy"] == "gguf"]
    assert "another form" in gguf[0]["missing"]
