"""Flattened WebP, JPEG and TIFF: pixels, profile, resolution, origin; and what goes wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from editor.document.compositor import flatten
from editor.document.document import Document
from editor.formats import flat_pictures
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.files import write_any
from editor.formats.flat_pictures import write_picture
from editor.formats.psd_planes import matte_on_white
from editor.formats.psd_resources import srgb_profile
from tests.formats.sample_documents import matrix_document, simple_document


@pytest.mark.parametrize("name", ["a.webp", "a.tif", "a.tiff", "A.TIFF"])
def test_lossless_pictures_keep_every_pixel(tmp_path: Path, name: str) -> None:
    document = simple_document()
    write_any(document.snapshot(), tmp_path / name)
    with Image.open(tmp_path / name) as image:
        assert np.array_equal(np.asarray(image.convert("RGBA")), flatten(document))
        assert image.info["icc_profile"] == srgb_profile()


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg"])
def test_a_jpeg_is_on_white(tmp_path: Path, name: str) -> None:
    document = simple_document()
    write_any(document.snapshot(), tmp_path / name)
    expected = matte_on_white(flatten(document))[..., :3].astype(int)
    with Image.open(tmp_path / name) as image:
        assert image.mode == "RGB"
        assert np.abs(np.asarray(image).astype(int) - expected).mean() < 3
        assert image.info["icc_profile"] == srgb_profile()
        assert round(image.info["dpi"][0]) == 72


@pytest.mark.parametrize("suffix", ["webp", "jpg", "tiff", "png"])
@pytest.mark.parametrize("generated", [True, False])
def test_the_origin_is_said_and_no_prompt(tmp_path: Path, suffix: str, generated: bool) -> None:
    path = tmp_path / f"a.{suffix}"
    document = simple_document() if generated else Document(20, 20, simple_document().layers[:1])
    write_any(document.snapshot(), path)
    data = path.read_bytes()
    assert (b"compositeWithTrainedAlgorithmicMedia" in data) == generated
    assert b"brown dog" not in data
    with Image.open(path) as image:
        image.load()


def test_a_cancelled_picture_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "a.jpg"
    target.write_bytes(b"old")
    answers = iter([False] + [True] * 9)
    with pytest.raises(SaveCancelled):
        write_picture(matrix_document(), target, cancelled=lambda: next(answers))
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_too_large_for_webp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat_pictures, "MAX_WEBP_SIDE_PX", 300)
    with pytest.raises(FormatError, match="at most 300 px"):
        write_picture(simple_document(), tmp_path / "a.webp")
    assert list(tmp_path.iterdir()) == []
