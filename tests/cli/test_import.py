"""`layerloom import`: files of other programs as documents, with what they held."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from editor.formats.files import read_document
from tests.cli.conftest import RunFake
from tests.formats.sample_documents import noise
from tests.formats.test_psd_import import foreign, invert


def test_a_psd_with_an_adjustment(fake_run: RunFake, tmp_path: Path) -> None:
    source, target = foreign(tmp_path / "a.psd", invert), tmp_path / "b.layerloom"
    result = fake_run("import", str(source), "-o", str(target), "--json").result
    assert (result["width"], result["height"], result["layers"]) == (40, 30, 4)
    assert result["kept"] == {"above": ["adjustment"]}
    assert result["notes"] == ["Kept for PSD, but not shown: adjustment layers."]
    assert len(read_document(target).document.all_layers()) == 4
    fake_run("import", str(target), "-o", str(tmp_path / "c.psd"), "--json")
    assert (tmp_path / "c.psd").read_bytes() == source.read_bytes()


def test_a_flat_picture(fake_run: RunFake, tmp_path: Path) -> None:
    pixels = noise(13, 9, 4).array
    for suffix in (".png", ".webp", ".tif"):
        source = tmp_path / f"photo{suffix}"
        Image.fromarray(pixels).save(source, lossless=True, exact=True)
        fake_run("import", str(source), "-o", str(tmp_path / "out.psd"), "--json")
        (layer,) = read_document(tmp_path / "out.psd").document.raster_layers()
        assert layer.name == "photo"
        seen = pixels[..., 3] > 0
        box = layer.bounds.intersection(read_document(tmp_path / "out.psd").document.canvas)
        stored = layer.pixels.read(box.translated(-layer.offset[0], -layer.offset[1]))
        assert np.array_equal(stored[seen], pixels[seen])


def test_a_drawing(fake_run: RunFake, tmp_path: Path) -> None:
    source, target = tmp_path / "logo.svg", tmp_path / "out.layerloom"
    source.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
        '<rect width="10" height="20" fill="#f00"/></svg>'
    )
    result = fake_run("import", str(source), "-o", str(target), "--json").result
    assert (result["width"], result["height"], result["layers"]) == (40, 20, 1)
    (layer,) = read_document(target).document.raster_layers()
    assert layer.name == "logo"
    assert layer.pixels.pixel(5, 5) == (255, 0, 0, 255)
    assert layer.pixels.pixel(30, 5)[3] == 0
    source.write_text("no drawing")
    wrong = fake_run("import", str(source), "-o", str(target), "--json")
    assert wrong.code == 3
    assert "logo.svg is no SVG" in wrong.sentence
    assert read_document(target).document.width == 40


def test_a_bad_file_and_a_bad_target(fake_run: RunFake, tmp_path: Path) -> None:
    source = foreign(tmp_path / "a.psd")
    wrong = fake_run("import", str(source), "-o", str(tmp_path / "b.xyz"), "--json")
    assert wrong.code == 3
    assert "no known file type" in wrong.sentence
    source.write_bytes(b"8BPS no more")
    wrong = fake_run("import", str(source), "-o", str(tmp_path / "b.psd"), "--json")
    assert wrong.code == 3
    assert "a.psd" in wrong.sentence
