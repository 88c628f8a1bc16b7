"""The mapping between document and screen, as maths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.canvas.viewport import (
    KEEP_VISIBLE_PX,
    MAX_SCALE,
    MIN_SCALE,
    ZOOM_STEPS,
    Viewport,
    next_step,
)

VIEW = Viewport(800, 600, 1000, 500)


@given(
    scale=st.floats(MIN_SCALE, MAX_SCALE),
    x=st.floats(50, 750),
    y=st.floats(50, 550),
    origin=st.tuples(st.integers(-300, 0), st.integers(-300, 0)),
)
def test_zoom_keeps_the_place_under_the_pointer(
    scale: float, x: float, y: float, origin: tuple[int, int]
) -> None:
    view = Viewport(800, 600, 100_000, 100_000, 1.0, *origin)
    place = view.to_document(x, y)
    zoomed = view.zoomed(scale, x, y)
    moved_x, moved_y = zoomed.to_device(*place)
    assert abs(moved_x - x) <= 0.51
    assert abs(moved_y - y) <= 0.51


@given(dx=st.floats(-1e5, 1e5), dy=st.floats(-1e5, 1e5), scale=st.floats(0.02, 30))
def test_panning_never_loses_the_page(dx: float, dy: float, scale: float) -> None:
    view = VIEW.zoomed(scale, 400, 300).panned(dx, dy)
    x0, y0, x1, y1 = view.document_rect()
    keep_x = min(KEEP_VISIBLE_PX, x1 - x0) - 1
    keep_y = min(KEEP_VISIBLE_PX, y1 - y0) - 1
    assert min(x1, 800) - max(x0, 0) >= keep_x
    assert min(y1, 600) - max(y0, 0) >= keep_y


@pytest.mark.parametrize(
    ("scale", "level"),
    [(8.0, 0), (1.0, 0), (0.51, 0), (0.5, 1), (0.26, 1), (0.25, 2), (1 / 3, 1), (1 / 64, 6)],
)
def test_the_mip_level_is_drawn_at_more_than_half_size(scale: float, level: int) -> None:
    view = Viewport(800, 600, 1000, 500, scale)
    assert view.mip_level == level
    if scale <= 1:
        assert 0.5 < scale * 2**level <= 1


def test_interpolation_only_where_it_helps() -> None:
    smooth = {s: Viewport(9, 9, 9, 9, s).smooth for s in (0.25, 0.3, 1.0, 1.5, 2.0, 2.1, 8.0)}
    assert smooth == {
        0.25: False,
        0.3: True,
        1.0: False,
        1.5: True,
        2.0: True,
        2.1: False,
        8.0: False,
    }


def test_fit_centres_the_page_with_air() -> None:
    view = VIEW.fitted(40)
    assert view.document_rect() == (40, 120, 760, 480)
    assert Viewport(800, 600, 32, 32).fitted(40).scale == 2.0, "small pages are not blown up"


def test_the_visible_part_is_cut_at_the_page() -> None:
    assert VIEW.visible_rect() == (0, 0, 800, 500)
    assert VIEW.zoomed(2.0, 0, 0).panned(-100, 0).visible_rect() == (50, 0, 450, 300)


def test_zoom_steps_lead_over_100_percent_to_the_ends() -> None:
    scale, seen = MIN_SCALE, [MIN_SCALE]
    while scale < MAX_SCALE:
        scale = next_step(scale, larger=True)
        seen.append(scale)
    assert tuple(seen) == ZOOM_STEPS
    assert next_step(MAX_SCALE, larger=True) == MAX_SCALE
    assert next_step(0.9, larger=True) == 1.0
    assert next_step(1.1, larger=False) == 1.0
    assert next_step(MIN_SCALE, larger=False) == MIN_SCALE
