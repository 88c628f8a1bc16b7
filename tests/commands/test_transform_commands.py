"""Transforming layers: from the original each time, with masks, groups, text and records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.commands.history import History
from editor.commands.paint_commands import PatchPixels
from editor.commands.text_commands import RasterizeText
from editor.commands.transform_commands import (
    ApplyTransform,
    MoveLayers,
    ScaleLayer,
    TransformLayers,
)
from editor.document import affine
from editor.document.affine import Matrix
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.text import TextContent


def picture(seed: int = 1) -> PixelBuffer:
    values = np.random.default_rng(seed).integers(0, 256, (30, 40, 4)).astype(np.uint8)
    values[..., 3] |= 1
    return PixelBuffer.from_array(values)


def history_with(*layers: RasterLayer | GroupLayer) -> History:
    return History(Document(200, 200, layers))


def layer(name: str = "a", offset: tuple[int, int] = (20, 30), **rest: object) -> RasterLayer:
    return replace(
        RasterLayer(layer_id=name, name=name, pixels=picture(), offset=offset),
        **rest,  # type: ignore[arg-type]
    )


def transform(history: History, matrix: Matrix, *ids: str) -> None:
    layers = tuple(history.document.layer(i) for i in ids or ("a",))
    history.push(TransformLayers(layers, matrix))


def test_a_turned_layer_keeps_its_original_and_how_it_lies() -> None:
    history = history_with(layer())
    matrix = affine.rotation(30, (40, 45))
    transform(history, matrix)
    turned = history.document.raster("a")
    assert turned.source == picture()
    assert turned.matrix == pytest.approx(affine.compose(matrix, affine.translation(20, 30)))
    assert turned.bounds == affine.mapped_rect(matrix, Rect(20, 30, 60, 60))
    history.undo()
    assert history.document.raster("a") == layer()


def test_a_second_transform_starts_from_the_original() -> None:
    history = history_with(layer())
    for _ in range(12):
        transform(history, affine.rotation(30, (40, 45)))
    back = history.document.raster("a")
    assert back.pixels == picture()
    assert (back.offset, back.source, back.matrix) == ((20, 30), None, None)


def test_whole_moves_and_quarter_turns_are_exact() -> None:
    history = history_with(layer())
    transform(history, affine.translation(-7, 12))
    assert history.document.raster("a") == layer(offset=(13, 42))
    transform(history, affine.rotation(90, (40, 45)))
    assert np.array_equal(history.document.raster("a").pixels.array, np.rot90(picture().array, -1))
    transform(history, affine.scaling(-1, 1, (40, 0)))
    expected = np.rot90(picture().array, -1)[:, ::-1]
    assert np.array_equal(history.document.raster("a").pixels.array, expected)


def test_scaling_upright_is_the_same_as_the_move_tools() -> None:
    one, other = history_with(layer()), history_with(layer())
    one.push(ScaleLayer("a", Rect(20, 30, 100, 90)))
    transform(other, affine.scaling(2, 2, (20, 30)))
    assert one.document.raster("a") == other.document.raster("a")


def test_a_turned_layer_moves_and_scales_with_its_matrix() -> None:
    history = history_with(layer())
    transform(history, affine.rotation(30, (40, 45)))
    before = history.document.raster("a")
    history.push(MoveLayers(("a",), 5, -3))
    moved = history.document.raster("a")
    assert moved.pixels is before.pixels
    assert moved.matrix is not None
    assert before.matrix is not None
    assert moved.matrix == affine.compose(affine.translation(5, -3), before.matrix)
    box = moved.bounds
    history.push(ScaleLayer("a", Rect.from_size(box.x0, box.y0, 2 * box.width, 2 * box.height)))
    scaled = history.document.raster("a")
    assert scaled.source == picture()
    assert scaled.matrix is not None
    assert affine.lengths(scaled.matrix) == pytest.approx((2, 2))


def test_groups_and_masks_follow() -> None:
    hole = Mask(coverage=CoverageBuffer.filled(20, 20, 255), offset=(30, 40))
    group = GroupLayer(
        layer_id="g", name="g", children=(layer(mask=hole), layer("b", (100, 100))), mask=hole
    )
    history = history_with(group)
    transform(history, affine.rotation(90, (100, 100)), "g")
    document = history.document
    assert document.raster("b").bounds == Rect(70, 100, 100, 140)
    for layer_id in ("g", "a"):
        mask = document.layer(layer_id).mask
        assert mask is not None
        assert mask.bounds == Rect(140, 30, 160, 50)


def test_what_else_changed_meanwhile_stays() -> None:
    history = history_with(layer())
    before = history.document.raster("a")
    from editor.commands.property_commands import SetOpacity

    history.push(SetOpacity(("a",), 0.4))
    history.push(TransformLayers((before,), affine.rotation(10)))
    assert history.document.raster("a").opacity == pytest.approx(0.4)


def test_a_gesture_is_one_step_from_the_layers_at_its_beginning() -> None:
    history = history_with(layer())
    before = history.document.raster("a")
    with history.gesture():
        for degrees in (10, 20, 30):
            history.push(TransformLayers((before,), affine.rotation(degrees, (40, 45))))
    assert history.labels == ("Transform",)
    matrix = history.document.raster("a").matrix
    assert matrix is not None
    assert affine.angle(matrix) == pytest.approx(30)


def test_applying_forgets_the_original() -> None:
    history = history_with(layer())
    transform(history, affine.rotation(30, (40, 45)))
    shown = history.document.raster("a").pixels
    history.push(ApplyTransform(("a",)))
    baked = history.document.raster("a")
    assert (baked.pixels, baked.source, baked.matrix) == (shown, None, None)
    history.undo()
    assert history.document.raster("a").source == picture()


def test_painting_on_a_turned_layer_makes_it_plain() -> None:
    history = history_with(layer())
    transform(history, affine.rotation(30, (40, 45)))
    dab = np.full((4, 4, 4), 255, np.uint8)
    history.push(PatchPixels("a", Rect(40, 40, 44, 44), dab))
    painted = history.document.raster("a")
    assert (painted.source, painted.matrix) == (None, None)


def test_live_text_follows_every_map_and_undo() -> None:
    text = TextContent(text="Hi", family="Sans", size_px=20, anchor=(20.0, 50.0))
    history = history_with(layer(text=text))
    transform(history, affine.translation(5, 5))
    assert history.document.raster("a").text == replace(text, anchor=(25.0, 55.0))
    transform(history, affine.scaling(2, 2, (25, 55)))
    scaled = replace(text, anchor=(25.0, 55.0), size_px=40)
    assert history.document.raster("a").text == scaled
    for matrix in (affine.rotation(10), affine.scaling(1, 2), affine.scaling(-1, 1)):
        transform(history, matrix)
        after = history.document.raster("a")
        assert after.text == scaled.mapped(matrix)
        assert affine.is_upright(matrix) or after.matrix is not None
        history.undo()
        assert history.document.raster("a").text == scaled
    history.push(ScaleLayer("a", Rect(0, 0, 150, 20)))
    stretched = history.document.raster("a").text
    assert stretched is not None
    assert stretched.linear[0] > 2
    assert stretched.size_px < 40


def test_a_transform_of_live_text_is_a_part_of_it() -> None:
    text = TextContent(text="Hi", family="Sans", size_px=20, anchor=(20.0, 50.0))
    history = history_with(layer(text=text))
    transform(history, affine.rotation(30))
    turned = history.document.raster("a")
    history.push(ApplyTransform(("a",)))
    assert history.document.raster("a") is turned
    history.push(RasterizeText(("a",)))
    plain = history.document.raster("a")
    assert (plain.text, plain.source, plain.matrix) == (None, None, None)
    assert (plain.pixels, plain.offset) == (turned.pixels, turned.offset)


def test_locked_layers_are_refused() -> None:
    history = history_with(layer(locked=True))
    with pytest.raises(DocumentError, match="locked"):
        transform(history, affine.rotation(10))
