"""A document's ICC profile is kept on open and save."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

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
