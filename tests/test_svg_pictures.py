"""SVG as pixels: at its own size, nothing read from elsewhere, and one sentence for what is bad."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from editor.formats.errors import FormatError
from editor.formats.opening import OpenCancelled
from editor.formats.png_planes import encode_rgba
from editor.svg_pictures import draw_svg, read_svg

WHITE = encode_rgba(np.full((2, 2, 4), 255, np.uint8))
CSS = '<?xml-stylesheet type="text/css" href="{}"?>'


def svg(content: str, width: str = "40", height: str = "20") -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="0 0 4 2">{content}</svg>'
    ).encode()


def draw(data: bytes, seconds: float = 60) -> np.ndarray:
    return draw_svg(data, "a.svg", (100, 100), seconds=seconds).array


def test_size_and_alpha(tmp_path: Path) -> None:
    half = '<rect width="2" height="2" fill="#f00" fill-opacity="0.5"/>'
    (tmp_path / "a.svg").write_bytes(svg(half))
    pixels = read_svg(tmp_path / "a.svg", (100, 100))
    assert pixels.size == (40, 20)
    assert pixels.pixel(5, 5)[0] == 255
    assert abs(pixels.pixel(5, 5)[3] - 128) <= 1
    assert pixels.pixel(30, 5)[3] == 0
    assert draw(svg(half, "300000", "150000")).shape == (50, 100, 4)
    assert draw(svg(half, "1e30", "1e30")).size <= 40_000  # beyond Qt's numbers


def test_text_is_drawn() -> None:
    assert draw(svg('<text y="2" font-size="2">Hi</text>'))[..., 3].max() > 200


@pytest.mark.parametrize("address", ["{uri}", "{path}", "photo.png", "http://127.0.0.1:9/a.png"])
def test_nothing_outside_is_read(tmp_path: Path, address: str) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(WHITE)
    href = address.format(uri=path.as_uri(), path=path)
    image = f'<image width="4" height="2" xlink:href="{href}"/><rect width="1" height="1"/>'
    pixels = draw(svg(image))
    assert pixels[..., :3].max() == 0
    assert pixels[5, 30, 3] == 0


def test_style_sheets_outside_are_not_read(tmp_path: Path) -> None:
    sheet = tmp_path / "a.css"
    sheet.write_text("rect { fill: #f00 }")
    pixels = draw(CSS.format(sheet).encode() + svg('<rect width="4" height="2"/>'))
    assert pixels[5, 5].tolist() == [0, 0, 0, 255]


def test_pictures_inside_are_drawn_unless_they_are_svg() -> None:
    image = (
        '<rect width="1" height="1"/><image width="4" height="2" href="data:image/png;base64,{}"/>'
    )
    white = draw(svg(image.format(base64.b64encode(WHITE).decode())))
    assert white[5, 30].tolist() == [255, 255, 255, 255]
    inner = base64.b64encode(svg('<rect width="4" height="2" fill="#fff"/>')).decode()
    assert draw(svg(image.format(inner)))[5, 30, 3] == 0


def test_entities_of_drawing_programs_and_bombs() -> None:
    colour = b'<!DOCTYPE svg [<!ENTITY c "#0f0">]>'
    assert draw(colour + svg('<rect width="4" height="2" fill="&c;"/>'))[5, 5, 1] == 255
    grows = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE svg [<!ENTITY a0 "ha">{grows}]>'.encode() + svg("<text>&a8;</text>")
    with pytest.raises(FormatError, match="no SVG that can be drawn"):
        draw(bomb)


def uses() -> bytes:
    """A hundred million squares in two kilobytes."""
    groups = "".join(
        f'<g id="u{n}">{f"""<use xlink:href="#u{n - 1}"/>""" * 10}</g>' for n in range(1, 9)
    )
    square = '<rect id="u0" width="1" height="1"/>'
    return svg(f'<defs>{square}{groups}</defs><use xlink:href="#u8"/>')


def test_what_takes_too_long_is_given_up_or_cancelled() -> None:
    with pytest.raises(FormatError, match="too complex"):
        draw(uses(), seconds=1)
    with pytest.raises(OpenCancelled):
        draw_svg(uses(), "a.svg", (9, 9), cancelled=lambda: True)


@pytest.mark.parametrize("data", [b"", b"<svg", b"<html></html>", b"\x00\xff", b"GIF89a"])
def test_what_is_no_svg(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"a\.svg is no SVG that can be drawn"):
        draw(data)


def test_what_shows_nothing_or_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="shows nothing"):
        draw(svg(""))
    with pytest.raises(FormatError, match="could not be read"):
        read_svg(tmp_path / "absent.svg", (9, 9))
