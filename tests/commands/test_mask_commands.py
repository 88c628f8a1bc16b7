"""Layer masks and clipping masks as commands: what they do, refuse and announce."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from editor.commands.command import Command
from editor.commands.history import History
from editor.commands.layer_commands import AddLayer, RemoveLayers
from editor.commands.mask_commands import (
    AddMask,
    ApplyMasks,
    IsolateGroups,
    MaskFill,
    RemoveMasks,
    SetClipped,
    SetMaskEnabled,
)
from editor.commands.paint_commands import PatchMask, SetSelection
from editor.commands.pixel_commands import MergeDown
from editor.commands.property_commands import SetLocked, SetVisible
from editor.commands.transform_commands import MoveLayers, ScaleLayer
from editor.document.blending import BlendMode
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.events import Change
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.formats.native import read_native, write_native
from tests.document.scenes import flat_layer, noise_layer, noise_mask

HALF = Mask(
    coverage=CoverageBuffer.from_array(np.tile(np.array([[0, 255]], np.uint8), (8, 1))),
    offset=(3, 0),
    outside=0,
)


@pytest.fixture
def document() -> Document:
    """Bottom to top: base, group(inner), top; 12 x 8."""
    return Document(
        12,
        8,
        (
            flat_layer((10, 20, 30, 255), 12, 8, layer_id="base", name="base"),
            GroupLayer(
                layer_id="group",
                name="group",
                children=(noise_layer(6, 6, 1, layer_id="inner", name="inner", offset=(4, 1)),),
            ),
            noise_layer(8, 7, 2, layer_id="top", name="top", offset=(-1, 1)),
        ),
    )


@pytest.fixture
def history(document: Document) -> History:
    return History(document)


def alpha_at(document: Document, layer_id: str, x: int, y: int) -> int:
    layer = document.layer(layer_id)
    assert layer.mask is not None
    return int(layer.mask.read(Rect(x, y, x + 1, y + 1))[0, 0])


@pytest.mark.parametrize(
    ("fill", "inside", "outside"),
    [
        (MaskFill.REVEAL_ALL, 255, 255),
        (MaskFill.HIDE_ALL, 0, 0),
        (MaskFill.REVEAL_SELECTION, 255, 0),
        (MaskFill.HIDE_SELECTION, 0, 255),
    ],
)
def test_a_new_mask_shows_what_was_asked(
    history: History, document: Document, fill: MaskFill, inside: int, outside: int
) -> None:
    history.push(SetSelection(HALF))
    history.push(AddMask("group", fill))
    assert alpha_at(document, "group", 4, 2) == inside
    assert alpha_at(document, "group", 11, 2) == outside
    assert alpha_at(document, "group", -50, 90) == outside
    history.undo()
    assert document.layer("group").mask is None


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (AddMask("masked"), "has a mask already"),
        (AddMask("base", MaskFill.REVEAL_SELECTION), "Nothing is selected"),
        (ApplyMasks(("base",)), "has no mask"),
        (ApplyMasks(("group",)), "is a group"),
        (SetClipped(("base",), True), "no layer below"),
        (SetClipped(("inner",), True), "no layer below"),
        (SetClipped((), True), "No layer is selected"),
        (RemoveMasks(()), "No layer is selected"),
        (IsolateGroups(("top",), True), "is not a group"),
        (AddMask("locked"), "is locked"),
        (RemoveMasks(("locked",)), "is locked"),
        (SetMaskEnabled(("locked",), False), "is locked"),
        (ApplyMasks(("locked",)), "is locked"),
        (SetClipped(("locked",), True), "is locked"),
    ],
)
def test_refusals(history: History, document: Document, command: Command, text: str) -> None:
    history.push(AddLayer(noise_layer(4, 4, 1, layer_id="masked", mask=HALF)))
    history.push(AddLayer(noise_layer(4, 4, 1, layer_id="locked", mask=HALF)))
    history.push(SetLocked(("locked",), True))
    before = document.state_hash()
    with pytest.raises(DocumentError, match=text):
        history.push(command)
    assert document.state_hash() == before


def test_masks_are_switched_off_and_taken_away(history: History, document: Document) -> None:
    plain = flatten(document)
    history.push(AddMask("top", MaskFill.HIDE_ALL))
    hidden = flatten(document)
    assert not np.array_equal(hidden, plain)
    history.push(SetMaskEnabled(("top", "base"), False))
    assert np.array_equal(flatten(document), plain)
    assert document.layer("base").mask is None
    history.push(SetMaskEnabled(("top",), True))
    assert np.array_equal(flatten(document), hidden)
    history.push(RemoveMasks(("top",)))
    assert np.array_equal(flatten(document), plain)


@pytest.mark.parametrize("outside", [0, 255])
def test_applying_a_mask_keeps_the_picture(outside: int) -> None:
    mask = noise_mask(9, 4, 3, offset=(2, 1), outside=outside)
    layer = noise_layer(8, 7, 2, layer_id="top", offset=(-1, 1), mask=mask)
    document = Document(12, 8, (layer,))
    before = flatten(document).astype(int)
    History(document).push(ApplyMasks(("top",)))
    after = flatten(document)
    assert document.layer("top").mask is None
    assert np.array_equal(after[..., 3], before[..., 3])
    assert np.abs(after - before)[after[..., 3] > 0].max() <= 0


def test_masks_move_with_their_layers(history: History, document: Document) -> None:
    history.push(AddMask("group", MaskFill.HIDE_ALL))
    history.push(AddMask("inner"))
    history.push(MoveLayers(("group",), 3, -2))
    for layer_id in ("group", "inner"):
        mask = document.layer(layer_id).mask
        assert mask is not None
        assert mask.offset == (3, -2)


def test_masks_scale_with_their_layers_and_back(history: History, document: Document) -> None:
    history.push(AddLayer(noise_layer(8, 8, 5, layer_id="x", mask=noise_mask(8, 8, 1))))
    first = document.layer("x")
    for box in (Rect(0, 0, 3, 17), Rect(-5, 2, 40, 30)):
        history.push(ScaleLayer("x", box))
        mask = document.layer("x").mask
        assert mask is not None
        assert mask.bounds == box
    history.push(ScaleLayer("x", Rect(0, 0, 8, 8)))
    assert document.layer("x").mask == first.mask  # from the source each time, so nothing is lost


def test_the_source_of_a_scaled_mask_is_undone_saved_and_given_up(tmp_path: Path) -> None:
    layer = noise_layer(8, 8, 5, layer_id="x", mask=noise_mask(8, 8, 1))
    document = Document(40, 40, (layer,))
    history = History(document)
    first = layer.mask
    assert first is not None
    history.push(ScaleLayer("x", Rect(0, 0, 20, 20)))
    scaled = document.layer("x").mask
    assert scaled is not None
    assert scaled.source == first.coverage
    small = history.byte_size

    history.push(PatchMask("x", Rect(0, 0, 2, 2), np.zeros((2, 2), np.uint8)))
    painted = document.layer("x").mask
    assert painted is not None
    assert painted.source is None
    assert history.byte_size >= small + first.coverage.byte_size
    history.finish_packing()
    history.undo()
    again = document.layer("x").mask
    assert again == scaled
    history.push(ScaleLayer("x", Rect(0, 0, 8, 8)))
    assert document.layer("x").mask == first

    history.undo()
    write_native(document, tmp_path / "a.layerloom")
    assert read_native(tmp_path / "a.layerloom").document.layer("x").mask == scaled
    without = replace(document.layer("x"), mask=replace(scaled, source=None))
    state = document.snapshot()
    assert replace(state, layers=(without,)).state_hash() != state.state_hash()


def test_scaling_a_small_layer_with_a_large_mask_is_possible(document: Document) -> None:
    mask = Mask(coverage=CoverageBuffer.filled(4000, 10, 255), outside=255)
    layer = noise_layer(4, 4, 5, layer_id="x", mask=mask)
    document = Document(20, 20, (layer,))
    History(document).push(ScaleLayer("x", Rect(0, 0, 400, 400)))
    scaled = document.layer("x").mask
    assert scaled is not None
    assert scaled.bounds == Rect(0, 0, 400, 400)


def test_clipping_is_set_and_released(history: History, document: Document) -> None:
    plain = flatten(document)
    history.push(SetClipped(("group", "top"), True))
    assert document.layer("top").clipped
    assert np.array_equal(flatten(document)[..., 3], plain[..., 3])  # the base is opaque
    history.push(SetClipped(("group", "top"), False))
    assert np.array_equal(flatten(document), plain)


def test_groups_are_isolated_and_let_through(history: History, document: Document) -> None:
    history.push(IsolateGroups(("group",), True))
    assert document.layer("group").blend_mode is BlendMode.NORMAL
    history.push(IsolateGroups(("group",), False))
    assert document.layer("group").blend_mode is BlendMode.PASS_THROUGH


def test_merging_down_takes_masks_and_clipping_along() -> None:
    lower = noise_layer(9, 9, 1, layer_id="lower", mask=noise_mask(5, 9, 2, outside=255))
    upper = noise_layer(12, 5, 2, layer_id="upper", clipped=True, opacity=0.5)
    document = Document(12, 9, (lower, upper))
    before = flatten(document).astype(int)
    History(document).push(MergeDown("upper"))
    (merged,) = document.layers
    assert merged.mask is None
    assert np.abs(flatten(document) - before).max() <= 1


def test_merging_into_a_clipped_layer() -> None:
    base, lower, upper = (
        noise_layer(9, 9, seed, layer_id=str(seed), clipped=seed > 1, opacity=0.8)
        for seed in (1, 2, 3)
    )
    document = Document(9, 9, (base, lower, upper))
    history = History(document)
    before = flatten(document).astype(int)
    history.push(MergeDown("3"))
    assert document.layer("2").clipped
    assert np.abs(flatten(document) - before).max() <= 2  # once more rounded to 8 bits
    history.undo()
    history.push(SetClipped(("3",), False))
    with pytest.raises(DocumentError, match="release its clipping mask"):
        history.push(MergeDown("3"))


def test_a_layer_with_others_clipped_to_it_is_not_merged_down() -> None:
    under, base, wide = (
        noise_layer(9, 9, seed, layer_id=str(seed), clipped=seed == 3) for seed in (1, 2, 3)
    )
    history = History(Document(9, 9, (under, base, wide)))
    with pytest.raises(DocumentError, match="Layers are clipped to"):
        history.push(MergeDown("2"))
    history.push(MergeDown("3"))
    history.push(MergeDown("2"))
    assert [layer.layer_id for layer in history.document.layers] == ["1"]


def clipped_stack() -> tuple[Layer, ...]:
    """A wide layer clipped to a small one; below them another that would take its place."""
    return (
        flat_layer((0, 0, 255, 255), 20, 20, layer_id="under", blend_mode=BlendMode.MULTIPLY),
        flat_layer((0, 255, 0, 255), 4, 4, layer_id="small", offset=(3, 3)),
        flat_layer((255, 0, 0, 255), 20, 20, layer_id="wide", clipped=True),
    )


@pytest.mark.parametrize(
    "command",
    [
        RemoveLayers(("small",)),
        AddLayer(flat_layer((9, 9, 9, 255), 15, 15, layer_id="new"), None, 2),
        SetClipped(("small",), True),
        SetClipped(("wide",), False),
        SetVisible(("wide",), False),
    ],
)
def test_a_new_base_is_announced_with_all_that_it_changes(command: Command) -> None:
    document = Document(20, 20, clipped_stack())
    before = flatten(document)
    heard: list[Change] = []
    document.changed.connect(heard.append)
    History(document).push(command)
    dirty = heard[0].dirty
    changed = (flatten(document) != before).any(axis=2)
    changed[dirty.y0 : dirty.y1, dirty.x0 : dirty.x1] = False
    assert not changed.any()


def test_a_group_that_becomes_a_base_is_drawn_anew() -> None:
    multiplied = noise_layer(20, 20, 2, layer_id="m", blend_mode=BlendMode.MULTIPLY)
    document = Document(
        20,
        20,
        (
            noise_layer(20, 20, 1, opaque=True),
            GroupLayer(layer_id="group", children=(multiplied,)),
            flat_layer((255, 0, 0, 255), 3, 3, layer_id="dot"),
        ),
    )
    before = flatten(document)
    heard: list[Change] = []
    document.changed.connect(heard.append)
    History(document).push(SetClipped(("dot",), True))
    assert not np.array_equal(flatten(document)[10:], before[10:])  # far from the dot
    assert heard[0].dirty == Rect(0, 0, 20, 20)


def test_painting_goes_to_the_mask_or_to_the_pixels(history: History, document: Document) -> None:
    heard: list[Change] = []
    document.changed.connect(heard.append)
    document.select(["top"])
    document.edit_mask(True)
    assert not document.editing_mask  # there is none
    history.push(AddMask("top"))
    heard.clear()
    document.edit_mask(True)
    document.edit_mask(True)
    assert document.editing_mask
    assert [change.layer_ids for change in heard] == [frozenset({"top"})]
    document.select(["base"])
    assert not document.editing_mask
    document.select(["top"])
    document.edit_mask(True)
    history.push(RemoveMasks(("top",)))
    assert not document.editing_mask


def test_a_raster_layer_keeps_nothing_of_its_source_when_its_mask_is_applied() -> None:
    layer = noise_layer(8, 8, 1, layer_id="x")
    document = Document(8, 8, (layer,))
    history = History(document)
    history.push(ScaleLayer("x", Rect(0, 0, 5, 5)))
    history.push(AddMask("x", MaskFill.HIDE_ALL))
    history.push(ApplyMasks(("x",)))
    applied = document.layer("x")
    assert isinstance(applied, RasterLayer)
    assert applied.source is None
    assert not applied.pixels.array[..., 3].any()
    assert replace(applied, mask=None) == applied
