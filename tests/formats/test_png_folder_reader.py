"""A folder of pictures comes back as the document it was, and cannot make us read other files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from editor.cli.main import main
from editor.document.compositor import flatten
from editor.document.guides import Guide, Orientation
from editor.formats.errors import FormatError
from editor.formats.files import read_document, write_any
from editor.formats.inspect import describe
from editor.formats.opening import open_file
from editor.formats.png_folder_reader import read_png_folder
from tests.formats.sample_documents import matrix_document, simple_document

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_any(simple_document().snapshot(), tmp_path / "out")
    return tmp_path / "out"


def edited(folder: Path, edit: Edit) -> Path:
    path = folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return folder


def first_file(content: dict[str, Any], name: object) -> None:
    entry = next(entry for entry in content["layers"] if "file" in entry)
    entry["file"] = name


def test_round_trip(tmp_path: Path) -> None:
    guides = (Guide(Orientation.VERTICAL, 12.5), Guide(Orientation.HORIZONTAL, 7))
    state = replace(matrix_document().snapshot(), guides=guides, resolution_ppi=300)
    write_any(state, tmp_path / "out")
    for place in (tmp_path / "out", tmp_path / "out" / "manifest.json"):
        opened = read_document(place)
        assert describe(opened.document) == describe(state)
        found = opened.document.snapshot()
        assert (found.guides, found.resolution_ppi) == (guides, 300)
        assert (flatten(found) == flatten(state)).all()
        assert not opened.is_ours
    shares: list[float] = []
    child = open_file(tmp_path / "out", progress=shares.append)
    assert describe(child.document) == describe(state)
    assert shares == sorted(shares)
    assert shares


def test_import_of_a_folder(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "back.psd"
    assert main(["import", str(folder), "-o", str(target)]) == 0
    assert describe(read_document(target).document) == describe(read_png_folder(folder).document)


@pytest.mark.parametrize(
    "name",
    ["../secret.png", "/etc/passwd", "..", ".", "a/b.png", "a\\b.png", "C:x.png", "a\x00.png"],
)
def test_names_outside_the_folder_are_refused(folder: Path, name: str) -> None:
    (folder.parent / "secret.png").write_bytes((folder / "merged.png").read_bytes())
    with pytest.raises(FormatError, match="outside its folder"):
        read_png_folder(edited(folder, lambda content: first_file(content, name)))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_out_of_the_folder_are_refused(folder: Path) -> None:
    picture = next(path for path in folder.glob("0*.png"))
    picture.rename(folder.parent / "secret.png")
    picture.symlink_to(folder.parent / "secret.png")
    with pytest.raises(FormatError, match="outside its folder"):
        read_png_folder(folder)


def _repeat(content: dict[str, Any]) -> None:
    content["layers"].append(content["layers"][0])


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda c: c.update(format="other"), "no manifest of an exported folder"),
        (lambda c: c.update(version=99), "newer version"),
        (lambda c: c.update(version="a"), "is damaged"),
        (lambda c: c.update(width=0), "canvas"),
        (lambda c: c.update(width=10**9), "canvas"),
        (lambda c: c.update(width=1.5), "is damaged"),
        (lambda c: c.pop("guides"), "is damaged"),
        (lambda c: c.update(guides=[["slanted", 1]]), "is damaged"),
        (lambda c: c.update(resolution_ppi=float("nan")), "is damaged"),
        (lambda c: c.update(layers={}) or c["layers"].update(a=1), "is damaged"),
        (_repeat, "is damaged"),
        (lambda c: c["layers"][0].update(group="absent"), "is damaged"),
        (lambda c: c["layers"][0].update(opacity=7), "opacity"),
        (lambda c: c["layers"][0].update(blend_mode="glow"), "is damaged"),
        (lambda c: c["layers"][0].update(box=[0, 0, 10**9, 5]), "does not have the size"),
        (lambda c: c["layers"][0].update(box=[10**9, 0, 10**9 + 5, 5]), "is damaged"),
        (lambda c: first_file(c, "absent.png"), "is missing"),
        (lambda c: first_file(c, "manifest.json"), "is no PNG"),
        (lambda c: first_file(c, 5), "is damaged"),
    ],
)
def test_what_is_wrong_is_one_sentence(folder: Path, edit: Edit, says: str) -> None:
    with pytest.raises(FormatError, match=says) as error:
        read_png_folder(edited(folder, edit))
    assert str(folder) in error.value.message


def test_damaged_files(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = next(path for path in folder.glob("0*.png"))
    whole = picture.read_bytes()
    picture.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match="is damaged"):
        read_png_folder(folder)
    picture.write_bytes(whole)
    monkeypatch.setattr("editor.formats.png_folder_reader._PIXEL_BYTES", 2**40)
    with pytest.raises(FormatError, match="more memory"):
        read_png_folder(folder)
    for text in ("{", "[" * 100_000, "[]", "\ud800"):
        (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(FormatError, match=r"manifest\.json"):
            read_png_folder(folder)
    with pytest.raises(FormatError, match=r"holds no manifest\.json"):
        read_png_folder(tmp_path)
