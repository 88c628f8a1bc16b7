"""Patches of pixels and masks, and the selection, as commands."""

from __future__ import annotations

import numpy as np
import pytest

from editor.commands.history import History
from editor.commands.paint_commands import (
    PaintLayer,
    PatchMask,
    PatchPixels,
    SetMask,
    SetSelection,
)
from editor.commands.property_commands import SetLocked
from editor.commands.transform_commands import MoveLayers, ScaleLayer
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.events import Change, ChangeKind
from editor.document.geometry import Rect
from editor.document.masks import CoverageBuffer, Mask
from tests.document.scenes import noise, noise_layer


@pytest.fixture
def document() -> Document:
    return Document(600, 600, (noise_layer(520, 300, 1, layer_id="a", offset=(30, 40)),))


@pytest.fixture
def history(document: Document) -> History:
    return History(document)


def test_a_patch_changes_its_rectangle_alone(document: Document, history: History) -> None:
    area = Rect(-50, -50, 650, 650)
    before = document.raster("a").pixels.read(area.translated(-30, -40)).copy()
    changes: list[Change] = []
    document.changed.connect(changes.append)
    patch = noise(20, 10, 2)
    history.push(PatchPixels("a", Rect(100, 100, 120, 110), patch))
    layer = document.raster("a")
    assert layer.offset == (30, 40)
    before[150:160, 150:170] = patch
    assert np.array_equal(layer.pixels.read(area.translated(-30, -40)), before)
    assert changes[0].kinds & ChangeKind.LAYER_PIXELS
    assert history.undo_label == "Brush Stroke"


def test_a_layer_grows_to_hold_a_patch(document: Document, history: History) -> None:
    first = document.state_hash()
    patch = noise(100, 60, 2, opaque=True)
    rect = Rect(0, 0, 100, 60)
    history.push(PatchPixels("a", rect, patch))
    layer = document.raster("a")
    assert layer.bounds == Rect(0, 0, 550, 340)
    assert np.array_equal(layer.pixels.read(rect), patch)
    assert layer.pixels.pixel(0, 80) == (0, 0, 0, 0)
    history.undo()
    assert document.state_hash() == first


def test_painting_gives_up_the_unscaled_source(document: Document, history: History) -> None:
    history.push(ScaleLayer("a", Rect(0, 0, 50, 50)))
    assert document.raster("a").source is not None
    history.push(PatchPixels("a", Rect(0, 0, 5, 5), noise(5, 5)))
    assert document.raster("a").source is None
    history.undo()
    assert document.raster("a").source is not None


def test_patches_of_one_stroke_are_one_step(document: Document, history: History) -> None:
    first = document.state_hash()
    for stroke in ("one", "two"):
        with history.gesture():
            for x in range(0, 80, 10):
                rect = Rect.from_size(x, 50, 12, 12)
                history.push(PatchPixels("a", rect, noise(12, 12, x), stroke=stroke))
    assert history.position == 2
    last = document.state_hash()
    history.go_to(0)
    assert document.state_hash() == first
    history.go_to(2)
    assert document.state_hash() == last


def test_patches_are_refused(document: Document, history: History) -> None:
    with pytest.raises(DocumentError, match="fill their rectangle"):
        history.push(PatchPixels("a", Rect(0, 0, 5, 5), noise(5, 4)))
    with pytest.raises(DocumentError, match="no mask"):
        history.push(PatchMask("a", Rect(0, 0, 5, 5), np.zeros((5, 5), np.uint8)))
    history.push(SetLocked(("a",), True))
    for command in (
        PatchPixels("a", Rect(0, 0, 5, 5), noise(5, 5)),
        PatchMask("a", Rect(0, 0, 5, 5), np.zeros((5, 5), np.uint8)),
        SetMask("a", None),
    ):
        with pytest.raises(DocumentError, match="locked"):
            history.push(command)


def test_what_was_painted_on_other_pixels_is_refused(document: Document, history: History) -> None:
    base = document.raster("a")
    painted = PaintLayer("a", base.pixels, base.offset, base=base)
    history.push(MoveLayers(("a",), 5, 0))
    with pytest.raises(DocumentError, match="was changed meanwhile"):
        history.push(painted)
    history.undo()
    history.push(PatchPixels("a", Rect(40, 50, 41, 51), noise(1, 1, 7)))
    with pytest.raises(DocumentError, match="was changed meanwhile"):
        history.push(painted)


def test_what_was_painted_on_another_mask_is_refused(document: Document, history: History) -> None:
    base = Mask(coverage=CoverageBuffer.filled(520, 300, 255), offset=(30, 40))
    history.push(SetMask("a", base))
    history.push(PatchMask("a", Rect(30, 40, 35, 45), np.zeros((5, 5), np.uint8)))
    before = document.state_hash()
    with pytest.raises(DocumentError, match="was changed meanwhile"):
        history.push(SetMask("a", base, base=base))
    assert document.state_hash() == before


def test_masks_are_painted(document: Document, history: History) -> None:
    mask = Mask(coverage=CoverageBuffer.filled(520, 300, 255), offset=(30, 40))
    history.push(SetMask("a", mask))
    masked = document.state_hash()
    history.push(PatchMask("a", Rect(20, 35, 40, 45), np.full((10, 20), 9, np.uint8)))
    painted = document.layer("a").mask
    assert painted is not None
    assert painted.read(Rect(25, 40, 26, 41))[0, 0] == 9
    assert painted.read(Rect(500, 300, 501, 301))[0, 0] == 255
    assert painted.read(Rect(25, 50, 26, 51))[0, 0] == 0
    history.undo()
    assert document.state_hash() == masked
    history.undo()
    assert document.layer("a").mask is None


def test_the_selection_is_undone(document: Document, history: History) -> None:
    selection = Mask(coverage=CoverageBuffer.filled(9, 9, 255))
    with history.gesture():
        history.push(SetSelection(Mask(coverage=CoverageBuffer.filled(5, 5, 255))))
        history.push(SetSelection(selection))
    assert document.snapshot().selection is selection
    assert history.labels == ("Select",)
    history.undo()
    assert document.snapshot().selection is None
