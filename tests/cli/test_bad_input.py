"""Everything that cannot work: one sentence, the right exit code, and no file left behind."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from editor.formats.errors import FormatError
from editor.formats.files import read_document
from tests.cli.conftest import Outcome, RunFake, needs_starter, real_run
from tests.helpers import fake_engine
from tests.helpers.fake_engine import FakeRuntime


def refused(outcome: Outcome, folder: Path, code: int = 3) -> str:
    """The sentence; nothing may have been written."""
    assert outcome.code == code, outcome
    assert not [path for path in folder.iterdir() if path.suffix in (".psd", ".png", ".part")]
    return outcome.sentence


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["", "--size", "64x64"], "prompt is empty"),
        (["  \n"], "prompt is empty"),
        (["x" * 2001], "longer than 2000"),
        (["a dog", "--size", "0x0"], "width is 0 px"),
        (["a dog", "--size", "100000x1"], "width is 100000 px"),
        (["a dog", "--size", "64x1"], "height is 1 px"),
        (["a dog", "--seed", "-1"], "seed"),
        (["a dog", "--seed", "9223372036854775808"], "seed"),
        (["a dog", "--steps", "0"], "steps"),
        (["a dog", "--layers", "0"], "number of layers"),
        (["a dog", "--layers", "51"], "number of layers"),
        (["a dog", "--guidance", "nan"], "guidance"),
        (["a dog", "--style", "oil"], "flat or glossy"),
    ],
)
def test_impossible_requests(
    fake_run: RunFake, tmp_path: Path, words: list[str], part: str
) -> None:
    outcome = fake_run("generate", *words, "-o", tmp_path / "a.psd")
    assert part in refused(outcome, tmp_path)


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["genrate", "a dog"], "generate"),
        (["models", "lst"], "list"),
        (["generate", "a dog", "--mode", "multilayers"], "multilayer"),
    ],
)
def test_a_slip_gets_the_nearest_word(fake_run: RunFake, words: list[str], near: str) -> None:
    outcome = fake_run(*words, "--json")
    assert outcome.code == 2
    assert outcome.err.rstrip().endswith(f"; did you mean {near}?")
    (event,) = outcome.events
    assert event["message"].endswith(f"; did you mean {near}?")


def test_a_word_like_no_command_gets_no_guess(fake_run: RunFake) -> None:
    assert "did you mean" not in fake_run("zzz").err


@pytest.mark.parametrize("content", [b"a dog\n", b""])
def test_a_file_without_layers_hears_which_have_some(
    fake_run: RunFake, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "prompts.txt"
    path.write_bytes(content)
    sentence = refused(fake_run("inspect", path), tmp_path)
    assert sentence.startswith(f"{path} is not a layered file")
    for suffix in (".layerloom", ".ora", ".psd", ".psb"):
        assert suffix in sentence


@pytest.mark.parametrize("name", ["a.ora", "a.layerloom"])
def test_a_layered_file_that_holds_something_else_is_called_damaged(
    fake_run: RunFake, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"a dog\n")
    sentence = refused(fake_run("inspect", path), tmp_path)
    assert sentence == f"{path} is damaged or something else; open a backup of it."


def test_a_sentence_without_quotes(fake_run: RunFake, tmp_path: Path) -> None:
    outcome = fake_run("generate", "a", "red", "apple", "-o", tmp_path / "a.psd")
    assert outcome.code == 2
    assert "red apple; a sentence or a name of several words needs quotes" in outcome.err
    assert "quotes" not in fake_run("generate", "a", "--fast", "-o", tmp_path / "a.psd").err


@pytest.mark.parametrize(
    ("boxes", "part"),
    [
        ([{"x0": 0, "y0": 0, "x1": 65, "y1": 10}], "boxes[0] (0, 0, 65, 10) reaches outside"),
        ([{"x0": 5, "y0": 0, "x1": 5, "y1": 10}], "boxes[0]"),
        ([{"x0": 0, "y0": 0, "x1": "9", "y1": 10}], "boxes[0].x1"),
        ([{"x0": 0, "y0": 0, "x1": 9}], "boxes[0].y1"),
        ([{"x0": 0, "y0": 0, "x1": 9, "y1": 9, "promt": "x"}], "boxes[0].promt"),
        ([{"x0": 0, "y0": 0, "x1": 9, "y1": 9}] * 60, "60 boxes"),
        ("none", "boxes"),
    ],
)
def test_wrong_layouts(fake_run: RunFake, tmp_path: Path, boxes: object, part: str) -> None:
    layout = tmp_path / "boxes.json"
    layout.write_text(json.dumps({"boxes": boxes}))
    outcome = fake_run(
        "generate", "a dog", "--size", "64x64", "--layout", layout, "-o", tmp_path / "a.psd"
    )
    sentence = refused(outcome, tmp_path)
    assert part in sentence
    assert str(layout) in sentence


@pytest.mark.parametrize("mode", ["art", "multilayer"])
def test_a_box_of_one_pixel(fake_run: RunFake, tmp_path: Path, mode: str) -> None:
    layout = tmp_path / "boxes.json"
    layout.write_text('{"boxes": [{"x0": 9, "y0": 9, "x1": 10, "y1": 10, "prompt": "a dog"}]}')
    words = ["generate", "a dog", "--size", "64x64", "--layout", layout, "--mode", mode]
    outcome = fake_run(*words, "-o", tmp_path / "a.psd")
    assert refused(outcome, tmp_path) == (
        "The box is 1 x 1 px; a layer needs at least 4 x 4 px. Draw a larger box."
    )


@pytest.mark.slow
@needs_starter
def test_a_matting_model_that_is_none(fake_run: RunFake, tmp_path: Path) -> None:
    file, model = tmp_path / "a.layerloom", tmp_path / "notes.onnx"
    model.write_text("not a network")
    assert fake_run("generate", "a dog", "--size", "64x64", "-o", file).code == 0
    outcome = real_run(
        "regenerate", file, "--layer", "object 1", "--prompt", "a cat", "--alpha-route", "matting",
        "--matting", model, "-o", tmp_path / "b.psd",
    )  # fmt: skip
    assert refused(outcome, tmp_path) == (
        f"{model} is no matting model; choose an ONNX file of U2-Net or BiRefNet, or none."
    )
    assert "Drawing" not in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ["models", "add", "nope"],
        ["models", "convert", "nope", "out.safetensors"],
        ["upscale", "FILE", "--to", "200", "--weights", "nope", "-o", "OUT"],
        ["generate", "a dog", "--weights", "nope", "-o", "OUT"],
        ["generate", "a dog", "--alpha-route", "matting", "--matting", "nope", "-o", "OUT"],
        ["regenerate", "FILE", "--layer", "a", "--prompt", "a", "--weights", "nope", "-o", "OUT"],
        ["variations", "FILE", "--layer", "object 1", "--matting", "nope", "-o", "OUT"],
        ["verify", "FILE", "--weights", "nope"],
    ],
    ids=" ".join,
)
def test_paths_that_lead_nowhere(fake_run: RunFake, tmp_path: Path, words: list[str]) -> None:
    file, out = tmp_path / "a.layerloom", tmp_path / "out.psd"
    assert fake_run("generate", "a dog", "--size", "64x64", "-o", file).code == 0
    places = {"FILE": file, "OUT": out, "nope": tmp_path / "nope"}
    outcome = fake_run(*(places.get(word, word) for word in words))
    assert refused(outcome, tmp_path).startswith(f"{tmp_path / 'nope'} is missing")


def test_files_that_are_no_models(fake_run: RunFake, tmp_path: Path) -> None:
    boxes, empty = tmp_path / "boxes.json", tmp_path / "empty"
    boxes.write_text('{"boxes": []}')
    empty.mkdir()
    for path in (boxes, empty):
        outcome = fake_run("models", "add", path, "--shelf", tmp_path / "shelf")
        assert str(path) in refused(outcome, tmp_path)
    outcome = fake_run("generate", "a dog", "--weights", empty, "-o", tmp_path / "a.psd")
    assert refused(outcome, tmp_path).startswith(
        f"{empty} is no folder of a starter model: it lacks config.json, transformer.safetensors, "
    )


@pytest.mark.slow  # a process of its own
def test_a_text_is_no_checkpoint(fake_run: RunFake, tmp_path: Path) -> None:
    boxes = tmp_path / "boxes.json"
    boxes.write_text('{"boxes": []}')
    outcome = fake_run("models", "convert", boxes, tmp_path / "a.safetensors")
    assert refused(outcome, tmp_path) == (f"{boxes} is no PyTorch checkpoint; choose another file.")


def test_variations_of_a_layer_that_nothing_is_known_of(fake_run: RunFake, tmp_path: Path) -> None:
    picture, file, folder = (tmp_path / name for name in ("in.webp", "in.layerloom", "more"))
    Image.new("RGBA", (64, 64), "red").save(picture)
    assert fake_run("import", picture, "-o", file).code == 0
    name = read_document(file).document.raster_layers()[0].name
    outcome = fake_run("variations", file, "--layer", name, "-o", folder)
    assert refused(outcome, tmp_path) == (
        f'Nothing is known of what the layer "{name}" shows; give --prompt.'
    )
    assert not folder.exists()


@pytest.mark.parametrize("content", [None, b"{", b"\xff\xfe", b"[]"])
def test_unreadable_layouts(fake_run: RunFake, tmp_path: Path, content: bytes | None) -> None:
    layout = tmp_path / "boxes.json"
    if content is not None:
        layout.write_bytes(content)
    outcome = fake_run("generate", "a dog", "--layout", layout, "-o", tmp_path / "a.psd")
    assert str(layout) in refused(outcome, tmp_path)


def test_outputs_are_checked_before_the_work(fake_run: RunFake, tmp_path: Path) -> None:
    runtime = FakeRuntime()
    for target in (tmp_path / "none" / "a.psd", tmp_path / "a.gif", tmp_path):
        outcome = fake_run("generate", "a dog", "-o", target, runtime=runtime)
        assert str(target.parent) in refused(outcome, tmp_path)
    assert runtime.requests == []


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="this user may write anywhere"
)
def test_a_folder_without_permission(fake_run: RunFake, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        outcome = fake_run("generate", "a dog", "-o", tmp_path / "a.psd")
        assert "not writable" in refused(outcome, tmp_path)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["a.psd", "a.png"])
def test_a_full_disk_keeps_the_old_file(
    fake_run: RunFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target = tmp_path / name
    target.write_bytes(b"precious")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("editor.formats.atomic_save.os.fsync", full)
    outcome = fake_run("generate", "a dog", "--size", "64x64", "-o", target)
    assert outcome.code == 3
    assert "not enough space" in outcome.sentence
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert target.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("fault", "part"),
    [
        (fake_engine.Outcome.FAIL, "refuses this job"),
        (fake_engine.Outcome.CRASH, "ZeroDivisionError"),
        (fake_engine.Outcome.OUT_OF_MEMORY, "not enough memory"),
    ],
)
def test_failures_of_the_engine(
    fake_run: RunFake, tmp_path: Path, fault: fake_engine.Outcome, part: str
) -> None:
    outcome = fake_run(
        "generate", "a dog", "--json", "-o", tmp_path / "a.psd", runtime=FakeRuntime(fault)
    )
    assert part in refused(outcome, tmp_path, code=4)
    assert outcome.events[-1] == {"event": "error", "message": outcome.sentence}


@pytest.mark.parametrize(
    ("fault", "part"), [(ZeroDivisionError, "ZeroDivisionError"), (MemoryError, "not enough free")]
)
def test_what_nobody_expected_is_one_sentence(
    fake_run: RunFake,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    fault: type[Exception],
    part: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("editor.formats.png.write_png", fail)
    words = ["generate", "a dog", "--json", "-o", tmp_path / "a.png"]
    assert "Traceback" in fake_run(*words, "--verbose").err
    outcome = fake_run(*words)
    assert part in refused(outcome, tmp_path, code=4)
    assert outcome.events[-1] == {"event": "error", "message": outcome.sentence}


def test_a_second_output_that_fails_names_the_first(
    fake_run: RunFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise FormatError("The disk went away.")

    monkeypatch.setattr("editor.formats.png.write_png", fail)
    first = tmp_path / "a.psd"
    outcome = fake_run("generate", "a dog", "-o", first, "-o", tmp_path / "b.png")
    assert outcome.code == 3
    assert outcome.sentence == f"The disk went away. So far only {first} was written."
    assert first.exists()


def test_errors_are_json_events_too(fake_run: RunFake, tmp_path: Path) -> None:
    outcome = fake_run("generate", "", "--json", "-o", tmp_path / "a.psd")
    assert outcome.events == [{"event": "error", "message": outcome.sentence}]


@pytest.mark.parametrize(
    "words",
    [
        ["generate"],
        ["generate", "a dog"],
        ["generate", "a dog", "-o", "a.psd", "--size", "big"],
        ["generate", "a dog", "-o", "a.psd", "--seed", "x"],
        ["regenerate", "a.psd", "-o", "b.psd"],
        ["inspect"],
        ["genrate", "a dog"],
    ],
)
def test_wrong_use(fake_run: RunFake, words: list[str]) -> None:
    outcome = fake_run(*words, "--json")
    assert outcome.code == 2
    assert [event["event"] for event in outcome.events] == ["error"]


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"8BPS"])
def test_files_that_are_no_psd(fake_run: RunFake, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "in.xyz"
    if content is not None:
        path.write_bytes(content)
    for words in (
        ["inspect", path, "--json"],
        ["regenerate", path, "--layer", "x", "--prompt", "a dog", "-o", tmp_path / "b.psd"],
    ):
        assert str(path) in refused(fake_run(*words), tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux runs without a display")
def test_a_window_without_a_display(fake_run: RunFake, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    outcome = fake_run()
    assert outcome.code == 2
    assert "no display" in outcome.sentence


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux runs without a display")
def test_a_window_on_a_display_that_does_not_answer(
    fake_run: RunFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":98765")
    outcome = fake_run()
    assert outcome.code == 2
    assert "display :98765 cannot be reached" in outcome.sentence
