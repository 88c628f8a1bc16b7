"""Brush and eraser: live while drawn, one step at the end, refusals, lines, picking, keys."""

from __future__ import annotations

import numpy as np
import pytest

from editor.commands.history import History
from editor.commands.layer_commands import AddLayer
from editor.commands.paint_commands import SetMask, SetSelection
from editor.document.compositor import composite
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord
from editor.document.text import TextContent
from editor.painting.brush import Brush
from editor.tools.brush_tool import BrushTool, EraserTool
from editor.tools.colors import PaintColors
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.overlay import BrushOutline, CursorShape, DrawnLine
from editor.tools.tool import Effects
from editor.tools.typed_percent import TypedPercent
from tests.tools.sample import Hand, square

RED = (220, 30, 40)


def canvas(*layers: RasterLayer | GroupLayer) -> History:
    history = History(Document(200, 100, layers))
    if layers:
        history.document.select([layers[-1].layer_id])
    return history


def paper() -> RasterLayer:
    pixels = PixelBuffer.filled(200, 100, (250, 250, 250, 255))
    return RasterLayer(name="paper", layer_id="paper", pixels=pixels)


def brush(**options: object) -> BrushTool:
    colors = PaintColors()
    colors.foreground = RED
    return BrushTool(colors, Brush(size=20, hardness=1.0, **options))  # type: ignore[arg-type]


def pixel(history: History, x: int, y: int) -> tuple[int, ...]:
    return tuple(composite(history.document, Rect(x, y, x + 1, y + 1))[0, 0].tolist())


def at(x: float, y: float, modifiers: Modifier = Modifier.NONE, pressure: float = 1.0) -> Pointer:
    return Pointer(x, y, x, y, 1.0, modifiers, pressure=pressure)


def test_a_stroke_changes_the_document_once_at_its_end() -> None:
    history = canvas(paper())
    heard: list[object] = []
    history.document.changed.connect(heard.append)
    tool = brush()
    shown = tool.press(history.document, at(30, 50)).live
    moved = tool.moves(history.document, [at(60, 50), at(90, 50), at(120, 50)]).live
    assert heard == [], "nothing happened to the document"
    assert shown is not None
    assert shown.state is not None
    assert shown.edited == ("paper",)
    assert moved is not None
    assert moved.state is not None
    assert composite(moved.state)[50, 80].tolist() == [*RED, 255]
    assert moved.dirty.contains(Rect(40, 41, 100, 59))
    before = history.document.state_hash()
    hand = Hand(tool, history)
    hand.release(120, 50)
    assert len(history.labels) == 1
    assert history.labels == ("Brush Stroke",)
    assert pixel(history, 118, 50) == (*RED, 255)
    after = history.document.state_hash()
    history.undo()
    assert history.document.state_hash() == before
    history.redo()
    assert history.document.state_hash() == after


def test_the_last_picture_shown_is_what_lands() -> None:
    history = canvas(paper())
    tool = brush(flow=0.5, opacity=0.7)
    tool.press(history.document, at(30, 50))
    effects = tool.moves(history.document, [at(60, 20), at(90, 70)])
    assert effects.live is not None
    assert effects.live.state is not None
    Hand(tool, history).release(90, 70)
    shown, landed = composite(effects.live.state), composite(history.document)
    assert (shown[:, :60] == landed[:, :60]).all()


def test_escape_takes_the_stroke_back_and_leaves_nothing_to_undo() -> None:
    history = canvas(paper())
    tool = brush()
    tool.press(history.document, at(30, 50))
    live = tool.cancel().live
    assert live is not None
    assert live.state is None
    assert live.dirty.contains(Rect(21, 41, 39, 59))
    assert not tool.busy
    assert not history.can_undo


def test_without_a_layer_a_new_one_is_painted() -> None:
    history = canvas()
    hand = Hand(brush(), history)
    hand.drag((20, 50), (120, 50))
    (layer,) = history.document.raster_layers()
    assert history.document.selected_ids == (layer.layer_id,)
    assert layer.bounds == history.document.canvas
    assert history.labels == ("Brush Stroke",)
    history.undo()
    assert not history.document.layers


def test_painting_outside_a_layer_grows_it_within_the_canvas() -> None:
    history = canvas(square("high", 20, 20))
    Hand(brush(), history).drag((30, 30), (260, 30))
    assert history.document.layer("high").bounds == Rect(19, 19, 200, 41)


@pytest.mark.parametrize(
    ("layer", "part"),
    [
        (GroupLayer(name="things", children=(square("a", 0, 0),)), "is a group"),
        (square("a", 0, 0, locked=True), "is locked"),
        (RasterLayer(name="a", pixels=PixelBuffer.transparent(9, 9), visible=False), "is hidden"),
        (
            RasterLayer(
                name="a",
                pixels=PixelBuffer.transparent(9, 9),
                text=TextContent(text="Hi", family="Inter", size_px=12),
            ),
            "is live text",
        ),
    ],
)
def test_what_cannot_be_painted_on_is_said_in_one_sentence(
    layer: RasterLayer | GroupLayer, part: str
) -> None:
    history = canvas(layer)
    tool = brush()
    effects = tool.press(history.document, at(5, 5))
    assert part in effects.hint
    assert not tool.busy
    assert tool.cursor(history.document, at(5, 5)) is CursorShape.FORBIDDEN
    Hand(tool, history).drag((5, 5), (50, 5))
    assert not history.can_undo


def test_a_hidden_group_is_named() -> None:
    group = GroupLayer(name="things", children=(square("a", 0, 0),), visible=False)
    history = canvas(group)
    history.document.select(["a"])
    assert '"things" is hidden' in brush().press(history.document, at(5, 5)).hint


def test_the_eraser_needs_a_layer_and_keeps_colours() -> None:
    assert "select one first" in EraserTool(PaintColors()).press(canvas().document, at(5, 5)).hint
    history = canvas(paper())
    Hand(EraserTool(PaintColors(), Brush(size=20, hardness=1.0)), history).click(50, 50)
    assert history.labels == ("Eraser Stroke",)
    assert history.document.raster("paper").pixels.pixel(50, 50) == (250, 250, 250, 0)


def test_only_the_selection_is_painted() -> None:
    history = canvas(paper())
    half = Mask(coverage=CoverageBuffer.filled(40, 100, 255), offset=(60, 0))
    history.push(SetSelection(half))
    Hand(brush(), history).drag((20, 50), (180, 50))
    painted = (composite(history.document)[50, :, 1] < 100).nonzero()[0]
    assert (painted.min(), painted.max()) == (60, 99)


def test_a_mask_is_painted_with_the_brightness_of_the_colour() -> None:
    history = canvas(paper())
    white = Mask(coverage=CoverageBuffer.filled(200, 100, 255), outside=255)
    history.push(SetMask("paper", white))
    history.document.edit_mask(True)
    tool = brush()
    tool.colors.foreground = (0, 0, 0)
    Hand(tool, history).drag((20, 50), (80, 50))
    assert pixel(history, 50, 50)[3] == 0
    tool.colors.foreground = (255, 255, 255)
    Hand(tool, history).drag((40, 50), (60, 50))
    assert pixel(history, 50, 50)[3] == 255
    Hand(EraserTool(PaintColors(), Brush(size=20)), history).click(50, 50)
    assert pixel(history, 50, 50)[3] == 0
    assert history.document.raster("paper").pixels.pixel(50, 50) == (250, 250, 250, 255)
    assert len(history.labels) == 4


def test_shift_draws_a_straight_line_from_the_last_end() -> None:
    history = canvas(paper())
    tool = brush()
    hand = Hand(tool, history)
    hand.click(20, 20, Modifier.SHIFT)
    assert pixel(history, 20, 20) == (*RED, 255), "without a last end it is a dot"
    tool.hover(history.document, at(180, 80, Modifier.SHIFT))
    assert any(isinstance(item, DrawnLine) for item in tool.overlay(history.document))
    hand.click(180, 80, Modifier.SHIFT)
    assert pixel(history, 100, 50) == (*RED, 255)
    assert len(history.labels) == 2


def test_alt_picks_the_colour_instead() -> None:
    history = canvas(paper())
    tool = brush()
    hand = Hand(tool, history)
    hand.click(50, 50, Modifier.ALT)
    assert tool.colors.foreground == (250, 250, 250)
    assert not history.can_undo


def test_digits_set_the_opacity() -> None:
    tool = brush()
    hand = Hand(tool, canvas(paper()))
    tool.typed = TypedPercent(lambda: 0.0)
    assert hand.key(Key.DIGIT_3)
    assert tool.brush.opacity == 0.3
    assert hand.key(Key.DIGIT_5)
    assert tool.brush.opacity == 0.35
    assert hand.key(Key.DIGIT_0)
    assert tool.brush.opacity == 1.0
    assert not hand.key(Key.UP)


def test_the_outline_is_shown_when_it_is_large_enough_to_see() -> None:
    history, tool = canvas(paper()), brush()
    tool.hover(history.document, at(40, 40))
    assert tool.overlay(history.document) == (BrushOutline(40, 40, 20),)
    assert tool.cursor(history.document, at(40, 40)) is CursorShape.BLANK
    tool.options.change(size=3)
    assert tool.overlay(history.document) == ()
    assert tool.cursor(history.document, at(40, 40)) is CursorShape.DRAW
    tool.hover(history.document, None)
    assert tool.overlay(history.document) == ()


def test_pressure_reaches_the_stroke() -> None:
    history, tool = canvas(paper()), brush(pressure_opacity=True)
    tool.press(history.document, at(50, 50, pressure=0.5))
    tool.release(history.document, at(50, 50, pressure=0.5))
    tool.press(history.document, at(50, 50, pressure=0.5))
    effects = tool.moves(history.document, [at(80, 50, pressure=0.5), at(110, 50, pressure=0.5)])
    assert effects.live is not None
    assert effects.live.state is not None
    green = composite(effects.live.state)[:, 60, 1]
    assert abs(int(green[50]) - 140) <= 2, "half of the opacity"
    assert (green < 250).sum() <= 12, "half of the size"


def test_used_colours_are_remembered() -> None:
    history, tool = canvas(paper()), brush()
    Hand(tool, history).click(50, 50)
    assert tool.colors.recent == (RED,)


def test_a_painted_generated_layer_counts_as_edited() -> None:
    pixels = PixelBuffer.filled(50, 50, (9, 9, 9, 255))
    record = GenerationRecord(
        typed_prompt="a dog",
        seed=1,
        box=(0, 0, 50, 50),
        canvas_size=(200, 100),
        pixel_hash=pixels.content_hash,
    )
    history = canvas(RasterLayer(name="dog", layer_id="dog", pixels=pixels, record=record))
    Hand(brush(), history).click(20, 20)
    layer = history.document.raster("dog")
    assert layer.record == record
    assert layer.pixels.content_hash != record.pixel_hash


def test_hands_that_never_move_leave_a_dot() -> None:
    history = canvas(paper())
    Hand(brush(), history).click(50.5, 50.5)
    assert (composite(history.document)[..., 1] < 140).sum() == pytest.approx(np.pi * 100, rel=0.05)


def test_a_press_off_the_canvas_does_nothing() -> None:
    history = canvas(paper())
    tool = brush()
    assert tool.press(history.document, at(-80, -80)) == Effects()
    Hand(tool, history).release(-80, -80)
    assert not history.can_undo


def test_painting_with_no_layer_chosen_puts_it_on_top() -> None:
    history = canvas(paper())
    history.push(AddLayer(square("other", 0, 0)))
    history.document.select([])
    Hand(brush(), history).click(5, 5)
    assert [layer.name for layer in history.document.layers] == ["paper", "other", "Layer 3"]
    assert pixel(history, 5, 5) == (*RED, 255)
