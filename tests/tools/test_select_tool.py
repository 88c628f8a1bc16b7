"""Selecting with rectangle, ellipse and lasso: modes, constraints, moving the outline."""

from __future__ import annotations

import math

import pytest

from editor.document.geometry import Rect
from editor.document.masks import Mask
from editor.document.selections import SelectionMode
from editor.tools.events import Key, Modifier
from editor.tools.overlay import CursorShape, Outline
from editor.tools.select_tool import (
    EllipseSelectTool,
    LassoTool,
    RectangleSelectTool,
    SelectTool,
)
from editor.tools.snapping import SnapKind
from tests.tools.sample import Hand, sample_history


def hand_with(tool: SelectTool) -> Hand:
    tool.snap = SnapKind.NONE
    return Hand(tool, sample_history())


@pytest.fixture
def hand() -> Hand:
    return hand_with(RectangleSelectTool())


def selection(hand: Hand) -> Mask:
    mask = hand.history.document.selection
    assert mask is not None
    return mask


def size(hand: Hand) -> float:
    mask = hand.history.document.selection
    return 0.0 if mask is None else float(mask.read(Rect(0, 0, 100, 100)).sum()) / 255


def test_a_drag_selects_whole_pixels_as_one_step(hand: Hand) -> None:
    hand.drag((10.4, 20.4), (50.6, 40.2))
    assert selection(hand).bounds == Rect(10, 20, 51, 40)
    assert hand.history.labels == ("Select Rectangle",)
    hand.history.undo()
    assert hand.history.document.selection is None


def test_a_drag_in_any_direction_and_beyond_the_canvas(hand: Hand) -> None:
    hand.drag((60, 70), (-20, 30))
    assert selection(hand).bounds == Rect(0, 30, 60, 70)


def test_the_shape_is_outlined_while_it_is_drawn(hand: Hand) -> None:
    hand.press(10, 10)
    assert hand.tool.overlay(hand.history.document) == ()
    hand.move(30, 20)
    (outline,) = hand.tool.overlay(hand.history.document)
    assert outline == Outline(((10, 10), (30, 10), (30, 20), (10, 20)))
    assert hand.hints[-1] == "20 × 10 px at 10, 10."
    hand.move(130, 20)
    assert hand.hints[-1] == "90 × 10 px at 10, 10.", "no more than lies on the canvas"
    hand.tool.cancel()
    assert hand.tool.overlay(hand.history.document) == ()
    assert not hand.history.can_undo


def test_a_click_deselects(hand: Hand) -> None:
    hand.drag((10, 10), (30, 30))
    hand.click(60, 60)
    assert hand.history.document.selection is None
    hand.drag((10, 10), (30, 30))
    hand.click(20, 20)
    assert hand.history.document.selection is None
    assert hand.history.undo_label == "Deselect"


@pytest.mark.parametrize(
    ("modifiers", "expected"),
    [
        (Modifier.SHIFT, 400 + 400 - 100),
        (Modifier.ALT, 300),
        (Modifier.SHIFT | Modifier.ALT, 100),
    ],
)
def test_modifiers_at_the_press_choose_how_shapes_meet(
    hand: Hand, modifiers: Modifier, expected: float
) -> None:
    hand.drag((10, 10), (30, 30))
    hand.drag((20, 20), (40, 40), modifiers)
    assert size(hand) == expected


def test_the_mode_of_the_options_bar_holds_without_modifiers(hand: Hand) -> None:
    assert isinstance(hand.tool, SelectTool)
    hand.drag((10, 10), (30, 30))
    hand.tool.options.change(mode=SelectionMode.SUBTRACT)
    hand.drag((20, 20), (40, 40))
    assert size(hand) == 300
    hand.drag((0, 0), (90, 90))
    assert hand.history.document.selection is None
    assert hand.hints[-1] == "Nothing is selected."


def test_modifiers_pressed_during_the_drag_constrain(hand: Hand) -> None:
    hand.press(50, 50)
    hand.move(60, 55)
    hand.release(70, 55, Modifier.SHIFT)
    assert selection(hand).bounds == Rect(50, 50, 70, 70)
    hand.press(50, 20)
    hand.release(60, 25, Modifier.ALT)
    assert selection(hand).bounds == Rect(40, 15, 60, 25)


def test_a_modifier_that_chose_the_mode_constrains_after_it_was_let_go(hand: Hand) -> None:
    hand.press(10, 10, Modifier.SHIFT)
    hand.move(20, 15, Modifier.SHIFT)
    (outline,) = hand.tool.overlay(hand.history.document)
    assert isinstance(outline, Outline)
    assert outline.points[2] == (20, 15)
    hand.move(20, 15)
    hand.release(20, 15, Modifier.SHIFT)
    assert selection(hand).bounds == Rect(10, 10, 20, 20)


def test_a_drag_inside_moves_the_outline_as_one_step(hand: Hand) -> None:
    hand.drag((10, 10), (30, 30))
    assert hand.tool.cursor(hand.history.document, hand._pointer(20, 20, Modifier.NONE)) is (
        CursorShape.MOVE
    )
    hand.drag((20, 20), (27, 15))
    assert selection(hand).bounds == Rect(17, 5, 37, 25)
    assert hand.history.labels == ("Select Rectangle", "Move Selection")


def test_an_outline_moved_out_and_back_loses_nothing_until_it_is_let_go(hand: Hand) -> None:
    hand.drag((10, 10), (30, 30))
    hand.press(20, 20)
    hand.move(-5, 20)
    hand.move(200, 20)
    hand.release(25, 20)
    assert size(hand) == 400
    hand.drag((20, 20), (5, 20))
    assert selection(hand).bounds == Rect(0, 10, 20, 30)
    hand.drag((10, 20), (-50, 20))
    assert hand.history.document.selection is None


def test_escape_puts_a_moved_outline_back(hand: Hand) -> None:
    hand.drag((10, 10), (30, 30))
    hand.press(20, 20)
    hand.move(50, 50)
    hand._run(hand.tool.cancel())
    assert selection(hand).bounds == Rect(10, 10, 30, 30)


def test_arrows_nudge_the_outline(hand: Hand) -> None:
    assert not hand.key(Key.LEFT)
    hand.drag((10, 10), (30, 30))
    hand.key(Key.LEFT)
    hand.key(Key.DOWN, Modifier.SHIFT)
    assert selection(hand).bounds == Rect(9, 20, 29, 40)


def test_corners_snap_to_layers() -> None:
    hand = Hand(RectangleSelectTool(), sample_history())
    hand.drag((12, 8), (43, 38))
    assert selection(hand).bounds == Rect(10, 10, 40, 40)


def test_a_fixed_size_is_placed_by_a_click(hand: Hand) -> None:
    assert isinstance(hand.tool, SelectTool)
    hand.tool.options.change(fixed=True, width=30, height=10)
    hand.click(20, 20)
    assert selection(hand).bounds == Rect(20, 20, 50, 30)


def test_feather_and_antialias_come_from_the_options() -> None:
    hand = hand_with(EllipseSelectTool())
    assert isinstance(hand.tool, SelectTool)
    hand.drag((20, 20), (60, 60))
    assert size(hand) == pytest.approx(math.pi * 400, rel=0.01)
    hand.tool.options.change(antialias=False)
    hand.drag((19, 19), (61, 62))
    assert size(hand) == int(size(hand))
    hand.tool.options.change(antialias=True, feather=8)
    hand.drag((10, 10), (90, 90))
    assert selection(hand).read(Rect(14, 50, 15, 51))[0, 0] in range(150, 256)
    assert selection(hand).read(Rect(6, 50, 7, 51))[0, 0] in range(1, 120)


def test_the_lasso_draws_freehand() -> None:
    hand = hand_with(LassoTool())
    hand.press(10, 10)
    for place in ((60, 10), (60, 40), (10, 40)):
        hand.move(*place)
    hand.release(10, 20)
    assert selection(hand).bounds == Rect(10, 10, 60, 40)
    assert hand.history.labels == ("Lasso",)
    assert not hand.tool.busy


def test_the_lasso_takes_all_positions_of_a_fast_hand() -> None:
    hand = hand_with(LassoTool())
    hand.press(10, 10)
    places = [hand._pointer(x, y, Modifier.NONE) for x, y in ((60, 10), (60, 40), (10, 40))]
    hand._run(hand.tool.moves(hand.history.document, places))
    hand.release(10, 20)
    assert selection(hand).bounds == Rect(10, 10, 60, 40)


def test_the_lasso_sets_corners_by_clicks_and_enter_closes() -> None:
    hand = hand_with(LassoTool())
    for place in ((10, 10), (60, 10), (90, 90), (60, 40)):
        hand.click(*place)
    hand.key(Key.DELETE)
    hand.click(60, 40)
    hand.tool.hover(hand.history.document, hand._pointer(5, 5, Modifier.NONE))
    (outline,) = hand.tool.overlay(hand.history.document)
    assert isinstance(outline, Outline)
    assert outline.points[-1] == (5, 5)
    assert not outline.closed
    hand.tool.hover(hand.history.document, None)
    hand.key(Key.ENTER)
    assert size(hand) > 0
    assert not hand.tool.busy


def test_a_click_near_the_first_corner_closes_the_lasso() -> None:
    hand = hand_with(LassoTool())
    for place in ((10, 10), (60, 10), (60, 60), (12, 13)):
        hand.click(*place)
    assert size(hand) == pytest.approx(1250, abs=1)
    assert not hand.tool.busy


def test_escape_forgets_the_corners_of_the_lasso() -> None:
    hand = hand_with(LassoTool())
    hand.click(10, 10)
    hand.click(50, 10)
    assert hand.tool.busy
    assert hand.key(Key.ESCAPE)
    assert not hand.tool.busy
    assert hand.history.document.selection is None
