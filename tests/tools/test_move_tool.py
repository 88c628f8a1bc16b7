"""Selecting, moving, nudging and scaling layers; one gesture is one undo step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.commands.layer_commands import AddLayer
from editor.commands.property_commands import SetLocked, SetOpacity, SetVisible
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.document.text import TextContent
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.move_tool import MoveTool
from editor.tools.overlay import CursorShape, Frame, FrameStyle
from editor.tools.typed_percent import TypedPercent
from tests.tools.sample import Hand, ring, sample_history, square

ZOOMED_IN = 0.25  # at 400 % the handles of these small layers leave room beside them


@pytest.fixture
def hand() -> Hand:
    return Hand(MoveTool(), sample_history(), ZOOMED_IN)


def selected(hand: Hand) -> tuple[str, ...]:
    return hand.history.document.selected_ids


def offset(hand: Hand, layer_id: str) -> tuple[int, int]:
    return hand.history.document.raster(layer_id).offset


def test_a_click_selects_the_topmost_layer(hand: Hand) -> None:
    hand.click(25, 25)
    assert selected(hand) == ("high",)
    hand.click(15, 15)
    assert selected(hand) == ("low",)
    assert not hand.history.can_undo


def test_a_click_through_a_hole_selects_what_lies_behind() -> None:
    history = sample_history()
    history.push(AddLayer(ring("ring", 5, 5)))
    history.document.select(())
    hand = Hand(MoveTool(), history, ZOOMED_IN)
    hand.click(15, 15)
    assert history.document.selected_ids == ("low",)
    hand.click(6, 30)
    assert history.document.selected_ids == ("ring",)


def test_hidden_and_nearly_transparent_layers_are_not_hit() -> None:
    history = sample_history()
    hand = Hand(MoveTool(), history, ZOOMED_IN)
    history.push(SetVisible(("high",), False))
    hand.click(35, 35)
    assert history.document.selected_ids == ("background",)
    history.push(SetVisible(("high",), True))
    history.push(SetOpacity(("high",), 0.02))
    hand.click(35, 35)
    assert history.document.selected_ids == ("background",)


def test_thin_strokes_are_hit_from_two_screen_pixels_away() -> None:
    hand = Hand(MoveTool(), sample_history(), pixel=1.0)
    beside = (41.5, 30)  # "high" ends at 40
    hand.click(*beside)
    assert selected(hand) == ("background",), "the exact pixel comes first"
    hand.history.push(SetVisible(("background",), False))
    hand.click(*beside)
    assert selected(hand) == ("high",)
    hand.history.document.select(())
    hand.click(45, 30)
    assert selected(hand) == ()


def test_shift_adds_and_takes_away(hand: Hand) -> None:
    hand.click(25, 25)
    hand.click(12, 12, Modifier.SHIFT)
    assert selected(hand) == ("high", "low")
    hand.click(25, 25, Modifier.SHIFT)
    assert selected(hand) == ("low",)


def test_a_click_on_a_child_selects_its_group_and_a_double_click_the_child(hand: Hand) -> None:
    hand.click(70, 70)
    assert selected(hand) == ("group",)
    hand.press(70, 70, clicks=2)
    hand.release(70, 70)
    assert selected(hand) == ("child",)
    hand.click(70, 20)
    assert selected(hand) == ("sibling",), "one works inside the group now"


def test_a_drag_moves_and_is_one_step(hand: Hand) -> None:
    hand.drag((25, 25), (35, 45))
    assert offset(hand, "high") == (30, 40)
    assert hand.history.labels == ("Move Layer",)
    assert not hand.history.in_gesture
    hand.history.undo()
    assert offset(hand, "high") == (20, 20)


def test_a_group_moves_with_all_in_it(hand: Hand) -> None:
    hand.drag((70, 70), (75, 70))
    assert offset(hand, "child") == (65, 60)
    assert offset(hand, "sibling") == (65, 10)


def test_a_twitch_is_a_click(hand: Hand) -> None:
    hand.drag((25, 25), (25.6, 25))
    assert offset(hand, "high") == (20, 20)
    assert not hand.history.can_undo


def test_several_layers_are_dragged_by_any_of_them(hand: Hand) -> None:
    hand.history.document.select(("low", "high"))
    hand.drag((38, 38), (48, 38))
    assert offset(hand, "low") == (20, 10)
    assert offset(hand, "high") == (30, 20)
    assert selected(hand) == ("low", "high")
    hand.click(15, 80)
    hand.history.document.select(("low", "high"))
    hand.click(48, 38)
    assert selected(hand) == ("high",), "a click chooses one of them"


def test_a_hole_in_the_selection_drags_it() -> None:
    history = sample_history()
    history.push(AddLayer(ring("ring", 40, 40)))
    history.document.select(("ring",))
    hand = Hand(MoveTool(), history, ZOOMED_IN)
    hand.drag((55, 55), (60, 65))
    assert history.document.raster("ring").offset == (45, 50)
    assert history.document.selected_ids == ("ring",)


def test_another_object_inside_the_frame_of_the_selection_is_dragged_alone() -> None:
    history = sample_history()
    hand = Hand(MoveTool(), history, ZOOMED_IN)
    for others in (("background",), ("background", "low")):
        history.document.select(others)
        kept = {layer_id: offset(hand, layer_id) for layer_id in others}
        hand.drag((35, 35), (40, 41))
        assert selected(hand) == ("high",)
        assert {layer_id: offset(hand, layer_id) for layer_id in others} == kept
        assert offset(hand, "high") == (25, 26)
        history.undo()


def test_shift_keeps_to_one_axis(hand: Hand) -> None:
    hand.drag((25, 25), (40, 29), Modifier.SHIFT)
    assert offset(hand, "high") == (35, 20)


def test_escape_puts_a_drag_back_and_leaves_no_step(hand: Hand) -> None:
    before = hand.history.document.state_hash()
    hand.press(25, 25)
    hand.move(60, 60)
    assert hand.history.document.state_hash() != before
    assert hand.key(Key.ESCAPE)
    assert hand.history.document.state_hash() == before
    assert not hand.history.can_undo
    assert not hand.tool.busy
    hand.release(70, 70)
    assert hand.history.document.state_hash() == before


def test_escape_without_a_drag_selects_nothing(hand: Hand) -> None:
    hand.click(25, 25)
    assert hand.key(Key.ESCAPE)
    assert selected(hand) == ()
    assert not hand.key(Key.ESCAPE)


def test_locked_layers_stay_and_say_why(hand: Hand) -> None:
    hand.drag((80, 50), (90, 50))
    assert selected(hand) == ("background",)
    assert offset(hand, "background") == (0, 0)
    assert hand.hints == ['"background" is locked; unlock in the layers panel to move.']
    hand.key(Key.LEFT)
    assert offset(hand, "background") == (0, 0)
    frame = hand.tool.overlay(hand.history.document)[-1]
    assert isinstance(frame, Frame)
    assert frame.style is FrameStyle.LOCKED
    assert frame.label == "background (locked)"
    assert not frame.handles


def test_a_locked_child_locks_its_group() -> None:
    hand = Hand(MoveTool(), sample_history(), ZOOMED_IN)
    hand.history.push(SetLocked(("child",), True))
    hand.drag((70, 20), (75, 25))
    assert offset(hand, "sibling") == (60, 10)
    assert "locked" in hand.hints[-1]


def test_unlocked_layers_move_without_the_locked_ones(hand: Hand) -> None:
    hand.history.document.select(("background", "high"))
    hand.drag((25, 25), (30, 25))
    assert offset(hand, "high") == (25, 20)
    assert offset(hand, "background") == (0, 0)
    assert any("locked" in hint for hint in hand.hints)


@pytest.mark.parametrize(
    ("key", "modifiers", "moved"),
    [
        (Key.LEFT, Modifier.NONE, (19, 20)),
        (Key.DOWN, Modifier.NONE, (20, 21)),
        (Key.RIGHT, Modifier.SHIFT, (30, 20)),
        (Key.UP, Modifier.SHIFT, (20, 10)),
    ],
)
def test_arrows_nudge(hand: Hand, key: Key, modifiers: Modifier, moved: tuple[int, int]) -> None:
    hand.click(25, 25)
    assert hand.key(key, modifiers)
    assert offset(hand, "high") == moved


def test_arrows_without_a_selection_are_for_others(hand: Hand) -> None:
    assert not hand.key(Key.LEFT)


def test_layers_are_cycled_by_key(hand: Hand) -> None:
    seen = []
    for _ in range(6):
        hand.key(Key.PREVIOUS)
        seen.append(hand.history.document.active_id)
    assert seen == ["background", "sibling", "child", "high", "low", "background"]
    hand.key(Key.NEXT)
    assert hand.history.document.active_id == "low"


def test_delete_removes_the_selection(hand: Hand) -> None:
    hand.click(25, 25)
    hand.key(Key.DELETE)
    assert not hand.history.document.has_layer("high")
    hand.history.undo()
    assert hand.history.document.has_layer("high")


def test_a_corner_scales_with_the_aspect_kept(hand: Hand) -> None:
    hand.click(25, 25)
    hand.drag((40, 40), (60, 45))
    assert hand.history.document.layer("high").bounds == Rect(20, 20, 60, 60)
    assert hand.history.labels == ("Scale Layer",)
    hand.history.undo()
    assert hand.history.document.layer("high").bounds == Rect(20, 20, 40, 40)


def test_shift_frees_the_aspect_and_alt_scales_from_the_centre(hand: Hand) -> None:
    hand.click(25, 25)
    hand.drag((40, 40), (50, 45), Modifier.SHIFT)
    assert hand.history.document.layer("high").bounds == Rect(20, 20, 50, 45)
    hand.history.undo()
    hand.drag((40, 40), (45, 45), Modifier.ALT)
    assert hand.history.document.layer("high").bounds == Rect(15, 15, 45, 45)


def test_live_text_is_stretched_exactly_however_slow_the_hand(hand: Hand) -> None:
    text = TextContent(text="Hi", family="Sans", size_px=20, anchor=(20.0, 40.0))
    pixels = PixelBuffer.filled(30, 20, (9, 9, 9, 255))
    words = RasterLayer(layer_id="words", pixels=pixels, offset=(20, 20), text=text)
    hand.history.push(AddLayer(words))
    hand.click(25, 25)
    hand.press(50, 40, Modifier.SHIFT)
    for x in range(51, 81):
        hand.move(x, 40, Modifier.SHIFT)
    hand.release(80, 40, Modifier.SHIFT)
    layer = hand.history.document.raster("words")
    assert layer.bounds == Rect(20, 20, 80, 40)
    assert layer.text == replace(text, linear=(2, 0, 0, 1))
    assert hand.history.labels == ("Add Layer", "Transform")
    hand.history.undo()
    assert hand.history.document.raster("words") == words


def test_escape_puts_a_scale_back(hand: Hand) -> None:
    hand.click(25, 25)
    before = hand.history.document.state_hash()
    hand.press(40, 40)
    hand.move(70, 70)
    assert hand.history.document.layer("high").bounds.width == 50
    hand.key(Key.ESCAPE)
    assert hand.history.document.state_hash() == before
    assert not hand.history.can_undo


def test_a_frame_around_the_visible_part_scales_all_pixels() -> None:
    array = np.zeros((40, 40, 4), np.uint8)
    array[10:30, 10:30] = 255
    layer = RasterLayer(
        name="padded", pixels=PixelBuffer.from_array(array), offset=(30, 30), layer_id="padded"
    )
    history = sample_history()
    history.push(AddLayer(layer))
    hand = Hand(MoveTool(), history, ZOOMED_IN)
    frame = hand.tool.overlay(history.document)[-1]
    assert isinstance(frame, Frame)
    assert frame.rect == (40, 40, 60, 60)
    hand.drag((60, 60), (80, 80))
    assert history.document.layer("padded").bounds == Rect(20, 20, 100, 100)


def test_a_click_on_a_handle_changes_nothing(hand: Hand) -> None:
    hand.click(25, 25)
    hand.click(40, 40)
    assert not hand.history.can_undo
    assert not hand.history.in_gesture
    assert selected(hand) == ("high",)


def test_large_layers_are_resampled_once_on_release() -> None:
    history = sample_history()
    history.push(AddLayer(square("large", 0, 0, 1200)))
    hand = Hand(MoveTool(), history, ZOOMED_IN)
    hand.press(1200, 1200)
    hand.move(1500, 1500)
    assert history.document.layer("large").bounds.width == 1200
    frame = hand.tool.overlay(history.document)[-1]
    assert isinstance(frame, Frame)
    assert frame.rect == (0, 0, 1500, 1500)
    hand.release(1500, 1500)
    assert history.document.layer("large").bounds == Rect(0, 0, 1500, 1500)


def test_the_pointer_says_what_a_press_would_do(hand: Hand) -> None:
    document = hand.history.document
    assert hand.tool.cursor(document, Pointer(25, 25)) is CursorShape.DEFAULT
    hand.click(25, 25)
    assert hand.tool.cursor(document, Pointer(30, 30)) is CursorShape.MOVE
    assert hand.tool.cursor(document, Pointer(41, 41)) is CursorShape.RESIZE_FALLING
    assert hand.tool.cursor(document, Pointer(41, 19)) is CursorShape.RESIZE_RISING


def test_the_layer_under_the_pointer_is_framed(hand: Hand) -> None:
    document = hand.history.document
    hand.tool.hover(document, Pointer(25, 25))
    assert hand.tool.overlay(document) == (Frame((20, 20, 40, 40), FrameStyle.HOVERED),)
    hand.tool.hover(document, None)
    assert hand.tool.overlay(document) == ()


def typing_hand(*selected_ids: str) -> Hand:
    """A hand whose digits all come at once."""
    tool = MoveTool()
    tool.typed = TypedPercent(lambda: 0.0)
    hand = Hand(tool, sample_history(), ZOOMED_IN)
    hand.history.document.select(selected_ids)
    return hand


def percent(hand: Hand, layer_id: str) -> int:
    return round(100 * hand.history.document.layer(layer_id).opacity)


def test_digits_set_the_opacity_of_what_is_selected() -> None:
    hand = typing_hand("low", "group")
    assert hand.tool.takes_digits
    assert hand.key(Key.DIGIT_4)
    assert (percent(hand, "low"), percent(hand, "group"), percent(hand, "high")) == (40, 40, 100)
    assert hand.hints[-1] == "Opacity 40 %"


def test_a_second_digit_corrects_the_first_in_one_step() -> None:
    hand = typing_hand("low")
    hand.key(Key.DIGIT_4)
    hand.key(Key.DIGIT_5)
    assert percent(hand, "low") == 45
    assert hand.history.labels == ("Change Opacity",)
    hand.history.undo()
    assert percent(hand, "low") == 100


def test_a_digit_after_something_else_begins_anew() -> None:
    hand = typing_hand("low")
    hand.key(Key.DIGIT_4)
    hand.key(Key.RIGHT)
    hand.key(Key.DIGIT_0)
    assert percent(hand, "low") == 100
    hand.click(25, 25)
    hand.key(Key.DIGIT_5)
    assert (percent(hand, "low"), percent(hand, "high")) == (100, 50)


def test_digits_of_two_layers_are_no_pair_and_none_selected_takes_none() -> None:
    hand = typing_hand("low")
    hand.key(Key.DIGIT_4)
    hand.history.document.select(("high",))
    hand.key(Key.DIGIT_5)
    assert (percent(hand, "low"), percent(hand, "high")) == (40, 50)
    hand.history.document.select(())
    assert not hand.key(Key.DIGIT_6)
    assert (len(hand.history.labels), hand.hints[-1]) == (2, "Opacity 50 %")


def test_digits_leave_locked_layers_alone() -> None:
    hand = typing_hand("background")
    with pytest.raises(DocumentError, match="is locked"):
        hand.key(Key.DIGIT_4)
    assert percent(hand, "background") == 100
