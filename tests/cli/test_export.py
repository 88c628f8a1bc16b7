"""`layerloom export`: one file as another, without window, engine or psd-tools where not needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from editor.document.compositor import flatten
from editor.formats.files import read_document, write_document
from editor.formats.inspect import describe
from tests.cli.conftest import ROOT, RunFake
from tests.formats.sample_documents import matrix_document, simple_document


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.layerloom"
    write_document(matrix_document().snapshot(), path)
    return path


def test_a_picture(fake_run: RunFake, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    result = fake_run("export", str(source), "-o", str(target), "--json").result
    assert result["file"] == str(target)
    assert (result["width"], result["height"], result["layers"]) == (320, 240, 62)
    assert set(result["seconds"]) == {"read", "write"}
    written = cv2.imread(str(target), cv2.IMREAD_UNCHANGED)
    assert written is not None
    picture = cv2.cvtColor(written, cv2.COLOR_BGRA2RGBA)
    assert np.array_equal(picture, flatten(matrix_document()))


@pytest.mark.parametrize("suffix", ["psd", "psb", "ora", "layerloom"])
def test_layered_files(fake_run: RunFake, source: Path, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out.{suffix}"
    outcome = fake_run("export", str(source), "-o", str(target))
    assert outcome.code == 0
    assert str(target) in outcome.out + outcome.err
    opened = read_document(target).document
    assert describe(opened) == describe(read_document(source).document)


def test_recipes_can_be_left_out(fake_run: RunFake, tmp_path: Path) -> None:
    source, target = tmp_path / "in.layerloom", tmp_path / "out.psd"
    write_document(simple_document().snapshot(), source)
    assert fake_run("export", str(source), "-o", str(target), "--no-recipes").code == 0
    assert b"brown dog" not in target.read_bytes()


@pytest.mark.parametrize(
    ("name", "text"), [("out.xyz", "no known file type"), ("absent/out.png", "does not exist")]
)
def test_what_cannot_be_written(
    fake_run: RunFake, source: Path, tmp_path: Path, name: str, text: str
) -> None:
    outcome = fake_run("export", str(source), "-o", str(tmp_path / name))
    assert outcome.code == 3
    assert text in outcome.sentence


def test_what_cannot_be_read(fake_run: RunFake, tmp_path: Path) -> None:
    source = tmp_path / "in.psd"
    source.write_bytes(b"8BPS and no more")
    outcome = fake_run("export", str(source), "-o", str(tmp_path / "out.png"))
    assert outcome.code == 3
    assert "in.psd" in outcome.sentence
    assert not (tmp_path / "out.png").exists()


def test_a_picture_needs_no_heavy_modules(source: Path, tmp_path: Path) -> None:
    """Each of these costs more than compositing ten layers of 2048 px."""
    code = f"""
import sys
from editor.cli import main
assert main(["export", {str(source)!r}, "-o", {str(tmp_path / "out.png")!r}]) == 0
heavy = {{"torch", "PySide6", "psd_tools", "numba", "PIL"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=120)


def test_more_kinds_and_a_report(fake_run: RunFake, source: Path, tmp_path: Path) -> None:
    for name in ("a.webp", "a.jpg", "a.tiff", "pictures"):
        result = fake_run("export", str(source), "-o", str(tmp_path / name), "--json").result
        assert (tmp_path / name).exists()
        keys = [set(change) for change in result["changes"]]
        assert keys == [{"change", "layer", "text"}] * len(keys)
        assert keys or name == "pictures"
    assert (tmp_path / "pictures" / "manifest.json").is_file()
    outcome = fake_run("export", str(source), "-o", str(tmp_path / "b.jpg"))
    assert "become one picture" in outcome.out + outcome.err


def test_a_compact_psd_is_smaller_and_equal(
    fake_run: RunFake, source: Path, tmp_path: Path
) -> None:
    plain, compact = tmp_path / "a.psd", tmp_path / "b.psd"
    assert fake_run("export", str(source), "-o", str(plain)).code == 0
    assert fake_run("export", str(source), "-o", str(compact), "--compact").code == 0
    assert compact.stat().st_size < plain.stat().st_size
    assert describe(read_document(compact).document) == describe(read_document(plain).document)


def test_too_large_a_psd_becomes_a_psb(
    fake_run: RunFake, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("editor.formats.psd_writer.MAX_PSD_BYTES", 1000)
    result = fake_run("export", str(source), "-o", str(tmp_path / "a.psd"), "--json").result
    assert result["file"] == str(tmp_path / "a.psb")
    assert [change["change"] for change in result["changes"]] == ["written_as_psb"]
    assert not (tmp_path / "a.psd").exists()
    outcome = fake_run("export", str(source), "-o", str(tmp_path / "a.psd"))
    assert outcome.code == 3  # now there is an a.psb, which nobody asked to replace
    assert ".psb" in outcome.sentence
