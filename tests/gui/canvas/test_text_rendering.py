"""Texts set by Qt: colour, lines, alignment, where characters stand."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from editor.canvas.text_rendering import QtTextSetter
from editor.document import affine
from editor.document.affine import Matrix
from editor.document.errors import DocumentError
from editor.document.text import TextAlignment, TextContent
from editor.document.warping import warped

TEXT = TextContent(
    text="Hill", family="DejaVu Sans", size_px=40, color=(200, 30, 90, 255), anchor=(100.0, 80.0)
)


@pytest.fixture
def setter(qapp: QApplication) -> QtTextSetter:
    return QtTextSetter()


def test_letters_stand_on_the_baseline_in_exactly_their_colour(setter: QtTextSetter) -> None:
    drawn = setter.set(TEXT).draw()
    pixels = drawn.pixels
    box = pixels.alpha_box.translated(*drawn.offset)
    assert abs(box.y1 - 80) <= 1
    assert 100 <= box.x0 <= 106
    values = pixels.array
    seen = values[values[..., 3] > 0]
    assert (seen[:, :3] == (200, 30, 90)).all()
    assert (seen[:, 3] == 255).any()
    assert ((seen[:, 3] > 0) & (seen[:, 3] < 255)).any(), "edges are smooth"


def test_transparent_colour_is_transparent(setter: QtTextSetter) -> None:
    pixels = setter.set(replace(TEXT, color=(0, 0, 0, 100))).draw().pixels
    assert pixels.array[..., 3].max() == 100


def test_alignment_moves_lines_around_the_anchor(setter: QtTextSetter) -> None:
    left = setter.set(TEXT).box
    width = left[2] - left[0]
    center = setter.set(replace(TEXT, alignment=TextAlignment.CENTER)).box
    right = setter.set(replace(TEXT, alignment=TextAlignment.RIGHT)).box
    assert left[0] == pytest.approx(100)
    assert center[0] == pytest.approx(100 - width / 2)
    assert right[2] == pytest.approx(100)


def test_lines_follow_each_other_by_the_line_height(setter: QtTextSetter) -> None:
    one = setter.set(replace(TEXT, text="a\nb"))
    two = setter.set(replace(TEXT, text="a\nb", line_height=2.0))
    step = one.caret(2).top - one.caret(0).top
    assert step > 30
    assert two.caret(2).top - two.caret(0).top == pytest.approx(2 * step)
    assert one.box[3] > one.caret(2).bottom - 1


def test_places_and_positions_agree(setter: QtTextSetter) -> None:
    text = setter.set(replace(TEXT, text="wide\nil\n\nxy"))
    for position in range(len("wide\nil\n\nxy") + 1):
        caret = text.caret(position)
        middle = (caret.top + caret.bottom) / 2
        assert text.position_at(caret.x + 0.1, middle) == position
    assert text.position_at(-1000, -1000) == 0
    assert text.position_at(5000, 5000) == 11


def test_marks_cover_what_is_marked_line_by_line(setter: QtTextSetter) -> None:
    text = setter.set(replace(TEXT, text="wide\nil"))
    first, second = text.marks(2, 6)
    assert first[0] == pytest.approx(text.caret(2).x)
    assert first[2] > text.caret(4).x, "the end of the line is marked as well"
    assert second[0] == pytest.approx(text.caret(5).x)
    assert second[2] == pytest.approx(text.caret(6).x)


def test_emoji_count_as_one_character(setter: QtTextSetter) -> None:
    text = setter.set(replace(TEXT, text="a\U0001f600b"))
    assert text.caret(2).x > text.caret(1).x
    assert text.position_at(text.caret(2).x, 70) == 2


def test_sizes_may_be_fractions(setter: QtTextSetter) -> None:
    widths = []
    for size in (40.0, 40.4, 40.8):
        box = setter.set(replace(TEXT, size_px=size)).box
        widths.append(box[2] - box[0])
    assert np.diff(widths) == pytest.approx([0.4 * widths[0] / 40] * 2, rel=0.15)


def test_an_empty_text_is_one_clear_pixel(setter: QtTextSetter) -> None:
    pixels = setter.set(replace(TEXT, text="")).draw().pixels
    assert pixels.size == (1, 1)
    assert pixels.alpha_box.is_empty


@pytest.mark.parametrize(
    "matrix",
    [
        affine.rotation(30),
        affine.rotation(-90),
        affine.scaling(-1, 1),
        (1.4, 0.5, 0.0, -0.2, 0.8, 0.0),
    ],
    ids=["turned", "upwards", "mirrored", "leaning"],
)
def test_a_turned_text_is_what_its_upright_letters_become(
    setter: QtTextSetter, matrix: Matrix
) -> None:
    drawn = setter.set(replace(TEXT, text="Hill\nof 8").mapped(matrix)).draw()
    assert drawn.source is not None
    assert drawn.matrix is not None
    resampled, offset = warped(drawn.source, drawn.matrix)
    assert (drawn.pixels.size, drawn.offset) == (resampled.size, offset)
    alphas = (pixels.array[..., 3].astype(float) for pixels in (drawn.pixels, resampled))
    ours, theirs = (cv2.blur(alpha, (5, 5)) for alpha in alphas)
    assert np.abs(ours - theirs).max() < 40, "the same letters at the same places"
    assert (drawn.pixels.array[drawn.pixels.array[..., 3] > 0][:, :3] == (200, 30, 90)).all()


def test_a_stretched_text_is_drawn_and_not_resampled(setter: QtTextSetter) -> None:
    plain = setter.set(TEXT).draw()
    wide = setter.set(replace(TEXT, linear=(3, 0, 0, 1))).draw()
    assert (wide.source, wide.matrix) == (None, None)
    assert wide.pixels.height == pytest.approx(plain.pixels.height, abs=1)
    assert wide.pixels.width == pytest.approx(3 * plain.pixels.width, abs=3)


def test_letters_of_a_turned_line_stand_on_one_line(setter: QtTextSetter) -> None:
    dashes = replace(TEXT, text="\u2014" * 8).mapped(affine.rotation(5, TEXT.anchor))
    alpha = setter.set(dashes).draw().pixels.array[..., 3].astype(float)
    weight = alpha.sum(axis=0)
    columns = np.flatnonzero(weight > 0.9 * np.median(weight))
    middle = (alpha * np.arange(alpha.shape[0])[:, None]).sum(axis=0)[columns] / weight[columns]
    line = np.polyfit(columns, middle, 1)
    assert line[0] == pytest.approx(np.tan(np.radians(5)), abs=0.002)
    assert np.abs(middle - np.polyval(line, columns)).max() < 0.15, "letters on whole pixels: 0.33"


def test_a_text_beyond_all_sizes_is_refused(setter: QtTextSetter) -> None:
    with pytest.raises(DocumentError, match="each side"):
        setter.set(replace(TEXT, linear=(2000, 0, 0, 1))).draw()


def test_missing_fonts_are_named(setter: QtTextSetter) -> None:
    assert setter.missing_family(TEXT) == ""
    instead = setter.missing_family(replace(TEXT, family="No Such Font"))
    assert instead
    assert instead != "No Such Font"
