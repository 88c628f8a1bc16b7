"""Drawing, moving, pulling, naming and deleting layout boxes."""

from __future__ import annotations

import pytest

from editor.commands.history import History
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layout import MAX_BOXES, LayoutBox
from editor.tools.events import Key, Modifier
from editor.tools.layout_tool import LayoutTool
from editor.tools.overlay import BoxFrame, SnapLine
from tests.tools.sample import Hand


def hand_with(*rects: Rect, size: int = 256) -> Hand:
    boxes = tuple(LayoutBox(rect, box_id=f"b{i}") for i, rect in enumerate(rects))
    return Hand(LayoutTool(), History(Document(size, size, boxes=boxes)))


def rects(hand: Hand) -> list[Rect]:
    return [box.rect for box in hand.history.document.boxes]


def selected(hand: Hand) -> tuple[str, ...]:
    return hand.history.document.selected_box_ids


def test_a_drag_draws_a_box_selects_it_and_asks_for_its_prompt() -> None:
    hand = hand_with()
    hand.drag((40, 50), (120, 110))
    document = hand.history.document
    assert rects(hand) == [Rect(40, 50, 120, 110)]
    assert document.selected_box_ids == (document.boxes[0].box_id,)
    assert hand.edited == [document.boxes[0].box_id]
    assert hand.history.labels == ("Add Box",)
    hand.history.undo()
    assert rects(hand) == []


def test_a_box_may_be_drawn_towards_any_corner_and_is_cut_at_the_page() -> None:
    hand = hand_with()
    hand.drag((120, 110), (-30, -30))
    assert rects(hand) == [Rect(0, 0, 120, 110)]


def test_a_tiny_box_grows_to_16_pixels_inside_the_page() -> None:
    hand = hand_with()
    hand.drag((250, 250), (254, 255), Modifier.CONTROL)
    assert rects(hand) == [Rect(240, 240, 256, 256)]


def test_a_click_beside_the_boxes_draws_nothing() -> None:
    hand = hand_with(Rect(0, 0, 50, 50))
    hand.history.document.select_boxes(("b0",))
    hand.click(150, 150)
    assert len(rects(hand)) == 1
    assert selected(hand) == ()


def test_edges_snap_to_the_page_and_to_other_boxes_unless_control_is_held() -> None:
    hand = hand_with(Rect(100, 100, 200, 200))
    hand.drag((20, 20), (97, 252))
    assert rects(hand)[-1] == Rect(20, 20, 100, 256)
    hand.drag((20, 20), (97, 90), Modifier.CONTROL | Modifier.ALT)
    assert rects(hand)[-1] == Rect(20, 20, 97, 90)


def test_a_line_shows_what_an_edge_met() -> None:
    hand = hand_with(Rect(100, 100, 200, 200))
    hand.press(20, 20)
    hand.move(98, 60)
    items = hand.tool.overlay(hand.history.document)
    assert SnapLine(100, vertical=True) in items
    hand.move(80, 60)
    assert not any(isinstance(i, SnapLine) for i in hand.tool.overlay(hand.history.document))


def test_a_box_is_moved_by_its_inside_but_not_off_the_page() -> None:
    hand = hand_with(Rect(40, 40, 100, 100))
    hand.drag((70, 70), (90, 85))
    assert rects(hand) == [Rect(60, 55, 120, 115)]
    assert hand.history.labels == ("Move Box",)
    hand.drag((90, 85), (500, 500))
    assert rects(hand) == [Rect(196, 196, 256, 256)]


def test_selected_boxes_move_together_as_one_step() -> None:
    hand = hand_with(Rect(10, 10, 50, 50), Rect(100, 100, 150, 150))
    hand.click(30, 30)
    hand.click(120, 120, Modifier.SHIFT)
    assert selected(hand) == ("b0", "b1")
    hand.drag((30, 30), (40, 50), Modifier.CONTROL)
    assert rects(hand) == [Rect(20, 30, 60, 70), Rect(110, 120, 160, 170)]
    assert hand.history.position == 1


def test_handles_pull_a_box_and_keep_it_at_least_16_pixels() -> None:
    hand = hand_with(Rect(40, 40, 140, 140))
    hand.click(90, 90)
    hand.drag((140, 140), (170, 160))
    assert rects(hand) == [Rect(40, 40, 170, 160)]
    hand.drag((40, 40), (165, 158), Modifier.CONTROL)
    assert rects(hand) == [Rect(154, 144, 170, 160)]


def test_alt_draws_inside_another_box() -> None:
    hand = hand_with(Rect(0, 0, 256, 256))
    hand.drag((60, 60), (120, 120), Modifier.ALT)
    assert rects(hand) == [Rect(0, 0, 256, 256), Rect(60, 60, 120, 120)]


def test_the_document_changes_only_on_release_and_escape_drops_the_gesture() -> None:
    hand = hand_with(Rect(40, 40, 100, 100))
    hand.press(70, 70)
    hand.move(90, 90)
    assert rects(hand) == [Rect(40, 40, 100, 100)]
    frame = hand.tool.overlay(hand.history.document)[0]
    assert isinstance(frame, BoxFrame)
    assert frame.rect == (60, 60, 120, 120)
    hand.key(Key.ESCAPE)
    hand.release(120, 120)
    assert rects(hand) == [Rect(40, 40, 100, 100)]
    assert not hand.history.can_undo


def test_keys_nudge_delete_edit_and_cycle() -> None:
    hand = hand_with(Rect(40, 40, 100, 100), Rect(120, 120, 200, 200))
    assert not hand.key(Key.DELETE)
    hand.key(Key.NEXT)
    assert selected(hand) == ("b0",)
    hand.key(Key.RIGHT, Modifier.SHIFT)
    hand.key(Key.UP)
    assert rects(hand)[0] == Rect(50, 39, 110, 99)
    hand.key(Key.ENTER)
    assert hand.edited == ["b0"]
    hand.key(Key.DELETE)
    assert rects(hand) == [Rect(120, 120, 200, 200)]
    assert selected(hand) == ()


def test_a_nudge_stops_at_the_edge_of_the_page() -> None:
    hand = hand_with(Rect(2, 40, 60, 100))
    hand.click(30, 70)
    hand.key(Key.LEFT, Modifier.SHIFT)
    assert rects(hand) == [Rect(0, 40, 58, 100)]


def test_a_double_click_asks_for_the_prompt() -> None:
    hand = hand_with(Rect(40, 40, 100, 100))
    hand.press(70, 70, clicks=2)
    hand.release(70, 70)
    assert hand.edited == ["b0"]
    assert not hand.tool.busy


def test_one_box_too_many_is_refused_with_a_sentence() -> None:
    hand = hand_with(*(Rect(i, 0, i + 20, 20) for i in range(MAX_BOXES)))
    hand.drag((100, 100), (150, 150))
    assert len(rects(hand)) == MAX_BOXES
    assert hand.hints[-1] == "A layout holds at most 50 boxes; delete one first."


@pytest.mark.parametrize("selected", [(), ("b0",)])
def test_boxes_are_numbered_from_the_bottom(selected: tuple[str, ...]) -> None:
    hand = hand_with(Rect(0, 0, 50, 50), Rect(60, 60, 90, 90))
    hand.history.document.select_boxes(selected)
    frames = hand.tool.overlay(hand.history.document)
    numbers = [(f.number, f.selected) for f in frames if isinstance(f, BoxFrame)]
    assert numbers == [(1, bool(selected)), (2, False)]
