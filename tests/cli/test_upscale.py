"""`layerloom upscale`: the plan first, one file at the end, one sentence for what cannot be."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from editor.formats.files import read_document
from editor.formats.psd import write_psd
from editor.jobs.progress import LONG_S
from editor.terminal import Terminal, spoken_time
from engine.progress import Phase, Progress
from engine.requests.upscale import UpscaleMode, UpscaleRequest
from tests.cli.conftest import RunFake
from tests.commands.test_upscale_commands import scene
from tests.helpers.fake_engine import ESTIMATE, FakeRuntime, Outcome


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in.psd"
    write_psd(scene(), path)
    return path


def test_a_document_grows(fake_run: RunFake, file: Path, tmp_path: Path) -> None:
    out, runtime = tmp_path / "out.psd", FakeRuntime()
    done = fake_run("upscale", file, "--to", "240", "-o", out, "--json", runtime=runtime)
    result = done.result
    assert result["size"] == [240, 160]
    assert done.events[0]["event"] == "plan"
    assert done.events[0]["blocks"] == 4
    assert "plan: 4 blocks, 12 evaluations; 0.05 GB of memory" in done.err
    before, after = (read_document(path).document for path in (file, out))
    assert [(layer.name, layer.layer_id) for layer in after.all_layers()] == [
        (layer.name, layer.layer_id) for layer in before.all_layers()
    ]
    assert (after.width, after.height) == (240, 160)
    (request,) = runtime.requests
    assert isinstance(request, UpscaleRequest)
    assert (request.mode, request.seed, request.keep_scratch) == (UpscaleMode.INFDIT, 9, True)


def test_options_reach_the_engine(fake_run: RunFake, file: Path, tmp_path: Path) -> None:
    runtime = FakeRuntime()
    weights = tmp_path / "w.safetensors"
    weights.touch()
    done = fake_run(
        "upscale", file, "--to", "100", "--mode", "fast", "--seed", "3", "--max-memory", "1.5G",
        "--every-block", "--weights", weights, "-o", tmp_path / "o.psd", runtime=runtime,
    )  # fmt: skip
    assert done.code == 0, done.err
    (request,) = runtime.requests
    assert isinstance(request, UpscaleRequest)
    assert (request.mode, request.seed) == (UpscaleMode.FAST, 3)
    assert request.max_memory_bytes == 3 << 29
    assert (request.skip_transparent, request.checkpoint) == (False, str(weights))
    assert "Wrote" in done.out
    assert "Writing o.psd\n" in done.err, "large files take a while"


def test_one_layer(fake_run: RunFake, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.psd"
    done = fake_run("upscale", file, "--layer", "inner", "--to", "30", "-o", out, "--json")
    assert done.result["size"] == [30, 24]
    after = read_document(out).document
    assert (after.width, after.height) == (60, 40)
    assert after.raster("inner").bounds.size == (30, 24)


@pytest.mark.parametrize(("goal", "size"), [("4x", [240, 160]), ("1.5×", [90, 60])])
def test_a_factor_instead_of_a_length(
    fake_run: RunFake, file: Path, goal: str, size: list[int]
) -> None:
    assert fake_run("upscale", file, "--to", goal, "--plan", "--json").result["size"] == size


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (99.4, "99 s"), (100, "2 min"), (5969, "99 min"), (7499, "2 h 5 min")],
)
def test_long_waits_are_told_in_minutes(seconds: float, words: str) -> None:
    assert spoken_time(seconds) == words


def test_what_is_no_size_at_all(fake_run: RunFake, file: Path) -> None:
    done = fake_run("upscale", file, "--to", "large", "--plan")
    assert done.code == 2
    assert "'large' is no size; write the pixels of the longer side" in done.err


def test_only_the_plan(fake_run: RunFake, file: Path) -> None:
    done = fake_run("upscale", file, "--to", "240", "--plan", "--json")
    assert done.result["plan"]["evaluations"] == 12
    short = fake_run("upscale", file, "--to", "240", "--plan")
    assert "nothing was written" in short.out
    assert "--mode fast" not in short.err


def test_a_long_wait_points_to_the_fast_mode(capsys: pytest.CaptureFixture[str]) -> None:
    plan = replace(ESTIMATE, seconds=LONG_S)
    Terminal(as_json=True).progress(Progress(Phase.PLAN, 1, 1, estimate=plan))
    told = capsys.readouterr()
    assert "about 2 min" in told.err
    assert "--mode fast is done at once" in told.err
    assert json.loads(told.out)["event"] == "plan"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--to", "200000"], "A canvas of 200000 x 133333 px"),
        (["--to", "30"], "only makes larger"),
        (["--to", "0"], "only makes larger"),
        (["--to", "0.5x"], "only makes larger"),
        (["--to", "9999x"], "A canvas of 599940 x 399960 px"),
        (["--to", "240", "--layer", "nobody"], 'no layer "nobody"'),
        (["--to", "240", "--layer", "ground"], "locked"),
    ],
)
def test_bad_input_is_one_sentence(
    fake_run: RunFake, file: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    done = fake_run("upscale", file, *words, "-o", tmp_path / "out.psd")
    assert done.code == 3
    assert sentence.replace(" x ", " ") in done.sentence.replace(" × ", " ").replace(" x ", " ")
    assert not (tmp_path / "out.psd").exists()
    assert "-o FILE" in fake_run("upscale", file, "--to", "240").sentence
    assert fake_run("upscale", file, "--to", "9", "--max-memory", "much").code == 2


def test_a_failure_of_the_engine_writes_nothing(
    fake_run: RunFake, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.psd"
    done = fake_run("upscale", file, "--to", "240", "-o", out, runtime=FakeRuntime(Outcome.FAIL))
    assert done.code == 4
    assert "refuses this job" in done.sentence
    assert not out.exists()
    assert read_document(file).document.width == 60
