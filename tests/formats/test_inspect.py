"""The description that the terminal prints."""

from __future__ import annotations

import json
from pathlib import Path

from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.document import Document
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.pixels import PixelBuffer
from editor.formats.inspect import describe
from editor.formats.psd import read_psd, write_psd
from editor.formats.psd_planes import pixel_hash
from tests.formats.sample_documents import disc, matrix_document, simple_document


def test_fields_of_a_layer() -> None:
    pixels = disc(20, 10, (1, 2, 3))
    layer = RasterLayer(
        name="\u6797\u6a8e",
        pixels=pixels,
        offset=(-4, 7),
        opacity=51 / 255,
        blend_mode=BlendMode.SOFT_LIGHT,
        visible=False,
        locked=True,
        color_tag=ColorTag.VIOLET,
        layer_id="a",
    )
    group = GroupLayer(name="g", children=(layer,), layer_id="b")
    described = describe(Document(30, 40, [group]))
    assert (described["width"], described["height"]) == (30, 40)
    outer, inner = described["layers"]
    assert (outer["id"], outer["kind"], outer["blend_mode"]) == ("b", "group", "pass_through")
    assert (outer["group"], outer["pixel_hash"], outer["recipe"]) == (None, None, None)
    assert outer["box"] == inner["box"]
    box = pixels.alpha_box.expanded(1).translated(-4, 7)
    assert inner == {
        "id": "a",
        "name": "\u6797\u6a8e",
        "kind": "raster",
        "group": "b",
        "box": list(box.as_tuple()),
        "opacity": 0.2,
        "blend_mode": "soft_light",
        "visible": False,
        "locked": True,
        "clipped": False,
        "color_tag": "violet",
        "mask": None,
        "pixel_hash": pixel_hash(pixels),
        "recipe": None,
    }


def test_names_are_those_of_the_file(tmp_path: Path) -> None:
    pixels = PixelBuffer.filled(3, 3, (1, 2, 3, 4))
    names = ["n" * 300, "\N{DOG FACE}" * 200, "half \ud800"]
    document = Document(9, 9, [RasterLayer(name=name, pixels=pixels) for name in names])
    write_psd(document, tmp_path / "a.psd")
    again = describe(read_psd(tmp_path / "a.psd"))
    assert describe(document) == again
    assert [len(layer["name"]) for layer in again["layers"]] == [255, 127, 6]


def test_layers_come_bottom_to_top() -> None:
    names = [layer["name"] for layer in describe(simple_document())["layers"]]
    assert names == ["Background", "apple", "dog"]


def test_everything_is_plain_json() -> None:
    for document in (matrix_document(), simple_document()):
        described = describe(document)
        assert json.loads(json.dumps(described)) == described


def test_recipe_is_the_record_with_the_hash_of_the_file() -> None:
    apple = describe(simple_document())["layers"][1]
    assert apple["recipe"]["typed_prompt"] == "a red apple"
    assert apple["recipe"]["seed"] == "7"
    assert apple["recipe"]["pixel_hash"] == apple["pixel_hash"]


def test_moving_a_layer_keeps_its_pixel_hash() -> None:
    pixels = PixelBuffer.filled(3, 3, (1, 2, 3, 4))
    here, there = (
        describe(Document(9, 9, [RasterLayer(pixels=pixels, offset=(x, 0))])) for x in (0, 5)
    )
    assert here["layers"][0]["pixel_hash"] == there["layers"][0]["pixel_hash"]
    assert here["layers"][0]["box"] != there["layers"][0]["box"]
