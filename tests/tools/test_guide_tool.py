"""Guides come out of rulers, follow the pointer, and go when they are dropped outside."""

from __future__ import annotations

import pytest

from editor.commands.guide_commands import AddGuide
from editor.commands.history import History
from editor.document.document import Document
from editor.document.guides import Guide, Orientation
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.guide_tool import GuideTool
from editor.tools.overlay import CursorShape, GuideLine, SnapLine
from tests.tools.sample import Hand, square

X100 = Guide(Orientation.VERTICAL, 100)


@pytest.fixture
def hand() -> Hand:
    """400 x 300 with a layer of 20 px at 50, 60 and a guide at x = 100."""
    history = History(Document(400, 300, (square("a", 50, 60),)))
    history.push(AddGuide(X100))
    return Hand(GuideTool(), history)


def tool_of(hand: Hand) -> GuideTool:
    assert isinstance(hand.tool, GuideTool)
    return hand.tool


def test_only_presses_near_a_guide_are_taken(hand: Hand) -> None:
    tool, document = tool_of(hand), hand.history.document
    assert tool.takes(document, Pointer(104, 7))
    assert not tool.takes(document, Pointer(107, 7))
    assert tool.takes(document, Pointer(107, 7, pixel=2))
    assert not tool.takes(document, Pointer(100, 7, modifiers=Modifier.ALT))
    tool.locked = True
    assert not tool.takes(document, Pointer(100, 7))
    tool.locked, tool.shown = False, False
    assert not tool.takes(document, Pointer(100, 7))
    assert tool.overlay(document) == ()


def test_a_guide_follows_the_pointer_in_whole_pixels(hand: Hand) -> None:
    hand.press(101, 40)
    hand.move(150.4, 90)
    assert hand.history.document.guides == (X100,), "nothing changes before the button goes up"
    line = hand.tool.overlay(hand.history.document)[-1]
    assert line == GuideLine(150, vertical=True, active=True, label="150 px")
    hand.release(150.4, 90)
    assert hand.history.document.guides == (Guide(Orientation.VERTICAL, 150),)
    assert hand.history.undo_label == "Move Guide"


def test_a_click_leaves_a_guide_where_it_is(hand: Hand) -> None:
    hand.press(102, 40)
    hand.release(103, 40)
    assert hand.history.document.guides == (X100,)
    assert hand.history.undo_label == "Add Guide"


def test_escape_leaves_the_guide_where_it_was(hand: Hand) -> None:
    hand.press(101, 40)
    hand.move(150, 90)
    hand.tool.cancel()
    hand.release(150, 90)
    assert hand.history.document.guides == (X100,)


def test_a_guide_dropped_on_the_ruler_is_removed(hand: Hand) -> None:
    hand.drag((101, 40), (-6, 40))
    assert hand.history.document.guides == ()
    assert hand.history.undo_label == "Remove Guide"


def test_a_ruler_gives_a_new_guide_that_snaps(hand: Hand) -> None:
    tool_of(hand).pull_new(Orientation.HORIZONTAL)
    hand.move(30, 64)
    drawn = hand.tool.overlay(hand.history.document)
    assert GuideLine(60, vertical=False, active=True, label="60 px") in drawn
    assert SnapLine(60, vertical=False) in drawn
    hand.release(30, 64)
    assert hand.history.document.guides == (X100, Guide(Orientation.HORIZONTAL, 60))


def test_a_new_guide_let_go_over_the_ruler_is_none(hand: Hand) -> None:
    tool_of(hand).pull_new(Orientation.HORIZONTAL)
    hand.move(30, 40)
    hand.release(30, -3)
    assert hand.history.document.guides == (X100,)


def test_control_places_between_pixels_when_zoomed_in(hand: Hand) -> None:
    hand.pixel = 0.1
    hand.drag((100.2, 40), (61.37, 40), Modifier.CONTROL)
    assert hand.history.document.guides == (Guide(Orientation.VERTICAL, 61.375),)


def test_a_double_click_asks_for_the_number(hand: Hand) -> None:
    effects = hand.tool.press(hand.history.document, Pointer(100, 40, clicks=2))
    assert effects.edit_guide == 0


def test_the_pointer_says_which_way_the_guide_goes(hand: Hand) -> None:
    document = hand.history.document
    assert hand.tool.cursor(document, Pointer(100, 40)) is CursorShape.RESIZE_HORIZONTAL
    assert hand.tool.cursor(document, Pointer(20, 40)) is CursorShape.DEFAULT
    hand.tool.hover(document, Pointer(99, 40))
    assert hand.tool.overlay(document) == (GuideLine(100, vertical=True, active=True),)
    assert hand.tool.key(document, Key.LEFT, Modifier.NONE) is None
