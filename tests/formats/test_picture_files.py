"""Flat pictures of other programs: right colours, right way up, or one sentence."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from editor.formats.errors import FormatError
from editor.formats.picture_files import (
    PICTURE_SUFFIXES,
    decode_picture,
    picture_bytes,
    read_picture,
)
from tests.document.scenes import noise


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_lossless_formats_keep_every_byte(kind: str) -> None:
    array = noise(40, 30, 1)
    array[array[..., 3] == 0] = 0  # WebP drops colour under alpha 0
    data = encoded(Image.fromarray(array), kind, lossless=True)
    assert np.array_equal(decode_picture(data, "a").array, array)


@pytest.mark.parametrize("kind", ["JPEG", "BMP", "GIF"])
def test_other_formats_come_near(kind: str) -> None:
    array = np.full((30, 40, 3), (200, 100, 50), np.uint8)
    pixels = decode_picture(encoded(Image.fromarray(array), kind), "a")
    assert pixels.is_opaque
    assert np.abs(pixels.array[..., :3].astype(int) - array).max() <= 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "F"])
def test_all_modes_become_rgba(mode: str) -> None:
    gray = Image.fromarray(np.full((9, 7), 128, np.uint8))
    if mode == "I;16":
        image = Image.fromarray(np.full((9, 7), 128 * 257, np.uint16))
    elif mode == "F":
        image = Image.fromarray(np.full((9, 7), 0.5, np.float32))
    else:
        image = gray.convert(mode)
    pixels = decode_picture(encoded(image, "TIFF"), "a")
    assert pixels.size == (7, 9)
    middle = pixels.pixel(3, 4)
    assert middle[3] == 255
    assert max(abs(v - 128) for v in middle[:3]) <= (127 if mode == "1" else 1)


def test_transparent_palette_colours() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.putpixel((0, 0), 0)
    pixels = decode_picture(encoded(image, "PNG", transparency=0), "a")
    assert pixels.pixel(0, 0)[3] == 0
    assert pixels.pixel(1, 1) == (255, 0, 0, 255)


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_transparent_colours_in_a_picture_with_a_profile(mode: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (4, 4), (200, 200, 200)).convert(mode)
    clear: object = image.getpixel((0, 0))
    image.putpixel((3, 3), 0 if mode != "RGB" else (0, 0, 0))
    pixels = decode_picture(encoded(image, "PNG", transparency=clear, icc_profile=profile), "a")
    assert pixels.pixel(0, 0)[3] == 0
    assert pixels.pixel(3, 3)[3] == 255


def test_photographs_are_turned_the_right_way_up() -> None:
    image = Image.new("RGB", (40, 20), (0, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise
    assert decode_picture(encoded(image, "JPEG", exif=exif), "a").size == (20, 40)


def test_colours_come_to_srgb() -> None:
    array = noise(20, 20, 1)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(Image.fromarray(array), "PNG", icc_profile=profile)
    same = decode_picture(data, "a").array
    assert np.abs(same.astype(int) - array).max() <= 1
    assert np.array_equal(same[..., 3], array[..., 3])
    damaged = encoded(Image.fromarray(array), "PNG", icc_profile=b"no profile")
    assert np.array_equal(decode_picture(damaged, "a").array, array)


def test_bad_files_are_named_in_one_sentence(tmp_path: Path) -> None:
    whole = encoded(Image.fromarray(noise(400, 300, 1)), "PNG")
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    bomb = bytearray(encoded(Image.new("1", (8, 8)), "PNG"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    (tmp_path / "bomb.png").write_bytes(bomb)
    for name in ("half.png", "text.png", "empty.jpg", "folder.png", "bomb.png", "gone.png"):
        with pytest.raises(FormatError) as caught:
            read_picture(tmp_path / name)
        assert name in caught.value.message
        assert caught.value.message.count(". ") == 0


def test_files_that_run_programs_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    with pytest.raises(FormatError, match="no picture"):
        read_picture(tmp_path / "a.png")
    assert ".eps" not in PICTURE_SUFFIXES


def test_a_file_of_more_bytes_than_wanted_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.svg"
    path.write_bytes(b"12345")
    assert picture_bytes(path, 5) == b"12345"
    with pytest.raises(FormatError, match=r"^large\.svg is too large to open as a picture\.$"):
        picture_bytes(path, 4)
    with pytest.raises(FormatError, match=r"^gone\.svg could not be read"):
        picture_bytes(tmp_path / "gone.svg", 4)
