"""What the undo steps hold: the budget, packed pixels, and that nothing is kept for nothing."""

from __future__ import annotations

import gc
import weakref

import pytest

from editor.commands.generation_commands import InsertGeneratedLayers
from editor.commands.history import History
from editor.commands.layer_commands import AddLayer, RemoveLayers
from editor.commands.paint_commands import PatchPixels
from editor.commands.pixel_commands import ReplaceLayerContent
from editor.commands.property_commands import RenameLayer, SetOpacity
from editor.commands.transform_commands import MoveLayers
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.pixels import PixelBuffer
from editor.document.way_back import OVERHEAD_BYTES
from tests.document.scenes import flat_layer, noise, noise_layer


@pytest.fixture
def painting() -> History:
    return History(Document(600, 600, (noise_layer(600, 600, 1, layer_id="p", opaque=True),)))


def strokes(history: History, count: int, side: int = 40) -> None:
    for index in range(count):
        rect = Rect.from_size(13 * index, 20, side, side)
        history.push(PatchPixels("p", rect, noise(side, side, index, opaque=True)))


def test_the_budget_drops_the_oldest_steps(document: Document) -> None:
    pixels = [PixelBuffer.from_array(noise(100, 100, i)) for i in range(10)]
    step = pixels[0].byte_size + OVERHEAD_BYTES + 200
    history = History(document, budget_bytes=3 * step)
    for buffer in pixels:
        history.push(ReplaceLayerContent("a", buffer, (0, 0)))
    assert history.position == 3
    assert history.byte_size <= 3 * step
    while history.can_undo:
        history.undo()
        assert history.byte_size <= 3 * step
    assert document.raster("a").pixels == pixels[6]
    assert document.modified
    while history.can_redo:
        history.redo()
    assert document.raster("a").pixels == pixels[9]


def test_strokes_are_kept_as_small_differences(painting: History) -> None:
    strokes(painting, 20)
    painting.finish_packing()
    assert painting.byte_size < 20 * (40 * 40 * 4 * 1.3 + 2000)  # the tiles are 256 KiB each


def test_undone_strokes_are_small_too(painting: History) -> None:
    strokes(painting, 6)
    painting.finish_packing()
    before = painting.byte_size
    painting.go_to(0)
    painting.finish_packing()
    assert painting.byte_size < before * 1.1


def test_undo_at_once_while_pixels_are_being_compressed(painting: History) -> None:
    document = painting.document
    hashes = [document.state_hash()]
    for round_ in range(3):
        strokes(painting, 5, side=90 + round_)
        if round_ == 0:
            hashes.append(document.state_hash())
        painting.go_to(0)
        assert document.state_hash() == hashes[0]
        painting.go_to(5)
    painting.go_to(0)
    assert document.state_hash() == hashes[0]


def test_packing_makes_room_for_more_steps() -> None:
    document = Document(600, 600, (noise_layer(600, 600, 1, layer_id="p", opaque=True),))
    history = History(document, budget_bytes=1 << 20)
    for _ in range(6):
        strokes(history, 2)
        history.finish_packing()
    assert history.position == 12  # held as they were, at most 4 tiles fit


def test_an_added_layer_is_not_held_twice(document: Document, history: History) -> None:
    """While it is in the document, the step that added it needs its id alone."""
    layer = noise_layer(300, 300, 1)
    history.push(AddLayer(layer))
    assert history.byte_size == OVERHEAD_BYTES
    history.undo()
    assert history.byte_size == OVERHEAD_BYTES + layer.pixels.byte_size
    history.redo()
    assert document.raster(layer.layer_id).pixels is layer.pixels


def test_a_replaced_layer_of_another_size_is_swapped_by_reference(
    document: Document, history: History
) -> None:
    old = document.raster("a").pixels
    new = PixelBuffer.from_array(noise(400, 400))
    history.push(ReplaceLayerContent("a", new, (0, 0)))
    history.undo()
    assert document.raster("a").pixels is old
    history.redo()
    assert document.raster("a").pixels is new


def test_escape_keeps_what_was_undone_with_its_pixels(painting: History) -> None:
    strokes(painting, 3)
    last = painting.document.state_hash()
    painting.undo()
    painting.begin_gesture()
    painting.push(PatchPixels("p", Rect(0, 0, 9, 9), noise(9, 9), stroke=1))
    painting.cancel_gesture()
    painting.redo()
    assert painting.document.state_hash() == last


def test_the_last_step_is_kept_whatever_its_size(document: Document) -> None:
    history = History(document, budget_bytes=0)
    layers = (flat_layer((1, 1, 1, 1), 200, 200),)
    history.push(RenameLayer("a", "x"))
    history.push(InsertGeneratedLayers(layers))
    assert history.labels == ("Generate Layers",)
    history.undo()
    assert not document.has_layer(layers[0].layer_id)
    assert history.can_redo
    history.redo()
    assert document.has_layer(layers[0].layer_id)


def test_values_cost_no_pixels(history: History) -> None:
    history.push(MoveLayers(("a", "b"), 1, 1))
    history.push(SetOpacity(("a",), 0.5))
    assert history.byte_size == 2 * OVERHEAD_BYTES


def test_what_is_forgotten_leaves_the_memory(document: Document, history: History) -> None:
    for forget in (history.cancel_gesture, history.clear):
        history.begin_gesture()
        history.push(RemoveLayers(("a",)))
        held = weakref.ref(history._done[-1])
        forget()
        gc.collect()
        assert held() is None, forget.__name__
