"""The crop tool: drawing, handles, proportions, Enter and Escape."""

from __future__ import annotations

import pytest

from editor.document.geometry import Rect
from editor.tools.crop_tool import CropAspect, CropTool
from editor.tools.events import Key, Modifier
from editor.tools.overlay import CropFrame, CursorShape
from editor.tools.snapping import SnapKind
from tests.tools.sample import Hand, sample_history


@pytest.fixture
def hand() -> Hand:
    tool = CropTool()
    tool.snap = SnapKind.NONE
    return Hand(tool, sample_history(), 0.25)


def tool_of(hand: Hand) -> CropTool:
    assert isinstance(hand.tool, CropTool)
    return hand.tool


def test_a_frame_is_drawn_and_applied_as_one_step(hand: Hand) -> None:
    hand.drag((10, 20), (70, 60))
    assert tool_of(hand).rect() == Rect(10, 20, 70, 60)
    (frame,) = hand.tool.overlay(hand.history.document)
    assert isinstance(frame, CropFrame)
    assert len(frame.handles) == 6, "there is no room for the left and the right one"
    assert not hand.history.can_undo
    hand.key(Key.ENTER)
    document = hand.history.document
    assert (document.width, document.height) == (60, 40)
    assert document.raster("high").offset == (10, 0)
    assert hand.history.labels == ("Crop",)
    assert not hand.tool.busy


def test_escape_forgets_the_frame(hand: Hand) -> None:
    hand.drag((10, 20), (70, 60))
    hand.key(Key.ESCAPE)
    assert tool_of(hand).rect() is None
    assert not hand.key(Key.ENTER)


def test_handles_and_the_inside_change_the_frame(hand: Hand) -> None:
    hand.drag((10, 20), (70, 60))
    hand.drag((70, 60), (80, 90))
    assert tool_of(hand).rect() == Rect(10, 20, 80, 90)
    hand.drag((40, 50), (45, 48))
    assert tool_of(hand).rect() == Rect(15, 18, 85, 88)
    hand.key(Key.LEFT, Modifier.SHIFT)
    assert tool_of(hand).rect() == Rect(5, 18, 75, 88)
    hand.drag((90, 10), (95, 15))
    assert tool_of(hand).rect() == Rect(90, 10, 95, 15), "a drag elsewhere draws a new frame"


@pytest.mark.parametrize(
    ("aspect", "expected"),
    [
        (CropAspect.SQUARE, Rect(10, 10, 50, 50)),
        (CropAspect.SIXTEEN_NINE, Rect(10, 10, 50, 32)),
        (CropAspect.ORIGINAL, Rect(10, 10, 50, 50)),
    ],
)
def test_proportions_are_kept(hand: Hand, aspect: CropAspect, expected: Rect) -> None:
    tool_of(hand).options.change(aspect=aspect)
    hand.drag((10, 10), (50, 20))
    assert tool_of(hand).rect() == expected
    hand.drag((50, expected.y1), (90, expected.y1))
    rect = tool_of(hand).rect()
    assert rect is not None
    assert rect.width / rect.height == pytest.approx(expected.width / expected.height, rel=0.03)


def test_choosing_proportions_changes_the_frame_around_its_middle(hand: Hand) -> None:
    hand.drag((10, 10), (50, 30))
    tool_of(hand).options.change(aspect=CropAspect.SQUARE)
    tool_of(hand).choose_aspect(hand.history.document)
    rect = tool_of(hand).rect()
    assert rect is not None
    assert rect.width == rect.height
    assert (rect.x0 + rect.x1, rect.y0 + rect.y1) == (60, 40)


def test_shift_draws_a_square_and_a_double_click_applies(hand: Hand) -> None:
    hand.drag((10, 10), (40, 20), Modifier.SHIFT)
    assert tool_of(hand).rect() == Rect(10, 10, 40, 40)
    hand.press(25, 25, clicks=2)
    assert hand.history.document.width == 30


def test_the_edges_snap(hand: Hand) -> None:
    hand.tool.snap = SnapKind.ALL
    hand.drag((9.5, 11), (59, 60.5))
    assert tool_of(hand).rect() == Rect(10, 10, 60, 60)


def test_the_whole_canvas_is_no_crop(hand: Hand) -> None:
    hand.drag((0, 0), (100, 100))
    hand.key(Key.ENTER)
    assert hand.history.labels == ()


def test_the_cursor(hand: Hand) -> None:
    hand.drag((10, 10), (60, 60))

    def cursor(x: float, y: float) -> CursorShape:
        return hand.tool.cursor(hand.history.document, hand._pointer(x, y, Modifier.NONE))

    assert cursor(35, 35) is CursorShape.MOVE
    assert cursor(60, 60) is CursorShape.RESIZE_FALLING
    assert cursor(90, 90) is CursorShape.DRAW
