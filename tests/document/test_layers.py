"""Layers and document states as values."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from editor.document import tree
from editor.document.blending import BlendMode
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import EMPTY, Rect
from editor.document.layers import GroupLayer, RasterLayer, walk
from editor.document.pixels import PixelBuffer
from tests.document.scenes import flat_layer


@pytest.mark.parametrize("level", range(256))
def test_opacity_is_stored_in_255ths(level: int) -> None:
    layer = flat_layer((1, 2, 3, 4), opacity=level / 255)
    assert layer.opacity_level == level
    assert layer.opacity == level / 255


def test_opacity_between_two_steps_is_rounded() -> None:
    assert flat_layer((0, 0, 0, 0), opacity=0.5).opacity == 128 / 255


@pytest.mark.parametrize("opacity", [-0.1, 1.01, float("nan")])
def test_impossible_opacity_is_refused(opacity: float) -> None:
    with pytest.raises(DocumentError, match="opacity"):
        flat_layer((0, 0, 0, 0), opacity=opacity)


@pytest.mark.parametrize(
    "name", ["Apfel", "林檎", "تفاحة", "תפוח", "яблоко", "👩‍👩‍👧‍👦", "e\u0301", "x" * 1000]
)
def test_names_in_any_script_stay_as_they_are(name: str) -> None:
    assert flat_layer((0, 0, 0, 0), name=name).name == name


def test_control_characters_leave_names() -> None:
    assert flat_layer((0, 0, 0, 0), name=" two\nlines\x00\x07 ").name == "two lines"


def test_pass_through_is_for_groups_only() -> None:
    with pytest.raises(DocumentError, match="groups"):
        flat_layer((0, 0, 0, 0), blend_mode=BlendMode.PASS_THROUGH)
    assert GroupLayer().blend_mode is BlendMode.PASS_THROUGH


def test_layers_cannot_be_changed_in_place() -> None:
    layer = flat_layer((0, 0, 0, 0))
    with pytest.raises(dataclasses.FrozenInstanceError):
        layer.name = "other"  # type: ignore[misc]


def test_boxes_follow_pixels_and_groups() -> None:
    pixels = PixelBuffer.from_array(
        PixelBuffer.filled(2, 2, (9, 9, 9, 9)).read(Rect(-3, -1, 5, 5)).copy()
    )
    layer = RasterLayer(pixels=pixels, offset=(-10, 20))
    assert layer.bounds == Rect(-10, 20, -2, 26)
    assert layer.opaque_box == Rect(-7, 21, -5, 23)
    empty = RasterLayer(pixels=PixelBuffer.transparent(3, 3), offset=(50, 50))
    assert empty.opaque_box == EMPTY
    group = GroupLayer(children=(layer, GroupLayer(children=(empty,))))
    assert group.bounds == Rect(-10, 20, 53, 53)
    assert group.opaque_box == layer.opaque_box
    assert GroupLayer().bounds == EMPTY


def test_far_offsets_are_refused() -> None:
    with pytest.raises(DocumentError, match="too far"):
        flat_layer((0, 0, 0, 0), offset=(2_000_000, 0))


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-1, 5), (30_001, 5), (20_000, 20_000)])
def test_impossible_canvas_sizes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(DocumentError, match="canvas"):
        Document(*size)


def test_two_layers_with_one_id_are_refused() -> None:
    layer = flat_layer((0, 0, 0, 0))
    with pytest.raises(DocumentError, match="same id"):
        Document(4, 4, (layer, GroupLayer(children=(layer,))))


def test_looking_layers_up() -> None:
    inner = flat_layer((0, 0, 0, 0), name="inner")
    group = GroupLayer(name="outer", children=(inner,))
    document = Document(4, 4, (group,))
    assert document.layer(inner.layer_id) is inner
    assert document.parent_id(inner.layer_id) == group.layer_id
    assert document.parent_id(group.layer_id) is None
    assert [layer.name for layer in document.all_layers()] == ["outer", "inner"]
    with pytest.raises(DocumentError, match="is a group"):
        document.raster(group.layer_id)
    with pytest.raises(DocumentError, match="no longer"):
        document.layer("gone")


def test_tree_edits_share_what_they_do_not_touch() -> None:
    a, b = flat_layer((1, 1, 1, 1), name="a"), flat_layer((2, 2, 2, 2), name="b")
    quiet = GroupLayer(children=(flat_layer((3, 3, 3, 3)),))
    layers = (quiet, GroupLayer(children=(a, b)))
    changed = tree.replace_layers(layers, {a.layer_id: dataclasses.replace(a, name="c")})
    assert changed[0] is quiet
    assert [layer.name for layer in walk(changed)][3:] == ["c", "b"]
    assert tree.remove(layers, ("unknown",)) is layers
    with pytest.raises(DocumentError, match="no longer"):
        tree.insert(layers, (), "unknown")
    with pytest.raises(DocumentError, match="not a group"):
        tree.insert(layers, (), a.layer_id)


def test_the_state_hash_sees_every_kind_of_content() -> None:
    layer = flat_layer((1, 2, 3, 255))
    state = Document(8, 8, (GroupLayer(children=(layer,)),)).snapshot()
    changes: list[dict[str, Any]] = [
        {"name": "x"},
        {"opacity": 0.5},
        {"blend_mode": BlendMode.SCREEN},
        {"visible": False},
        {"locked": True},
        {"offset": (0, 1)},
        {"pixels": PixelBuffer.filled(4, 4, (1, 2, 4, 255))},
        {"source": PixelBuffer.filled(5, 5, (1, 2, 4, 255))},
    ]
    hashes = {state.state_hash()}
    for values in changes:
        new = tree.replace_layers(
            state.layers, {layer.layer_id: dataclasses.replace(layer, **values)}
        )
        hashes.add(dataclasses.replace(state, layers=new).state_hash())
    hashes.add(dataclasses.replace(state, width=9).state_hash())
    hashes.add(dataclasses.replace(state, seed=9).state_hash())
    assert len(hashes) == len(changes) + 3
