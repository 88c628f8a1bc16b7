"""A folder of pictures: it adds up to the document, and nothing of others is replaced."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.files import write_any
from editor.formats.inspect import describe, stored_bounds
from editor.formats.png_folder import safe_name, write_png_folder
from tests.formats.sample_documents import matrix_document, noise, simple_document


def picture(path: Path) -> np.ndarray:
    data = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    assert data is not None
    return cv2.cvtColor(data, cv2.COLOR_BGRA2RGBA) if data.ndim == 3 else data


def manifest(folder: Path) -> dict[str, object]:
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def test_every_layer_and_what_is_known_of_it(tmp_path: Path) -> None:
    document = matrix_document()
    folder = tmp_path / "out"
    write_any(document.snapshot(), folder)
    content = manifest(folder)
    assert (content["width"], content["height"]) == (320, 240)
    assert np.array_equal(picture(folder / "merged.png"), flatten(document))
    entries = content["layers"]
    assert isinstance(entries, list)
    listed = {"manifest.json", "merged.png"}
    for layer, entry, described in zip(
        document.all_layers(), entries, describe(document)["layers"], strict=True
    ):
        assert {key: entry[key] for key in described if key != "mask"} == {
            key: value for key, value in described.items() if key != "mask"
        }
        if isinstance(layer, RasterLayer):
            box = stored_bounds(layer).translated(-layer.offset[0], -layer.offset[1])
            assert np.array_equal(picture(folder / entry["file"]), layer.pixels.read(box))
            listed.add(entry["file"])
        if entry["mask"] and "file" in entry["mask"]:
            x0, y0, x1, y1 = entry["mask"]["box"]
            assert picture(folder / entry["mask"]["file"]).shape == (y1 - y0, x1 - x0)
            listed.add(entry["mask"]["file"])
    assert {path.name for path in folder.iterdir()} == listed


def test_recipes_are_there_or_not(tmp_path: Path) -> None:
    state = simple_document().snapshot()
    write_png_folder(state, tmp_path / "with")
    write_png_folder(state, tmp_path / "without", include_recipes=False)
    assert "a brown dog" in (tmp_path / "with" / "manifest.json").read_text()
    content = b"".join(path.read_bytes() for path in (tmp_path / "without").iterdir())
    assert b"a brown dog" not in content
    assert manifest(tmp_path / "without")["digital_source_type"]


def test_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_png_folder(simple_document().snapshot(), folder)
    write_png_folder(Document(9, 9).snapshot(), folder)
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "merged.png"}
    assert list(tmp_path.iterdir()) == [folder]


def test_folders_with_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "manifest.json").write_text("[1, 2]")
    with pytest.raises(FormatError, match="holds other files"):
        write_png_folder(Document(9, 9).snapshot(), tmp_path / "mine")
    assert (tmp_path / "mine" / "manifest.json").read_text() == "[1, 2]"
    with pytest.raises(FormatError, match="does not exist"):
        write_png_folder(Document(9, 9).snapshot(), tmp_path / "absent" / "a")
    (tmp_path / "file").write_text("")
    with pytest.raises(FormatError, match="is a file"):
        write_png_folder(Document(9, 9).snapshot(), tmp_path / "file")


def test_what_the_user_put_into_an_exported_folder_is_not_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_png_folder(simple_document().snapshot(), folder)
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(FormatError, match="holds other files"):
        write_png_folder(Document(9, 9).snapshot(), folder)
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_cancelled_export_leaves_the_old_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_png_folder(Document(9, 9).snapshot(), folder)
    answers = iter([False] * 9 + [True] * 9)
    with pytest.raises(SaveCancelled):
        write_png_folder(matrix_document().snapshot(), folder, cancelled=lambda: next(answers))
    assert len(list(folder.iterdir())) == 2
    assert list(tmp_path.iterdir()) == [folder]


def test_replacing_without_a_swap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("editor.formats.png_folder.exchange", lambda *_names: False)
    folder = tmp_path / "out"
    write_png_folder(simple_document().snapshot(), folder)
    write_png_folder(Document(9, 9).snapshot(), folder)
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "merged.png"}
    assert list(tmp_path.iterdir()) == [folder]


def test_what_a_kill_between_the_two_steps_left_goes_with_the_next_export(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_png_folder(simple_document().snapshot(), folder)
    for name in ("out old 0123abcd", "out old v1", "another old 0123abcd"):
        shutil.copytree(folder, tmp_path / name)
    (tmp_path / "out old 76543210").mkdir()
    (tmp_path / "out old 76543210" / "notes.txt").write_text("mine")
    write_png_folder(Document(9, 9).snapshot(), folder)
    assert {path.name for path in tmp_path.iterdir()} == {
        "out", "out old v1", "another old 0123abcd", "out old 76543210",
    }  # fmt: skip


def test_what_cannot_be_tidied_is_no_failure_of_the_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    listed = Path.iterdir

    def refused(path: Path) -> Iterator[Path]:
        if path == tmp_path and folder.exists():
            raise PermissionError(path)
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    write_png_folder(simple_document().snapshot(), folder)
    assert (folder / "manifest.json").is_file()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("earlier", [True, False])
def test_a_link_stays_a_link_and_its_folder_is_replaced(tmp_path: Path, *, earlier: bool) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "shelf").mkdir()
    folder, link = tmp_path / "real" / "out", tmp_path / "shelf" / "link"
    if earlier:
        write_png_folder(simple_document().snapshot(), folder)
    link.symlink_to(folder)
    write_png_folder(Document(9, 9).snapshot(), link)
    assert link.is_symlink()
    assert list((tmp_path / "shelf").iterdir()) == [link]
    assert list((tmp_path / "real").iterdir()) == [folder]
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "merged.png"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_itself_is_a_sentence(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(FormatError, match="choose another"):
        write_png_folder(Document(9, 9).snapshot(), link)


def test_pictures_are_on_the_disk_before_the_folder_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[tuple[int, bool]] = []
    force = os.fsync

    def recording(descriptor: int) -> None:
        forced.append((os.fstat(descriptor).st_ino, (tmp_path / "out").exists()))
        force(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    write_png_folder(simple_document().snapshot(), tmp_path / "out")
    before = {inode for inode, named in forced if not named}
    assert {path.stat().st_ino for path in (tmp_path / "out").iterdir()} <= before
    assert os.name == "nt" or (tmp_path.stat().st_ino, True) in forced, "the name itself too"


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a/b:c", "a_b_c"), ("..", ""), ("林檎", "林檎"), ("x" * 99, "x" * 60), ("a\x00\\b", "a_b")],
)
def test_names_that_every_file_system_takes(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_names_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    layer = RasterLayer(name="../../evil", pixels=noise(4, 4, 1))
    write_png_folder(Document(9, 9, [layer]).snapshot(), tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"001 _.._evil.png"}
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]
