"""Every field of layers and document survives as JSON, whatever the model gains."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from editor.document.layers import GroupLayer, RasterLayer, walk
from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.formats.plain_values import (
    LAYER_KINDS,
    MAX_DEPTH,
    Blob,
    FieldError,
    decode_state,
    encode_state,
)
from tests.formats.filled_values import filled, filled_state, kinds_of_layers


class Shelf:
    """Keeps blobs in memory."""

    def __init__(self) -> None:
        self.blobs: list[Blob] = []

    def put(self, blob: Blob) -> str:
        self.blobs.append(blob)
        return str(len(self.blobs) - 1)

    def pixels(self, key: str) -> PixelBuffer:
        blob = self.blobs[int(key)]
        assert isinstance(blob, PixelBuffer)
        return blob

    def coverage(self, key: str) -> CoverageBuffer:
        blob = self.blobs[int(key)]
        assert isinstance(blob, CoverageBuffer)
        return blob

    def data(self, key: str) -> bytes:
        blob = self.blobs[int(key)]
        assert isinstance(blob, bytes)
        return blob


def encoded(state: DocumentState) -> tuple[dict[str, Any], Shelf]:
    shelf = Shelf()
    return json.loads(json.dumps(encode_state(state, shelf.put))), shelf


def round_trip(state: DocumentState) -> DocumentState:
    return decode_state(*encoded(state))


def refused(change: Any) -> str:
    """The sentence for a document whose JSON was changed."""
    data, shelf = encoded(filled_state())
    change(data)
    with pytest.raises(FieldError) as caught:
        decode_state(data, shelf)
    return caught.value.message


def test_every_field_of_document_and_layers_comes_back() -> None:
    before = filled_state()
    after = round_trip(before)
    for item in fields(DocumentState):
        assert getattr(after, item.name) == getattr(before, item.name), item.name
    old_layers, new_layers = list(walk(before.layers)), list(walk(after.layers))
    for old, new in zip(old_layers, new_layers, strict=True):
        assert type(old) is type(new)
        for item in fields(old):
            assert getattr(new, item.name) == getattr(old, item.name), item.name
    assert after.state_hash() == before.state_hash()


def test_every_kind_of_layer_is_known() -> None:
    assert set(LAYER_KINDS.values()) == kinds_of_layers()


def test_fields_at_their_default_come_back() -> None:
    layer = RasterLayer(pixels=PixelBuffer.transparent(1, 1))
    state = DocumentState(width=3, height=2, layers=(layer, GroupLayer()))
    assert round_trip(state) == state


def test_a_whole_number_in_place_of_a_fraction_keeps_the_hash() -> None:
    state = DocumentState(width=3, height=2, resolution_ppi=300)
    assert round_trip(state).state_hash() == state.state_hash()


def test_numbers_of_arrays_are_saved() -> None:
    pixels = PixelBuffer.transparent(1, 1)
    offset = (np.int64(4), np.int32(-5))
    layer = RasterLayer(pixels=pixels, offset=offset, matrix=(np.float32(0.5),) * 6)  # type: ignore[arg-type]
    after = round_trip(DocumentState(width=3, height=2, layers=(layer,)))
    raster = after.raster(layer.layer_id)
    assert raster.offset == (4, -5)
    assert raster.matrix == (0.5,) * 6


def test_a_field_from_a_later_version_is_left_out_and_a_missing_one_takes_its_default() -> None:
    data, shelf = encoded(filled_state())
    data["document"]["not_invented_yet"] = 1
    del data["document"]["guides"]
    assert decode_state(data, shelf).guides == ()


def test_records_nested_without_end_are_refused() -> None:
    def nest(data: Any) -> None:
        record: dict[str, Any] = data["layers"][0]["record"]
        inner = record
        for _ in range(3000):
            inner["source_record"] = inner = dict(record)

    assert "nested too deep" in refused(nest)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("document", "width"), "12", "document.width must be a whole number"),
        (("document", "width"), True, "document.width must be a whole number"),
        (("document", "width"), 0, "document is not possible: A canvas of 0 x"),
        (("document", "seed"), None, "document.seed must be a whole number"),
        (("document", "layers"), ["nobody"], "document.layers[0] names a layer that is missing"),
        (("document", "layers"), "x", "document.layers must be a list"),
        (("document", "resolution_ppi"), float("nan"), "document.resolution_ppi must be a finite"),
        (("document", "guides"), [3], "document.guides[0] must be an object"),
        (("layers", 0, "opacity"), 2, "layers[0] is not possible: The opacity is 2"),
        (("layers", 0, "opacity"), "1", "layers[0].opacity must be a number"),
        (("layers", 0, "visible"), 1, "layers[0].visible must be true or false"),
        (("layers", 0, "blend_mode"), "plaid", "layers[0].blend_mode must be one of PASS_THROUGH"),
        (("layers", 0, "offset"), [1], "layers[0].offset must have 2 values"),
        (("layers", 0, "pixels"), 4, "layers[0].pixels must be text"),
        (("layers", 0, "pixels"), None, "layers[0].pixels must be text"),
        (("layers", 0, "kind"), "ghost", "layers[0].kind is 'ghost'"),
        (("layers", 0, "kind"), [], "layers[0].kind is missing or of the wrong kind"),
        (("layers", 0), 7, "layers[0].kind is missing or of the wrong kind"),
        (("layers",), {}, "layers is missing or of the wrong kind"),
        (("document",), 0, "document is missing or of the wrong kind"),
        (("layers", 0, "record", "box"), [1, 2, 3], "layers[0].record.box must have 4 values"),
        (("layers", 0, "text", "size_px"), -1, "layers[0].text is not possible: The font size"),
    ],
)
def test_a_wrong_field_is_named(path: tuple[Any, ...], value: object, said: str) -> None:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    assert said in refused(change)


def test_a_layer_in_no_group_is_refused() -> None:
    assert "in no group" in refused(lambda data: data["document"]["layers"].pop())


def test_two_layers_with_one_id_are_refused() -> None:
    def change(data: Any) -> None:
        data["layers"].append(dict(data["layers"][0]))

    assert "two layers" in refused(change)


def test_a_group_within_itself_is_refused() -> None:
    def change(data: Any) -> None:
        group = next(item for item in data["layers"] if item["kind"] == "group")
        group["children"].append(group["layer_id"])

    assert "missing or already used" in refused(change)


def test_deep_groups_are_kept_and_deeper_ones_refused() -> None:
    group = GroupLayer()
    for _ in range(MAX_DEPTH - 1):
        group = GroupLayer(children=(group,))
    state = DocumentState(width=1, height=1, layers=(group,))
    assert round_trip(state) == state
    deeper = replace(state, layers=(GroupLayer(children=(group,)),))
    with pytest.raises(FieldError, match="nested more than 200 deep"):
        encode_state(deeper, Shelf().put)


def test_what_cannot_be_saved_fails_loudly() -> None:
    state = filled(DocumentState)
    object.__setattr__(state, "seed", {1})
    with pytest.raises(TypeError, match="set cannot be saved"):
        encode_state(state, Shelf().put)
