"""Recipes find their layers again, also after other programs changed the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psd_tools import PSDImage
from psd_tools.constants import Resource, Tag

from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.layout import check_boxes
from editor.document.wishes import LayerWish
from editor.formats.files import read_document, write_any
from editor.formats.inspect import describe
from editor.formats.provenance import (
    LayerFacts,
    application,
    match_layers,
    read_document_packet,
    read_layer_packet,
)
from editor.formats.psd import read_psd, write_psd
from editor.formats.xmp import write_packet
from tests.formats.sample_documents import noise, record, simple_document

Edit = Callable[[PSDImage], object]


@pytest.fixture
def written(tmp_path: Path) -> tuple[Document, Path]:
    document = simple_document()
    write_psd(document, tmp_path / "a.psd")
    return document, tmp_path / "a.psd"


def edited(path: Path, *edits: Edit) -> Document:
    """Open with psd-tools, change, save, open with ours."""
    psd = PSDImage.open(path)
    for edit in edits:
        edit(psd)
    psd._updated = False  # no preview of psd-tools' own
    psd.save(path)
    return read_psd(path)


def drop_layer_metadata(psd: PSDImage) -> None:
    for layer in psd:
        layer.tagged_blocks.pop(Tag.METADATA_SETTING.value, None)


def drop_document_xmp(psd: PSDImage) -> None:
    psd.image_resources.pop(Resource.XMP_METADATA.value, None)


def drop_numbers(psd: PSDImage) -> None:
    for layer in psd:
        layer.tagged_blocks.pop(Tag.LAYER_ID.value, None)


def number_anew(psd: PSDImage) -> None:
    for index, layer in enumerate(reversed(list(psd))):
        layer.tagged_blocks.set_data(Tag.LAYER_ID, index + 1)


def rename(psd: PSDImage) -> None:
    for index, layer in enumerate(psd):
        layer.name = f"layer {index}"


def move(psd: PSDImage) -> None:
    for layer in psd:
        layer.left += 3


def reverse(psd: PSDImage) -> None:
    for layer in list(psd)[:-1][::-1]:
        psd.remove(layer)
        psd.append(layer)


@pytest.mark.parametrize(
    "edits",
    [
        [drop_document_xmp],
        [drop_layer_metadata],
        [drop_layer_metadata, reverse],
        [drop_layer_metadata, rename, move],
        [drop_layer_metadata, drop_numbers],
        [drop_layer_metadata, drop_numbers, rename, move],
        [drop_layer_metadata, number_anew],
        [drop_layer_metadata, number_anew, reverse, move],
        [rename, move, number_anew, reverse],
    ],
    ids=lambda edits: "+".join(edit.__name__ for edit in edits),
)
def test_recipes_are_found_again(written: tuple[Document, Path], edits: list[Edit]) -> None:
    document, path = written
    again = edited(path, *edits)
    wanted = {
        (entry["id"], entry["pixel_hash"]): entry["recipe"]
        for entry in describe(document)["layers"]
        if entry["recipe"] is not None
    }
    found = {(e["id"], e["pixel_hash"]): e["recipe"] for e in describe(again)["layers"]}
    assert len(found) == 3
    for key, recipe in wanted.items():
        assert found[key] == recipe


def test_pixels_edited_elsewhere_keep_the_recipe_but_not_its_hash(tmp_path: Path) -> None:
    document = simple_document()
    write_psd(document, tmp_path / "a.psd")
    psd = PSDImage.open(tmp_path / "a.psd")
    channels = psd[1]._channels
    channels[1].data = channels[2].data  # red becomes green
    psd.save(tmp_path / "a.psd")
    again = read_psd(tmp_path / "a.psd").raster_layers()
    apple, dog = again[1], again[2]
    assert apple.record is not None
    assert dog.record is not None
    assert apple.record.typed_prompt == "a red apple"
    assert apple.record.pixel_hash != apple.pixels.content_hash
    assert dog.record.pixel_hash == dog.pixels.content_hash


def test_pixels_edited_here_stay_marked_as_edited(tmp_path: Path) -> None:
    pixels = noise(20, 20, 1)
    layer = RasterLayer(name="x", pixels=pixels, record=record(pixel_hash="of other pixels"))
    write_psd(Document(30, 30, [layer]), tmp_path / "a.psd")
    again = read_psd(tmp_path / "a.psd").raster_layers()[0]
    assert again.record == layer.record


WISH = LayerWish(prompt="a pear", box=(2, 3, 40, 50), seed=2**63 - 1, steps=12, guidance=2.5)


@pytest.mark.parametrize("name", ["a.psd", "a.layerloom", "a.ora", "folder"])
def test_marks_of_layers_come_back(tmp_path: Path, name: str) -> None:
    """Out of date stays out of date and edited stays edited, in every format that keeps layers."""
    document = simple_document()
    state = document.snapshot()
    stale, painted = [layer for layer in document.raster_layers() if layer.record is not None]
    assert painted.record is not None
    other = replace(painted.record, pixel_hash="of other pixels")
    changed = {
        stale.layer_id: replace(stale, wish=WISH),
        painted.layer_id: replace(painted, record=other),
    }
    layers = tuple(changed.get(layer.layer_id, layer) for layer in state.layers)
    write_any(replace(state, layers=layers), tmp_path / name)
    again = read_document(tmp_path / name).document
    assert again.raster(stale.layer_id).wish == WISH
    assert again.raster(stale.layer_id).is_out_of_date
    recipes = {layer["id"]: layer["recipe"] for layer in describe(again)["layers"]}
    assert recipes[stale.layer_id]["status"] == "out_of_date"
    assert recipes[painted.layer_id]["status"] == "edited"


@pytest.mark.parametrize(
    ("wish", "read"),
    [
        ({"prompt": "a pear", "steps": 0, "guidance": "x"}, LayerWish(prompt="a pear")),
        ({"seed": 7, "box": [1, 2, 3], "style": 4}, None),
        ({"box": [9, 9, 3, 3], "guidance": float("nan"), "seed": "²"}, None),
        ({"steps": True, "prompt": "x" * 3000, "seed": str(2**63)}, None),
        ([1], None),
    ],
)
def test_no_field_of_a_wish_is_trusted(wish: object, read: LayerWish | None) -> None:
    assert LayerWish.from_json(wish) == read


def test_a_duplicate_gets_its_own_id(written: tuple[Document, Path]) -> None:
    document, path = written
    again = edited(path, lambda psd: psd[1].duplicate())
    names = [layer.name for layer in again.layers]
    assert len(names) == 4
    ids = [layer.layer_id for layer in again.layers]
    assert len(set(ids)) == 4
    assert {layer.layer_id for layer in document.layers} <= set(ids)


def facts(**values: Any) -> LayerFacts:
    defaults: dict[str, Any] = {
        "layer_id": None, "number": None, "name": "", "box": None, "pixel_hash": None
    }  # fmt: skip
    return LayerFacts(**(defaults | values))


def test_the_layers_own_id_comes_first() -> None:
    listed = [facts(layer_id="a", number=1, name="x"), facts(layer_id="b", number=2, name="y")]
    found = [facts(layer_id="b", number=1, name="x"), facts(layer_id="a", number=2, name="y")]
    assert [match.layer_id for match in match_layers(found, listed)] == ["b", "a"]


def test_the_pixels_outweigh_the_number_alone() -> None:
    listed = [facts(layer_id="a", number=1, pixel_hash="p"), facts(layer_id="b", number=2)]
    found = [facts(number=2, pixel_hash="p", name="renamed"), facts(number=1, name="other")]
    assert [match.layer_id for match in match_layers(found, listed)] == ["a", "psd-1"]


def test_a_layer_of_another_document_is_not_mistaken_for_ours() -> None:
    listed = [facts(layer_id="a", number=1, name="x")]
    found = [facts(layer_id="stranger", number=1, name="x", record={"typed_prompt": "its own"})]
    match = match_layers(found, listed)[0]
    assert (match.layer_id, match.record) == ("stranger", {"typed_prompt": "its own"})


def test_unknown_layers_get_ids_from_the_file() -> None:
    found = [facts(number=4), facts(), facts(number=4)]
    ids = [match.layer_id for match in match_layers(found, ())]
    assert ids[:2] == ["psd-4", "psd-2"]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"schema_version": 2},
        {"schema_version": "1"},
        {"schema_version": True},
    ],
)
def test_other_schemas_are_not_read(content: dict[str, Any]) -> None:
    assert read_document_packet(write_packet("document", content, "x").encode()) is None
    assert read_layer_packet(write_packet("layer", content, "x")) == (None, None)


def test_no_field_of_the_packet_is_trusted() -> None:
    content = {
        "schema_version": 1,
        "document_id": 7,
        "seed": "12x",
        "boxes": [
            {"id": "b", "box": [1, 2, 3, 4], "name": 5},
            {"id": "b", "box": [1, 2, 1, 4]},
            {"id": "b", "box": [1, 2, 3.5, 4]},
            {"box": [1, 2, 3, 4]},
            "no box",
        ],
        "layers": [{"layer_id": "x" * 999, "lyid": "1", "name": 3, "box": {}, "record": []}, 4],
    }
    read = read_document_packet(write_packet("document", content, "x").encode())
    assert read is not None
    assert (read.document_id, read.seed) == (None, 0)
    assert [(box.rect.as_tuple(), box.name) for box in read.boxes] == [((1, 2, 3, 4), "")]
    assert read.layers == (facts(),)


def test_boxes_of_a_file_are_made_to_fit(tmp_path: Path) -> None:
    """As after a crop in another program, or from a file that wants to do harm."""
    path = tmp_path / "a.psd"
    write_psd(simple_document(), path)
    boxes: list[dict[str, Any]] = [
        {"id": "across", "box": [-5, 200, 40, 900], "name": "x" * 5000, "prompt": "\ud800"},
        {"id": "outside", "box": [400, 0, 500, 10]},
        {"id": "across", "box": [0, 0, 9, 9]},
        *({"id": f"b{index}", "box": [0, 0, 9, 9]} for index in range(60)),
    ]
    packet = write_packet("document", {"schema_version": 1, "boxes": boxes}, "x").encode()
    psd = PSDImage.open(path)
    psd.image_resources[Resource.XMP_METADATA].data = packet
    psd.save(path)
    document = read_psd(path)
    ids = [box.box_id for box in document.boxes]
    assert ids == ["across", *(f"b{index}" for index in range(49))]
    across = document.boxes[0]
    assert across.rect == Rect(0, 200, 40, 240)
    assert (len(across.name), across.prompt) == (2000, "?")
    check_boxes(document.boxes, document.width, document.height)


def test_a_damaged_record_leaves_the_layer(tmp_path: Path) -> None:
    document = simple_document()
    write_psd(document, tmp_path / "a.psd")
    data = (tmp_path / "a.psd").read_bytes()
    broken = data.replace('"steps": 8'.encode("utf-16-be"), '"steps":{}'.encode("utf-16-be"))
    assert broken != data
    (tmp_path / "a.psd").write_bytes(broken)
    again = read_psd(tmp_path / "a.psd")
    assert [layer.name for layer in again.layers] == ["Background", "apple", "dog"]
    assert again.raster_layers()[1].record is None


def test_files_name_their_writer(tmp_path: Path) -> None:
    write_psd(simple_document(), tmp_path / "a.psd")
    assert application().startswith("Layerloom ")
    assert application().encode() in (tmp_path / "a.psd").read_bytes()
