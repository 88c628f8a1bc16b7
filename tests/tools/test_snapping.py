"""What pulls what, how far, and that the hint is drawn where things really meet."""

from __future__ import annotations

import pytest

from editor.commands.guide_commands import AddGuide
from editor.commands.history import History
from editor.commands.layout_commands import AddBox
from editor.commands.property_commands import SetVisible
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.layout import LayoutBox
from editor.tools.events import Modifier, Pointer
from editor.tools.handles import Constraint, Handle
from editor.tools.layout_tool import LayoutTool
from editor.tools.move_tool import MoveTool
from editor.tools.overlay import SnapLine
from editor.tools.snapping import (
    SnapKind,
    SnapTargets,
    document_targets,
    snap_scaled,
    snap_whole,
)
from tests.tools.sample import Hand, square


@pytest.fixture
def history() -> History:
    """400 x 300: "a" of 20 px at 50, 60, "b" of 20 px at 200, 180."""
    return History(Document(400, 300, (square("a", 50, 60), square("b", 200, 180))))


def lines(history: History, kinds: SnapKind, **without: object) -> SnapTargets:
    pointer = Pointer(0, 0, pixel=0.5)
    return document_targets(history.document, pointer, kinds, **without)  # type: ignore[arg-type]


def test_every_kind_brings_its_lines(history: History) -> None:
    history.push(AddGuide(Guide(Orientation.VERTICAL, 33.5)))
    history.push(AddGuide(Guide(Orientation.HORIZONTAL, 44)))
    history.push(AddBox(LayoutBox(Rect(300, 200, 350, 260), box_id="box")))
    assert lines(history, SnapKind.NONE) == SnapTargets((), (), 3.0)
    assert lines(history, SnapKind.CANVAS).xs == (0, 400, 200)
    assert lines(history, SnapKind.LAYERS).ys == (60, 80, 70, 180, 200, 190)
    assert lines(history, SnapKind.LAYERS, without_layers=("a",)).xs == (200, 220, 210)
    guides = lines(history, SnapKind.GUIDES)
    assert (guides.xs, guides.ys) == ((33.5,), (44,))
    assert lines(history, SnapKind.GUIDES, without_guide=0).xs == ()
    assert lines(history, SnapKind.BOXES).ys == (200, 260, 230)
    assert lines(history, SnapKind.BOXES, without_boxes=("box",)).ys == ()
    history.push(SetVisible(("b",), False))
    assert lines(history, SnapKind.LAYERS).xs == (50, 70, 60), "what is hidden does not pull"


def test_control_suspends_everything(history: History) -> None:
    pointer = Pointer(0, 0, modifiers=Modifier.CONTROL)
    assert document_targets(history.document, pointer, SnapKind.ALL) == SnapTargets()


def test_a_dragged_layer_meets_another_one_and_says_so(history: History) -> None:
    hand = Hand(MoveTool(), history)
    hand.press(60, 70)
    hand.move(208, 70)  # its left edge would come to 198
    assert history.document.raster("a").offset == (200, 60)
    drawn = [item for item in hand.tool.overlay(history.document) if isinstance(item, SnapLine)]
    assert SnapLine(200, vertical=True) in drawn
    hand.release(208, 70)
    assert not any(isinstance(i, SnapLine) for i in hand.tool.overlay(history.document))
    history.undo()
    assert history.document.raster("a").offset == (50, 60)


def test_control_moves_freely(history: History) -> None:
    hand = Hand(MoveTool(), history)
    hand.drag((60, 70), (204, 70), Modifier.CONTROL)
    assert history.document.raster("a").offset == (194, 60)


def test_what_is_switched_off_does_not_pull(history: History) -> None:
    tool = MoveTool()
    tool.snap = SnapKind.ALL & ~SnapKind.LAYERS & ~SnapKind.CANVAS
    Hand(tool, history).drag((60, 70), (204, 70))
    assert history.document.raster("a").offset == (194, 60)


def test_shift_keeps_the_straight_line_while_snapping(history: History) -> None:
    hand = Hand(MoveTool(), history)
    hand.drag((60, 70), (208, 73), Modifier.SHIFT)
    assert history.document.raster("a").offset == (200, 60)


def test_a_layer_meets_the_middle_of_the_canvas() -> None:
    history = History(Document(401, 300, (square("a", 50, 60),)))
    hand = Hand(MoveTool(), history)
    hand.press(60, 70)
    hand.move(199, 70)
    assert history.document.raster("a").offset == (190, 60), "half a pixel beside the middle"
    assert SnapLine(200.5, vertical=True) in hand.tool.overlay(history.document)


def test_whole_pixels_that_miss_their_line_show_no_hint() -> None:
    targets = SnapTargets(xs=(10.7,), reach=5)
    dx, _, snapped = snap_whole((0.0, 0.0, 4.0, 4.0), 10, 0, targets)
    assert dx == 11
    assert snapped.xs == (10.7,)
    assert snap_whole((0.0, 0.0, 4.0, 4.0), 3, 0, SnapTargets())[2].xs == ()


@pytest.mark.parametrize("handle", [Handle.BOTTOM_RIGHT, Handle.RIGHT])
def test_scaling_meets_a_line_with_the_aspect_kept(handle: Handle) -> None:
    targets = SnapTargets(xs=(100.0,), ys=(500.0,), reach=6)
    move = (45.0, 22.5) if handle.is_corner else (45.0, 0.0)
    snapped = snap_scaled((0.0, 0.0, 50.0, 25.0), handle, move, Constraint(True), targets)
    assert snapped.rect[2] == pytest.approx(100)
    assert (snapped.rect[2] - snapped.rect[0]) / (snapped.rect[3] - snapped.rect[1]) == 2
    assert snapped.xs == (100,)
    assert snapped.ys == ()


def test_scaling_around_the_middle_meets_a_line() -> None:
    targets = SnapTargets(ys=(-10.0,), reach=4)
    constraint = Constraint(keep_aspect=True, from_centre=True)
    snapped = snap_scaled((0.0, 0.0, 20.0, 20.0), Handle.TOP_LEFT, (-8, -8), constraint, targets)
    assert snapped.rect == pytest.approx((-10, -10, 30, 30))
    assert snapped.ys == (-10,)


def test_free_scaling_meets_lines_on_both_axes() -> None:
    targets = SnapTargets(xs=(40.0,), ys=(60.0,), reach=5)
    snapped = snap_scaled((0, 0, 20, 20), Handle.BOTTOM_RIGHT, (17, 43), Constraint(), targets)
    assert snapped.rect == (0, 0, 40, 60)
    assert (snapped.xs, snapped.ys) == ((40,), (60,))


def test_a_layer_is_scaled_onto_a_guide(history: History) -> None:
    history.push(AddGuide(Guide(Orientation.VERTICAL, 120)))
    history.document.select(["a"])
    hand = Hand(MoveTool(), history, pixel=0.25)
    hand.drag((70, 80), (119, 129))
    assert history.document.layer("a").bounds == Rect(50, 60, 120, 130)


def test_a_box_is_drawn_onto_layers_and_guides(history: History) -> None:
    history.push(AddGuide(Guide(Orientation.HORIZONTAL, 100)))
    hand = Hand(LayoutTool(), history)
    hand.drag((52, 58), (218, 103))
    assert history.document.boxes[0].rect == Rect(50, 60, 220, 100)
