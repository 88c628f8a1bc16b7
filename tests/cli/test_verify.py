"""`verify`, `variations` and regenerating in context, as a process on the shipped weights."""

from __future__ import annotations

import errno
import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from editor.document.layers import RasterLayer
from tests.cli.conftest import RunFake, needs_starter, real_run
from tests.helpers.fake_engine import FakeRuntime

PROMPT = "a red apple, a dog, a tree, a car and a bird on a sunset gradient"
QUICK = ("--steps", "2", "--guidance", "1", "--json")
NAMES = ["background", "red apple", "dog", "tree", "car", "bird"]


def hashes(result: dict[str, Any]) -> dict[str, str]:
    return {layer["id"]: layer["pixel_hash"] for layer in result["layers"]}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A document of six layers in the native format, and the event of making it."""
    path = tmp_path_factory.mktemp("six") / "a.layerloom"
    return path, real_run("generate", PROMPT, "--seed", "7", "-o", path, *QUICK).result


def agreements(path: Path) -> dict[str, str]:
    result = real_run("verify", path, "--json").result
    return {layer["name"]: layer["agreement"] for layer in result["layers"]}


@needs_starter
def test_regenerating_one_layer_leaves_the_rest_and_verifies_through_psd(
    document: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path, before = document
    native, psd, again = (tmp_path / name for name in ("b.layerloom", "b.psd", "c.layerloom"))
    after = real_run(
        "regenerate", path, "--layer", "dog", "--prompt", "a cat", "--context", "--steps", "2",
        "--json", "-o", native, "-o", psd,
    ).result  # fmt: skip
    old, new = hashes(before), hashes(after)
    changed = {layer_id for layer_id in old if old[layer_id] != new[layer_id]}
    assert len(old) == 6
    assert changed == {before["layers"][2]["id"]}
    assert real_run("export", psd, "-o", again, "--json").code == 0
    (inspected,) = real_run("inspect", again, "--json").events
    assert hashes(inspected) == new
    assert set(agreements(again).values()) == {"exact"}


@needs_starter
def test_an_edited_layer_is_different_and_says_why(
    document: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    from editor.commands.history import History
    from editor.commands.paint_commands import PaintLayer
    from editor.document.pixels import PixelBuffer
    from editor.formats.files import read_document, write_any

    opened = read_document(document[0]).document
    layer = opened.raster_layers()[1]
    assert isinstance(layer, RasterLayer)
    array = layer.pixels.array.copy()
    array[10:40, 10:40] = (0, 0, 255, 255)
    painted = PaintLayer(layer.layer_id, PixelBuffer.from_array(array), layer.offset, "Paint")
    History(opened).push(painted)
    target = tmp_path / "edited.psd"
    write_any(opened.snapshot(), target)
    outcome = real_run("verify", target, "--json")
    assert outcome.code == 3
    (report,) = [event for event in outcome.events if event["event"] == "result"]
    (edited,) = [layer for layer in report["layers"] if layer["agreement"] == "different"]
    assert edited["name"] == "red apple"
    assert edited["largest"] > 3
    assert "edited" in " ".join(edited["reasons"])


@needs_starter
def test_variations_are_files_of_their_own(
    document: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder = tmp_path / "variations"
    result = real_run(
        "variations", document[0], "--layer", "dog", "--count", "3", "--strength", "0.6",
        "--steps", "2", "--json", "-o", folder,
    ).result  # fmt: skip
    assert sorted(folder.iterdir()) == [Path(name) for name in result["files"]]
    pictures = [Image.open(path) for path in result["files"]]
    assert len({picture.tobytes() for picture in pictures}) == 3
    x0, y0, x1, y1 = result["boxes"][0]
    assert {picture.size for picture in pictures} == {(x1 - x0, y1 - y0)}
    assert result["attempts"] == sorted(set(result["attempts"]))


def test_a_layer_without_a_record_is_named(fake_run: RunFake, tmp_path: Path) -> None:
    from editor.formats.files import read_document, write_any

    state = read_document(make_file(fake_run, tmp_path)).document.snapshot()
    bare = tuple(
        replace(layer, record=None) for layer in state.layers if isinstance(layer, RasterLayer)
    )
    target = tmp_path / "bare.layerloom"
    write_any(replace(state, layers=bare), target)
    outcome = fake_run("verify", target, "--json")
    result = outcome.result
    assert {layer["agreement"] for layer in result["layers"]} == {"no record"}
    again = fake_run(
        "regenerate", target, "--layer", "object 1", "--prompt", "a cat", "-o", tmp_path / "c.psd"
    )
    assert again.code == 0  # a layer without a record is made from its box and the prompt


def make_file(fake_run: RunFake, tmp_path: Path) -> Path:
    path = tmp_path / "a.layerloom"
    assert fake_run("generate", "a dog", "--seed", "5", "-o", path).code == 0
    return path


def test_an_impossible_strength(fake_run: RunFake, tmp_path: Path) -> None:
    path = make_file(fake_run, tmp_path)
    outcome = fake_run(
        "regenerate", path, "--layer", "object 1", "--prompt", "a dog", "--strength", "7",
        "-o", tmp_path / "b.psd",
    )  # fmt: skip
    assert outcome.code == 3
    assert "strength must be between" in outcome.sentence


def test_variations_refuse_a_file_as_folder(fake_run: RunFake, tmp_path: Path) -> None:
    path = make_file(fake_run, tmp_path)
    outcome = fake_run("variations", path, "--layer", "object 1", "-o", path)
    assert outcome.code == 3
    assert "is a file" in outcome.sentence


def test_variations_that_could_not_be_written_are_not_made(
    fake_run: RunFake, tmp_path: Path
) -> None:
    path, runtime = make_file(fake_run, tmp_path), FakeRuntime()
    outcome = fake_run(
        "variations", path, "--layer", "object 1", "-o", path / "inner" / "more", runtime=runtime
    )
    assert outcome.code == 3
    assert f"{path} is a file" in outcome.sentence
    assert runtime.requests == []


def test_a_full_disk_leaves_whole_variations_only(
    fake_run: RunFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, folder = make_file(fake_run, tmp_path), tmp_path / "v"
    calls = itertools.count()

    def full_soon(_descriptor: int) -> None:
        if next(calls) >= 2:  # a picture, its folder
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("editor.formats.atomic_save.os.fsync", full_soon)
    outcome = fake_run("variations", path, "--layer", "object 1", "--count", "3", "-o", folder)
    assert outcome.code == 3
    assert "not enough space" in outcome.sentence
    assert [each.name for each in folder.iterdir()] == ["variation-01.png"]
    with Image.open(folder / "variation-01.png") as picture:
        assert picture.mode == "RGBA"


def test_a_locked_layer_is_not_regenerated(fake_run: RunFake, tmp_path: Path) -> None:
    from editor.formats.files import read_document, write_any

    path = make_file(fake_run, tmp_path)
    state = read_document(path).document.snapshot()
    locked = replace(state, layers=tuple(replace(layer, locked=True) for layer in state.layers))
    target = tmp_path / "locked.layerloom"
    write_any(locked, target)
    for command in (("regenerate", "-o", tmp_path / "b.psd"), ("variations", "-o", tmp_path / "v")):
        outcome = fake_run(
            command[0], target, "--layer", "object 1", "--prompt", "a cat", *command[1:]
        )
        assert outcome.code == 3
        assert "locked" in outcome.sentence


def test_a_box_of_a_pixel_is_refused(fake_run: RunFake, tmp_path: Path) -> None:
    layout = tmp_path / "boxes.json"
    layout.write_text('{"boxes": [{"x0": 10, "y0": 10, "x1": 11, "y1": 11, "prompt": "a dog"}]}')
    outcome = fake_run(
        "generate", "", "--layout", layout, "--mode", "multilayer", "-o", tmp_path / "a.psd"
    )
    assert outcome.code == 3
    assert "The box is 1 x 1 px" in outcome.sentence
