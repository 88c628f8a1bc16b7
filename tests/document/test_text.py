"""Live text mapped: how it is turned and stretched, and where its places lie."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editor.document import affine
from editor.document.affine import Matrix
from editor.document.errors import DocumentError
from editor.document.text import MAX_FONT_SIZE_PX, UPRIGHT, TextContent

TEXT = TextContent(text="Hi", family="Sans", size_px=20, anchor=(20.0, 50.0))
MAPS = {
    "turned": affine.rotation(30, (40, 45)),
    "stretched": affine.scaling(3, 0.5, (7, 9)),
    "mirrored": affine.scaling(-1, 1),
    "leaning": (1.0, 0.4, 3.0, 0.0, 1.0, -2.0),
}


@pytest.mark.parametrize("matrix", MAPS.values(), ids=MAPS)
def test_each_place_of_a_text_goes_where_the_map_takes_it(matrix: Matrix) -> None:
    before = TEXT.mapped(affine.rotation(-12))
    after = before.mapped(matrix)
    # The font's size grows by the same as what is drawn with it, seen from the anchor.
    grown = after.size_px / before.size_px
    for dx, dy in ((0, 0), (10, 0), (0, -15), (30, 8)):
        place = affine.apply(before.to_document, before.anchor[0] + dx, before.anchor[1] + dy)
        x, y = after.anchor[0] + grown * dx, after.anchor[1] + grown * dy
        assert affine.apply(after.to_document, x, y) == pytest.approx(affine.apply(matrix, *place))
        assert after.from_document(*affine.apply(matrix, *place)) == pytest.approx((x, y))


def test_moving_and_even_scaling_leave_a_text_upright() -> None:
    assert TEXT.mapped(affine.translation(5, 5)) == replace(TEXT, anchor=(25.0, 55.0))
    assert TEXT.mapped(affine.scaling(2, 2, (20, 50))) == replace(TEXT, size_px=40)
    assert TEXT.translated(1, -1) == replace(TEXT, anchor=(21.0, 49.0))


def test_turning_to_and_fro_leaves_what_was() -> None:
    turned = TEXT
    for degrees in (17, 90, 200.5, -307.5):
        turned = turned.mapped(affine.rotation(degrees, (20, 50)))
    assert turned.linear == UPRIGHT
    assert turned.size_px == TEXT.size_px
    assert turned.anchor == pytest.approx(TEXT.anchor)
    assert TEXT.mapped(affine.rotation(90)).linear == (0, -1, 1, 0)


def test_the_size_is_the_height_of_the_letters() -> None:
    wide, high = TEXT.mapped(affine.scaling(3, 1)), TEXT.mapped(affine.scaling(1, 2))
    assert (wide.size_px, wide.linear) == (20, (3, 0, 0, 1))
    assert (high.size_px, high.linear) == (40, (0.5, 0, 0, 1))


def test_what_is_larger_than_fonts_can_be_is_stretched() -> None:
    huge = TEXT.mapped(affine.scaling(400, 400))
    assert (huge.size_px, huge.linear) == (MAX_FONT_SIZE_PX, (4, 0, 0, 4))


@pytest.mark.parametrize(
    "linear",
    [(0, 0, 0, 0), (1, 2, 2, 4), (1e7, 0, 0, 1), (float("nan"), 0, 0, 1)],
)
def test_a_text_that_cannot_be_drawn_is_refused(linear: tuple[float, float, float, float]) -> None:
    with pytest.raises(DocumentError, match="stretched too far"):
        replace(TEXT, linear=linear)
    with pytest.raises(DocumentError, match="stretched too far"):
        TEXT.mapped((0, 0, 0, 0, 0, 0))
