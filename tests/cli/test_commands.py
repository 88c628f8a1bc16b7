"""The three commands with a fake engine: options, events, files, and what people read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from editor.cli.describing import spoken_seconds
from editor.document.compositor import composite
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.state import DocumentState
from editor.formats.png import write_png
from editor.formats.psd import read_psd, write_psd
from engine.requests import LayerRequest, LayoutRequest
from tests.cli.conftest import ROOT, RunFake
from tests.helpers.fake_engine import FakeRuntime, Outcome

SIZE = ("--size", "96x64")


def test_generate_with_json(fake_run: RunFake, tmp_path: Path) -> None:
    target = tmp_path / "a.psd"
    outcome = fake_run("generate", "a dog", *SIZE, "--seed", "7", "--json", "-o", target)
    result = outcome.result
    assert {event["event"] for event in outcome.events[:-1]} == {"progress"}
    assert set(outcome.events[0]) == {"event", "phase", "step", "steps", "eta_seconds"}
    assert (result["file"], result["seed"]) == (str(target), 7)
    assert set(result["seconds"]) >= {"denoise", "write"}
    assert "Drawing 3/3" in outcome.err
    inspected = fake_run("inspect", target, "--json")
    (content,) = inspected.events
    assert (content["width"], content["height"]) == (96, 64)
    assert content["layers"] == result["layers"]
    keys = {"id", "name", "kind", "box", "opacity", "blend_mode", "visible", "pixel_hash", "recipe"}
    assert all(keys <= set(layer) for layer in content["layers"])


def test_options_reach_the_request(fake_run: RunFake, tmp_path: Path) -> None:
    layout = tmp_path / "boxes.json"
    box = {"x0": 1, "y0": 2, "x1": 50, "y1": 60, "name": "pet", "prompt": "a cat"}
    layout.write_text(json.dumps({"boxes": [box]}))
    runtime = FakeRuntime()
    fake_run(
        "generate", "a dog", *SIZE, "--layout", layout, "--style", "glossy", "--seed", "5",
        "--layers", "3", "--steps", "4", "--guidance", "2", "-o", tmp_path / "a.png",
        runtime=runtime,
    )  # fmt: skip
    (request,) = runtime.requests
    assert isinstance(request, LayoutRequest)
    assert (request.prompt, request.style, request.seed) == ("a dog", "glossy", 5)
    assert (request.width, request.height, request.layer_count) == (96, 64, 3)
    assert (request.sampling.steps, request.sampling.true_guidance) == (4, 2.0)
    (region,) = request.boxes
    assert (region.x0, region.y0, region.x1, region.y1) == (1, 2, 50, 60)
    assert (region.name, region.prompt) == ("pet", "a cat")


def test_a_layout_with_prompts_needs_no_sentence(fake_run: RunFake, tmp_path: Path) -> None:
    layout, target = tmp_path / "boxes.json", tmp_path / "a.png"
    box: dict[str, object] = {"x0": 1, "y0": 2, "x1": 50, "y1": 60}
    words = ["generate", "", *SIZE, "--layout", layout, "-o", target]
    layout.write_text(json.dumps({"boxes": [box]}))
    assert "prompt is empty" in fake_run(*words).sentence
    layout.write_text(json.dumps({"boxes": [{**box, "prompt": "a cat"}]}))
    runtime = FakeRuntime()
    assert fake_run(*words, runtime=runtime).code == 0
    (request,) = runtime.requests
    assert isinstance(request, LayoutRequest)
    assert request.prompt == "a cat"


def test_without_a_seed_one_is_drawn_and_reported(fake_run: RunFake, tmp_path: Path) -> None:
    seeds = {
        fake_run("generate", "a dog", *SIZE, "--json", "-o", tmp_path / "a.psd").result["seed"]
        for _ in range(3)
    }
    assert len(seeds) == 3


def test_equal_jobs_give_equal_files(fake_run: RunFake, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.psd", "b.psd", "a.png", "b.png")]
    for path in files:
        fake_run("generate", "a dog", *SIZE, "--seed", "7", "-o", path)
    contents = [path.read_bytes() for path in files]
    assert contents[0] == contents[1]
    assert contents[2] == contents[3]


def test_several_outputs_and_text_for_people(fake_run: RunFake, tmp_path: Path) -> None:
    psd, png = tmp_path / "a.psd", tmp_path / "ä 日本.PNG"
    outcome = fake_run("generate", "a dog", *SIZE, "--seed", "7", "-o", psd, "-o", png)
    assert outcome.code == 0
    assert psd.exists()
    assert png.exists()
    assert '"background"' in outcome.out
    assert "Seed 7; drawing" in outcome.out
    assert '"background"' in fake_run("inspect", psd).out


def test_a_sentence_per_box_without_boxes_says_where_they_came_from(
    fake_run: RunFake, tmp_path: Path
) -> None:
    told = "No boxes were given: they were planned from the sentence"
    words = ("generate", "a dog", *SIZE, "-o", tmp_path / "a.layerloom")
    assert told in fake_run(*words, "--mode", "multilayer").out
    assert told not in fake_run(*words).out


def test_times_are_told_in_plain_words() -> None:
    assert spoken_seconds({"understand": 0.1, "alone": 2.0, "land": 0.004, "write": 1.5}) == (
        "reading the prompt 0.10 s, drawing the objects one by one 2.00 s, "
        "filling the layers 0.00 s, writing 1.50 s"
    )


@pytest.mark.parametrize("suffix", [".psd", ".layerloom"])
def test_regenerate_changes_one_layer_only(fake_run: RunFake, tmp_path: Path, suffix: str) -> None:
    before, after = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    made = fake_run("generate", "a dog", *SIZE, "--seed", "7", "--json", "-o", before).result
    content = before.read_bytes()
    chosen = made["layers"][1]
    runtime = FakeRuntime()
    result = fake_run(
        "regenerate", before, "--layer", chosen["name"], "--prompt", "a cat", "--json",
        "-o", after, runtime=runtime,
    ).result  # fmt: skip
    (request,) = runtime.requests
    assert isinstance(request, LayerRequest)
    assert (request.seed, request.box.attempt, request.prompt) == (7, 1, "a cat")
    assert before.read_bytes() == content
    for old, new in zip(made["layers"], result["layers"], strict=True):
        changed = old["id"] == chosen["id"]
        assert (old["pixel_hash"] != new["pixel_hash"]) == changed
        assert old["id"] == new["id"]
        # A name that nobody chose follows what the layer shows.
        assert new["name"] == ("a cat" if changed else old["name"])
    recipe = result["layers"][1]["recipe"]
    assert (recipe["kind"], recipe["typed_prompt"]) == ("regenerated", "a cat")
    (inspected,) = fake_run("inspect", after, "--json").events
    assert inspected["layers"] == result["layers"]


def test_regenerate_in_place_by_id_with_a_seed(fake_run: RunFake, tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    made = fake_run("generate", "a dog", *SIZE, "--json", "-o", path).result
    chosen = made["layers"][2]["id"]
    runtime = FakeRuntime()
    result = fake_run(
        "regenerate", path, "--layer", chosen, "--prompt", "x", "--seed", "9", "--json",
        "-o", path, runtime=runtime,
    ).result  # fmt: skip
    assert result["seed"] == 9
    assert runtime.requests[0].seed == 9
    assert read_psd(path).layer(chosen).name == "x"


def test_regenerate_needs_one_layer(fake_run: RunFake, tmp_path: Path) -> None:
    path, layout = tmp_path / "a.psd", tmp_path / "boxes.json"
    box = {"x0": 0, "y0": 0, "x1": 50, "y1": 60, "name": "twin"}
    layout.write_text(json.dumps({"boxes": [box, box]}))
    fake_run("generate", "a dog", *SIZE, "--layout", layout, "-o", path)
    words = ["regenerate", path, "--prompt", "x", "-o", tmp_path / "b.psd", "--layer"]
    twice = fake_run(*words, "twin")
    assert twice.code == 3
    assert "2 layers" in twice.sentence
    missing = fake_run(*words, "nobody")
    assert missing.code == 3
    assert '"twin"' in missing.sentence


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl+C there")
def test_interrupt_cancels_and_writes_nothing(fake_run: RunFake, tmp_path: Path) -> None:
    runtime = FakeRuntime(Outcome.STALL)

    def press() -> None:
        while not runtime.requests:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    handler = signal.getsignal(signal.SIGINT)
    outcome = fake_run("generate", "a dog", "--json", "-o", tmp_path / "a.psd", runtime=runtime)
    presser.join()
    assert outcome.code == 130
    assert "nothing was written" in outcome.sentence
    assert outcome.events[-1]["event"] == "error"
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl+C there")
def test_interrupt_between_two_files_names_the_first(
    fake_run: RunFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_and_press(state: DocumentState, path: Path, **_: object) -> None:
        write_png(state, path)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("editor.formats.png.write_png", write_and_press)
    first, second = tmp_path / "a.png", tmp_path / "b.psd"
    outcome = fake_run("generate", "a dog", *SIZE, "-o", first, "-o", second)
    assert outcome.code == 130
    assert outcome.sentence == f"Cancelled; only {first} was written."
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl+C there")
def test_interrupt_while_a_png_is_made_leaves_no_file(
    fake_run: RunFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press_and_composite(state: DocumentState, **options: Any) -> RgbaArray:
        os.kill(os.getpid(), signal.SIGINT)
        return composite(state, **options)

    monkeypatch.setattr("editor.formats.png.composite", press_and_composite)
    outcome = fake_run("generate", "a dog", *SIZE, "-o", tmp_path / "a.png")
    assert outcome.code == 130
    assert "nothing was written" in outcome.sentence
    assert list(tmp_path.iterdir()) == []


FAKE_PROGRAM = """
import sys
from editor import cli, terminal
from tests.helpers.fake_engine import FakeRuntime
terminal.starter_factory = lambda _folder, **_more: FakeRuntime
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break differently there")
@pytest.mark.parametrize("flags", [["--json"], []])
def test_a_reader_that_goes_away_does_not_stop_the_job(tmp_path: Path, flags: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    target = tmp_path / "a.psd"
    words = ["generate", "a dog", *SIZE, *flags, "-o", str(target)]
    ended = subprocess.run(
        [sys.executable, "-c", FAKE_PROGRAM, *words],
        cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
    )  # fmt: skip
    os.close(writing)
    assert ended.returncode == 0, ended.stderr
    assert "layerloom:" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr
    assert len(read_psd(target).layers) == 3


def test_names_that_the_terminal_cannot_write(tmp_path: Path) -> None:
    target = tmp_path / "a.psd"
    layer = RasterLayer(name="\u6797\u6a8e", pixels=PixelBuffer.filled(4, 4, (1, 2, 3, 255)))
    write_psd(Document(8, 8, [layer]), target)
    ended = subprocess.run(
        [sys.executable, "-c", FAKE_PROGRAM, "inspect", str(target)],
        cwd=ROOT, env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "\\u6797\\u6a8e" in ended.stdout


def test_version_and_help(fake_run: RunFake) -> None:
    assert fake_run("--version").out.startswith("layerloom 0.")
    assert "generate" in fake_run("--help").out
