"""Variations of a layer: kept once, switched without losing anything, picked and dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.commands.history import History
from editor.commands.paint_commands import PaintLayer
from editor.commands.transform_commands import MoveLayers, ScaleLayer, TransformLayers
from editor.commands.variation_commands import (
    PickVariation,
    RemoveVariation,
    SetWish,
    SwitchVariation,
    copied_settings,
)
from editor.document import affine
from editor.document.blending import BlendMode
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord
from editor.document.variations import MAX_VARIATIONS, deduplicated, with_new
from editor.document.wishes import LayerWish

SIZE = (60, 40)


def picture(seed: int, size: tuple[int, int] = SIZE) -> PixelBuffer:
    random = np.random.default_rng(seed)
    pixels = random.integers(1, 256, (size[1], size[0], 4), dtype=np.uint8)
    return PixelBuffer.from_array(pixels)


def record(seed: int) -> GenerationRecord:
    return GenerationRecord(
        typed_prompt="an apple", seed=seed, box=(10, 20, 70, 60), canvas_size=(200, 160), steps=8
    )


def varied(count: int = 2) -> RasterLayer:
    """A layer at (10, 20) with variations 0 to count - 1; the last is shown."""
    layer = RasterLayer(
        layer_id="a", name="apple", pixels=picture(0), offset=(10, 20), record=record(0)
    )
    for seed in range(1, count):
        pixels = picture(seed)
        variations = with_new(layer, pixels, layer.bounds, record(seed))
        layer = replace(
            layer,
            pixels=pixels,
            record=record(seed),
            variations=variations,
            shown_variation=variations[-1].variation_id,
        )
    return layer


def opened(layer: RasterLayer) -> tuple[History, Document]:
    document = Document(200, 160, (layer,))
    return History(document), document


def switch(history: History, place: int) -> RasterLayer:
    layer = history.document.raster("a")
    history.push(SwitchVariation("a", layer.variations[place].variation_id))
    return history.document.raster("a")


def test_the_first_picture_and_its_record_are_kept() -> None:
    layer = varied()
    assert [v.pixels for v in layer.variations] == [picture(0), picture(1)]
    assert [v.record for v in layer.variations] == [record(0), record(1)]
    assert layer.shown_variation == layer.variations[1].variation_id


def test_switching_after_moving_keeps_the_place_and_the_look() -> None:
    coverage = CoverageBuffer.from_array(np.full((40, 60), 128, np.uint8))
    mask = Mask(coverage=coverage, offset=(10, 20))
    history, _ = opened(replace(varied(), mask=mask, blend_mode=BlendMode.MULTIPLY, opacity=0.4))
    history.push(MoveLayers(("a",), 33, -7))
    moved = history.document.raster("a")
    layer = switch(history, 0)
    assert layer.pixels == picture(0)
    assert layer.record == record(0)
    assert layer.bounds == Rect.from_size(43, 13, *SIZE)
    assert layer.mask is moved.mask
    assert (layer.blend_mode, layer.opacity) == (moved.blend_mode, moved.opacity)
    history.undo()
    assert history.document.raster("a").pixels == picture(1)


def test_switching_there_and_back_is_exact_after_scaling_and_turning() -> None:
    history, document = opened(varied())
    history.push(ScaleLayer("a", Rect(20, 30, 50, 50)))
    before = document.raster("a").pixels.content_hash
    assert switch(history, 0).bounds == Rect(20, 30, 50, 50)
    assert document.raster("a").original == picture(0)
    assert switch(history, 1).pixels.content_hash == before
    history.push(TransformLayers((document.raster("a"),), affine.rotation(30, (40, 40))))
    turned = document.raster("a")
    assert switch(history, 0).matrix == turned.matrix
    assert switch(history, 1).pixels.content_hash == turned.pixels.content_hash


def test_a_variation_of_another_box_comes_back_to_its_own_place() -> None:
    history, document = opened(varied(1))
    layer = document.raster("a")
    other = picture(9, (30, 30))
    variations = with_new(layer, other, Rect(100, 100, 130, 130), None)
    shown = replace(
        layer,
        pixels=other,
        offset=(100, 100),
        variations=variations,
        shown_variation=variations[-1].variation_id,
    )
    history, document = opened(shown)
    history.push(MoveLayers(("a",), 5, 6))
    assert switch(history, 0).bounds == Rect.from_size(15, 26, *SIZE)
    assert switch(history, 1).bounds == Rect.from_size(105, 106, 30, 30)


def test_what_was_painted_becomes_a_variation_of_its_own() -> None:
    history, document = opened(varied())
    painted = picture(1).with_patch(Rect(0, 0, 5, 5), np.full((5, 5, 4), 255, np.uint8))
    history.push(PaintLayer("a", painted, (10, 20), "Brush"))
    layer = switch(history, 0)
    assert [v.edited for v in layer.variations] == [False, False, True]
    assert layer.variations[2].pixels == painted
    assert switch(history, 2).pixels == painted
    history.undo()
    history.undo()
    assert document.raster("a").pixels == painted
    assert len(document.raster("a").variations) == 2


def test_painting_beyond_the_edge_leaves_the_others_in_place() -> None:
    size = (600, 300)
    layer = RasterLayer(layer_id="a", pixels=picture(0, size), offset=(10, 20))
    pixels = picture(1, size)
    variations = with_new(layer, pixels, layer.bounds, None)
    shown = variations[-1].variation_id
    layer = replace(layer, pixels=pixels, variations=variations, shown_variation=shown)
    history, _ = opened(layer)
    grown = pixels.crop(Rect(-30, -10, 600, 300))
    history.push(PaintLayer("a", grown, (-20, 10), "Brush"))
    assert switch(history, 0).bounds == Rect.from_size(10, 20, *size)
    assert switch(history, 2).bounds == Rect.from_size(-20, 10, *grown.size)


def test_picking_makes_a_layer_right_above() -> None:
    history, document = opened(replace(varied(), locked=True))
    history.push(
        MoveLayers(("a",), 0, 0)
        if False
        else PickVariation("a", varied().variations[0].variation_id)
    )
    lower, upper = document.layers
    assert lower.layer_id == "a"
    assert isinstance(upper, RasterLayer)
    assert (upper.pixels, upper.offset, upper.variations) == (picture(0), (10, 20), ())
    assert upper.name == "apple, variation 1"
    assert not upper.locked
    assert document.selected_ids == (upper.layer_id,)


def test_dropping_the_shown_one_shows_its_neighbour() -> None:
    history, document = opened(varied(3))
    history.push(RemoveVariation("a", document.raster("a").shown_variation))
    layer = document.raster("a")
    assert layer.pixels == picture(1)
    assert len(layer.variations) == 2
    history.push(RemoveVariation("a", layer.variations[0].variation_id))
    with pytest.raises(DocumentError, match="only this one variation"):
        history.push(RemoveVariation("a", document.raster("a").shown_variation))


def test_locked_layers_and_lost_variations_are_refused() -> None:
    history, _ = opened(replace(varied(), locked=True))
    with pytest.raises(DocumentError, match='"apple" is locked'):
        switch(history, 0)
    with pytest.raises(DocumentError, match='"apple" is locked'):
        history.push(SetWish(("a",), LayerWish(prompt="a pear")))
    history, _ = opened(varied())
    with pytest.raises(DocumentError, match="does not have that variation"):
        history.push(SwitchVariation("a", "none"))


def test_the_same_picture_is_kept_once_and_equal_tiles_are_shared() -> None:
    layer = varied()
    assert len(with_new(layer, picture(0), layer.bounds, record(0))) == 2
    large = picture(5, (600, 300))
    other = PixelBuffer.from_array(large.array).with_patch(
        Rect(0, 0, 2, 2), np.zeros((2, 2, 4), np.uint8)
    )
    shared = deduplicated(other, (large,))
    assert shared == other
    mine, theirs = shared.tiles.stored(), large.tiles.stored()
    assert [mine[cell] is theirs[cell] for cell in theirs] == [False] + [True] * 5
    assert deduplicated(PixelBuffer.from_array(large.array), (large,)) is large


def test_a_full_layer_lets_the_oldest_go_but_never_the_shown_one() -> None:
    layer = varied(MAX_VARIATIONS)
    layer = replace(layer, pixels=picture(0), shown_variation=layer.variations[0].variation_id)
    ids = [v.variation_id for v in layer.variations]
    more = with_new(layer, picture(99), layer.bounds, None)
    assert [v.variation_id for v in more[:-1]] == [ids[0], *ids[2:]]


def test_a_wish_marks_the_layer_and_what_is_so_already_does_not() -> None:
    history, document = opened(varied())
    history.push(SetWish(("a",), LayerWish(prompt="a pear", steps=8, seed=1)))
    layer = document.raster("a")
    assert layer.is_out_of_date
    assert layer.wish == LayerWish(prompt="a pear")
    history.push(SetWish(("a",), LayerWish(prompt="apple")))
    assert not document.raster("a").is_out_of_date
    history.undo()
    assert document.raster("a").wish == LayerWish(prompt="a pear")


def test_settings_are_copied_from_generated_layers_only() -> None:
    assert copied_settings(varied()) == LayerWish(
        prompt="apple", negative_prompt="", seed=1, steps=8, guidance=1.0
    )
    with pytest.raises(DocumentError, match='"mine" was not generated'):
        copied_settings(RasterLayer(name="mine", pixels=picture(0)))


def test_undo_counts_only_the_variations_that_the_document_lost() -> None:
    history, _ = opened(varied(4))
    switch(history, 0)
    small = history.byte_size
    history.push(RemoveVariation("a", history.document.raster("a").variations[2].variation_id))
    assert history.byte_size - small < 3 * SIZE[0] * SIZE[1] * 4
