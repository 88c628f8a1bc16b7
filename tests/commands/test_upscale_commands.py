"""Upscaling a document, a layer or the selected region: everything in its new place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.commands.upscale_commands import (
    Upscale,
    UpscaleScope,
    UpscaleTarget,
    needed,
    scope_box,
)
from editor.document import affine, layer_placement
from editor.document.blending import BlendMode
from editor.document.compositor import composite
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord
from editor.document.state import DocumentState
from editor.document.text import TextContent
from tests.document.scenes import flat_layer, noise_layer

DOCUMENT, LAYER, SELECTION = UpscaleScope.DOCUMENT, UpscaleScope.LAYER, UpscaleScope.SELECTION


def mask(width: int, height: int, x: int, y: int, outside: int = 0) -> Mask:
    values = np.random.default_rng(1).integers(0, 256, (height, width), np.uint8)
    return Mask(coverage=CoverageBuffer.from_array(values), offset=(x, y), outside=outside)


def scene() -> DocumentState:
    """Everything that has a place, on 60 x 40 px."""
    record = GenerationRecord(typed_prompt="a cat", box=(1, 2, 3, 4), canvas_size=(60, 40), seed=5)
    inner = noise_layer(
        10, 8, 1, layer_id="inner", offset=(5, 6), blend_mode=BlendMode.MULTIPLY, opacity=0.5,
        record=record, mask=mask(12, 9, 4, 5),
    )  # fmt: skip
    turned = layer_placement.placed(
        noise_layer(12, 6, 2, layer_id="turned"), affine.rotation(30, (30.0, 20.0))
    )
    return DocumentState(
        width=60,
        height=40,
        layers=(
            noise_layer(60, 40, 0, opaque=True, layer_id="ground", locked=True),
            GroupLayer(layer_id="group", name="Group", children=(inner, turned),
                       mask=mask(20, 20, 0, 0, 255)),
            flat_layer((0, 0, 0, 0), 7, 5, layer_id="empty", offset=(-3, 33)),
        ),
        boxes=(LayoutBox(Rect(3, 4, 20, 22), name="box", prompt="p", box_id="b"),),
        guides=(Guide(Orientation.VERTICAL, 10.5), Guide(Orientation.HORIZONTAL, 7.0)),
        selection=mask(10, 10, 20, 10),
        seed=9,
    )  # fmt: skip


def repeated(state: DocumentState, target: UpscaleTarget) -> dict[str, np.ndarray]:
    """Pieces whose pixels are repeated."""
    made = {}
    for piece in needed(state, target):
        (height, width), (large_w, large_h) = piece.values.shape[:2], piece.target.size
        assert large_w >= width
        assert large_h >= height
        rows = np.arange(large_h) * height // large_h
        columns = np.arange(large_w) * width // large_w
        made[piece.key] = piece.values[rows][:, columns]
    return made


def upscaled(state: DocumentState, target: UpscaleTarget) -> DocumentState:
    return Upscale(target, repeated(state, target)).apply(state)


def test_everything_finds_its_place() -> None:
    before = scene()
    after = upscaled(before, UpscaleTarget(DOCUMENT, 240, 160))
    assert (after.width, after.height) == (240, 160)
    assert [g.position for g in after.guides] == [42.0, 28.0]
    assert after.boxes[0].rect == Rect(12, 16, 80, 88)
    assert after.selection is not None
    assert after.selection.bounds == Rect(80, 40, 120, 80)
    inner = after.raster("inner")
    assert inner.bounds == Rect(20, 24, 60, 56)
    assert inner.mask is not None
    assert inner.mask.bounds == Rect(16, 20, 64, 56)
    assert np.array_equal(inner.pixels.array[::4, ::4], before.raster("inner").pixels.array)
    group = after.layer("group")
    assert group.mask is not None
    assert (group.mask.outside, group.mask.bounds) == (255, Rect(0, 0, 80, 80))
    assert after.raster("empty").bounds == Rect(-12, 132, 16, 152)


def test_a_turned_layer_keeps_its_turn_and_gets_denser_pixels() -> None:
    before = scene()
    after = upscaled(before, UpscaleTarget(DOCUMENT, 240, 160)).raster("turned")
    old = before.raster("turned")
    assert after.matrix is not None
    assert old.matrix is not None
    assert after.original.size == (48, 24)
    assert affine.angle(after.matrix) == pytest.approx(affine.angle(old.matrix))
    for x, y in ((0, 0), (12, 0), (0, 6), (12, 6)):
        px, py = affine.apply(old.matrix, x, y)
        assert affine.apply(after.matrix, 4 * x, 4 * y) == pytest.approx((4 * px, 4 * py))


def test_names_order_groups_and_records_are_kept() -> None:
    before = scene()
    after = upscaled(before, UpscaleTarget(DOCUMENT, 240, 160))

    def described(state: DocumentState) -> list[object]:
        return [
            (
                layer.layer_id, layer.name, type(layer), layer.opacity, layer.blend_mode,
                layer.visible, layer.locked, layer.clipped, state.parent_id(layer.layer_id),
                getattr(layer, "record", None),
            )
            for layer in state.all_layers()
        ]  # fmt: skip

    assert described(after) == described(before)
    assert (after.document_id, after.seed) == (before.document_id, before.seed)
    assert after.resolution_ppi == before.resolution_ppi


@pytest.mark.parametrize("size", [(61, 41), (97, 65), (200, 133), (480, 320), (75, 160)])
def test_fractional_sizes_leave_no_gap_at_the_edges(size: tuple[int, int]) -> None:
    after = upscaled(scene(), UpscaleTarget(DOCUMENT, *size))
    assert (after.width, after.height) == size
    ground = after.raster("ground")
    assert ground.bounds == after.canvas
    assert ground.pixels.is_opaque
    for layer in after.raster_layers():
        assert layer.pixels.bounds.size == layer.bounds.size


def test_only_what_can_be_seen_is_made() -> None:
    pixels = np.zeros((400, 400, 4), np.uint8)
    pixels[203:210, 101:120] = 255
    layer = RasterLayer(pixels=PixelBuffer.from_array(pixels), layer_id="a", offset=(3, 0))
    state = DocumentState(width=400, height=400, layers=(layer,))
    target = UpscaleTarget(DOCUMENT, 1000, 1000)
    (piece,) = needed(state, target)
    assert piece.values.shape[:2] == (72, 84)
    assert piece.target.size == (210, 180)  # edges on whole pixels of both
    after = upscaled(state, target).raster("a")
    assert after.bounds == Rect(8, 0, 1008, 1000)
    assert after.opaque_box == Rect(261, 508, 308, 525)


def test_a_layer_that_was_made_smaller_is_drawn_from_its_original() -> None:
    original = noise_layer(100, 80, 3, layer_id="a")
    layer = layer_placement.fitted(original, Rect(10, 10, 35, 30))
    state = DocumentState(width=50, height=50, layers=(layer,))
    assert needed(state, UpscaleTarget(DOCUMENT, 200, 200)) == ()
    after = upscaled(state, UpscaleTarget(DOCUMENT, 200, 200)).raster("a")
    assert after.pixels is original.pixels
    assert after.bounds == Rect(40, 40, 140, 120)
    larger = UpscaleTarget(DOCUMENT, 400, 400)
    (piece,) = needed(state, larger)
    assert piece.values.shape[:2] == (80, 100)
    assert upscaled(state, larger).raster("a").bounds == Rect(80, 80, 280, 240)


def test_live_text_stays_live() -> None:
    text = TextContent(text="Hello", family="x", anchor=(4.0, 9.0), size_px=12.0)
    layer = noise_layer(20, 10, 3, layer_id="a", text=text)
    state = DocumentState(width=50, height=50, layers=(layer,))
    after = upscaled(state, UpscaleTarget(DOCUMENT, 200, 200)).raster("a")
    assert after.text == replace(text, anchor=(16.0, 36.0), size_px=48.0)
    wide = upscaled(state, UpscaleTarget(DOCUMENT, 200, 100)).raster("a").text
    assert wide == replace(text, anchor=(16.0, 18.0), size_px=24.0, linear=(2, 0, 0, 1))
    huge = replace(layer, text=replace(text, size_px=600.0))
    state = replace(state, layers=(huge,))
    larger = upscaled(state, UpscaleTarget(DOCUMENT, 200, 200)).raster("a").text
    assert larger is not None
    assert larger.size_px == 2000
    assert larger.linear[0] == pytest.approx(1.2)


@pytest.mark.parametrize("layer_id", ["inner", "group"])
def test_a_layer_grows_around_its_middle_and_nothing_else_changes(layer_id: str) -> None:
    before = scene()
    box = before.layer(layer_id).bounds
    width, height = box.width * 3, box.height * 3
    after = upscaled(before, UpscaleTarget(LAYER, width, height, layer_id))
    new = after.layer(layer_id).bounds
    assert (after.width, after.height, after.selection) == (60, 40, before.selection)
    assert abs(new.x0 + new.x1 - box.x0 - box.x1) <= 3
    assert abs(new.width - width) <= 4
    for same in ("ground", "empty"):
        assert after.layer(same) is before.layer(same)
    assert after.layer(layer_id).mask != before.layer(layer_id).mask


def test_the_selected_region_becomes_the_canvas() -> None:
    before = scene()
    target = UpscaleTarget(SELECTION, 40, 40)
    assert scope_box(before, SELECTION) == Rect(20, 10, 30, 20)
    after = upscaled(before, target)
    assert (after.width, after.height) == (40, 40)
    assert after.raster("ground").bounds == after.canvas
    assert np.array_equal(
        after.raster("ground").pixels.array[::4, ::4],
        before.raster("ground").pixels.array[10:20, 20:30],
    )


def test_what_was_changed_meanwhile_is_refused() -> None:
    before = scene()
    target = UpscaleTarget(DOCUMENT, 240, 160)
    made = repeated(before, target)
    other = replace(before, layers=(noise_layer(60, 40, 7, layer_id="ground", name="G"),))
    with pytest.raises(DocumentError, match='"G" was changed while'):
        Upscale(target, made).apply(other)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (UpscaleTarget(DOCUMENT, 200_000, 133_333), "30000"),
        (UpscaleTarget(DOCUMENT, 59, 40), "only makes larger"),
        (UpscaleTarget(LAYER, 500, 500, "ground"), "locked"),
        (UpscaleTarget(LAYER, 500, 500, "nothing"), "no longer"),
        (UpscaleTarget(LAYER, 500, 500, "hollow"), '"Hollow" has no pixels'),
    ],
)
def test_what_cannot_be(target: UpscaleTarget, words: str) -> None:
    state = scene()
    hollow = GroupLayer(layer_id="hollow", name="Hollow")
    state = replace(state, layers=(*state.layers, hollow))
    with pytest.raises(DocumentError, match=words):
        needed(state, target)
    with pytest.raises(DocumentError, match="Nothing is selected"):
        scope_box(replace(state, selection=None), SELECTION)


def test_the_picture_stays_the_picture() -> None:
    """Flat areas composite alike before and after."""
    layers = (
        flat_layer((200, 30, 60, 255), 40, 40, layer_id="a"),
        flat_layer((0, 90, 255, 128), 20, 20, layer_id="b", offset=(10, 10)),
    )
    state = DocumentState(width=40, height=40, layers=layers)
    after = upscaled(state, UpscaleTarget(DOCUMENT, 160, 160))
    assert np.array_equal(composite(after)[2::4, 2::4], composite(state))
