"""Cropping moves everything to the new corner, as one step."""

from __future__ import annotations

import pytest

from editor.commands.canvas_commands import CropCanvas
from editor.commands.history import History
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.document.text import TextContent


def square(name: str, x: int, y: int, **rest: object) -> RasterLayer:
    pixels = PixelBuffer.filled(20, 20, (9, 9, 9, 255))
    return RasterLayer(layer_id=name, name=name, pixels=pixels, offset=(x, y), **rest)  # type: ignore[arg-type]


@pytest.fixture
def history() -> History:
    mask = Mask(coverage=CoverageBuffer.filled(10, 10, 255), offset=(30, 30))
    title = TextContent(text="Hi", family="Sans", size_px=9, anchor=(10.0, 20.0))
    state = DocumentState(
        width=100,
        height=80,
        layers=(
            square("in", 30, 30, mask=mask),
            GroupLayer(layer_id="g", name="g", children=(square("edge", 10, 30),), mask=mask),
            square("out", 80, 0),
            square("text", 10, 10, text=title),
        ),
        boxes=(LayoutBox(Rect(10, 10, 40, 40), box_id="b"), LayoutBox(Rect(0, 0, 16, 16))),
        guides=(Guide(Orientation.VERTICAL, 30), Guide(Orientation.HORIZONTAL, 5)),
        selection=Mask(coverage=CoverageBuffer.filled(30, 30, 255), offset=(0, 10)),
    )
    return History(Document.from_state(state))


def test_everything_is_measured_from_the_new_corner(history: History) -> None:
    before = history.document.state_hash()
    history.push(CropCanvas(Rect(20, 20, 70, 60)))
    document = history.document
    assert (document.width, document.height) == (50, 40)
    assert document.raster("in").offset == (10, 10)
    assert document.raster("edge").bounds == Rect(-10, 10, 10, 30)
    assert document.raster("out").offset == (60, -20)
    for layer_id in ("in", "g"):
        mask = document.layer(layer_id).mask
        assert mask is not None
        assert mask.offset == (10, 10)
    text = document.raster("text").text
    assert text is not None
    assert text.anchor == (-10, 0)
    assert [box.rect for box in document.boxes] == [Rect(0, 0, 20, 20)]
    assert document.guides == (Guide(Orientation.VERTICAL, 10),)
    assert document.selection is not None
    assert document.selection.bounds == Rect(0, 0, 10, 20)
    assert history.labels == ("Crop",)
    history.undo()
    assert history.document.state_hash() == before


def test_cropped_pixels_are_deleted_when_asked(history: History) -> None:
    history.push(CropCanvas(Rect(20, 20, 70, 60), delete_pixels=True))
    document = history.document
    assert document.raster("edge").bounds == Rect(0, 10, 10, 30)
    assert document.raster("in").pixels.size == (20, 20)
    assert document.raster("out").opaque_box.is_empty
    assert document.raster("text").bounds == Rect(-10, -10, 10, 10), "live text stays whole"


def test_a_frame_beyond_the_canvas_makes_it_larger(history: History) -> None:
    history.push(CropCanvas(Rect(-10, -20, 110, 90)))
    document = history.document
    assert (document.width, document.height) == (120, 110)
    assert document.raster("in").offset == (40, 50)


def test_an_impossible_canvas_is_refused(history: History) -> None:
    with pytest.raises(DocumentError, match="canvas"):
        history.push(CropCanvas(Rect(0, 0, 40_000, 10)))
