"""The program as a process on the shipped weights: the main job, repeatability, faults, Ctrl+C."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import STARTER, TIMEOUT_S, needs_starter, real_run, start

pytestmark = needs_starter
PROMPT = "a red apple and a brown dog on a sunset gradient"
QUICK = ("--steps", "2", "--json")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The main job: its file and its result event."""
    path = tmp_path_factory.mktemp("main-job") / "a.psd"
    return path, real_run("generate", PROMPT, "--seed", "7", "-o", path, *QUICK).result


def test_layers_are_named_and_transparent(generated: tuple[Path, dict[str, Any]]) -> None:
    from editor.formats.psd import read_psd

    path, result = generated
    names = [layer["name"] for layer in result["layers"]]
    assert names == ["background", "red apple", "brown dog"]
    assert set(result["seconds"]) >= {"load", "understand", "denoise", "decode", "check", "finish"}
    background, *objects = read_psd(path).raster_layers()
    assert background.pixels.is_opaque
    for layer in objects:
        alpha = layer.pixels.array[..., 3]
        assert alpha.max() > 0
        assert layer.record is not None
        assert layer.record.seed == 7


def test_the_same_job_gives_the_same_bytes(
    generated: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    again = tmp_path / "again.psd"
    result = real_run("generate", PROMPT, "--seed", "7", "-o", again, "--harmony", *QUICK).result
    assert again.read_bytes() == generated[0].read_bytes()
    assert "harmony" not in generated[1]
    assert result["harmony"].keys() == {"psnr", "ssim", "colour"}
    assert result["harmony"]["psnr"] > 15


def test_regenerating_changes_one_layer(
    generated: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path, before = generated
    after = real_run(
        "regenerate", path, "--layer", "red apple", "--prompt", "a green pear", *QUICK,
        "-o", tmp_path / "b.psd",
    ).result  # fmt: skip
    for old, new in zip(before["layers"], after["layers"], strict=True):
        assert (old["pixel_hash"] != new["pixel_hash"]) == (old["name"] == "red apple")
    recipe = after["layers"][1]["recipe"]
    assert (recipe["concept"], recipe["route"]) == ("pear", "alone")
    assert recipe["attempt"] > before["layers"][1]["recipe"]["attempt"]


def test_a_prompt_without_a_noun_is_bad_input(tmp_path: Path) -> None:
    outcome = real_run("generate", "!!!", "-o", tmp_path / "a.psd", "--json")
    assert outcome.code == 3
    assert "names nothing" in outcome.sentence
    assert list(tmp_path.iterdir()) == []


def test_truncated_weights(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(STARTER, weights)
    broken = weights / "transformer.safetensors"
    with broken.open("r+b") as stream:
        stream.truncate(broken.stat().st_size // 2)
    target = tmp_path / "a.psd"
    outcome = real_run("generate", "a dog", "--weights", weights, "-o", target, "--json")
    assert outcome.code == 4
    assert str(broken) in outcome.sentence
    assert "cut off" in outcome.sentence
    assert not target.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is no signal there")
def test_ctrl_c_while_denoising(tmp_path: Path) -> None:
    process = start("generate", PROMPT, "--steps", "100", "-o", tmp_path / "a.psd")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Drawing 1/"):
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130
    assert "nothing was written" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
