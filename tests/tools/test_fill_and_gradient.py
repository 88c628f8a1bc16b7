"""Bucket, gradient and eyedropper on small documents."""

from __future__ import annotations

import numpy as np
import pytest

from editor.commands.history import History
from editor.commands.paint_commands import SetMask, SetSelection
from editor.document.compositor import composite
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.painting.gradients import GradientShape
from editor.painting.sampling import Sampling
from editor.tools.colors import PaintColors
from editor.tools.events import Modifier
from editor.tools.fill_tool import FillTool
from editor.tools.gradient_tool import GradientColors, GradientTool
from editor.tools.overlay import ColorRing, DrawnLine
from editor.tools.picker_tool import PickerTool, SampleSize
from tests.tools.sample import Hand, square

RED, BLUE = (220, 30, 40), (20, 40, 200)


def colors() -> PaintColors:
    result = PaintColors()
    result.foreground, result.background = RED, BLUE
    return result


def document() -> History:
    """300 x 100: white paper, over it a square at 20 in a layer of its own, which is active."""
    paper = RasterLayer(
        name="paper", layer_id="paper", pixels=PixelBuffer.filled(300, 100, (255, 255, 255, 255))
    )
    history = History(Document(300, 100, (paper, square("high", 20, 20))))
    history.document.select(["high"])
    return history


def pixel(history: History, x: int, y: int) -> tuple[int, ...]:
    return tuple(composite(history.document, Rect(x, y, x + 1, y + 1))[0, 0].tolist())


def test_a_click_fills_what_is_alike_in_one_step() -> None:
    history, tool = document(), FillTool(colors())
    history.document.select(["paper"])
    before = history.document.state_hash()
    Hand(tool, history).click(200, 50)
    assert history.labels == ("Fill",)
    assert pixel(history, 200, 50) == (*RED, 255)
    assert pixel(history, 30, 30) == (200, 30, 30, 255), "the layer above is not touched"
    assert tool.colors.recent == (RED,)
    history.undo()
    assert history.document.state_hash() == before


def test_merged_sampling_sees_the_other_layers() -> None:
    history, tool = document(), FillTool(colors())
    history.document.select(["paper"])
    tool.options.change(sampling=Sampling.MERGED, tolerance=0, antialias=False)
    Hand(tool, history).click(30, 30)
    paper = history.document.raster("paper").pixels
    assert paper.pixel(30, 30) == (*RED, 255)
    assert paper.pixel(200, 50) == (255, 255, 255, 255)


def test_a_small_layer_grows_to_what_is_filled() -> None:
    history, tool = document(), FillTool(colors())
    Hand(tool, history).click(200, 50)
    assert history.document.layer("high").bounds == history.document.canvas
    assert pixel(history, 200, 50) == (*RED, 255)
    assert pixel(history, 30, 30) == (200, 30, 30, 255)


def test_fill_respects_selection_and_opacity() -> None:
    history, tool = document(), FillTool(colors())
    history.document.select(["paper"])
    history.push(SetSelection(Mask(coverage=CoverageBuffer.filled(50, 100, 128), offset=(100, 0))))
    Hand(tool, history).click(120, 50)
    assert pixel(history, 99, 50) == (255, 255, 255, 255)
    assert pixel(history, 150, 50) == (255, 255, 255, 255)
    half = [round(255 + (part - 255) * 128 / 255) for part in RED]
    assert pixel(history, 120, 50) == (*half, 255)
    history.push(SetSelection(Mask(coverage=CoverageBuffer.filled(5, 5, 0))))
    hand = Hand(tool, history)
    hand.click(120, 50)
    assert hand.hints == ["There is nothing to fill inside the selection."]


def test_a_mask_is_filled_with_brightness() -> None:
    history, tool = document(), FillTool(colors())
    history.push(SetMask("high", Mask(coverage=CoverageBuffer.filled(300, 100, 255), outside=255)))
    history.document.edit_mask(True)
    tool.colors.foreground = (0, 0, 0)
    Hand(tool, history).click(30, 30)
    assert pixel(history, 30, 30) == (255, 255, 255, 255)


def test_clicks_that_cannot_fill_say_why() -> None:
    history, tool = document(), FillTool(colors())
    hand = Hand(tool, history)
    hand.click(-20, 5)
    assert hand.hints == ["Click inside the canvas to fill."]
    history.document.select([])
    hand.click(5, 5)
    assert history.document.selected_ids, "a new layer was filled"
    assert history.labels == ("Fill",)
    assert pixel(history, 150, 50) == (*RED, 255)


def test_a_drawn_line_makes_a_gradient() -> None:
    history, tool = document(), GradientTool(colors())
    history.document.select(["paper"])
    hand = Hand(tool, history)
    hand.press(50, 50)
    hand.move(250, 50)
    assert tool.overlay(history.document) == (DrawnLine(50, 50, 250, 50),)
    assert not history.can_undo
    hand.release(250, 50)
    assert history.labels == ("Gradient",)
    assert pixel(history, 10, 50) == (*RED, 255)
    assert pixel(history, 290, 50) == (*BLUE, 255)
    middle = pixel(history, 150, 90)
    assert np.abs(np.array(middle[:3]) - (120, 35, 120)).max() <= 2


def test_gradient_options() -> None:
    history, tool = document(), GradientTool(colors())
    history.document.select(["paper"])
    tool.options.change(
        shape=GradientShape.RADIAL,
        colors=GradientColors.TRANSPARENT,
        reverse=True,
    )
    Hand(tool, history).drag((150, 50), (180, 50))
    assert pixel(history, 150, 50)[0] > 250, "transparent in the middle"
    assert pixel(history, 290, 50) == (*RED, 255)


def test_shift_keeps_the_angle_and_a_click_does_nothing() -> None:
    history, tool = document(), GradientTool(colors())
    hand = Hand(tool, history)
    hand.press(50, 50, Modifier.SHIFT)
    hand.move(150, 55, Modifier.SHIFT)
    (line,) = tool.overlay(history.document)
    assert isinstance(line, DrawnLine)
    assert line.y1 == pytest.approx(50)
    tool.cancel()
    hand.click(50, 50)
    assert not history.can_undo


def test_the_eyedropper_reads_the_picture_or_the_layer() -> None:
    history, tool = document(), PickerTool(colors())
    hand = Hand(tool, history)
    hand.press(200, 50)
    assert tool.colors.foreground == (255, 255, 255)
    assert tool.overlay(history.document) == (ColorRing(200, 50, (255, 255, 255), RED),)
    hand.release(30, 30)
    assert tool.colors.foreground == (200, 30, 30)
    tool.options.change(sampling=Sampling.LAYER)
    hand.click(200, 50)
    assert hand.hints[-1] == "There is no color here."
    hand.click(30, 30, Modifier.ALT)
    assert tool.colors.background == (200, 30, 30)
    assert not history.can_undo


def test_the_eyedropper_averages() -> None:
    history, tool = document(), PickerTool(colors())
    tool.options.change(size=SampleSize.LARGE)
    Hand(tool, history).click(20, 30)
    expected = [round((3 * a + 2 * 255) / 5) for a in (200, 30, 30)]
    assert tool.colors.foreground == tuple(expected)


def test_escape_brings_the_colour_back() -> None:
    history, tool = document(), PickerTool(colors())
    hand = Hand(tool, history)
    hand.press(200, 50)
    tool.cancel()
    assert tool.colors.foreground == RED
