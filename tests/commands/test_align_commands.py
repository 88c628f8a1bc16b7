"""Aligning and distributing: what is seen of each layer lies where it should, and undo is exact."""

from __future__ import annotations

import numpy as np
import pytest

from editor.commands.align_commands import (
    AlignEdge,
    AlignLayers,
    AlignTo,
    DistributeLayers,
    Spread,
)
from editor.commands.history import History
from editor.commands.property_commands import SetLocked
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.pixels import PixelBuffer

ALL = ("a", "b", "c")


def layer(name: str, box: Rect, margin: int = 3) -> RasterLayer:
    """Opaque inside `box`, with a transparent margin that must not count."""
    outer = box.expanded(margin)
    array = np.zeros((outer.height, outer.width, 4), np.uint8)
    array[margin:-margin, margin:-margin] = 255
    pixels = PixelBuffer.from_array(array)
    return RasterLayer(name=name, layer_id=name, pixels=pixels, offset=(outer.x0, outer.y0))


@pytest.fixture
def history() -> History:
    layers = (
        layer("a", Rect(10, 20, 30, 40)),
        layer("b", Rect(50, 10, 60, 70)),
        layer("c", Rect(70, 60, 110, 80)),
    )
    return History(Document(200, 101, layers))


def boxes(history: History, *names: str) -> list[tuple[int, int, int, int]]:
    return [history.document.layer(name).opaque_box.as_tuple() for name in names or ALL]


@pytest.mark.parametrize(
    ("edge", "side", "value"),
    [
        (AlignEdge.LEFT, 0, 10),
        (AlignEdge.RIGHT, 2, 110),
        (AlignEdge.TOP, 1, 10),
        (AlignEdge.BOTTOM, 3, 80),
    ],
)
def test_edges_meet_the_edge_of_the_selection(
    history: History, edge: AlignEdge, side: int, value: int
) -> None:
    before = boxes(history)
    history.push(AlignLayers(ALL, edge))
    after = boxes(history)
    assert [box[side] for box in after] == [value] * 3
    other = 1 - side % 2
    assert [box[other] for box in after] == [box[other] for box in before]
    history.undo()
    assert boxes(history) == before


def test_middles_meet_the_middle_of_the_selection_or_the_canvas(history: History) -> None:
    history.push(AlignLayers(ALL, AlignEdge.CENTER))
    assert [box[0] + box[2] for box in boxes(history)] == [120] * 3
    history.push(AlignLayers(ALL, AlignEdge.MIDDLE, AlignTo.CANVAS))
    assert {box[1] + box[3] for box in boxes(history)} == {100}, "half pixels are rounded down"


def test_a_single_layer_is_aligned_to_the_canvas(history: History) -> None:
    history.push(AlignLayers(("c",), AlignEdge.RIGHT))
    assert boxes(history, "c") == [(160, 60, 200, 80)]
    assert history.undo_label == "Align Right Edges"


def test_a_group_keeps_its_arrangement(history: History) -> None:
    inner = (layer("x", Rect(0, 0, 10, 10)), layer("y", Rect(20, 30, 30, 40)))
    group = GroupLayer(name="g", layer_id="g", children=inner)
    history = History(Document(100, 100, (group,)))
    history.push(AlignLayers(("g", "x"), AlignEdge.BOTTOM, AlignTo.CANVAS))
    assert boxes(history, "x", "y") == [(0, 60, 10, 70), (20, 90, 30, 100)]


def test_centers_at_equal_distances(history: History) -> None:
    history.push(DistributeLayers(ALL, Spread.HORIZONTAL_CENTERS))
    assert boxes(history) == [(10, 20, 30, 40), (50, 10, 60, 70), (70, 60, 110, 80)]
    history.push(DistributeLayers(ALL, Spread.VERTICAL_CENTERS))
    assert [(box[1] + box[3]) / 2 for box in boxes(history)] == [30, 50, 70]


def test_equal_gaps(history: History) -> None:
    history.push(DistributeLayers(ALL, Spread.HORIZONTAL_GAPS))
    assert boxes(history) == [(10, 20, 30, 40), (45, 10, 55, 70), (70, 60, 110, 80)]
    history.push(DistributeLayers(ALL, Spread.HORIZONTAL_GAPS, AlignTo.CANVAS))
    assert [(box[0], box[2]) for box in boxes(history)] == [(0, 20), (85, 95), (160, 200)]


def test_distributing_needs_three_layers_or_the_canvas(history: History) -> None:
    with pytest.raises(DocumentError, match="at least three"):
        history.push(DistributeLayers(("a", "b"), Spread.VERTICAL_GAPS))
    history.push(DistributeLayers(("a", "b"), Spread.VERTICAL_CENTERS, AlignTo.CANVAS))
    assert [(box[1], box[3]) for box in boxes(history, "a", "b")] == [(0, 20), (41, 101)]


def test_locked_and_empty_layers_are_refused(history: History) -> None:
    history.push(SetLocked(("b",), True))
    with pytest.raises(DocumentError, match="locked"):
        history.push(AlignLayers(ALL, AlignEdge.LEFT))
    empty = RasterLayer(layer_id="e", pixels=PixelBuffer.transparent(5, 5))
    with pytest.raises(DocumentError, match="nothing to see"):
        History(Document(9, 9, (empty,))).push(AlignLayers(("e",), AlignEdge.LEFT))
    with pytest.raises(DocumentError, match="No layer"):
        history.push(AlignLayers((), AlignEdge.LEFT))
