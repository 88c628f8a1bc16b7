"""Frames and their handles: hit areas of 24 screen pixels, aspect, middle, never mirrored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.tools.handles import (
    HIT_SIDE_PX,
    Constraint,
    Handle,
    dragged,
    handle_at,
    offered_handles,
)

FRAME = (100.0, 100.0, 300.0, 200.0)


@pytest.mark.parametrize("handle", list(Handle))
@pytest.mark.parametrize("pixel", [0.25, 1.0, 2.0])
def test_each_handle_is_hit_in_a_square_of_24_screen_pixels(handle: Handle, pixel: float) -> None:
    frame = tuple(edge * 10 for edge in FRAME)
    x, y = handle.position(frame)  # type: ignore[arg-type]
    out = (HIT_SIDE_PX / 2 - 0.5) * pixel
    for dx, dy in ((-out, -out), (out, out), (-out, out), (out, -out)):
        assert handle_at(frame, x + dx, y + dy, pixel) is handle  # type: ignore[arg-type]
    far = (HIT_SIDE_PX / 2 + 0.5) * pixel
    outside = (x + (handle.horizontal or 1) * far, y + (handle.vertical or 1) * far)
    assert handle_at(frame, *outside, pixel) is None  # type: ignore[arg-type]


def test_the_middle_of_a_tiny_frame_stays_free_for_moving() -> None:
    tiny = (50.0, 50.0, 60.0, 60.0)
    assert handle_at(tiny, 55, 55, 1.0) is None
    assert handle_at(tiny, 50.5, 50.5, 1.0) is Handle.TOP_LEFT
    assert len(offered_handles(tiny, 1.0)) == 4


def test_a_side_moves_alone_when_the_aspect_is_free() -> None:
    assert dragged(FRAME, Handle.RIGHT, 50, 99, Constraint()) == (100, 100, 350, 200)
    assert dragged(FRAME, Handle.TOP, 99, -10, Constraint()) == (100, 90, 300, 200)


def test_a_corner_keeps_the_opposite_corner() -> None:
    assert dragged(FRAME, Handle.TOP_LEFT, -20, -30, Constraint()) == (80, 70, 300, 200)
    kept = dragged(FRAME, Handle.BOTTOM_RIGHT, 100, 0, Constraint(keep_aspect=True))
    assert kept == (100, 100, 400, 250)


def test_from_the_centre_both_sides_move() -> None:
    assert dragged(FRAME, Handle.RIGHT, 10, 0, Constraint(from_centre=True)) == (90, 100, 310, 200)


@given(
    handle=st.sampled_from(list(Handle)),
    dx=st.floats(-2000, 2000),
    dy=st.floats(-2000, 2000),
    keep=st.booleans(),
    centre=st.booleans(),
)
def test_a_frame_never_turns_over(
    handle: Handle, dx: float, dy: float, keep: bool, centre: bool
) -> None:
    x0, y0, x1, y1 = dragged(FRAME, handle, dx, dy, Constraint(keep, centre))
    assert x1 - x0 >= 1 - 1e-6
    assert y1 - y0 >= 1 - 1e-6
    if keep:
        assert (x1 - x0) / (y1 - y0) == pytest.approx(2.0, rel=1e-6)
    if centre:
        assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((200, 150))
