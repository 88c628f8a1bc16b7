"""A document's ICC profile and resolution are kept on open and save."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QColorSpace

from editor.formats.png import write_png
from editor.formats.psd import read_psd, write_psd
from tests.formats.sample_documents import simple_document


def display_p3() -> bytes:
    return bytes(QColorSpace(QColorSpace.NamedColorSpace.DisplayP3).iccProfile().data())


def test_a_psd_keeps_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "p3.psd"
    state = replace(simple_document().snapshot(), color_profile=display_p3())
    write_psd(state, path)
    assert read_psd(path).snapshot().color_profile == display_p3()
    with Image.open(path) as image:
        assert image.info["icc_profile"] == display_p3()


@pytest.mark.parametrize("ppi", [1.0, 72.0, 299.5, 65535.0])
def test_a_psd_keeps_the_resolution(tmp_path: Path, ppi: float) -> None:
    path = tmp_path / "print.psd"
    write_psd(replace(simple_document().snapshot(), resolution_ppi=ppi), path)
    assert read_psd(path).snapshot().resolution_ppi == ppi


def test_a_psd_that_says_no_resolution_has_the_usual_one(tmp_path: Path) -> None:
    path = tmp_path / "huge.psd"
    write_psd(replace(simple_document().snapshot(), resolution_ppi=1e9), path)
    assert read_psd(path).snapshot().resolution_ppi == pytest.approx(65536)
    data = path.read_bytes()
    number = data.index(b"8BIM\x03\xed")  # resource 1005 becomes one that nobody knows
    path.write_bytes(data[: number + 4] + b"\x0f\xa0" + data[number + 6 :])
    assert read_psd(path).snapshot().resolution_ppi == 72


def test_a_psd_without_a_profile_is_srgb_and_comes_back_without(tmp_path: Path) -> None:
    path = tmp_path / "plain.psd"
    write_psd(simple_document(), path)
    assert read_psd(path).snapshot().color_profile is None
    with Image.open(path) as image:
        assert image.info["icc_profile"]


def test_a_png_carries_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "p3.png"
    state = replace(simple_document().snapshot(), color_profile=display_p3())
    write_png(state, path)
    with Image.open(path) as image:
        assert image.info["icc_profile"] == display_p3()
        assert "srgb" not in image.info
