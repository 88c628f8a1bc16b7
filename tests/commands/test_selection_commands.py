"""Selected pixels: copied to a layer, deleted, filled, as far as they are selected."""

from __future__ import annotations

import numpy as np
import pytest

from editor.commands.command import Command
from editor.commands.history import History
from editor.commands.mask_commands import SetClipped
from editor.commands.paint_commands import SetSelection
from editor.commands.property_commands import SetLocked
from editor.commands.selection_commands import (
    DeleteSelectedPixels,
    FillSelection,
    LayerFromSelection,
)
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.masks import CoverageBuffer, Mask
from tests.document.scenes import noise_layer


def selection(rect: Rect, coverage: int = 255, outside: int = 0) -> Mask:
    buffer = CoverageBuffer.filled(rect.width, rect.height, coverage)
    return Mask(coverage=buffer, offset=(rect.x0, rect.y0), outside=outside)


@pytest.fixture
def history() -> History:
    layer = noise_layer(600, 300, 1, layer_id="a", offset=(20, 30), opaque=True, name="photo")
    history = History(Document(700, 400, (layer, noise_layer(9, 9, 2, layer_id="top"))))
    history.push(SetSelection(selection(Rect(100, 100, 700, 200), 51)))
    return history


def test_a_layer_via_copy_of_a_base_leaves_the_clipped_ones_on_it(history: History) -> None:
    history.push(SetClipped(("top",), True))
    command = LayerFromSelection("a")
    history.push(command)
    document = history.document
    assert [layer.layer_id for layer in document.layers] == ["a", "top", command.new_id]
    assert not document.layer(command.new_id).clipped


def test_layer_via_copy(history: History) -> None:
    document = history.document
    old = document.raster("a")
    command = LayerFromSelection("a")
    history.push(command)
    new = document.raster(command.new_id)
    assert [layer.layer_id for layer in document.layers] == ["a", command.new_id, "top"]
    assert new.bounds == Rect(100, 100, 620, 200)
    assert (new.pixels.array[..., 3] == 51).all()
    local = Rect(80, 70, 600, 170)
    assert np.array_equal(new.pixels.array[..., :3], old.pixels.read(local)[..., :3])
    assert document.raster("a") is old
    assert document.active_id == command.new_id


def test_layer_via_cut(history: History) -> None:
    command = LayerFromSelection("a", cut=True)
    history.push(command)
    document = history.document
    assert document.raster(command.new_id).pixels.pixel(0, 0)[3] == 51
    assert document.raster("a").pixels.pixel(80, 70)[3] == 204
    assert document.raster("a").pixels.pixel(79, 70)[3] == 255
    history.undo()
    assert document.raster("a").pixels.is_opaque


def test_deleting_pixels(history: History) -> None:
    old = history.document.raster("a").pixels.array
    history.push(SetSelection(selection(Rect(100, 100, 700, 200))))
    history.push(DeleteSelectedPixels("a"))
    pixels = history.document.raster("a").pixels.array
    assert (pixels[70:170, 80:, 3] == 0).all()
    assert np.array_equal(pixels[:70], old[:70])
    assert np.array_equal(pixels[:, :80], old[:, :80])


def test_an_inverse_selection_reaches_everywhere_else(history: History) -> None:
    history.push(SetSelection(selection(Rect(100, 100, 200, 200), 0, outside=255)))
    history.push(DeleteSelectedPixels("a"))
    assert history.document.raster("a").opaque_box == Rect(100, 100, 200, 200)


def test_filling(history: History) -> None:
    old = history.document.raster("a").pixels.array.astype(float)
    history.push(FillSelection("a", (10, 200, 30, 255)))
    layer = history.document.raster("a")
    assert layer.bounds == Rect(20, 30, 700, 330)  # it grew to hold the colour
    pixels = layer.pixels.array
    mixed = old[70:170, 80:, :3] * 0.8 + np.array([10, 200, 30]) * 0.2
    assert np.abs(pixels[70:170, 80:600, :3] - mixed).max() <= 0.51
    assert layer.pixels.pixel(650, 100) == (10, 200, 30, 51)
    history.push(SetSelection(None))
    history.push(FillSelection("a", (1, 2, 3, 255)))
    assert history.document.raster("a").bounds == Rect(0, 0, 700, 400)
    assert history.document.raster("a").pixels.is_opaque


def test_refusals(history: History) -> None:
    commands: list[Command] = [LayerFromSelection("a"), DeleteSelectedPixels("a")]
    for away in (LayerFromSelection("top"), DeleteSelectedPixels("top")):
        with pytest.raises(DocumentError, match="does not touch"):
            history.push(away)
    history.push(SetLocked(("a",), True))
    for change in (DeleteSelectedPixels("a"), FillSelection("a", (0, 0, 0, 255))):
        with pytest.raises(DocumentError, match="locked"):
            history.push(change)
    history.push(SetSelection(None))
    for command in commands:
        with pytest.raises(DocumentError, match=r"locked|selected"):
            history.push(command)
    history.push(SetSelection(selection(Rect(900, 900, 910, 910))))
    history.push(SetLocked(("a",), False))
    with pytest.raises(DocumentError, match="outside"):
        history.push(FillSelection("a", (0, 0, 0, 255)))


def test_empty_parts_make_no_layer(history: History) -> None:
    history.push(SetSelection(selection(Rect(100, 100, 200, 200))))
    history.push(DeleteSelectedPixels("a"))
    with pytest.raises(DocumentError, match="empty"):
        history.push(LayerFromSelection("a"))
