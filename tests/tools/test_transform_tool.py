"""The transform tool: handles, turning, numbers; Enter keeps it as one step, Escape drops it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editor.commands.property_commands import SetLocked
from editor.document import affine
from editor.document.geometry import Rect
from editor.tools.events import Key, Modifier
from editor.tools.overlay import CursorShape, TurnedFrame
from editor.tools.snapping import SnapKind
from editor.tools.tool import Effects
from editor.tools.transform_tool import TransformTool
from tests.tools.sample import Hand, sample_history

ZOOMED_IN = 0.25


@pytest.fixture
def hand() -> Hand:
    tool = TransformTool()
    tool.snap = SnapKind.NONE
    hand = Hand(tool, sample_history(), ZOOMED_IN)
    hand.history.document.select(("high",))
    return hand


def tool_of(hand: Hand) -> TransformTool:
    assert isinstance(hand.tool, TransformTool)
    return hand.tool


def run(hand: Hand, effects: Effects) -> None:
    hand._run(effects)


def bounds(hand: Hand, layer_id: str = "high") -> Rect:
    return hand.history.document.layer(layer_id).bounds


def test_a_corner_scales_with_the_aspect_kept(hand: Hand) -> None:
    hand.drag((40, 40), (60, 52))
    assert bounds(hand) == Rect(20, 20, 60, 60)
    hand.key(Key.ENTER)
    assert hand.history.labels == ("Transform",)


def test_shift_lets_go_of_the_aspect_and_alt_keeps_the_middle(hand: Hand) -> None:
    hand.drag((40, 40), (60, 52), Modifier.SHIFT)
    assert bounds(hand) == Rect(20, 20, 60, 52)
    hand.key(Key.ESCAPE)
    hand.drag((40, 40), (45, 45), Modifier.ALT)
    assert bounds(hand) == Rect(15, 15, 45, 45)


def test_a_drag_inside_moves_and_several_drags_are_one_step(hand: Hand) -> None:
    hand.drag((30, 30), (37, 33))
    hand.drag((37, 33), (40, 33), Modifier.SHIFT)
    assert bounds(hand) == Rect(30, 23, 50, 43)
    assert hand.tool.busy
    hand.key(Key.ENTER)
    assert not hand.tool.busy
    assert hand.history.labels == ("Transform",)
    hand.history.undo()
    assert bounds(hand) == Rect(20, 20, 40, 40)


def test_a_drag_outside_a_corner_turns_around_the_middle(hand: Hand) -> None:
    hand.press(46, 30)
    hand.release(30, 46)
    layer = hand.history.document.raster("high")
    assert layer.bounds == Rect(20, 20, 40, 40)
    assert layer.matrix is not None
    values = tool_of(hand).values(hand.history.document)
    assert values is not None
    assert values.angle == pytest.approx(90)


def test_shift_turns_in_steps(hand: Hand) -> None:
    hand.press(46, 30)
    hand.release(45, 38, Modifier.SHIFT)
    values = tool_of(hand).values(hand.history.document)
    assert values is not None
    assert values.angle == pytest.approx(30)


def test_handles_of_a_turned_frame_scale_along_its_sides(hand: Hand) -> None:
    document = hand.history.document
    values = tool_of(hand).values(document)
    assert values is not None
    run(hand, tool_of(hand).set_values(document, replace(values, angle=45.0)))
    (frame,) = tool_of(hand).overlay(document)
    assert isinstance(frame, TurnedFrame)
    corner = frame.corners[2]
    assert corner == pytest.approx((30, 30 + 200**0.5))
    hand.drag(corner, (corner[0], corner[1] + 200**0.5))
    after = tool_of(hand).values(document)
    assert after is not None
    assert (after.width, after.height) == pytest.approx((30, 30), abs=0.01)
    assert after.angle == pytest.approx(45)


def test_escape_brings_everything_back(hand: Hand) -> None:
    before = hand.history.document.state_hash()
    hand.drag((40, 40), (60, 52))
    run(hand, tool_of(hand).flip(hand.history.document, horizontal=True))
    hand.key(Key.ESCAPE)
    assert hand.history.document.state_hash() == before
    assert not hand.history.can_undo


def test_numbers_move_scale_and_turn(hand: Hand) -> None:
    document, tool = hand.history.document, tool_of(hand)
    values = tool.values(document)
    assert values is not None
    assert (values.x, values.y, values.width, values.height, values.angle) == (20, 20, 20, 20, 0)
    run(hand, tool.set_values(document, replace(values, x=5.0)))
    assert bounds(hand) == Rect(5, 20, 25, 40)
    values = tool.values(document)
    assert values is not None
    run(hand, tool.set_values(document, replace(values, width=40.0, height=10.0)))
    assert bounds(hand) == Rect(5, 20, 45, 30)
    values = tool.values(document)
    assert values is not None
    run(hand, tool.set_values(document, replace(values, angle=90.0)))
    assert bounds(hand) == Rect(20, 5, 30, 45)


def test_flips_keep_the_place_and_turns_by_quarters_are_exact(hand: Hand) -> None:
    document, tool = hand.history.document, tool_of(hand)
    run(hand, tool.flip(document, horizontal=True))
    layer = document.raster("high")
    assert layer.bounds == Rect(20, 20, 40, 40)
    assert layer.matrix is not None
    assert layer.matrix[0] == -1
    run(hand, tool.flip(document, horizontal=True))
    assert document.raster("high").matrix is None
    for _ in range(4):
        run(hand, tool.turn(document, 90))
    assert document.raster("high").bounds == Rect(20, 20, 40, 40)
    assert document.raster("high").matrix is None


def test_groups_and_several_layers_share_a_frame(hand: Hand) -> None:
    document = hand.history.document
    document.select(("low", "group"))
    (frame,) = tool_of(hand).overlay(document)
    assert isinstance(frame, TurnedFrame)
    assert frame.corners[0] == (10, 10)
    assert frame.corners[2] == (80, 80)
    hand.drag((80, 80), (150, 150))
    assert bounds(hand, "low") == Rect(10, 10, 50, 50)
    assert bounds(hand, "child") == Rect(110, 110, 150, 150)


def test_a_second_session_starts_with_the_turned_frame(hand: Hand) -> None:
    document, tool = hand.history.document, tool_of(hand)
    values = tool.values(document)
    assert values is not None
    run(hand, tool.set_values(document, replace(values, angle=30.0)))
    run(hand, tool.apply())
    again = tool.values(document)
    assert again is not None
    assert again.angle == pytest.approx(30)
    assert (again.width, again.height) == pytest.approx((20, 20))
    run(hand, tool.set_values(document, replace(again, angle=0.0)))
    layer = document.raster("high")
    assert layer.bounds == Rect(20, 20, 40, 40)
    assert layer.source is None


def test_locked_layers_and_nothing_have_no_frame(hand: Hand) -> None:
    document, tool = hand.history.document, tool_of(hand)
    hand.history.push(SetLocked(("high",), True))
    assert tool.values(document) is None
    assert tool.overlay(document) == ()
    document.select(())
    assert tool.values(document) is None
    hand.click(25, 65)
    assert document.selected_ids == ("background",)


def test_a_click_elsewhere_selects_unless_something_waits(hand: Hand) -> None:
    document = hand.history.document
    hand.click(70, 70)
    assert document.selected_ids == ("group",)
    hand.drag((70, 70), (72, 70))
    hand.click(12, 12)
    assert document.selected_ids == ("group",)
    assert "Enter" in hand.hints[-1]


def test_nudges_belong_to_the_step(hand: Hand) -> None:
    hand.key(Key.RIGHT)
    hand.key(Key.DOWN, Modifier.SHIFT)
    assert bounds(hand) == Rect(21, 30, 41, 50)
    hand.key(Key.ENTER)
    assert len(hand.history.labels) == 1


def test_another_change_applies_what_was_done(hand: Hand) -> None:
    hand.drag((40, 40), (60, 52))
    run(hand, tool_of(hand).overtaken())
    assert not hand.tool.busy
    assert bounds(hand) == Rect(20, 20, 60, 60)


def test_the_cursor_shows_what_a_press_would_do(hand: Hand) -> None:
    document = hand.history.document

    def cursor(x: float, y: float) -> CursorShape:
        return hand.tool.cursor(document, hand._pointer(x, y, Modifier.NONE))

    assert cursor(30, 30) is CursorShape.MOVE
    assert cursor(40, 40) is CursorShape.RESIZE_FALLING
    assert cursor(48, 30) is CursorShape.ROTATE
    assert cursor(90, 90) is CursorShape.DEFAULT
    values = tool_of(hand).values(document)
    assert values is not None
    run(hand, tool_of(hand).set_values(document, replace(values, angle=45.0)))
    assert cursor(30, 30 + 200**0.5) is CursorShape.RESIZE_VERTICAL


def test_moving_snaps_to_other_layers() -> None:
    hand = Hand(TransformTool(), sample_history(), ZOOMED_IN)
    hand.history.document.select(("high",))
    hand.drag((30, 30), (21, 30.3))
    assert bounds(hand).x0 == 10
    assert affine.translation(0, 0) == affine.IDENTITY
