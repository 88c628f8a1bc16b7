"""Cropping, canvas and image size, trimming, turning: the picture, and all that lies on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.commands.canvas_commands import (
    ChangeCanvasSize,
    ChangeImageSize,
    CropCanvas,
    CropToSelection,
    TrimCanvas,
    TrimTo,
    TurnCanvas,
)
from editor.commands.command import Command
from editor.commands.history import History
from editor.document import affine
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.masks import CoverageBuffer, Mask
from editor.document.state import DocumentState
from editor.document.text import TextContent
from editor.document.turning import Turn
from tests.document.scenes import flat_layer, noise, noise_layer

LYING, STANDING = Orientation.HORIZONTAL, Orientation.VERTICAL


def mask(width: int, height: int, x: int, y: int, outside: int = 0) -> Mask:
    coverage = CoverageBuffer.from_array(noise(width, height, 7)[..., 0])
    return Mask(coverage=coverage, offset=(x, y), outside=outside)


@pytest.fixture
def document() -> Document:
    text = TextContent(text="a", family="x", size_px=12, anchor=(20.0, 30.0))
    group = GroupLayer(
        layer_id="g",
        mask=mask(30, 60, 5, 5, 255),
        children=(noise_layer(30, 40, 2, layer_id="b", offset=(40, 20), mask=mask(20, 9, 45, 30)),),
    )
    state = DocumentState(
        width=100,
        height=80,
        layers=(
            noise_layer(110, 80, 1, opaque=True, layer_id="a", offset=(-5, 0)),
            group,
            flat_layer((9, 9, 9, 255), 10, 10, layer_id="t", text=text, offset=(20, 20)),
        ),
        boxes=(LayoutBox(Rect(10, 10, 50, 40), box_id="x"),),
        guides=(Guide(LYING, 20), Guide(STANDING, 90)),
        selection=Mask(coverage=CoverageBuffer.filled(30, 20, 255), offset=(10, 40)),
    )
    return Document.from_state(state)


@pytest.fixture
def history(document: Document) -> History:
    return History(document)


def text_of(document: Document) -> TextContent | None:
    return document.raster("t").text


def selection_box(document: Document) -> Rect:
    selection = document.snapshot().selection
    assert selection is not None
    return selection.shown_box


def test_cropping_keeps_what_is_seen(document: Document, history: History) -> None:
    before = flatten(document)
    history.push(CropCanvas(Rect(5, 10, 95, 70)))
    assert np.array_equal(flatten(document), before[10:70, 5:95])
    assert document.boxes[0].rect == Rect(5, 0, 45, 30)
    assert document.snapshot().guides == (Guide(LYING, 10), Guide(STANDING, 85))
    assert selection_box(document) == Rect(5, 30, 35, 50)
    text = text_of(document)
    assert text is not None
    assert text.anchor == (15, 20)
    history.push(CropCanvas(Rect(-5, -10, 95, 70)))  # outside pixels were kept
    assert np.array_equal(flatten(document), before)


@pytest.mark.parametrize(
    ("anchor", "corner"), [((0, 0), (0, 0)), ((0.5, 0.5), (10, -15)), ((1, 1), (20, -30))]
)
def test_the_canvas_grows_and_shrinks_at_the_anchor(
    document: Document, history: History, anchor: tuple[float, float], corner: tuple[int, int]
) -> None:
    x, y = document.raster("b").offset
    history.push(ChangeCanvasSize(120, 50, anchor))
    assert (document.width, document.height) == (120, 50)
    assert document.raster("b").offset == (x + corner[0], y + corner[1])
    assert document.raster("a").pixels.size == (110, 80)


def test_guides_and_boxes_outside_go(document: Document, history: History) -> None:
    history.push(CropCanvas(Rect(0, 45, 50, 80)))
    assert document.snapshot().guides == ()
    assert document.boxes == ()


def test_crop_to_selection(document: Document, history: History) -> None:
    before = flatten(document)
    history.push(CropToSelection())
    assert np.array_equal(flatten(document), before[40:60, 10:40])
    assert selection_box(document) == document.canvas


def test_trim(history: History, document: Document) -> None:
    spot = flat_layer((1, 2, 3, 255), 20, 10, offset=(30, 40))
    for to, ground in (
        (TrimTo.TRANSPARENT, (0, 0, 0, 0)),
        (TrimTo.TOP_LEFT_COLOR, (200, 0, 0, 255)),
        (TrimTo.BOTTOM_RIGHT_COLOR, (200, 0, 0, 255)),
    ):
        trimmed = Document(90, 90, (flat_layer(ground, 90, 90), spot))
        History(trimmed).push(TrimCanvas(to))
        assert (trimmed.width, trimmed.height) == (20, 10)
    history.push(TrimCanvas())  # there is nothing transparent at the edges
    assert not history.can_undo
    empty = Document(90, 90, (flat_layer((0, 0, 0, 0), 90, 90),))
    with pytest.raises(DocumentError, match="trimmed away"):
        History(empty).push(TrimCanvas())


def test_image_size_scales_everything(document: Document, history: History) -> None:
    before = flatten(document)
    history.push(ChangeImageSize(200, 160))
    assert history.position == 1
    assert document.raster("a").bounds == Rect(-10, 0, 210, 160)
    assert document.raster("b").bounds == Rect(80, 40, 140, 120)
    inner = document.raster("b").mask
    assert inner is not None
    assert inner.bounds == Rect(90, 60, 130, 78)
    assert document.boxes[0].rect == Rect(20, 20, 100, 80)
    assert document.snapshot().guides == (Guide(LYING, 40), Guide(STANDING, 180))
    assert selection_box(document) == Rect(20, 80, 80, 120)
    text = text_of(document)
    assert text is not None
    assert (text.anchor, text.size_px) == ((40, 60), 24)
    history.push(ChangeImageSize(100, 80))
    # Layers come back exactly; masks were resampled twice.
    for layer_id, offset in (("a", (-5, 0)), ("b", (40, 20))):
        assert document.raster(layer_id).offset == offset
        assert document.raster(layer_id).source is None
    difference = np.abs(flatten(document).astype(int) - before)
    assert np.median(difference) == 0


def test_a_text_stretched_one_way_stays_live(document: Document, history: History) -> None:
    before = text_of(document)
    assert before is not None
    history.push(ChangeImageSize(200, 80))
    text = text_of(document)
    assert text == replace(before, anchor=(40.0, 30.0), linear=(2, 0, 0, 1))
    history.push(ChangeImageSize(201, 80))
    text = text_of(document)
    assert text is not None
    assert text.linear == (2, 0, 0, 1), "whole pixels cannot keep proportions; letters do"


@pytest.mark.parametrize("turn", Turn)
def test_a_text_is_turned_with_the_canvas(document: Document, history: History, turn: Turn) -> None:
    before = document.raster("t")
    history.push(TurnCanvas(turn))
    after = document.raster("t")
    assert after.text is not None
    assert after.text.linear != (1, 0, 0, 1)
    assert after.text.anchor == turn.point(20, 30, 100, 80)
    assert after.matrix is not None
    assert after.source == before.pixels
    assert affine.mapped_rect(after.matrix, before.pixels.bounds) == after.bounds
    back = {Turn.CLOCKWISE: Turn.COUNTERCLOCKWISE, Turn.COUNTERCLOCKWISE: Turn.CLOCKWISE}
    history.push(TurnCanvas(back.get(turn, turn)))
    assert document.raster("t") == before


TURNS = {
    Turn.CLOCKWISE: -1,
    Turn.COUNTERCLOCKWISE: 1,
    Turn.HALF: 2,
}


@pytest.mark.parametrize("turn", Turn)
def test_turning_turns_the_picture(document: Document, history: History, turn: Turn) -> None:
    before = flatten(document)
    first = document.state_hash()
    history.push(TurnCanvas(turn))
    expected = {
        Turn.HORIZONTAL: before[:, ::-1],
        Turn.VERTICAL: before[::-1],
    }.get(turn)
    if expected is None:
        expected = np.rot90(before, TURNS[turn])
    assert np.array_equal(flatten(document), expected)
    corner = turn.point(10, 10, 100, 80)
    assert document.boxes[0].rect.expanded(1).contains_point(*corner)
    history.undo()
    assert document.state_hash() == first


def test_guides_turn_too(document: Document, history: History) -> None:
    history.push(TurnCanvas(Turn.CLOCKWISE))
    assert document.snapshot().guides == (Guide(STANDING, 60), Guide(LYING, 90))
    history.push(TurnCanvas(Turn.VERTICAL))
    assert document.snapshot().guides == (Guide(STANDING, 60), Guide(LYING, 10))


def test_a_scaled_layer_is_turned_as_it_is_seen(history: History, document: Document) -> None:
    history.push(ChangeImageSize(50, 40))
    layer = document.raster("a")
    assert layer.source is not None
    history.push(TurnCanvas(Turn.HALF))
    turned: RasterLayer = document.raster("a")
    assert turned.source is None
    assert turned.pixels.size == layer.pixels.size


@pytest.mark.parametrize(
    "command",
    [
        ChangeCanvasSize(0, 5),
        ChangeImageSize(5, 100_000),
        CropCanvas(Rect(0, 0, 40_000, 40_000)),
        ChangeImageSize(29_000, 29_000),
    ],
)
def test_impossible_sizes_are_refused(history: History, command: Command) -> None:
    first = history.document.state_hash()
    with pytest.raises(DocumentError, match="px"):
        history.push(command)
    assert history.document.state_hash() == first


def test_crop_to_selection_needs_one() -> None:
    with pytest.raises(DocumentError, match="selected"):
        History(Document(9, 9)).push(CropToSelection())
    away = Mask(coverage=CoverageBuffer.filled(3, 3, 255), offset=(50, 50))
    state = DocumentState(width=9, height=9, selection=away)
    with pytest.raises(DocumentError, match="outside"):
        History(Document.from_state(state)).push(CropToSelection())
